"""What the linear kind sees of segments and of turns: themselves, and two turns before and after.

Features of turns are made once a turn, and what a turn contributes to scores is worked out once for all that see it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relcode.codebook import Codebook
from relcode.learning.features import (
    CLASS_COLUMNS,
    GRAM_COLUMNS,
    ClassGrams,
    ContextFeatures,
    CueEvidence,
    CueFeatures,
    TokenGrams,
    stacked,
    turns_nearby,
)
from relcode.learning.features.base import Unit
from relcode.learning.segments import Segments, engine_of
from relcode.transcripts.tokens import Floats, Ints, TokenTable

Dense = npt.NDArray[np.float32]
BEFORE = (0, 1, -1, 2, -2)  # how many turns before the own one
OF_SEGMENTS = (0.6, 0.45, 0.45, 0.3, 0.3)  # how much these turns count for a segment, whose own features count 1
OF_TURNS = (1.0, 0.45, 0.45, 0.3, 0.3)
EVIDENCE = 0.7
CONTEXT = 0.3


class Sight(NamedTuple):
    """What is seen of all rows (segments or turns) of a table.

    Attributes
    ----------
    own
        Features of the rows themselves, axes (row, column).
    turns
        Features of turns, axes (turn, column); the last row is of nothing.
    nearby
        Axes (row, place in `BEFORE`): the row of `turns` that is seen there.
    weights
        By place in `BEFORE`.
    """

    own: sparse.csr_matrix
    turns: sparse.csr_matrix
    nearby: Ints
    weights: tuple[float, ...]

    @property
    def columns(self) -> int:
        """How many columns weights have: the rows' own, then those of turns once for each place."""
        return int(self.own.shape[1] + len(BEFORE) * self.turns.shape[1])


def sight_of(X: Segments, codebook: Codebook, unit: Unit) -> Sight:
    """What is seen of the segments, or of the turns, of the whole table."""
    turns = X.shared(("seen", "turn", codebook.fingerprint), lambda table: _with_nothing(_seen(X, codebook, "turn")))
    nearby = X.shared("nearby", _nearby)
    if unit == "segment":
        own = X.shared(("seen", unit, codebook.fingerprint), lambda table: _seen(X, codebook, "segment"))
        return Sight(own, turns, nearby[X.table.segment_turn], OF_SEGMENTS)
    return Sight(X.shared("context of turns", lambda table: _context_of_turns(X)), turns, nearby, OF_TURNS)


def own_columns(codebook: Codebook, unit: Unit) -> int:
    """How many columns weights of segments or of turns have for these themselves."""
    return len(ContextFeatures().column_names()) + (_turn_columns(codebook) if unit == "segment" else 0)


def column_count(codebook: Codebook, unit: Unit) -> int:
    """How many columns weights of segments or of turns have."""
    return own_columns(codebook, unit) + len(BEFORE) * _turn_columns(codebook)


def products(sight: Sight, rows: Ints) -> Dense:
    """The products of rows with each other, axes (row, row)."""
    own = sight.own[rows]
    total: Dense = (own @ own.T).toarray()
    seen, places = np.unique(sight.nearby[rows], return_inverse=True)
    places = places.reshape(len(rows), len(BEFORE))
    turns = sight.turns[seen]
    of_turns = (turns @ turns.T).toarray()
    for place, weight in enumerate(sight.weights):
        total += np.float32(weight**2) * of_turns[np.ix_(places[:, place], places[:, place])]
    return total


def weights_from(sight: Sight, rows: Ints, shares: Floats) -> sparse.csr_matrix:
    """The weights that are the sum of rows, each by its share; axes (column, label)."""
    parts = [sparse.csr_matrix(sight.own[rows].T @ sparse.csr_matrix(shares))]
    for place, weight in enumerate(sight.weights):
        seen = (np.full(len(rows), weight**2), (sight.nearby[rows, place], np.arange(len(rows))))
        by_turn = sparse.csr_matrix(seen, shape=(sight.turns.shape[0], len(rows))) @ shares
        parts.append(sparse.csr_matrix(sight.turns.T @ sparse.csr_matrix(by_turn)))
    return sparse.csr_matrix(sparse.vstack(parts, format="csr"))


def columns_of(sight: Sight, rows: Ints) -> sparse.csr_matrix:
    """The rows as numbers whose `products` are products of rows, axes (row, column)."""
    parts = [sight.own[rows]]
    parts += [sight.turns[sight.nearby[rows, place]] * np.float32(each) for place, each in enumerate(sight.weights)]
    return sparse.csr_matrix(sparse.hstack(parts, format="csr"))


def column_weights(sight: Sight) -> Floats:
    """What a weight of one of `columns_of` is multiplied by to be a weight of what is seen, by column."""
    turn = sight.turns.shape[1]
    return np.concatenate([np.ones(sight.own.shape[1]), *(np.full(turn, each) for each in sight.weights)])


def apply(weights: sparse.csr_matrix, sight: Sight, rows: Ints) -> Floats:
    """Sums of weights by row, axes (row, label). `weights`: axes (column, label)."""
    own, turn = sight.own.shape[1], sight.turns.shape[1]
    total = sight.own[rows] @ weights[:own]
    for place in range(len(BEFORE)):
        start = own + place * turn
        total += sight.turns[sight.nearby[rows, place]] @ weights[start : start + turn]
    return np.asarray(total.todense(), dtype=np.float64)


def _turn_columns(codebook: Codebook) -> int:
    return GRAM_COLUMNS + CLASS_COLUMNS + len(engine_of(codebook).names) + len(codebook.codes)


def _seen(X: Segments, codebook: Codebook, unit: Unit) -> sparse.csr_matrix:
    parts = [stacked([TokenGrams(unit=unit), ClassGrams(codebook, unit=unit), CueFeatures(codebook, unit=unit)], X)]
    parts.append(CueEvidence(codebook, unit=unit).matrix(X) * np.float32(EVIDENCE))
    if unit == "segment":
        parts.append(ContextFeatures().matrix(X) * np.float32(CONTEXT))
    return sparse.csr_matrix(sparse.hstack(parts, format="csr", dtype=np.float32))


def _context_of_turns(X: Segments) -> sparse.csr_matrix:
    """The context of each turn's first segment, axes (turn, column)."""
    turns, first = np.unique(X.table.segment_turn, return_index=True)
    shape = (len(X.table.turn_session), len(X.table.segment_turn))
    chosen = sparse.csr_matrix((np.full(len(turns), CONTEXT, dtype=np.float32), (turns, first)), shape=shape)
    return sparse.csr_matrix(chosen @ ContextFeatures().matrix(X))


def _nearby(table: TokenTable) -> Ints:
    turns = len(table.turn_session)
    nearby = np.stack([turns_nearby(table, before) for before in BEFORE], axis=1)
    return np.where(nearby < 0, turns, nearby)


def _with_nothing(turns: sparse.csr_matrix) -> sparse.csr_matrix:
    """Turns, and a row of nothing after the last."""
    indptr = np.append(turns.indptr, turns.indptr[-1])
    return sparse.csr_matrix((turns.data, turns.indices, indptr), shape=(turns.shape[0] + 1, turns.shape[1]))
