"""REFI-QDA projects (`.qdpx`) of NVivo, ATLAS.ti, MAXQDA, QualCoder ...: texts as sessions, their codings as labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.records import Session, Span
from relcode.transcripts.counting import Counting, at_bounds, find_counting
from relcode.transcripts.jefferson import is_jefferson, read_jefferson
from relcode.transcripts.placing import Placing
from relcode.transcripts.plaintext import LINE_END, read_lines
from relcode.transcripts.refiqda_archive import ProjectArchive, is_outside
from relcode.transcripts.refiqda_elements import ProjectElements, Selection, TextSource
from relcode.transcripts.roles import Roles, UnknownRolesError, Utterance, cast_of
from relcode.transcripts.safe_xml import read_elements
from relcode.transcripts.source import Options, Reading, Source
from relcode.transcripts.turns import turns_of
from relcode.transcripts.word import read_word

_SUFFIX = re.compile(r"\.(?:txt|docx?|rtf|odt|md|pdf|mp3|mp4|wav|m4a)$", re.IGNORECASE)
OWN_ORIGIN = "relcode"  # whose way of counting is known
_COUNT_CRLF_AS_ONE = ("atlas", "qualcoder")  # they write CR LF into the text and count it as one


@dataclass(repr=False)
class _Text:
    """A text that was read: `text` as the selections count it, None where there is none."""

    source: TextSource
    session: Session
    text: str | None
    utterances: Sequence[Utterance]

    @property
    def positions(self) -> list[tuple[int, int]]:
        """The bounds of the selections as numbers; (-1, -1) where they are none."""
        if self.text is None:
            return []
        bounds = [(selection.start.strip(), selection.end.strip()) for selection in self.source.selections]
        is_position = re.compile("[0-9]{1,12}").fullmatch
        return [(int(a), int(b)) if is_position(a) and is_position(b) else (-1, -1) for a, b in bounds]


def read_project(source: Source) -> Reading:
    """Read the texts of a project as sessions, named as they are there, and what coders selected in them as labels.

    Codes have the ids that `codebook import` gives them; coders are numbered (`coder:1`) as the project lists its users,
    as their names are names of people. A selection over several turns becomes a span a turn. How the program counts
    characters is told from the selections.

    Raises
    ------
    TranscriptError
        No project that can be read: no zip archive, no `project.qde` in it or one with a document type or entities, a
        path that leads out. Faults of single texts and selections are listed in the result.
    """
    path, roles = source.path, source.options.roles
    archive = ProjectArchive(path, source.data)
    elements = ProjectElements()
    inner = path / "project.qde"
    read_elements(inner, archive.project(), elements)
    if elements.root != "Project":
        raise TranscriptError(f"{inner} is no REFI-QDA project: its root is not Project.")
    project = Reading()
    texts: list[_Text] = []
    unknown: list[UnknownRolesError] = []
    for text_source, name in zip(elements.sources, _names(path, elements.sources), strict=True):
        try:
            texts.append(_read_source(path, archive, text_source, name, roles, project.doubts))
        except UnknownRolesError as error:
            project.faults += error.faults
            unknown.append(error)
        except TranscriptError as error:
            project.faults += error.faults or (error.message,)
    project.open_roles = UnknownRolesError.of_all(unknown) if unknown else None
    project.sessions = [text.session for text in texts]
    if not elements.sources:
        project.faults.append(f"{path}: there is no text in the project")
    _label(path, elements, texts, project)
    return project


def _read_source(
    path: Path, archive: ProjectArchive, source: TextSource, name: str, roles: Roles, doubts: list[str]
) -> _Text:
    place, text = path / "project.qde", source.content
    utterances: list[Utterance] = []
    found: list[str] = []
    reference = source.plain_path or source.rich_path
    if text is None:
        if is_outside(reference):
            raise TranscriptError(
                f"{place}:{source.line}: a text lies outside the project; export it with its sources."
            )
        file = archive.source_name(reference) if reference else None
        if file is None:
            raise TranscriptError(
                f"{place}:{source.line}: a text is missing in the project; export it with its sources."
            )
        place = path / file
        content = archive.source(file)
        if file.lower().endswith(".docx"):
            read = read_word(Source(place, content, Options(roles)))
            utterances, found = next(iter(read.utterances.values())), read.doubts
        else:
            text = _decode(place, content)
    if text is not None:
        jefferson = is_jefferson(text)
        utterances, found = read_jefferson(place, text) if jefferson else read_lines(place, LINE_END.split(text))
    cast = cast_of(utterances, roles.in_session(name), place, name)
    turns = turns_of(utterances, cast, place)
    if not turns:
        raise TranscriptError(f"{place}: there is no turn with words.")
    doubts += [f"{place.relative_to(path)}: {doubt}" for doubt in (*found, *cast.notes)]
    return _Text(source, Session(name, turns), text, utterances)


def _names(path: Path, sources: Sequence[TextSource]) -> list[str]:
    """The sessions' names: those of the texts, `name-2` where another text of the project has the name."""
    names: list[str] = []
    for source in sources:
        name = " ".join(_SUFFIX.sub("", source.name).split()) or f"{path.stem}-{source.line}"
        own, number = name, 1
        while own in names:
            number += 1
            own = f"{name}-{number}"
        names.append(own)
    return names


