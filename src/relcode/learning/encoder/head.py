"""From the encoder's states to log-odds: pooled over each segment, joined by the cues' log-odds and a few scalars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from relcode.codebook import Codebook
from relcode.cues.context import Context, read_context
from relcode.learning.segments import Segments, engine_of, fired_cues
from relcode.transcripts.tokens import Floats, Ints, TokenTable

CUES_AT_MOST = 6.0  # log-odds; what many cues add up to beyond this says nothing more
States = npt.NDArray[np.float32]


@dataclass(frozen=True, repr=False)
class Head:
    """One linear score a code. `mean`, `highest` (width, code): on the mean and the highest state of a segment's pieces;
    `hints` (hint, code): on what `read_hints` gives; `intercepts` (code)."""

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
    mean = np.add.reduceat(kept, starts, axis=0) / counts
    highest: States = np.maximum.reduceat(kept, starts, axis=0)
    return place[starts], mean, highest


def hints_of(segments: Segments, codebook: Codebook) -> Floats:
    """Beside the words, for the segments of the whole table, axes (segment, hint): the cues' log-odds of each code
    without its base rate, then scalars."""
    fired = fired_cues(segments, codebook)

    def make(table: TokenTable) -> Floats:
        cues = np.asarray((fired @ engine_of(codebook).weights).todense())
        return np.concatenate([np.clip(cues, -CUES_AT_MOST, CUES_AT_MOST), _scalars(read_context(table))], axis=1)

    return segments.shared(("encoder hints", codebook.fingerprint), make)


def _scalars(context: Context) -> Floats:
    """How long the segment, its turn and the turn before are, and where it stands."""
    columns = (
        np.log1p(context.words) / 4,
        np.log1p(context.turn_words) / 5,
        np.log1p(context.before_words) / 5,
        context.question,
        context.after_question,
        context.first,
        context.third == 2,
        context.third == 3,
    )
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)
