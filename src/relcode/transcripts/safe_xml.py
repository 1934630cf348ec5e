"""XML from elsewhere, read as a stream: no document types, no entities, no elements deep in one another."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import InputSource

import defusedxml.sax
from defusedxml import DefusedXmlException

from relcode.errors import TranscriptError

DEEPEST = 100


class Elements(ContentHandler, ABC):
    """Elements by their local names, attributes without those of other namespaces; `xml:id` counts as `id`."""

    def __init__(self) -> None:
        super().__init__()
        self._locator: Any = None
        self._depth = 0

    @property
    def line(self) -> int:
        return int(self._locator.getLineNumber())

    @abstractmethod
    def begin(self, name: str, attributes: dict[str, str]) -> None: ...

    @abstractmethod
    def end(self, name: str) -> None: ...

    def setDocumentLocator(self, locator: Any) -> None:
        self._locator = locator

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise SAXParseException(f"elements lie in one another over {DEEPEST} deep", None, self._locator)
        xml = "http://www.w3.org/XML/1998/namespace"
        self.begin(name[1], {local: value for (space, local), value in attrs.items() if space in (None, xml)})

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        self._depth -= 1
        self.end(name[1])


def read_elements(path: Path, data: bytes, handler: Elements) -> None:
    """Give the elements of a document to `handler`, one after the other.

    Raises
    ------
    TranscriptError
        No XML, a document type or entities, elements over DEEPEST deep in one another: with the line.
    """
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    source = InputSource()
    source.setByteStream(io.BytesIO(data))
    try:
        parser.parse(source)
    except SAXParseException as error:
        raise TranscriptError(f"{path}:{error.getLineNumber()}: no valid XML: {error.getMessage()}.") from None
    except DefusedXmlException:
        raise TranscriptError(
            f"{path}:{parser.getLineNumber()}: it has a document type or entities, which relcode does not read. "
            "Save the file without them."
        ) from None
    except (ValueError, LookupError):
        raise TranscriptError(f"{path}: no XML that can be read; save it as UTF-8.") from None
