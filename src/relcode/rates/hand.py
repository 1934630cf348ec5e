"""What was coded by hand, segment by segment, with how much each segment stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from relcode.errors import LabelError
from relcode.rates.sums import Bools, Floats, Ints
from relcode.records import Session, Span
from relcode.transcripts.tokens import segment_codes, tokenize

Weights = Mapping[str, Mapping[int, float]]
"""Session -> turn -> 1 / (how likely it was to be coded); a turn that is not there was not coded, or stands for nothing."""


@dataclass(frozen=True, repr=False)
class HandCoded:
    """A hand-coded session.

    Attributes
    ----------
    places
        Axes (segment, these three): turn, start, end; of all segments of the session.
    present
        Axes (segment, code): which were given.
    weight
        By segment; 0: not coded, or coded without standing for others.
    """

    places: Ints
    present: Bools
    weight: Floats

    def __repr__(self) -> str:
        return f"HandCoded({len(self.places)} segments)"


def hand_coded(
    sessions: Sequence[Session], spans: Iterable[Span], codes: Sequence[str], weights: Weights
) -> dict[str, HandCoded]:
    """Match labels with segments by the rule that holds everywhere (`segment_codes`).

    `weights`: sessions without an entry are left out.
    """
    coded = [session for session in sessions if session.session_id in weights]
    table = tokenize(coded)
    present = segment_codes(table, spans, tuple(codes))
    turn = table.turn_number[table.segment_turn]
    places = np.stack([turn, table.segment_start, table.segment_end], axis=1).astype(np.int64)
    found = {}
    for row, session in enumerate(coded):
        own = table.segment_session == row
        of_turn = weights[session.session_id]
        weight = np.array([of_turn.get(int(number), 0.0) for number in turn[own]], dtype=np.float64)
        found[session.session_id] = HandCoded(places[own], present[own], weight)
    return found


def matched(
    rows: pd.DataFrame, session: Ints, names: Sequence[str], hand: Mapping[str, HandCoded], codes: int
) -> tuple[Floats, Floats]:
    """Of rows of scores, what was coded by hand, axes (row, code), and by row its weight: 0 where it was not coded.

    Parameters
    ----------
    session, names
        By row the number of its session, and by number its name.

    Raises
    ------
    LabelError
        Segments of hand-coded sessions are not those of the scores: all sessions are named.
    """
    present, weight = np.zeros((len(rows), codes)), np.zeros(len(rows))
    places = rows[["turn", "start", "end"]].to_numpy(np.int64)
    faults = []
    for number, name in enumerate(names):
        coded = hand.get(name)
        if coded is None:
            continue
        own = np.flatnonzero(session == number)
        if not np.array_equal(places[own], coded.places):
            faults.append(
                f"session {name}: its transcript has {len(coded.places)} segments, its scores {len(own)} rows"
            )
            continue
        present[own], weight[own] = coded.present, coded.weight
    if faults:
        raise LabelError(
            "Scores and transcripts of hand-coded sessions differ in their segments: the words were changed since, or "
            "another relcode scored them. Score them again.",
            faults,
        )
    return present, weight
