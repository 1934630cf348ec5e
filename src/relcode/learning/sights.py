"""What the linear kind sees of a segment: the segment itself, its turn, and two turns before and after.

Features of turns are made once a turn, and what a turn contributes to scores is worked out once for all the segments that
see it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relcode.codebook import Codebook
from relcode.learning.features import (
    GRAM_COLUMNS,
    ContextFeatures,
    CueEvidence,
    CueFeatures,
    SegmentFeatures,
    TokenGrams,
    stacked,
    turns_nearby,
)
from relcode.learning.features.base import Unit
from relcode.learning.segments import Segments, engine_of
from relcode.transcripts.tokens import Floats, Ints

Dense = npt.NDArray[np.float32]
Places = npt.NDArray[np.int32]
# how much the features of a turn count, by how many turns it is before the segment's own; a segment's own count 1
TURNS = {0: 0.6, 1: 0.45, -1: 0.45, 2: 0.3, -2: 0.3}
EVIDENCE = 0.7
CONTEXT = 0.3


class Views(NamedTuple):
    """`segments`, `turns`: features of all units of a table, axes (unit, column). `nearby` (segment, place in `TURNS`):
    the turn seen there; the row after the last where there is none."""

    segments: sparse.csr_matrix
    turns: sparse.csr_matrix
    nearby: Ints


def view(X: Segments, codebook: Codebook) -> Views:
    """What is seen of the segments of the whole table."""
    return X.shared(("views", codebook.fingerprint), lambda table: _view(X, codebook))


def column_count(codebook: Codebook) -> int:
    """How many columns weights have: those of segments, then those of turns once for each of `TURNS`."""
    segment, turn = _widths(codebook)
    return segment + len(TURNS) * turn


def products(views: Views, rows: Ints) -> Dense:
    """The products of segments' features with each other, axes (row, row)."""
    own = views.segments[rows]
    total: Dense = (own @ own.T).toarray()
    seen, places = np.unique(views.nearby[rows], return_inverse=True)
    places = places.reshape(len(rows), len(TURNS))
    turns = _with_nothing(views.turns)[seen]
    of_turns = (turns @ turns.T).toarray()
    for place, weight in enumerate(TURNS.values()):
        total += np.float32(weight**2) * of_turns[np.ix_(places[:, place], places[:, place])]
    return total


def weights_from(views: Views, rows: Ints, shares: Floats) -> sparse.csr_matrix:
    """The weights that are the sum of rows, each by its share; axes (column, label)."""
    parts = [sparse.csr_matrix(views.segments[rows].T @ sparse.csr_matrix(shares))]
    turns = _with_nothing(views.turns)
    for place, weight in enumerate(TURNS.values()):
        shape = (turns.shape[0], len(rows))
        seen = sparse.csr_matrix(
            (np.full(len(rows), weight**2), (views.nearby[rows, place], np.arange(len(rows)))), shape
        )
        parts.append(sparse.csr_matrix(turns.T @ sparse.csr_matrix(seen @ shares)))
    return sparse.csr_matrix(sparse.vstack(parts, format="csr"))


def columns(views: Views, rows: Ints) -> sparse.csr_matrix:
    """The segments as rows of numbers whose `products` are products of rows, axes (row, column)."""
    turns = _with_nothing(views.turns)
    parts = [views.segments[rows]]
    parts += [turns[views.nearby[rows, place]] * np.float32(weight) for place, weight in enumerate(TURNS.values())]
    return sparse.csr_matrix(sparse.hstack(parts, format="csr"))


def column_weights(views: Views) -> Floats:
    """What a weight of one of the `columns` is multiplied by to be a weight of what is seen, by column."""
    turn = views.turns.shape[1]
    return np.concatenate([np.ones(views.segments.shape[1]), *(np.full(turn, weight) for weight in TURNS.values())])


class Packed(NamedTuple):
    """Weights as they are applied: dense, of the columns alone that have some. `places`: by column, its row of the
    weights; the last row is of columns without."""

    segment_places: Places
    segment_weights: Dense
    turn_places: Places
    turn_weights: Dense


def pack(weights: sparse.csr_matrix, codebook: Codebook) -> Packed:
    """Weights with axes (column, label), ready to be applied."""
    segment, turn = _widths(codebook)
    parts = [weights[segment + place * turn : segment + (place + 1) * turn] for place in range(len(TURNS))]
    return Packed(*_pack(weights[:segment]), *_pack(sparse.csr_matrix(sparse.hstack(parts, format="csr"))))


def apply(packed: Packed, views: Views, rows: Ints) -> Floats:
    """Sums of weights by chosen segment, axes (row, label)."""
    labels = packed.segment_weights.shape[1]
    total = _product(views.segments[rows], packed.segment_places, packed.segment_weights).astype(np.float64)
    seen, places = np.unique(views.nearby[rows], return_inverse=True)
    places = places.reshape(len(rows), len(TURNS))
    of_turns = _product(_with_nothing(views.turns)[seen], packed.turn_places, packed.turn_weights)
    for place in range(len(TURNS)):
        total += of_turns[places[:, place], place * labels : (place + 1) * labels]
    return total


def _view(X: Segments, codebook: Codebook) -> Views:
    nearby = np.stack([turns_nearby(X.table, before) for before in TURNS], axis=1)
    turns = _seen(X, codebook, "turn")
    return Views(_seen(X, codebook, "segment"), turns, np.where(nearby < 0, turns.shape[0], nearby))


def _seen(X: Segments, codebook: Codebook, unit: Unit) -> sparse.csr_matrix:
    found: list[SegmentFeatures] = [
        TokenGrams(unit=unit),
        CueFeatures(codebook, unit=unit),
        _Weighted(CueEvidence(codebook, unit=unit), EVIDENCE),
    ]
    if unit == "segment":
        found.append(_Weighted(ContextFeatures(), CONTEXT))
    return stacked(found, X)


class _Weighted(SegmentFeatures):
    def __init__(self, features: SegmentFeatures, weight: float) -> None:
        self.features = features
        self.weight = weight
        self.unit = features.unit

    def matrix(self, X: Segments) -> sparse.csr_matrix:
        return self.features.matrix(X) * np.float32(self.weight)


def _widths(codebook: Codebook) -> tuple[int, int]:
    """Columns of a segment's own features and of a turn's."""
    turn = GRAM_COLUMNS + len(engine_of(codebook).names) + len(codebook.codes)
    return turn + len(ContextFeatures().column_names()), turn


def _with_nothing(turns: sparse.csr_matrix) -> sparse.csr_matrix:
    """Turns, and a row of nothing after the last."""
    indptr = np.append(turns.indptr, turns.indptr[-1])
    return sparse.csr_matrix((turns.data, turns.indices, indptr), shape=(turns.shape[0] + 1, turns.shape[1]))


def _pack(weights: sparse.csr_matrix) -> tuple[Places, Dense]:
    used = np.flatnonzero(np.diff(weights.indptr))
    places: Places = np.full(weights.shape[0], len(used), dtype=np.int32)
    places[used] = np.arange(len(used))
    dense = np.zeros((len(used) + 1, weights.shape[1]), dtype=np.float32)
    dense[:-1] = weights[used].toarray()
    return places, dense


def _product(features: sparse.csr_matrix, places: Places, weights: Dense) -> Dense:
    moved = sparse.csr_matrix(
        (features.data, places[features.indices], features.indptr), (features.shape[0], len(weights))
    )
    found: Dense = moved @ weights
    return found
