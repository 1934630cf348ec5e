"""What is compared: the coders' labels on the sessions at hand, as one table of ratings a level.

Texts are cut into tokens once; all groups of a comparison (pairs, versions, windows) are views of the same tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np

from relcode.codebook import Codebook, split_labels
from relcode.errors import LabelError
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.reliability.codings import Coding
from relcode.reliability.ratings import (
    Bools,
    Ints,
    Level,
    Ratings,
    segment_ratings,
    session_ratings,
    turn_ratings,
    unread_turn_ratings,
)
from relcode.reliability.versions import of_one_version
from relcode.spans import span_fault, turn_texts
from relcode.transcripts.tokens import TokenTable

Kept = Callable[[Ratings], Bools]


@dataclass(frozen=True)
class Material:
    """The codings and their ratings.

    Attributes
    ----------
    codings
        With the labels that are compared alone: of these sessions, of the codebook's codes.
    shared
        The sessions that two coders coded, in order.
    sessions
        The transcripts of all sessions that somebody coded; None where none were given.
    tokens
        Their tokens and segments; None as well.
    turns, segments
        The ratings of turns and, with transcripts, of segments, also of sessions of one coder alone.
    code_ids, codebook
        The codes that are rated; those that occur where there is no codebook.
    notes
        What was left out.
    """

    codings: tuple[Coding, ...]
    shared: tuple[str, ...]
    sessions: tuple[Session, ...] | None
    tokens: TokenTable | None
    turns: Ratings
    segments: Ratings | None
    code_ids: tuple[str, ...]
    codebook: Codebook | None
    notes: tuple[str, ...]

    @property
    def coders(self) -> tuple[str, ...]:
        """The coders' names, in the order of the tables' first axis."""
        return tuple(coding.coder for coding in self.codings)

    @property
    def finest(self) -> Ratings:
        """The segments; the turns where there are none."""
        return self.turns if self.segments is None else self.segments

    @property
    def people(self) -> tuple[int, ...]:
        """The rows of the coders whom the main figures are of: people, where there are two of them, else all."""
        people = tuple(row for row, coding in enumerate(self.codings) if not coding.is_machine)
        return people if len(people) >= 2 else tuple(range(len(self.codings)))

    def tables(self, coders: Sequence[int], kept: Kept | None = None) -> dict[Level, Ratings]:
        """The ratings of some coders by level, in the sessions that two of them coded.

        `kept` says which ratings of a table count (axes coder, unit, of all coders); all by default.
        """
        found: dict[Level, Ratings] = {}
        for level, table in ((self.finest.level, self.finest), ("turn", self.turns)):
            found[level] = table.masked(coders, None if kept is None else kept(table)[list(coders)])
        found["session"] = session_ratings(found["turn"], self.codebook)
        return found

    @cached_property
    def _page_rows(self) -> dict[Level, Ints]:
        found: dict[Level, Ints] = {}
        for table in (self.turns, self.finest):
            units = [
                (table.session_ids[row], int(turn)) for row, turn in zip(table.session_row, table.turn, strict=True)
            ]
            rows = np.full(table.covered.shape, -1, dtype=np.int64)
            for number, coding in enumerate(self.codings):
                of_turn = coding.page_rows()
                rows[number] = [of_turn.get(unit, -1) for unit in units]
            found[table.level] = np.where(table.covered, rows, -1)
        return found

    def page_rows(self, table: Ratings) -> Ints:
        """By coder and unit of `turns` or `segments`: the row in the coder's `pages`, -1 where it is of no page."""
        return self._page_rows[table.level]