def _decode(place: Path, data: bytes) -> str:
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TranscriptError(f"{place}:{line}: not valid UTF-8; export the project again.") from error


def _label(path: Path, elements: ProjectElements, texts: list[_Text], project: Reading) -> None:
    """Place the selections; what has no place is a fault (outside the text) or a note (no words, no text, no code)."""
    usual = Counting(two_for_crlf=not any(name in elements.origin.lower() for name in _COUNT_CRLF_AS_ONE))
    placed = [(text.text or "", text.positions) for text in texts]
    counting = usual if elements.origin == OWN_ORIGIN else find_counting(usual, placed)
    codes = _code_ids(path / "project.qde", elements)
    counts: Counter[str] = Counter(elsewhere=elements.elsewhere)
    spans: dict[tuple[object, ...], Span] = {}
    for text in texts:
        counts["whole"] += text.source.whole
        if text.text is None:
            counts["unplaced"] += sum(len(selection.codings) for selection in text.source.selections)
        for selection, places in _places(path / "project.qde", text, counting, codes, project):
            counts["no code"] += sum(code not in codes for code, _ in selection.codings)
            for code, user in selection.codings:
                for turn, start, end in places if code in codes else []:
                    words = text.session.turns[turn - 1].text[start:end]
                    source = _coder(user, elements.users)
                    span = Span(text.session.session_id, turn, start, end, words, codes[code], source=source)
                    spans[(*span.key, source)] = span
    project.labels = sorted(spans.values(), key=lambda span: (span.session_id, span.turn, span.start, span.end))
    project.doubts += _notes(counts, project.labels)
    project.doubts += _counting_notes(usual, counting, placed)


def _places(
    inner: Path, text: _Text, counting: Counting, codes: Container[str], project: Reading
) -> Iterator[tuple[Selection, list[tuple[int, int, int]]]]:
    """The selections of a text that are coded, each with its spans: (turn, start, end)."""
    if text.text is None:
        return
    placing = Placing(text.text, text.utterances, text.session.turns)
    offsets = counting.offsets(text.text, text.positions)
    for selection, bounds in zip(text.source.selections, offsets, strict=True):
        if not selection.codings:
            continue
        at = f"{inner}:{selection.line}: session {text.session.session_id}"
        if bounds is None:
            project.faults.append(f"{at}: a selection lies outside its text, which has {len(text.text)} characters")
            continue
        places = placing.place(*bounds)
        yield selection, places
        if not places and any(code in codes for code, _ in selection.codings):
            at = at.removeprefix(f"{inner.parent}/")
            project.doubts.append(f"{at}: a selection holds no words of a turn (a mark, line ends, a title); left out")


def _code_ids(inner: Path, elements: ProjectElements) -> dict[str, str]:
    """Guid -> id, as `relcode codebook import` makes them."""
    from relcode.codebook.refiqda import DEFAULT_PRIOR
    from relcode.codebook.refiqda.codes import CodeReader

    reader = CodeReader(inner, elements.book, DEFAULT_PRIOR)
    reader.read([code for codes in elements.book.all("Codes") for code in codes.all("Code")])
    return reader.ids_by_guid()


def _coder(user: str, users: Sequence[str]) -> str:
    return f"coder:{users.index(user) + 1}" if user in users else "coder:unknown"


def _notes(counts: Counter[str], labels: Sequence[Span]) -> list[str]:
    coders = Counter(span.source for span in labels)
    notes = []
    if coders:
        shown = ", ".join(f"{coder} ({count} labels)" for coder, count in sorted(coders.items()))
        notes.append(f"coders are numbered in the order of the project's users: {shown}")
    for kind, what in (
        ("whole", "coding(s) of whole texts"),
        ("elsewhere", "coding(s) of pictures, pages and recordings"),
        ("unplaced", "coding(s) in documents of which the project holds no plain text"),
        ("no code", "coding(s) by what is no code (cases, folders)"),
    ):
        if counts[kind]:
            notes.append(f"{counts[kind]} {what} were left out")
    return notes


def _counting_notes(
    usual: Counting, counting: Counting, placed: Sequence[tuple[str, Sequence[tuple[int, int]]]]
) -> list[str]:
    total = sum(len(positions) for _, positions in placed)
    split = total - sum(len(at_bounds(counting, text, positions)) for text, positions in placed)
    notes = []
    if counting != usual:
        notes.append(f"positions were read as {counting.describe()}, as most selections then begin at words")
    if split:
        notes.append(f"{split} of {total} selection(s) begin or end within a word; look at them")
    return notes
