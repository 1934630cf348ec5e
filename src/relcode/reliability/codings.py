"""Who coded what: the spans of each coder, and which turns of which sessions the coder covered.

A turn that was covered and bears no span is coded as absent; a turn that was not covered is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from relcode.errors import LabelError, UsageError
from relcode.ledger import CODE, Ledger
from relcode.records import Session, Span, is_machine
from relcode.reliability.coded_pages import CodedPage, read_pages
from relcode.spans import read_labels, read_spans, sessions_named
from relcode.suggestion_record import read_record, sessions_covered


class Coding(msgspec.Struct, frozen=True):
    """One coder's work.

    `covered`: session id -> the turns coded, or None for the whole session. `text_hashes`: session id -> hash of the
    text that the coder saw, where it is known. `pages`: the confirmed pages that the turns are from, in order; empty
    where the coding is from a file.
    """

    coder: str
    spans: tuple[Span, ...]
    covered: dict[str, frozenset[int] | None]
    text_hashes: dict[str, str] = {}
    pages: tuple[CodedPage, ...] = ()

    @property
    def is_machine(self) -> bool:
        """Whether a machine gave these labels, not a person."""
        return is_machine(self.coder)

    def page_rows(self) -> dict[tuple[str, int], int]:
        """The page that each turn's labels are from: (session id, turn) -> its place in `pages`."""
        return last_pages(self.pages)

    def versions(self) -> dict[tuple[str, int], str]:
        """With which codebook each turn was coded, as far as it is known; of a file by session, under turn 0."""
        if self.pages:
            return {place: self.pages[row].codebook for place, row in self.page_rows().items()}
        named: dict[str, set[str]] = {}
        for span in self.spans:
            named.setdefault(span.session_id, set()).update((span.codebook or "").split("+"))
        return {(session_id, 0): "+".join(sorted(found - {""})) for session_id, found in named.items()}

    def covers(self, session_id: str, turn: int) -> bool:
        """Whether the coder coded this turn."""
        if session_id not in self.covered:
            return False
        turns = self.covered[session_id]
        return turns is None or turn in turns

    def __repr__(self) -> str:
        return f"Coding({self.coder!r}, {len(self.spans)} spans, {len(self.covered)} sessions)"


def read_codings(files: Sequence[Path], sessions: Iterable[Session] | None = None, *, least: int = 2) -> list[Coding]:
    """The codings in files of spans; a file covers every turn of each session that it names.

    A coder is called as the file's spans say (`coder:A`), or like the file where they say nothing or several things.
    Files of one coder are one coding, unless they name a session twice: then each file is a coding of its own (one
    coder at two times).

    Raises
    ------
    LabelError
        A file holds no label, or lines cannot be used or do not fit `sessions`.
    UsageError
        Fewer than `least` coders come of it.
    """
    kept = None if sessions is None else list(sessions)
    read = [(path, tuple(read_labels(path, kept))) for path in files]
    by_coder: dict[str, list[tuple[Path, tuple[Span, ...]]]] = {}
    for path, spans in read:
        by_coder.setdefault(_coder_of(path, spans), []).append((path, spans))
    codings: list[Coding] = []
    for coder, parts in by_coder.items():
        if is_machine(coder) and len(parts) == 1:
            codings.append(_of_machine(coder, *parts[0]))
            continue
        named = [session_id for _, spans in parts for session_id in sessions_named(spans)]
        if len(named) == len(set(named)):
            codings.append(_whole(coder, tuple(span for _, spans in parts for span in spans)))
        else:
            codings += [_whole(path.stem, spans) for path, spans in parts]
    names = [coding.coder for coding in codings]
    if len(set(names)) < max(least, len(names)):
        raise UsageError(
            f"Agreement needs the files of two coders or more; here is only {', '.join(sorted(set(names))) or 'none'}. "
            "Coders are told apart by the source in their spans (coder:NAME) or by the names of the files."
        )
    return codings


