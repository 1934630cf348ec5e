"""Labels beside the sessions that they are of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from relcode.errors import LabelError
from relcode.records import Session, Span, Turn
from relcode.spans import read_labels


@dataclass(frozen=True, repr=False)
class Labelled:
    """A session and its labels, by turn, start, end, code and source."""

    session: Session
    spans: tuple[Span, ...]

    def turns(self) -> list[tuple[Turn, list[Span]]]:
        """Each turn with its labels."""
        by_turn: dict[int, list[Span]] = {}
        for span in self.spans:
            by_turn.setdefault(span.turn, []).append(span)
        return [(turn, by_turn.get(turn.turn, [])) for turn in self.session.turns]


def read_label_files(paths: Sequence[Path], sessions: Sequence[Session]) -> list[Span]:
    """The labels of several files, checked against their transcripts.

    Raises
    ------
    LabelError
        With the faults of all files.
    """
    spans: list[Span] = []
    errors: list[LabelError] = []
    for path in paths:
        try:
            spans += read_labels(path, sessions)
        except LabelError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        faults = [fault for error in errors for fault in (error.faults or (error.message,))]
        raise LabelError(f"{len(errors)} files of labels cannot be used:", faults)
    return spans


def gather(sessions: Iterable[Session], spans: Iterable[Span]) -> tuple[list[Labelled], list[str]]:
    """Sessions that have labels, in their order, and notes on what is left out.

    A label that stands twice with one source and one codebook counts once. A session that no label names is left out:
    whether anybody coded it is not known.

    Raises
    ------
    LabelError
        No label is of these sessions.
    """
    given = list(spans)
    by_session: dict[str, dict[tuple[object, ...], Span]] = {}
    for span in given:
        by_session.setdefault(span.session_id, {}).setdefault((*span.key, span.source, span.codebook), span)
    labelled: list[Labelled] = []
    unlabelled = 0
    for session in sessions:
        own = by_session.pop(session.session_id, None)
        if own is None:
            unlabelled += 1
        else:
            labelled.append(Labelled(session, tuple(sorted(own.values(), key=_order))))
    if not labelled:
        raise LabelError("No label is of a session among the transcripts. Give the transcripts that were coded.")
    notes = []
    if unlabelled:
        notes.append(f"{unlabelled} session(s) that no label names were left out")
    if by_session:
        count = sum(span.session_id in by_session for span in given)
        notes.append(
            f"{count} label(s) of {len(by_session)} session(s) that are not among the transcripts were left out"
        )
    twice = sum(span.session_id not in by_session for span in given) - sum(len(each.spans) for each in labelled)
    if twice:
        notes.append(f"{twice} label(s) that stand there already, from the same source, were left out")
    return labelled, notes


def _order(span: Span) -> tuple[object, ...]:
    return (span.turn, span.start, span.end, span.code, span.source, span.codebook or "")
