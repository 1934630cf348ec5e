"""The elements of a `.qdc` with their lines: read without DTD and entities, all faults of form listed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces

import defusedxml.sax
from defusedxml import DefusedXmlException

from relcode.errors import CodebookError
from relcode.provenance import reason_of

DEEPEST = 64
_NAMESPACE = re.compile(r"urn:QDA-XML:codebook:\S+")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}", re.I)
_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
_CHILDREN = {
    "CodeBook": {"Codes", "Sets"},
    "Codes": {"Code"},
    "Code": {"Description", "Code"},
    "Sets": {"Set"},
    "Set": {"Description", "MemberCode"},
}


@dataclass
class Element:
    """An element, the line on which it begins, and what lies in it."""

    tag: str
    namespace: str
    attributes: dict[str, str]
    line: int
    inner: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.inner if element.tag == tag]

    @property
    def description(self) -> str:
        return "\n\n".join("".join(element.pieces) for element in self.all("Description"))

    @property
    def guid(self) -> str:
        return self.attributes.get("guid", "").strip().strip("{}").lower()

    @property
    def name(self) -> str:
        return " ".join(self.attributes.get("name", "").split())

    @property
    def codable(self) -> bool:
        return self.attributes.get("isCodable", "true").strip() not in ("false", "0")

    @property
    def color(self) -> str | None:
        """`#RRGGBB` in capitals, also from the short form `#RGB`; None where none is given."""
        digits = self.attributes.get("color", "").strip().upper().removeprefix("#")
        return f"#{''.join(digit * (2 if len(digits) == 3 else 1) for digit in digits)}" if digits else None


def read_elements(path: Path) -> tuple[Element, list[str]]:
    """The root of a `.qdc`, and notes on what is unusual in it.

    Raises
    ------
    CodebookError
        It cannot be read, is not XML, has a document type or entities, another root, or faults of form: all are
        listed, each with its line.
    """
    builder = _Builder()
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(builder)
    try:
        with path.open("rb") as file:
            parser.parse(file)
    except OSError as error:
        raise CodebookError(f"Cannot read {path}: {reason_of(error)}.") from error
    except SAXParseException as error:
        raise CodebookError(
            f"{path}, line {error.getLineNumber()}, is not XML: {error.getMessage()}. Expected a REFI-QDA codebook (.qdc)."
        ) from error
    except DefusedXmlException as error:
        raise CodebookError(
            f"{path}, line {parser.getLineNumber()}: it has a document type or entities, which a REFI-QDA codebook "
            "does not need and relcode does not read. Export the codebook again, or remove them."
        ) from error
    except (ValueError, LookupError) as error:
        raise CodebookError(f"{path} is not XML: its encoding cannot be read. Save it as UTF-8.") from error
    root = builder.root
    if root is None or root.tag != "CodeBook" or (root.namespace and not _NAMESPACE.fullmatch(root.namespace)):
        found = f"<{root.tag}> ({root.namespace or 'no namespace'})" if root else "nothing"
        raise CodebookError(
            f"{path} is no REFI-QDA codebook: its root is {found}; expected <CodeBook> (urn:QDA-XML:codebook:1.0). Export "
            "the codebook (.qdc), not the project (.qdpx)."
        )
    check = _Check(path)
    check.element(root)
    if check.faults:
        raise CodebookError(f"The REFI-QDA codebook {path} has {len(check.faults)} fault(s):", check.faults)
    return root, check.notes


class _Builder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.root: Element | None = None
        self._open: list[Element] = []
        self._locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:
        self._locator = locator

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:
        attributes = {local: value for (namespace, local), value in attrs.items() if namespace is None}
        element = Element(name[1], name[0] or "", attributes, self._locator.getLineNumber())
        if self._open:
            self._open[-1].inner.append(element)
        else:
            self.root = element
        self._open.append(element)
        if len(self._open) > DEEPEST:
            raise SAXParseException(f"elements lie in one another over {DEEPEST} deep", None, self._locator)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        self._open.pop()

    def characters(self, content: str) -> None:
        self._open[-1].pieces.append(content)


class _Check:
    """Faults make reading impossible or ambiguous; notes name what is against the standard and does no harm."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guids: dict[str, int] = {}
        self.faults: list[str] = []
        self.notes: list[str] = []

    def element(self, element: Element) -> None:
        if element.tag == "CodeBook" and not element.all("Codes"):
            self._fault(element, "<Codes> is missing")
        if element.tag in ("Code", "Set"):
            self._named(element)
        for inner in element.inner:
            if element.tag not in _CHILDREN or inner.tag in _CHILDREN[element.tag]:
                self.element(inner)
            else:
                self._note(inner, f"<{inner.tag}> in <{element.tag}> is not of the standard and was left out")

    def _named(self, element: Element) -> None:
        what = f"{element.tag.lower()} {element.name!r}"
        if not element.name:
            self._fault(element, f"a {element.tag.lower()} has no name")
        if not _GUID.fullmatch(element.attributes.get("guid", "").strip()):
            self._note(element, f"{what} has no guid of the standard's form")
        if element.guid in self._guids:
            self._fault(element, f"{what} has the guid of line {self._guids[element.guid]}; guids must differ")
        elif element.guid:
            self._guids[element.guid] = element.line
        color = element.attributes.get("color")
        if color and not _COLOR.fullmatch(color.strip()):
            self._fault(element, f"{what}: color {color!r}; expected the form #RRGGBB")
        codable = element.attributes.get("isCodable", "true").strip()
        if codable not in ("true", "false", "0", "1"):
            self._fault(element, f"{what}: isCodable {codable!r}; expected true or false")

    def _fault(self, element: Element, text: str) -> None:
        self.faults.append(f"{self._path}:{element.line}: {text}")

    def _note(self, element: Element, text: str) -> None:
        self.notes.append(f"{self._path}:{element.line}: {text}")
