"""What is learned from and judged on, checked: every fault at once, and no dyad on two sides of a split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from relcode.codebook import Codebook, OwnLabels, split_labels
from relcode.errors import ModelError
from relcode.learning.labels import label_faults
from relcode.learning.model import Model
from relcode.learning.training_labels import Covered
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.transcripts.tokens import Bools, TokenTable


@dataclass(frozen=True, repr=False)
class Ceiling:
    """How well a coder does what a model is to do: `second` measured against `first`, on turns that both coded. `of` says
    who they are."""

    first: list[Span]
    second: list[Span]
    covered: Covered
    of: str = "a second coder against the labels"


@dataclass(frozen=True, repr=False)
class Lesson:
    """A teacher, and sessions without labels of which its probabilities are learned."""

    teacher: Model
    sessions: list[Session]


@dataclass(frozen=True, repr=False)
class Material:
    """Checked material.

    Attributes
    ----------
    sessions, held_out
        Coded sessions that are learned from; coded sessions that are judged at the end alone.
    spans
        Labels of both.
    covered
        Session -> the turns that were coded; None: all.
    lesson
        None, or a teacher with the sessions that can be used: none of a dyad held out.
    """

    sessions: list[Session]
    held_out: list[Session]
    spans: list[Span]
    covered: Covered
    ceiling: Ceiling | None
    lesson: Lesson | None

    def spans_of(self, sessions: Iterable[Session]) -> list[Span]:
        """The labels of some sessions."""
        names = {session.session_id for session in sessions}
        return [span for span in self.spans if span.session_id in names]

    def __repr__(self) -> str:
        return f"Material({len(self.sessions)} sessions, {len(self.held_out)} held out)"


def gather(
    sessions: Sequence[Session],
    labels: Iterable[Span],
    codebook: Codebook,
    *,
    covered: Mapping[str, frozenset[int] | None] | None = None,
    held_out: Collection[str] = (),
    ceiling: Iterable[Span] | Ceiling | None = None,
    lesson: Lesson | None = None,
) -> tuple[Material, list[str]]:
    """Check what is to be learned from; see `train` for the parameters. The second value: notes, a line each.

    Raises
    ------
    ModelError
        Anything is wrong with it: all is listed.
    """
    own = split_labels(labels, codebook)
    notes = [f"{own.others_in_words} are passed over"] if own.others else []
    known: Covered = dict.fromkeys(own.sessions) if covered is None else dict(covered)
    coded = [session for session in sessions if session.session_id in known]
    learned_from = [session for session in coded if session.session_id not in held_out]
    apart = [session for session in coded if session.session_id in held_out]
    second = None if ceiling is None else _as_ceiling(ceiling, own, codebook)
    faults = [
        *label_faults(sessions, OwnLabels(own.spans, {}, own.sessions | set(known)), codebook),
        *_outside(own, known),
        *_second_faults(sessions, own, ceiling, codebook),
        *_same_text(coded),
        *_held_out_faults(learned_from, apart, held_out),
        *_lesson_faults(lesson, codebook),
    ]
    if faults:
        raise ModelError(f"The labels do not fit ({len(faults)} fault(s)):", faults)
    if len({session.dyad for session in learned_from}) < 2:
        raise ModelError(
            "The labels come from fewer than two dyads, so nothing can be held out; code sessions of another dyad, or "
            "give each session its dyad with `relcode import --metadata`."
        )
    taught = None if lesson is None else _usable(lesson, learned_from, apart, notes)
    return Material(learned_from, apart, own.spans, known, second, taught), notes


def coded_segments(table: TokenTable, covered: Mapping[str, frozenset[int] | None]) -> Bools:
    """By segment: whether its turn was coded; of sessions that are not named none was."""
    coded = np.zeros(len(table.turn_session), dtype=np.bool_)
    for row, (session, number) in enumerate(zip(table.turn_session, table.turn_number, strict=True)):
        turns = covered.get(table.sessions[session].session_id, frozenset())
        coded[row] = turns is None or int(number) in turns
    of_segment: Bools = coded[table.segment_turn]
    return of_segment


def _as_ceiling(ceiling: Iterable[Span] | Ceiling, own: OwnLabels, codebook: Codebook) -> Ceiling:
    if isinstance(ceiling, Ceiling):
        return ceiling
    second = split_labels(ceiling, codebook)
    return Ceiling(own.spans, second.spans, dict.fromkeys(second.sessions))


def _outside(own: OwnLabels, known: Covered) -> list[str]:
    """Labels in turns that are said not to be coded."""
    turns = {(span.session_id, span.turn) for span in own.spans}
    outside = sorted(
        (session_id, turn)
        for session_id, turn in turns
        if session_id in known and (allowed := known[session_id]) is not None and turn not in allowed
    )
    return [
        f"session {session_id}, turn {turn}: labelled, but not among the coded turns" for session_id, turn in outside
    ]


def _second_faults(
    sessions: Sequence[Session], own: OwnLabels, ceiling: Iterable[Span] | Ceiling | None, codebook: Codebook
) -> list[str]:
    """What is wrong with a second coder's labels."""
    if ceiling is None or isinstance(ceiling, Ceiling):
        return []
    second = split_labels(ceiling, codebook)
    found = label_faults(sessions, second, codebook) if second.spans else ["no label is there"]
    found += [f"session {name}: not among the labelled sessions" for name in sorted(second.sessions - own.sessions)]
    return [f"second coder, {fault}" for fault in found]


