"""A linear classifier that begins from the weights of another: it departs from them only as far as its labels ask for.

With few coded dyads of one's own, the model of another study knows more than they do; what they know beyond it is added. On
the example corpus (a model of two authors, continued on dyads of a third; docs/models.md) a strong pull was the best.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit

from relcode.transcripts.tokens import Bools, Floats

PULL = 0.003  # C of the logistic regression around the weights that are begun from
_STEPS = 100


def fit_around(
    features: sparse.csr_matrix,
    labels: npt.NDArray[Any],
    allowed: Bools,
    weights: sparse.csr_matrix,
    intercepts: Floats,
) -> tuple[sparse.csr_matrix, Floats]:
    """Weights and intercepts by code: logistic regressions whose penalty is on the distance from those given.

    Parameters
    ----------
    labels, allowed
        Axes (segment, code): labels or probabilities; where the speaker may carry the code.
    weights, intercepts
        Axes (column, code) and (code).
    """
    used = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]))
    narrow = sparse.csr_matrix(features[:, used], dtype=np.float64)
    begun = np.asarray((features @ weights).todense()) + intercepts
    moved, shifted = np.zeros((len(used), labels.shape[1])), intercepts.copy()
    for code in range(labels.shape[1]):
        rows = np.flatnonzero(allowed[:, code])
        share = np.asarray(labels[rows, code], dtype=np.float64)
        if 0 < share.sum() < len(share):
            moved[:, code], shift = _departure(narrow[rows], share, begun[rows, code])
            shifted[code] += shift
    spread = sparse.csr_matrix((np.ones(len(used)), (used, np.arange(len(used)))), (features.shape[1], len(used)))
    return sparse.csr_matrix(weights + spread @ sparse.csr_matrix(moved)), shifted


def _departure(features: sparse.csr_matrix, share: Floats, begun: Floats) -> tuple[Floats, float]:
    """What is added to weights and intercept; classes are weighted evenly."""
    weight = PULL * len(share) / 2
    positive, negative = share * weight / share.sum(), (1 - share) * weight / (1 - share).sum()
    transposed = features.T.tocsr()

    def loss(values: Floats) -> tuple[float, Floats]:
        scores = features @ values[:-1] + values[-1] + begun
        found = positive @ np.logaddexp(0, -scores) + negative @ np.logaddexp(0, scores) + values[:-1] @ values[:-1] / 2
        slope = negative * expit(scores) - positive * expit(-scores)
        return float(found), np.append(transposed @ slope + values[:-1], slope.sum())

    found = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return found.x[:-1], float(found.x[-1])
