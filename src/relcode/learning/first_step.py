"""The first step of the linear kind: logistic regressions of segments, or of turns; one side's apart from the other's."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from relcode.learning.segments import Rows
from relcode.learning.side import Side, SideFit
from relcode.learning.sights import Dense, Sight, apply
from relcode.transcripts.tokens import Bools, Floats, Ints

PULL = 0.01  # C of weights that begin from those of another model, as a part of C; .01 to 1 measure alike
KEPT_AS = np.float16  # a weight's last digits change no probability that is printed, and fill half of a model's file
_SMALLEST = 1e-2  # rows of features have unit length: what is below this changes no probability that is printed


class Labelled(NamedTuple):
    """Rows of a table to learn from: `therapist` by row; `targets` and `allowed`, axes (row, code); `embedded`, axes
    (row, column), where there are embeddings."""

    rows: Ints
    therapist: Bools
    targets: Floats
    allowed: Bools
    embedded: Dense | None = None


class FirstStep:
    """Weights of segments or of turns.

    Attributes
    ----------
    weights, intercepts, embedding_weights
        Axes (column, side x code), (side x code) and (column of embeddings, side x code), first those of therapists:
        log-odds. They are as the model folder keeps them (16 bits, none too small to matter), so that saving changes
        nothing.
    own_columns
        How many of the columns are of the rows themselves.
    """

    def __init__(
        self, weights: sparse.csr_matrix, intercepts: Floats, own_columns: int, embedding_weights: Dense | None = None
    ) -> None:
        self.weights, self.intercepts, self.own_columns = weights, intercepts, own_columns
        nothing = np.zeros((0, len(intercepts)), dtype=np.float32)
        self.embedding_weights = nothing if embedding_weights is None else embedding_weights

    def scores(self, sight: Sight, rows: Ints, therapist: Bools, embedded: Dense | None = None) -> Floats:
        """Log-odds of rows, axes (row, code); `therapist`, `embedded`: as in `Labelled`."""
        codes = len(self.intercepts) // 2
        of_sides = apply(self.weights, sight, rows) + self.intercepts
        scores = np.where(therapist[:, None], of_sides[:, :codes], of_sides[:, codes:])
        return scores if embedded is None else scores + self.of_vectors(embedded, therapist)

    def of_vectors(self, embedded: Dense, therapist: Bools) -> Floats:
        """What embeddings add to the scores of rows, axes (row, code)."""
        codes = len(self.intercepts) // 2
        scores = np.zeros((len(embedded), codes))
        for number, side in enumerate((True, False)):
            own = np.flatnonzero(therapist == side)
            scores[own] = embedded[own] @ self.embedding_weights[:, number * codes : (number + 1) * codes]
        return scores


def fit_first_step(
    sight: Sight, known: Labelled, folds: list[tuple[Rows, Rows]], *, C: float, start_from: FirstStep | None = None
) -> tuple[FirstStep, Floats]:
    """Fit on all rows; beside it the scores of each row by a fit on the other folds, axes (row, code).

    Parameters
    ----------
    folds
        Positions among the rows; without folds the scores are 0.
    start_from
        To whose weights what the labels say beyond them is added, with a stronger penalty.
    """
    begun = None if start_from is None else start_from.scores(sight, known.rows, known.therapist)
    unseen = np.zeros(known.targets.shape) if begun is None else begun.copy()
    sides = [
        _fit_side(sight, known, np.flatnonzero(known.therapist == side), folds, C, begun, unseen)
        for side in (True, False)
    ]
    weights = sparse.csr_matrix(sparse.hstack([each.weights for each in sides], format="csr"))
    intercepts = np.concatenate([each.intercepts for each in sides])
    if start_from is not None:
        weights, intercepts = weights + start_from.weights, intercepts + start_from.intercepts
    of_vectors = np.hstack([each.embedding_weights for each in sides]).astype(np.float32)
    return FirstStep(_as_stored(weights), intercepts, sight.own.shape[1], of_vectors), unseen


def _fit_side(
    sight: Sight,
    known: Labelled,
    side: Rows,
    folds: list[tuple[Rows, Rows]],
    C: float,
    begun: Floats | None,
    unseen: Floats,
) -> SideFit:
    """What one side adds to the beginning, axes (column, code); scores of held-out rows go into `unseen`."""
    rows = side[known.allowed[side].any(axis=1)]
    codes = np.flatnonzero(known.allowed[rows].any(axis=0))
    if begun is not None:  # what is not in the labels stays as the other model knows it
        codes = codes[known.targets[np.ix_(rows, codes)].any(axis=0)]
    vectors = 0 if known.embedded is None else known.embedded.shape[1]
    count = known.targets.shape[1]
    if not len(rows) or not len(codes):
        return SideFit(sparse.csr_matrix((sight.columns, count)), np.zeros((vectors, count)), np.zeros(count))
    embedded = None if known.embedded is None else known.embedded[rows]
    fit = Side(sight, known.rows[rows], embedded, C=C * (1.0 if begun is None else PULL))
    wanted = known.targets[np.ix_(rows, codes)]
    base = None if begun is None else begun[np.ix_(rows, codes)]
    for train, test in folds:
        seen, held = (np.flatnonzero(np.isin(rows, part)) for part in (train, test))
        if len(seen) and len(held):
            unseen[np.ix_(rows[held], codes)] = fit.held_out(wanted, seen, held, base)
    found = fit.fit(wanted, base)
    spread = sparse.csr_matrix((np.ones(len(codes)), (np.arange(len(codes)), codes)), (len(codes), count))
    of_vectors, intercepts = np.zeros((vectors, count)), np.zeros(count)
    of_vectors[:, codes], intercepts[codes] = found.embedding_weights, found.intercepts
    return SideFit(sparse.csr_matrix(found.weights @ spread), of_vectors, intercepts)


def _as_stored(weights: sparse.csr_matrix) -> sparse.csr_matrix:
    stored = weights.astype(np.float64)
    stored.data = stored.data.astype(KEPT_AS).astype(np.float64)
    stored.data[np.abs(stored.data) < _SMALLEST] = 0
    stored.eliminate_zeros()
    return stored
