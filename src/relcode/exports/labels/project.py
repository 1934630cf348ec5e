"""A REFI-QDA project (`.qdpx`): sessions as plain texts, labels as codings, for QualCoder, NVivo, MAXQDA, ATLAS.ti."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from relcode.codebook.refiqda import codes_element, guid_of
from relcode.codebook.refiqda.text import xml_text
from relcode.exports.labels.codes import LabelCodes
from relcode.exports.labels.gather import Labelled
from relcode.records import Session, Span
from relcode.transcripts.refiqda import OWN_ORIGIN

NAMESPACE = "urn:QDA-XML:project:1.0"
_GUIDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:relcode:project")
# Spans do not say when they were made, and some programs need a time.
_TIME = {"creationDateTime": "1970-01-01T00:00:00Z"}
_LINE_END = re.compile("[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNNAMED = "source not named"


def to_project(labelled: Sequence[Labelled], codes: LabelCodes) -> bytes:
    """The bytes of the project.

    A text has a line `T: words` a turn, the line ends within a turn as spaces; positions are code points of the text,
    end exclusive. Each label is a selection of its own with one coding, as programs take the coder from either. Users are
    the sources of the labels, coders by the names that they have there. The same labels give the same bytes.

    Source: REFI-QDA standard 1.5, 8.1 (the folder `sources`, in small letters) and 10.2 (positions in code points).
    """
    project = ElementTree.Element("Project", {"xmlns": NAMESPACE, "name": "labels", "origin": OWN_ORIGIN, **_TIME})
    users = ElementTree.SubElement(project, "Users")
    for source in sources_of(labelled):
        name = xml_text(source.removeprefix("coder:")) or _UNNAMED
        ElementTree.SubElement(users, "User", {"guid": _guid("user", source), "name": name})
    ElementTree.SubElement(project, "CodeBook").append(codes_element(codes.books))
    sources = ElementTree.SubElement(project, "Sources")
    texts = {}
    for each in labelled:
        text, starts = _text(each.session)
        guid = _guid("text", each.session.session_id)
        texts[guid] = text
        names = {"guid": guid, "name": xml_text(each.session.session_id), "plainTextPath": f"internal://{guid}.txt"}
        element = ElementTree.SubElement(sources, "TextSource", {**names, **_TIME})
        for span in each.spans:
            _select(element, span, starts[span.turn], codes.book_id(span))
    ElementTree.indent(project)
    written: bytes = ElementTree.tostring(project, encoding="utf-8", xml_declaration=True)
    parts = {"project.qde": written, **{f"sources/{guid}.txt": text.encode() for guid, text in texts.items()}}
    return _zip(parts.items())


def sources_of(labelled: Iterable[Labelled]) -> list[str]:
    """The sources of labels in the order in which they are users of the project."""
    return sorted({span.source for each in labelled for span in each.spans})


def _text(session: Session) -> tuple[str, dict[int, int]]:
    """The text of a session, and where the words of each turn begin in it."""
    text = ""
    starts = {}
    for turn in session.turns:
        text += f"{turn.speaker}: "
        starts[turn.turn] = len(text)
        text += f"{_LINE_END.sub(' ', turn.text)}\n"
    return text, starts


def _select(text: ElementTree.Element, span: Span, offset: int, book_id: str) -> None:
    name = "/".join(map(str, (*span.key, span.source, span.codebook)))
    who = {"creatingUser": _guid("user", span.source), **_TIME}
    bounds = {"startPosition": str(offset + span.start), "endPosition": str(offset + span.end)}
    selection = ElementTree.SubElement(text, "PlainTextSelection", {"guid": _guid("selection", name), **bounds, **who})
    coding = ElementTree.SubElement(selection, "Coding", {"guid": _guid("coding", name), **who})
    ElementTree.SubElement(coding, "CodeRef", {"targetGUID": guid_of(book_id, "code", span.code)})


def _guid(kind: str, name: str) -> str:
    return str(uuid.uuid5(_GUIDS, f"{kind}/{name}"))


def _zip(parts: Iterable[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()