def _same_text(sessions: Sequence[Session]) -> list[str]:
    """Sessions with the same words under two names: a fold would be judged by what it learned from."""
    by_hash: dict[str, list[str]] = defaultdict(list)
    for session in sessions:
        by_hash[hash_session(session)].append(session.session_id)
    return [
        f"sessions {' and '.join(names)}: the same words under several names; leave one in"
        for names in by_hash.values()
        if len(names) > 1
    ]


def _held_out_faults(learned_from: Sequence[Session], apart: Sequence[Session], held_out: Collection[str]) -> list[str]:
    faults = [
        f"session {name}: to be held out, but it has no labels"
        for name in sorted(set(held_out) - {session.session_id for session in apart})
    ]
    for dyad in sorted({session.dyad for session in apart} & {session.dyad for session in learned_from}):
        ours, theirs = (
            ", ".join(session.session_id for session in side if session.dyad == dyad) for side in (learned_from, apart)
        )
        faults.append(
            f"dyad {dyad} is on both sides: {theirs} to be held out, {ours} to be learned from; hold all of its sessions "
            "out, or none"
        )
    return faults


def _lesson_faults(lesson: Lesson | None, codebook: Codebook) -> list[str]:
    if lesson is None:
        return []
    missing = [code for code in codebook.code_ids if code not in lesson.teacher.codebook.by_id]
    faults = [f"the teacher {lesson.teacher.id} does not know {', '.join(missing)}"] if missing else []
    if not lesson.sessions:
        faults.append(f"the teacher {lesson.teacher.id} has no session to speak of: name some with --unlabelled")
    return faults


def _usable(lesson: Lesson, learned_from: Sequence[Session], apart: Sequence[Session], notes: list[str]) -> Lesson:
    """The lesson without sessions that have labels, and without dyads that are held out."""
    texts = {hash_session(session) for session in (*learned_from, *apart)}
    dyads = {session.dyad for session in apart}
    names = {session.session_id for session in learned_from}
    kept = [
        session
        for session in lesson.sessions
        if session.session_id not in names and session.dyad not in dyads and hash_session(session) not in texts
    ]
    left_out = len(lesson.sessions) - len(kept)
    if left_out:
        notes.append(
            f"{left_out} session(s) without labels are coded after all, or of a dyad held out: not taught from"
        )
    if not kept:
        raise ModelError("No session is left for the teacher: all have labels, or are of dyads held out.")
    return Lesson(lesson.teacher, kept)