def read_suggestions(path: Path, codings: Sequence[Coding], sessions: Iterable[Session] | None = None) -> Coding:
    """The suggestions of a machine as a coding of what `codings` coded, as far as the machine read it.

    Raises
    ------
    LabelError
        Lines cannot be used, do not fit `sessions`, or are of several sources or of a person; or the record beside the file
        is of other suggestions.
    """
    spans = tuple(read_spans(path, sessions))
    record = read_record(path)
    sources = {span.source for span in spans} | ({record.source} if record else set())
    if len(sources) != 1 or not is_machine(source := sources.pop()):
        raise LabelError(
            f"{path} holds no suggestions of one machine (cues, a model, a suggester): there must be one source, and it says who."
        )
    read = _of_machine(source, path, spans)
    coded: dict[str, frozenset[int] | None] = {}
    for coding in codings:
        for session_id, turns in coding.covered.items():
            coded[session_id] = _united(coded.get(session_id, frozenset()), turns)
    covered = {key: _shared(turns, coded[key]) for key, turns in read.covered.items() if key in coded}
    whole = Coding(source, spans, covered, read.text_hashes)
    kept = tuple(span for span in spans if whole.covers(span.session_id, span.turn))
    return msgspec.structs.replace(whole, spans=kept)


def _of_machine(source: str, path: Path, spans: tuple[Span, ...]) -> Coding:
    """A machine's suggestions; which turns it read is in the record beside the file, else those of the sessions named."""
    record = read_record(path)
    if record is None:
        return _whole(source, spans)
    covered = sessions_covered(record.sessions)
    return Coding(source, spans, covered, {each.session_id: each.sha256 for each in record.sessions})


def _united(one: frozenset[int] | None, other: frozenset[int] | None) -> frozenset[int] | None:
    return None if one is None or other is None else one | other


def _shared(one: frozenset[int] | None, other: frozenset[int] | None) -> frozenset[int] | None:
    return other if one is None else one if other is None else one & other


def ledger_codings(ledger: Ledger) -> list[Coding]:
    """The codings of the ledger's coders (not the adjudicator): of each, the pages confirmed, and the labels on them.

    Raises
    ------
    LabelError
        Fewer than two coders have confirmed a page.
    """
    return codings_of_pages(read_pages(ledger))


def codings_of_pages(pages: Sequence[CodedPage], *, least: int = 2) -> list[Coding]:
    """The codings that confirmed pages make, by coder; of a turn coded on several pages the one confirmed last counts.

    Pages with another role than to be coded (re-codes, calibration) are no codings and are passed over.

    Raises
    ------
    LabelError
        They are of fewer than `least` coders.
    """
    by_coder: dict[str, list[CodedPage]] = {}
    for page in pages:
        if page.role == CODE:
            by_coder.setdefault(page.coder, []).append(page)
    codings = [coding_of_pages(coder, by_coder[coder]) for coder in sorted(by_coder)]
    if len(codings) < least:
        raise LabelError(
            f"The ledger holds confirmed pages of {len(codings)} coder(s) to compare; agreement needs {least}. "
            "Run `relcode pull` when they are done, or name files of labels."
        )
    return codings


def coding_of_pages(coder: str, pages: Sequence[CodedPage]) -> Coding:
    """One coder's pages, of whatever role, as one coding."""
    rows = last_pages(pages)
    turns: dict[str, set[int]] = {}
    for session_id, turn in rows:
        turns.setdefault(session_id, set()).add(turn)
    spans = [
        span for row, page in enumerate(pages) for span in page.spans if rows.get((span.session_id, span.turn)) == row
    ]
    covered: dict[str, frozenset[int] | None] = {key: frozenset(value) for key, value in turns.items()}
    hashes = {page.session_id: page.session_sha256 for page in pages}
    return Coding(coder, tuple(spans), covered, hashes, tuple(pages))


def last_pages(pages: Sequence[CodedPage]) -> dict[tuple[str, int], int]:
    """The last of the pages that hold each turn: (session id, turn) -> its place in `pages`."""
    return {(page.session_id, turn): row for row, page in enumerate(pages) for turn in page.turns}


def _whole(coder: str, spans: tuple[Span, ...]) -> Coding:
    return Coding(coder, spans, dict.fromkeys(sorted(sessions_named(spans))))


def _coder_of(path: Path, spans: Sequence[Span]) -> str:
    sources = {span.source for span in spans}
    source = sources.pop() if len(sources) == 1 else ""
    return source.removeprefix("coder:") or path.stem
