"""The segments, or turns, of one side of the talk (therapists', or others') as rows that weights are fitted on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from relcode.learning.logistic import fit_columns, fit_products
from relcode.learning.sights import Dense, Sight, column_weights, columns_of, products, weights_from
from relcode.transcripts.tokens import Floats, Ints

MOST_ROWS = 12_000  # of more, the products of all rows with each other take more memory than a laptop has


class SideFit(NamedTuple):
    """`weights` (column, code), `embedding_weights` (column of embeddings, code), `intercepts` (code)."""

    weights: sparse.csr_matrix
    embedding_weights: Floats
    intercepts: Floats


class Side:
    """Rows of a sight, with the embeddings of the same segments where there are any (row, column).

    Few rows are fitted through their products with each other, many on their columns: the same regression.
    """

    def __init__(self, sight: Sight, rows: Ints, embedded: Dense | None, *, C: float) -> None:
        self.sight, self.rows, self.C = sight, rows, C
        self.embedded = np.zeros((len(rows), 0), dtype=np.float32) if embedded is None else embedded
        self._between = None
        if len(rows) <= MOST_ROWS:
            self._between = products(sight, rows) + np.float32(1)
            self._between += self.embedded @ self.embedded.T
        else:
            self._columns = sparse.csr_matrix(
                sparse.hstack([columns_of(sight, rows), sparse.csr_matrix(self.embedded)], format="csr")
            )

    def held_out(self, targets: Floats, known: Ints, held: Ints, begun: Floats | None) -> Floats:
        """Scores of some rows by a fit on others, axes (row, code); see `fit`."""
        start = None if begun is None else begun[known]
        base = 0.0 if begun is None else begun[held]
        if self._between is not None:
            fitted = fit_products(self._between[np.ix_(known, known)], targets[known], C=self.C, begun=start)
            found: Floats = self._between[np.ix_(held, known)] @ fitted.shares + fitted.intercepts + base
            return found
        weights, intercepts = fit_columns(self._columns[known], targets[known], C=self.C, begun=start)
        return np.asarray(self._columns[held] @ weights) + intercepts + base

    def fit(self, targets: Floats, begun: Floats | None) -> SideFit:
        """Weights from targets (row, code); `begun`: scores (row, code) to which they are added."""
        if self._between is not None:
            fitted = fit_products(self._between, targets, C=self.C, begun=begun)
            weights = weights_from(self.sight, self.rows, fitted.shares)
            intercepts = fitted.intercepts + fitted.shares.sum(axis=0)
            return SideFit(weights, self.embedded.T @ fitted.shares, intercepts)
        of_columns, intercepts = fit_columns(self._columns, targets, C=self.C, begun=begun)
        scale = column_weights(self.sight)
        own = sparse.diags(scale) @ sparse.csr_matrix(of_columns[: len(scale)])
        return SideFit(sparse.csr_matrix(own), of_columns[len(scale) :], intercepts)
