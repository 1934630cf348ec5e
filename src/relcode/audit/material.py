"""The table that every measure reads: a row a segment, a column a code, made from labels here, from scores in `scored`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from relcode.audit.coverage import label_notes
from relcode.audit.figure import Places
from relcode.audit.result import SourceKind
from relcode.audit.wording import turn_wording
from relcode.codebook import Codebook
from relcode.errors import LabelError, TranscriptError
from relcode.records import Role, Session, Span, is_machine
from relcode.spans import span_fault, turn_texts
from relcode.transcripts.tokens import TokenTable, segment_codes, tokenize

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_KEYS = ("session_id", "turn", "segment", "start", "end")


@dataclass(frozen=True, repr=False)
class Material:
    """Sessions, their segments and the codes that these carry.

    Attributes
    ----------
    coded
        By session: whether labels or scores say anything about it.
    turn_session, turn_number, turn_words, turn_is_therapist
        By turn (n_turns): row of its session, its number, words said, whether a therapist speaks.
    turn_wording
        Axes (turn, `wording.SELF`, `PRESENT`, `PAST`): words of the first person, present and past forms.
    segment_turn, segment_start, segment_end, is_question
        By segment (n_segments): row of its turn, its offsets in it, whether it ends in a question mark.
    codes
        Axes (segment, code in the codebook's order): which segments carry which codes.
    known
        By code: whether the source could say it at all (a model may not know a code; that is not its absence).
    human
        By session: whether people alone coded it.
    coded_by, codebooks
        The sources of the codes and the codebook versions that these were made with, as far as they are named.
    notes
        What a reader must know about the data: sessions left out, labels not used, mixed versions.
    """

    sessions: tuple[Session, ...]
    codebook: Codebook
    source_kind: SourceKind
    coded: Bools
    turn_session: Ints
    turn_number: Ints
    turn_words: Ints
    turn_is_therapist: Bools
    turn_wording: Ints
    segment_turn: Ints
    segment_start: Ints
    segment_end: Ints
    is_question: Bools
    codes: Bools
    known: Bools
    human: Bools
    coded_by: tuple[str, ...] = ()
    codebooks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Material({len(self.sessions)} sessions, {len(self.segment_turn)} segments, {self.source_kind})"

    @property
    def uncorrected(self) -> bool:
        """Whether the codes come from a machine, without correction by a hand-coded sample."""
        return self.source_kind in ("machine spans", "machine scores")

    @cached_property
    def segment_session(self) -> Ints:
        return self.turn_session[self.segment_turn]

    @cached_property
    def turn_times(self) -> Floats:
        """By turn: start and end in seconds, NaN where the transcript does not say. Axes: (turn, start and end)."""
        turns = [turn for session in self.sessions for turn in session.turns]
        times = [[np.nan if time is None else time for time in (turn.t0, turn.t1)] for turn in turns]
        return np.array(times, dtype=np.float64).reshape(len(turns), 2)

    @cached_property
    def turn_codes(self) -> Bools:
        """Axes (turn, code): a turn carries the union of the codes of its segments."""
        marks = np.zeros((len(self.turn_session), self.codes.shape[1]), dtype=np.bool_)
        np.logical_or.at(marks, self.segment_turn, self.codes)
        return marks

    def speaks(self, role: Role) -> Bools:
        """By segment: whether this role speaks."""
        spoken_by_therapist: Bools = self.turn_is_therapist[self.segment_turn]
        return spoken_by_therapist if role == "T" else ~spoken_by_therapist

    def columns(self, *names: str) -> list[int]:
        """The known columns of the codes `names` and of their sub-codes (`INT` is also `INT.genetic`)."""
        if names not in self._found_columns:
            self._found_columns[names] = [
                column
                for column, code in enumerate(self.codebook.codes)
                if self.known[column]
                and any(code.id == name or code.id.startswith(f"{name}.") or code.parent == name for name in names)
            ]
        return self._found_columns[names]

    @cached_property
    def _found_columns(self) -> dict[tuple[str, ...], list[int]]:
        """What `columns` found before: it is asked for each of thousands of episodes."""
        return {}

    def carry(self, *names: str) -> Bools:
        """By segment: whether it carries any of these codes or their sub-codes."""
        return np.asarray(self.codes[:, self.columns(*names)].any(axis=1), dtype=np.bool_)

    def turns_carry(self, *names: str) -> Bools:
        """By turn: whether it carries any of these codes or their sub-codes."""
        return np.asarray(self.turn_codes[:, self.columns(*names)].any(axis=1), dtype=np.bool_)

    def by_session(self, mask: Bools) -> Ints:
        """How many of the segments marked lie in each session. Axis: session."""
        return np.bincount(self.segment_session[mask], minlength=len(self.sessions)).astype(np.int64)

    def segment_texts(self) -> list[str]:
        """By segment: its words, as they stand in the transcript."""
        texts = [turn.text for session in self.sessions for turn in session.turns]
        return [
            texts[row][start:end]
            for row, start, end in zip(self.segment_turn, self.segment_start, self.segment_end, strict=True)
        ]

    def places(self, segments: Bools) -> Places:
        """The turns that hold the segments marked."""
        return self.turn_places(np.unique(self.segment_turn[segments]))

    def turn_places(self, rows: Ints) -> Places:
        """These turns, in this order."""
        if not len(rows):
            return Places()
        session = self.turn_session[rows]
        edges = np.flatnonzero(np.diff(session)) + 1
        names = [self.sessions[row].session_id for row in session[np.append(0, edges)]]
        runs = np.split(self.turn_number[rows], edges)
        return Places(tuple((name, tuple(run.tolist())) for name, run in zip(names, runs, strict=True)))

    def choose(self, sessions: Bools) -> Material:
        """The same table for some of the sessions (axis: session)."""
        new_session = np.cumsum(sessions) - 1
        turns = sessions[self.turn_session]
        segments = turns[self.segment_turn]
        return replace(
            self,
            sessions=tuple(session for session, kept in zip(self.sessions, sessions, strict=True) if kept),
            coded=self.coded[sessions],
            turn_session=new_session[self.turn_session[turns]].astype(np.int64),
            turn_number=self.turn_number[turns],
            turn_words=self.turn_words[turns],
            turn_is_therapist=self.turn_is_therapist[turns],
            turn_wording=self.turn_wording[turns],
            segment_turn=(np.cumsum(turns) - 1)[self.segment_turn[segments]].astype(np.int64),
            segment_start=self.segment_start[segments],
            segment_end=self.segment_end[segments],
            is_question=self.is_question[segments],
            codes=self.codes[segments],
            human=self.human[sessions],
        )


def material_from_labels(sessions: Iterable[Session], codebook: Codebook, labels: Sequence[Span]) -> Material:
    """Make the table from labels; a segment carries a code when a span of that code covers one of its words.

    A session that no label names counts as not coded, and its segments enter no rate. Labels of unknown sessions,
    unknown codes or the wrong speaker are left out and counted in `notes`.

    Raises
    ------
    TranscriptError
        Two sessions have the same id.
    LabelError
        Labels lie outside their turns or repeat other words (all are listed), or none belongs to these sessions.
    """
    table = tokenize(each_once(sessions))
    base = bare(table, codebook)
    ids = {session.session_id for session in base.sessions}
    ours = [label for label in labels if label.session_id in ids]
    if labels and not ours:
        raise LabelError(
            f"None of the {len(labels)} labels belongs to a session given here.",
            [
                f"labelled session {name} is not among the transcripts"
                for name in sorted({x.session_id for x in labels})
            ],
        )
    texts = turn_texts(base.sessions)
    faults = [
        f"session {label.session_id}, turn {label.turn}, {label.code}: {fault}"
        for label in ours
        if (fault := span_fault(label, texts)) is not None
    ]
    if faults:
        raise LabelError(f"{len(faults)} label(s) do not fit the transcripts:", faults)
    speakers = {(session.session_id, turn.turn): turn.speaker for session in base.sessions for turn in session.turns}
    used = [label for label in ours if codebook.allows(label.code, speakers[label.session_id, label.turn])]
    named = {label.session_id for label in ours}
    by_machine = {label.session_id for label in ours if is_machine(label.source)}
    return replace(
        base,
        source_kind="machine spans" if by_machine else "coded labels" if ours else "none",
        coded=np.array([session.session_id in named for session in base.sessions], dtype=np.bool_),
        codes=segment_codes(table, used, codebook.code_ids),
        human=np.array([session.session_id in named - by_machine for session in base.sessions], dtype=np.bool_),
        coded_by=tuple(sorted({label.source for label in ours if label.source})),
        codebooks=tuple(sorted({label.codebook for label in ours if label.codebook})),
        notes=(*base.notes, *label_notes(base.sessions, codebook, labels, ours)),
    )


def each_once(sessions: Iterable[Session]) -> tuple[Session, ...]:
    """The sessions as they are.

    Raises
    ------
    TranscriptError
        Two have the same id.
    """
    kept = tuple(sessions)
    twice = [name for name, count in Counter(session.session_id for session in kept).items() if count > 1]
    if twice:
        raise TranscriptError(
            "Two transcripts have the same session id.",
            [f"session {name}: give each session once" for name in twice],
        )
    return kept


def bare(table: TokenTable, codebook: Codebook) -> Material:
    """The table without codes."""
    kept = table.sessions
    turn_words = np.bincount(table.turn_row[table.is_spoken], minlength=len(table.turn_session)).astype(np.int64)
    texts = [turn.text for session in kept for turn in session.turns]
    return Material(
        sessions=kept,
        codebook=codebook,
        source_kind="none",
        coded=np.zeros(len(kept), dtype=np.bool_),
        turn_session=table.turn_session,
        turn_number=table.turn_number,
        turn_words=turn_words,
        turn_is_therapist=table.is_therapist,
        turn_wording=turn_wording(table),
        segment_turn=table.segment_turn,
        segment_start=table.segment_start,
        segment_end=table.segment_end,
        is_question=np.array(
            [
                is_question(texts[row][start:end])
                for row, start, end in zip(table.segment_turn, table.segment_start, table.segment_end, strict=True)
            ],
            dtype=np.bool_,
        ),
        codes=np.zeros((len(table.segment_turn), len(codebook.codes)), dtype=np.bool_),
        known=np.ones(len(codebook.codes), dtype=np.bool_),
        human=np.zeros(len(kept), dtype=np.bool_),
    )


def is_question(text: str) -> bool:
    """Whether these words end in a question mark, quotation marks and the like left aside."""
    return text.rstrip().rstrip("\"'”’)]!.").endswith("?")
