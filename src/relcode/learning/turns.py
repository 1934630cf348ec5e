"""From segments to turns: a turn bears what one of its segments bears."""

from __future__ import annotations

import numpy as np

from relcode.transcripts.tokens import Bools, Floats, TokenTable


def by_turn(table: TokenTable, marks: Bools) -> Bools:
    """Whether one of its segments is marked. Axes (segment, code) -> (turn, code)."""
    turns = np.zeros((len(table.turn_session), marks.shape[1]), dtype=np.bool_)
    np.logical_or.at(turns, table.segment_turn, marks)
    return turns


def by_turn_highest(table: TokenTable, probability: Floats) -> Floats:
    """The highest probability of its segments, 0 without any. Axes (segment, code) -> (turn, code)."""
    turns = np.zeros((len(table.turn_session), probability.shape[1]))
    np.maximum.at(turns, table.segment_turn, probability)
    return turns
