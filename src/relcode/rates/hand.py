"""What was coded by hand, segment by segment, with how much each segment stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

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
