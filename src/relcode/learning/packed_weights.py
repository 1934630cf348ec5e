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

from relcode.learning.features.base import UNITS, Unit
from relcode.learning.first_step import KEPT_AS, FirstStep
from relcode.learning.sights import BEFORE
from relcode.transcripts.tokens import Floats, Ints

LANES = 32  # lanes of a span are a multiple of it: so many are added at once
Places = npt.NDArray[np.int32]
Values = npt.NDArray[np.float32]
Halves = npt.NDArray[np.int16]  # floats of 16 bits as integers, which numba can read
_DENSE_SHARE = 0.06  # of the lanes of a column, from which it is kept dense


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
    """Weights one by one: the column of each, its lane, and itself."""

    columns: npt.NDArray[Any]
    lanes: npt.NDArray[Any]
    weights: npt.NDArray[Any]


class _Layout(NamedTuple):
    """Where weights lie: see `Applied`. `lane_of`: axes (side, code); `own_width`, `width`: of spans, in lanes."""

    codes: Ints
    counts: Ints
    starts: Ints
    lane_of: Ints
    own_width: int
    width: int


def pack(steps: Mapping[Unit, FirstStep]) -> Applied:
    """The first steps, ready to be applied."""
    layout = _layout(steps)
    width = layout.own_width
    columns, contexts = (steps[unit].own_columns for unit in UNITS)
    own = layout.lane_of + width * np.arange(2)[:, None]
    own_places, of_segments = _packed(_entries(steps["segment"], 0, columns, own), columns, width)
    places, of_turns = _packed(_of_turns(steps, layout), columns, layout.width)
    of_contexts = np.zeros((contexts, 2 * width), dtype=np.float32)
    entries = _entries(steps["turn"], 0, contexts, own)
    of_contexts[entries.columns, entries.lanes] = entries.weights
    return Applied(
        places=np.stack([own_places, places], axis=1),
        of_segments=of_segments,
        of_turns=of_turns,
        of_contexts=np.stack(np.split(of_contexts, 2, axis=1)),
        codes=layout.codes,
        counts=layout.counts,
        starts=layout.starts,
        intercepts=np.stack([steps[unit].intercepts.reshape(2, -1) for unit in UNITS]),
    )


def _layout(steps: Mapping[Unit, FirstStep]) -> _Layout:
    codes = _codes(steps)
    counts = (codes >= 0).sum(axis=1)
    lane_of = np.zeros((2, len(steps["segment"].intercepts) // 2), dtype=np.int64)
    for side in (0, 1):
        lane_of[side, codes[side, : counts[side]]] = np.arange(counts[side])
    starts, width = _starts(counts)
    return _Layout(codes, counts, starts, lane_of, _padded(codes.shape[1]), width)


def _of_turns(steps: Mapping[Unit, FirstStep], layout: _Layout) -> _Entries:
    """The weights of turns, of both units and all places."""
    parts = []
    for number, unit in enumerate(UNITS):
        step = steps[unit]
        columns = (step.weights.shape[0] - step.own_columns) // len(BEFORE)
        for place in range(len(BEFORE)):
            lane_of = layout.lane_of + layout.starts[number, :, place, None]
            parts.append(_entries(step, step.own_columns + place * columns, columns, lane_of))
    return _Entries(*map(np.concatenate, zip(*parts, strict=True)))


def _entries(step: FirstStep, first: int, columns: int, lane_of: Ints) -> _Entries:
    """The weights of some columns from the `first` on. `lane_of`: axes (side, code)."""
    edges = step.weights.indptr[first : first + columns + 1]
    part = slice(edges[0], edges[-1])
    return _Entries(
        np.repeat(np.arange(columns, dtype=np.int32), np.diff(edges)),
        lane_of.ravel().astype(np.int16)[step.weights.indices[part]],
        step.weights.data[part].astype(KEPT_AS),
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
