"""Weights of the linear kind as they are applied: by column of features, as the model folder keeps them (16 bits).

What a turn adds to scores lies side by side for all that read the turn, in two spans: 0 holds what those of a talk in turns
read where a therapist speaks, 1 where another does. The other span is read too where two turns of one side follow
each other. Columns with many weights are kept dense, others as pairs of lane and weight: that is a fifth of the memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relcode.learning.features.base import UNITS, Unit
from relcode.learning.first_step import KEPT_AS, FirstStep
from relcode.learning.sights import BEFORE
from relcode.transcripts.tokens import Floats, Ints

LANES = 32  # lanes of a span are a multiple of it: so many are added at once
Halves = npt.NDArray[np.int16]  # floats of 16 bits as integers, which numba can read
_DENSE = 80  # weights that a column has at least where it is kept dense


class Packed(NamedTuple):
    """Weights of columns, two spans of lanes each.

    Attributes
    ----------
    places
        By column: its row of `dense`; -1 without any weight; of other columns -2 - their place among those.
    dense
        Axes (row, lane of either span).
    starts, lanes, weights
        Of the columns that are not dense: by 2 * place + span where its pairs begin; the pairs.
    """

    places: npt.NDArray[np.int32]
    dense: Halves
    starts: Ints
    lanes: npt.NDArray[np.int16]
    weights: Halves


class Applied(NamedTuple):
    """What the first steps of segments and of turns add to scores.

    Attributes
    ----------
    of_segments, of_contexts, of_turns
        Weights of what segments are like themselves, of the contexts of turns, and of turns for all that read them.
    codes
        Axes (side, lane): the codes that have weights, first those of therapists; -1 beyond the last.
    counts
        By side: how many codes have weights.
    starts
        Axes (unit, side of the reader, place in `BEFORE`): the lane in `of_turns` where the side's codes start.
    intercepts
        Axes (unit, side, code).
    """

    of_segments: Packed
    of_contexts: Packed
    of_turns: Packed
    codes: Ints
    counts: Ints
    starts: Ints
    intercepts: Floats


class _Entries(NamedTuple):
    """Weights one by one: each with its column, its lane, and itself."""

    columns: Ints
    lanes: Ints
    weights: npt.NDArray[Any]


def pack(steps: Mapping[Unit, FirstStep]) -> Applied:
    """The first steps, ready to be applied."""
    codes = _codes(steps)
    lane_of = np.zeros(2 * len(steps["segment"].intercepts), dtype=np.int64)
    count = len(steps["segment"].intercepts) // 2
    for side in (0, 1):
        known = codes[side][codes[side] >= 0]
        lane_of[side * count + known] = np.arange(len(known))
    counts = (codes >= 0).sum(axis=1)
    starts, width = _starts(counts)
    own, turns = {}, []
    for number, unit in enumerate(UNITS):
        step = steps[unit]
        entries = _entries(step.weights)
        side = entries.lanes // count
        lane = lane_of[entries.lanes]
        mine = entries.columns < step.own_columns
        own_width = _padded(codes.shape[1])
        own[unit] = _packed(
            _Entries(entries.columns[mine], (side * own_width + lane)[mine], entries.weights[mine]), step.own_columns, own_width
        )
        of_turns = (step.weights.shape[0] - step.own_columns) // len(BEFORE)
        place, column = np.divmod(entries.columns[~mine] - step.own_columns, of_turns)
        turns.append(_Entries(column, starts[number, side[~mine], place] + lane[~mine], entries.weights[~mine]))
    together = _Entries(*(np.concatenate(parts) for parts in zip(*turns, strict=True)))
    intercepts = np.stack([steps[unit].intercepts.reshape(2, count) for unit in UNITS])
    return Applied(own["segment"], own["turn"], _packed(together, of_turns, width), codes, counts, starts, intercepts)


def _codes(steps: Mapping[Unit, FirstStep]) -> Ints:
    labels = np.unique(np.concatenate([np.unique(step.weights.indices) for step in steps.values()]))
    count = len(steps["segment"].intercepts) // 2
    by_side = [labels[labels // count == side] - side * count for side in (0, 1)]
    codes = np.full((2, max(map(len, by_side))), -1, dtype=np.int64)
    for side, known in enumerate(by_side):
        codes[side, : len(known)] = known
    return codes


def _starts(counts: Ints) -> tuple[Ints, int]:
    """See `Applied.starts`; beside it the lanes of a span."""
    starts = np.zeros((len(UNITS), 2, len(BEFORE)), dtype=np.int64)
    ends = [0, 0]
    for unit in range(len(UNITS)):
        for place, before in enumerate(BEFORE):
            for side in (0, 1):
                span = (side + before) % 2
                starts[unit, side, place] = ends[span]
                ends[span] += int(counts[side])
    width = _padded(max(ends))
    sides = np.arange(2)[:, None]
    return starts + width * ((sides + np.array(BEFORE)) % 2), width


def _entries(weights: sparse.csr_matrix) -> _Entries:
    columns = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    return _Entries(columns, weights.indices.astype(np.int64), weights.data.astype(KEPT_AS))


def _packed(entries: _Entries, columns: int, width: int) -> Packed:
    counts = np.bincount(entries.columns, minlength=columns)
    many, few = np.flatnonzero(counts >= _DENSE), np.flatnonzero((counts > 0) & (counts < _DENSE))
    many = many[np.argsort(-counts[many], kind="stable")]  # what is often read lies together
    places = np.full(columns, -1, dtype=np.int32)
    places[many] = np.arange(len(many))
    places[few] = -2 - np.arange(len(few))
    bits = entries.weights.view(np.int16)
    dense = np.zeros((len(many), 2 * width), dtype=np.int16)
    place = places[entries.columns]
    dense[place[place >= 0], entries.lanes[place >= 0]] = bits[place >= 0]
    rest = place < 0
    row = 2 * (-2 - place[rest]) + entries.lanes[rest] // width
    order = np.argsort(row, kind="stable")
    starts = np.append(0, np.cumsum(np.bincount(row, minlength=2 * len(few)))).astype(np.int64)
    return Packed(places, dense, starts, entries.lanes[rest][order].astype(np.int16), bits[rest][order])


def _padded(lanes: int) -> int:
    return max(-(-lanes // LANES), 1) * LANES
