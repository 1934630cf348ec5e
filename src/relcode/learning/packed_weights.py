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
Places = npt.NDArray[np.int32]
Values = npt.NDArray[np.float32]
Halves = npt.NDArray[np.int16]  # floats of 16 bits as integers, which numba can read
_DENSE_SHARE = 0.1  # of the lanes of a column, from which it is kept dense


class Packed(NamedTuple):
    """Weights of columns, two spans of lanes each.

    Attributes
    ----------
    dense
        Axes (row, lane of either span).
    starts, lanes, weights
        Of the columns that are not dense: by 2 * place + span where its pairs begin; the pairs.
    """

    dense: Halves
    starts: Ints
    lanes: npt.NDArray[np.int16]
    weights: Halves


class Applied(NamedTuple):
    """What the first steps of segments and of turns add to scores.

    Attributes
    ----------
    places
        Axes (column, unit): the row of the unit's weights in `dense`; -1 without any weight; of columns that are not dense
        -2 - their place among those. Columns are those of segments, which begin with those of turns.
    of_segments, of_turns
        Weights of what segments are like themselves, and of turns for all that read them.
    of_contexts
        Weights of the contexts of turns, axes (side, column, lane).
    codes
        Axes (side, lane): the codes that have weights, first those of therapists; -1 beyond the last.
    counts
        By side: how many codes have weights.
    starts
        Axes (unit, side of the reader, place in `BEFORE`): the lane in `of_turns` where the side's codes start.
    intercepts
        Axes (unit, side, code).
    """

    places: Places
    of_segments: Packed
    of_turns: Packed
    of_contexts: Values
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
    counts = (codes >= 0).sum(axis=1)
    starts, width = _starts(counts)
    count = len(steps["segment"].intercepts) // 2
    lane_of = np.zeros(2 * count, dtype=np.int32)
    for side in (0, 1):
        lane_of[side * count + codes[side, : counts[side]]] = np.arange(counts[side])
    columns = steps["segment"].own_columns
    own_width = _padded(codes.shape[1])
    own, turns = {}, []
    for number, unit in enumerate(UNITS):
        step = steps[unit]
        entries = _entries(step.weights)
        side, lane = entries.lanes // count, lane_of[entries.lanes]
        mine = entries.columns < step.own_columns
        own[unit] = _Entries(entries.columns[mine], (side * own_width + lane)[mine], entries.weights[mine])
        of_turns = (step.weights.shape[0] - step.own_columns) // len(BEFORE)
        place, column = np.divmod(entries.columns[~mine] - step.own_columns, of_turns)
        turns.append(_Entries(column, starts[number, side[~mine], place] + lane[~mine], entries.weights[~mine]))
    places_of_segments, of_segments = _packed(own["segment"], columns, own_width)
    places_of_turns, packed_turns = _packed(_Entries(*map(np.concatenate, zip(*turns, strict=True))), columns, width)
    contexts = np.zeros((steps["turn"].own_columns, 2 * own_width), dtype=np.float32)
    contexts[own["turn"].columns, own["turn"].lanes] = own["turn"].weights
    return Applied(
        places=np.stack([places_of_segments, places_of_turns], axis=1),
        of_segments=of_segments,
        of_turns=packed_turns,
        of_contexts=np.stack([contexts[:, :own_width], contexts[:, own_width:]]),
        codes=codes,
        counts=counts,
        starts=starts,
        intercepts=np.stack([steps[unit].intercepts.reshape(2, count) for unit in UNITS]),
    )


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
    columns = np.repeat(np.arange(weights.shape[0], dtype=np.int32), np.diff(weights.indptr))
    return _Entries(columns, weights.indices, weights.data.astype(KEPT_AS))


def _packed(entries: _Entries, columns: int, width: int) -> tuple[Places, Packed]:
    """The places of columns (see `Applied.places`), and their weights."""
    counts = np.bincount(entries.columns, minlength=columns)
    least = _DENSE_SHARE * 2 * width
    many, few = np.flatnonzero(counts >= least), np.flatnonzero((counts > 0) & (counts < least))
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
    return places, Packed(dense, starts, entries.lanes[rest][order].astype(np.int16), bits[rest][order])


def _padded(lanes: int) -> int:
    return max(-(-lanes // LANES), 1) * LANES
