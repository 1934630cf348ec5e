"""The first step of the linear kind: logistic regressions of segments, or of turns; one side's apart from the other's."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from relcode.learning.logistic import fit_products
from relcode.learning.segments import Rows
from relcode.learning.sights import Packed, Sight, apply, pack, products, weights_from
from relcode.transcripts.tokens import Bools, Floats, Ints

_SMALLEST = 1e-2  # rows of features have unit length: what is below this changes no probability that is printed


class Labelled(NamedTuple):
    """Rows of a table to learn from: `therapist` by row; `targets` and `allowed`, axes (row, code)."""

    rows: Ints
    therapist: Bools
    targets: Floats
    allowed: Bools


class FirstStep:
    """Weights of segments or of turns.

    Attributes
    ----------
    weights, intercepts
        Axes (column, side x code) and (side x code), first those of therapists: log-odds. Weights are as the model folder
        keeps them (32 bits, none too small to matter), so that saving changes nothing.
    """

    def __init__(self, weights: sparse.csr_matrix, intercepts: Floats, own_columns: int) -> None:
        self.weights, self.intercepts = weights, intercepts
        codes = len(intercepts) // 2
        sides = [sparse.csr_matrix(weights[:, start : start + codes]) for start in (0, codes)]
        self._packed: list[Packed] = [pack(side, own_columns) for side in sides]

    def scores(self, sight: Sight, rows: Ints, therapist: Bools) -> Floats:
        """Log-odds of rows, axes (row, code); `therapist`: by row."""
        codes = len(self.intercepts) // 2
        scores = np.zeros((len(rows), codes))
        for number, side in enumerate((True, False)):
            own = np.flatnonzero(therapist == side)
            odds = self.intercepts[number * codes : (number + 1) * codes]
            scores[own] = apply(self._packed[number], sight, rows[own]) + odds
        return scores


def fit_first_step(
    sight: Sight, known: Labelled, folds: list[tuple[Rows, Rows]], *, C: float
) -> tuple[FirstStep, Floats]:
    """Fit on all rows; beside it the scores of each row by a fit on the other folds, axes (row, code).

    `folds`: positions among the rows; without folds the scores are 0.
    """
    unseen = np.zeros(known.targets.shape)
    sides = [
        _fit_side(sight, known, np.flatnonzero(known.therapist == side), folds, C, unseen) for side in (True, False)
    ]
    weights = sparse.csr_matrix(sparse.hstack([each for each, _ in sides], format="csr"))
    intercepts = np.concatenate([odds for _, odds in sides])
    return FirstStep(_as_stored(weights), intercepts, sight.own.shape[1]), unseen


def _fit_side(
    sight: Sight, known: Labelled, side: Rows, folds: list[tuple[Rows, Rows]], C: float, unseen: Floats
) -> tuple[sparse.csr_matrix, Floats]:
    """Weights and intercepts of one side; scores of held-out rows go into `unseen`."""
    rows = side[known.allowed[side].any(axis=1)]
    codes = np.flatnonzero(known.allowed[rows].any(axis=0))
    count = known.targets.shape[1]
    intercepts = np.zeros(count)
    if not len(rows):
        return sparse.csr_matrix((sight.columns, count)), intercepts
    between = products(sight, known.rows[rows]) + np.float32(1)
    wanted = known.targets[np.ix_(rows, codes)]
    for train, test in folds:
        seen, held = (np.flatnonzero(np.isin(rows, part)) for part in (train, test))
        if len(seen) and len(held):
            fitted = fit_products(between[np.ix_(seen, seen)], wanted[seen], C=C)
            unseen[np.ix_(rows[held], codes)] = between[np.ix_(held, seen)] @ fitted.shares + fitted.intercepts
    fitted = fit_products(between, wanted, C=C)
    intercepts[codes] = fitted.intercepts + fitted.shares.sum(axis=0)
    spread = sparse.csr_matrix((np.ones(len(codes)), (np.arange(len(codes)), codes)), (len(codes), count))
    return sparse.csr_matrix(weights_from(sight, known.rows[rows], fitted.shares) @ spread), intercepts


def _as_stored(weights: sparse.csr_matrix) -> sparse.csr_matrix:
    stored = weights.astype(np.float32).astype(np.float64)
    stored.data[np.abs(stored.data) < _SMALLEST] = 0
    stored.eliminate_zeros()
    return stored
