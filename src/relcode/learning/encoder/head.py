"""From the encoder's states to log-odds: pooled over each segment, joined by what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from relcode.transcripts.tokens import Floats, Ints

States = npt.NDArray[np.float32]


@dataclass(frozen=True, repr=False)
class Head:
    """One linear score a code. `mean`, `highest` (width, code): on the mean and the highest state of a segment's pieces;
    `hints` (hint, code): on what `companion` gives; `intercepts` (code)."""

    mean: Floats
    highest: Floats
    hints: Floats
    intercepts: Floats

    def scores(self, states: States, segment: Ints, hints: Floats) -> tuple[Ints, Floats]:
        """The segments that `segment` names (by piece, in order; -1: none), and their log-odds before calibration, axes
        (segment, code). `states`: by piece; `hints`: by segment of the whole table."""
        rows, mean, highest = pooled(states, segment)
        scores: Floats = mean @ self.mean + highest @ self.highest + hints[rows] @ self.hints + self.intercepts
        return rows, scores


def pooled(states: States, segment: Ints) -> tuple[Ints, States, States]:
    """The segments that have pieces, and the mean and the highest state of their pieces, axes (segment, width)."""
    said = segment >= 0
    kept, place = states[said], segment[said]
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    if not len(starts):
        return place, kept, kept
    counts = np.diff(np.append(starts, len(place))).astype(np.float32)[:, None]
    mean = (np.add.reduceat(kept, starts, axis=0) / counts).astype(np.float32)
    highest: States = np.maximum.reduceat(kept, starts, axis=0)
    return place[starts], mean, highest
