"""The turns before and after, of the same session alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from relcode.learning.features.base import SegmentFeatures
from relcode.learning.segments import Segments
from relcode.transcripts.tokens import Ints, TokenTable


def turns_nearby(table: TokenTable, before: int) -> Ints:
    """By turn: the turn that is `before` turns before it (after it, where negative); -1 where there is none."""
    turns = len(table.turn_session)
    if not turns:
        return np.zeros(0, dtype=np.int64)
    there = np.arange(turns) - before
    inside = np.clip(there, 0, turns - 1)
    known = (there == inside) & (table.turn_session[inside] == table.turn_session)
    nearby: Ints = np.where(known, inside, -1)
    return nearby


class Neighbour(SegmentFeatures):
    """What another transformer sees in the turn that is `before` turns before the segment's own (after it, where
    negative); rows of nothing at the edge of a session. The other transformer's unit has to be the turn."""

    unit = "segment"

    def __init__(self, features: SegmentFeatures, *, before: int = 1) -> None:
        self.features = features
        self.before = before

    def matrix(self, X: Segments) -> sparse.csr_matrix:
        """Axes (segment, column of the other transformer).

        Raises
        ------
        ValueError
            The other transformer's unit is not the turn.
        """
        if self.features.unit != "turn":
            raise ValueError("Neighbour reads whole turns: give it a transformer with unit='turn'.")
        of_turns = self.features.matrix(X)
        nearby = turns_nearby(X.table, self.before)[X.table.segment_turn]
        there = np.flatnonzero(nearby >= 0)
        shape = (len(nearby), of_turns.shape[0])
        chosen = sparse.csr_matrix((np.ones(len(there), dtype=np.float32), (there, nearby[there])), shape=shape)
        return sparse.csr_matrix(chosen @ of_turns)

    def column_names(self) -> Sequence[str] | None:
        """Those of the other transformer, with the distance."""
        names = self.features.column_names()
        return None if names is None else [f"{name} ({self.before:+d} turns before)" for name in names]