def prepare(
    codings: Sequence[Coding],
    sessions: Iterable[Session] | None,
    codebook: Codebook | None,
    *,
    tokens: TokenTable | None = None,
) -> Material:
    """Choose what can be compared, check it, and make the tables of ratings.

    `tokens`: those of the sessions, where they were cut before.

    Raises
    ------
    LabelError
        Labels do not fit their transcripts or codebook, or no session was coded by two coders.
    """
    read = None if sessions is None else list(sessions)
    notes: list[str] = []
    codings = of_one_version(codings, notes)
    usable, shared = _usable_sessions(codings, read, notes)
    codings = [_of_codebook(coding, codebook, set(usable), notes) for coding in codings]
    _check(codings, read, codebook)
    code_ids = codebook.code_ids if codebook else tuple(sorted({span.code for c in codings for span in c.spans}))
    segments = coded = None
    if read is None:
        turns = unread_turn_ratings(codings, usable, code_ids)
        notes.append("No transcripts: turns 1 to the last labelled one are compared, whoever speaks.")
    else:
        from relcode.transcripts.tokens import tokenize

        wanted = set(usable)
        tokens = tokens or tokenize(session for session in read if session.session_id in wanted)
        coded = tokens.sessions
        turns, segments = turn_ratings(codings, coded, code_ids), segment_ratings(codings, tokens, code_ids)
        _note_wrong_speakers(turns, codebook, notes)
    return Material(
        tuple(codings), tuple(shared), coded, tokens, turns, segments, code_ids, codebook, tuple(notes)
    )  # fmt: skip


def _usable_sessions(
    codings: Sequence[Coding], read: list[Session] | None, notes: list[str]
) -> tuple[list[str], list[str]]:
    """The sessions whose labels can be used, and those of them that two coders coded; what is left out goes to the notes."""
    coded_by: dict[str, list[Coding]] = {}
    for coding in codings:
        for session_id in coding.covered:
            coded_by.setdefault(session_id, []).append(coding)
    texts = None if read is None else {session.session_id: hash_session(session) for session in read}
    order = sorted(coded_by) if texts is None else [*texts, *sorted(coded_by.keys() - texts.keys())]
    usable: list[str] = []
    shared: list[str] = []
    for session_id in order:
        coders = coded_by.get(session_id, [])
        hashes = {coding.text_hashes[session_id] for coding in coders if session_id in coding.text_hashes}
        if coders and texts is not None and session_id not in texts:
            notes.append(f"{session_id}: left out, it is not among the transcripts.")
        elif coders and len(hashes | ({texts[session_id]} if texts and hashes else set())) > 1:
            notes.append(f"{session_id}: left out, the coders saw another text than the transcript or one another.")
        elif coders:
            usable.append(session_id)
            if len(coders) == 1:
                notes.append(f"{session_id}: left out, coded by {coders[0].coder} alone.")
            else:
                shared.append(session_id)
    if not shared:
        raise LabelError("No session was coded by two coders or more; nothing can be compared.", notes)
    return usable, shared


def _of_codebook(coding: Coding, codebook: Codebook | None, usable: set[str], notes: list[str]) -> Coding:
    """The coding with the spans of the usable sessions and of this codebook."""
    spans = [span for span in coding.spans if span.session_id in usable]
    if codebook is not None:
        own = split_labels(spans, codebook)
        if own.others:
            notes.append(f"{coding.coder}: {own.others_in_words} left out.")
        spans = [span for span in own.spans if not _is_of_another_version(span, codebook)]
        if len(spans) < len(own.spans):
            notes.append(
                f"{coding.coder}: {len(own.spans) - len(spans)} label(s) left out, of codes that another version of the "
                f"codebook has and {codebook.reference} has not."
            )
    return msgspec.structs.replace(coding, spans=tuple(spans))


def _is_of_another_version(span: Span, codebook: Codebook) -> bool:
    named = bool(span.codebook) and span.codebook not in codebook.references
    return named and span.code not in codebook.by_id


def _check(codings: Sequence[Coding], read: list[Session] | None, codebook: Codebook | None) -> None:
    texts = {} if read is None else turn_texts(read)
    faults = []
    for coding in codings:
        for span in coding.spans:
            fault = span_fault(span, texts)
            if fault is None and codebook is not None and span.code not in codebook.by_id:
                fault = f"{codebook.reference} has no code {span.code!r}"
            if fault is not None:
                faults.append(f"{coding.coder}: session {span.session_id}, turn {span.turn}: {fault}")
    if faults:
        raise LabelError(f"{len(faults)} label(s) cannot be used:", faults)


def _note_wrong_speakers(turns: Ratings, codebook: Codebook | None, notes: list[str]) -> None:
    for column, code in enumerate(turns.code_ids):
        wrong = int(turns.marks[:, ~turns.may_carry(code, codebook), column].sum())
        if wrong:
            notes.append(f"{code}: left out on {wrong} turn(s) whose speaker may not carry it.")
