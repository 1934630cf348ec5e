"""The elements of a REFI-QDA project (`project.qde`): users, codes, texts, and what was selected in them and coded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from relcode.codebook.refiqda.elements import Element
from relcode.transcripts.safe_xml import Elements

_TEXTS = {"TextSource", "Representation", "Transcript"}  # the text of a PDF, of a recording
_OUTER = {"PDFSource", "AudioSource", "VideoSource"}
_SELECTIONS = {"PlainTextSelection", "TranscriptSelection"}
_CODE_TAGS = {"Codes", "Code", "Description", "Sets", "Set", "MemberCode"}


@dataclass(repr=False)
class Selection:
    """A stretch of a text: its bounds as they are written (positions, or guids of points), (code, user) of each coding."""

    start: str
    end: str
    line: int
    codings: list[tuple[str, str]] = field(default_factory=list)


@dataclass(repr=False)
class TextSource:
    """A text: where it lies (`internal://...`), or its content; its selections; `points`: positions by guid."""

    name: str
    line: int
    plain_path: str = ""
    rich_path: str = ""
    content: str | None = None
    selections: list[Selection] = field(default_factory=list)
    points: dict[str, str] = field(default_factory=dict)
    whole: int = 0


class ProjectElements(Elements):
    """Gathers `users` (guids in order), `book` (the codes' elements), `sources`; `elsewhere`: codings of no text."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self.origin = ""
        self.users: list[str] = []
        self.book = Element("CodeBook", "", {}, 0)
        self.sources: list[TextSource] = []
        self.elsewhere = 0
        self._codes = [self.book]
        self._names: list[str] = []
        self._outer = ""
        self._source: TextSource | None = None
        self._selection: Selection | None = None
        self._user = ""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if not self._names:
            self.root, self.origin = name, attributes.get("origin", "")
        inside = "CodeBook" in self._names or (self._names[1:2] == ["Sets"] or name == "Sets")
        self._names.append(name)
        if inside and name in _CODE_TAGS:
            element = Element(name, "", attributes, self.line)
            self._codes[-1].inner.append(element)
            self._codes.append(element)
        elif name == "User":
            self.users.append(guid(attributes.get("guid", "")))
        elif name in _OUTER:
            self._outer = attributes.get("name", "")
        elif name in _TEXTS:
            paths = attributes.get("plainTextPath", ""), attributes.get("richTextPath", "")
            self._source = TextSource(
                attributes.get("name", "") if name == "TextSource" else self._outer, self.line, *paths
            )
            self.sources.append(self._source)
        elif name == "PlainTextContent" and self._source:
            self._source.content = ""
        elif name == "SyncPoint" and self._source:
            self._source.points[guid(attributes.get("guid", ""))] = attributes.get("position", "")
        elif name in _SELECTIONS and self._source:
            self._begin_selection(name, attributes)
        elif name == "Coding":
            self._user = guid(_user(attributes)) or self._user
        elif name == "CodeRef" and "Coding" in self._names:
            self._code(guid(attributes.get("targetGUID", "")))

    def end(self, name: str) -> None:
        self._names.pop()
        if len(self._codes) > 1 and self._codes[-1].tag == name:
            self._codes.pop()
        if name in _TEXTS:
            self._source = None
        elif name in _SELECTIONS:
            self._selection = None
        elif name in _OUTER:
            self._outer = ""

    def characters(self, content: str) -> None:
        if self._names[-1:] == ["PlainTextContent"] and self._source and self._source.content is not None:
            self._source.content += content
        elif len(self._codes) > 1:
            self._codes[-1].pieces.append(content)

    def _begin_selection(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._source is None:
            return
        if name == "PlainTextSelection":
            bounds = attributes.get("startPosition", ""), attributes.get("endPosition", "")
        else:
            points = (guid(attributes.get(key, "")) for key in ("fromSyncPoint", "toSyncPoint"))
            bounds = tuple(self._source.points.get(point, "") for point in points)  # type: ignore[assignment]
        self._selection = Selection(*bounds, self.line)
        self._user = guid(_user(attributes))
        self._source.selections.append(self._selection)

    def _code(self, code: str) -> None:
        if self._selection is not None:
            self._selection.codings.append((code, self._user))
        elif self._source is not None and _TEXTS & set(self._names[-3:-2]):
            self._source.whole += 1
        else:
            self.elsewhere += 1


def guid(text: str) -> str:
    """A guid as it is compared: without braces, in lower case."""
    return text.strip().strip("{}").lower()


def _user(attributes: Mapping[str, str]) -> str:
    return attributes.get("creatingUser") or attributes.get("modifyingUser") or ""
