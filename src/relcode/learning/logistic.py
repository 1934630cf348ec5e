"""L2 logistic regression for many labels at once, through the products of rows with each other.

With fewer rows than columns, the weights are a sum of rows: w = X'a. All labels share the matrix XX' and one Cholesky
factor of it, so that thirty codes cost little more than one. Each step is Newton's with the curvature at its bound
(Böhning & Lindsay 1988: p(1 - p) <= 1/4), which cannot overshoot, accelerated (Nesterov; restarted as in O'Donoghue & Candès
2015).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from relcode.transcripts.tokens import Floats

Products = npt.NDArray[np.floating[Any]]


class DualFit(NamedTuple):
    """`shares` (row, label): what each row adds to a label's weights; `intercepts` (label)."""

    shares: Floats
    intercepts: Floats


def fit_products(
    products: Products,
    targets: Floats,
    *,
    C: float,
    begun: Floats | None = None,
    steps: int = 60,
    close: float = 1e-3,
) -> DualFit:
    """Fit one logistic regression a label from the products of all rows with each other.

    Parameters
    ----------
    products
        Axes (row, row). The caller adds 1 to all of them for an intercept that is part of the weights.
    targets
        Axes (row, label): 0 or 1, or probabilities between them.
    C
        As scikit-learn's: the weight of the rows against that of the penalty, sum of squares / 2.
    begun
        Log-odds to which the fit is added, axes (row, label); the log-odds of the base rates by default.
    close
        Stops where no row's share is further than this from what its error asks for, as a part of C.

    Returns
    -------
    DualFit; `intercepts` are the log-odds of the base rates, or 0 where the fit is added to `begun`.
    """
    rows = len(products)
    kind = products.dtype
    targets = targets.astype(kind)
    odds = (_base_odds(targets) if begun is None else begun).astype(kind)
    bound = products / 4
    bound[np.arange(rows), np.arange(rows)] += 1 / C
    factor = cho_factor(bound, lower=True, overwrite_a=True, check_finite=False)
    shares = ahead = np.zeros_like(targets)
    momentum = np.ones(targets.shape[1], dtype=kind)
    for _ in range(steps):
        wanted = targets - expit(products @ ahead + odds) - ahead / C
        if np.abs(wanted).max(initial=0.0) < close:
            shares = ahead
            break
        new = ahead + cho_solve(factor, wanted, check_finite=False)
        turned = np.einsum("rl,rl->l", ahead - new, new - shares) > 0
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        rate = np.where(turned, 0, (momentum - 1) / following)
        momentum = np.where(turned, 1, following).astype(kind)
        ahead = (new + rate * (new - shares)).astype(kind)
        shares = new
    intercepts = odds if begun is None else np.zeros(targets.shape[1])
    return DualFit(shares.astype(np.float64), intercepts.astype(np.float64))


def fit_columns(
    columns: sparse.csr_matrix, targets: Floats, *, C: float, begun: Floats | None = None
) -> tuple[Floats, Floats]:
    """As `fit_products`, on the columns of the rows (row, column), for more rows than have room for their products.

    Returns
    -------
    Weights (column, label) and intercepts (label).
    """
    used = np.flatnonzero(np.bincount(columns.indices, minlength=columns.shape[1]))
    narrow = sparse.csr_matrix(columns[:, used], dtype=np.float64)
    turned = narrow.T.tocsr()
    odds = _base_odds(targets) if begun is None else np.zeros(targets.shape[1])
    start = np.broadcast_to(odds, targets.shape) if begun is None else begun
    weights, intercepts = np.zeros((columns.shape[1], targets.shape[1])), odds.copy()
    for label in range(targets.shape[1]):
        found = _fit_label(narrow, turned, targets[:, label], start[:, label], C)
        weights[used, label] = found[:-1]
        intercepts[label] += found[-1]
    return weights, intercepts


def _fit_label(narrow: sparse.csr_matrix, turned: sparse.csr_matrix, target: Floats, start: Floats, C: float) -> Floats:
    """Weights of one label, that of the intercept last."""

    def loss(values: Floats) -> tuple[float, Floats]:
        scores = narrow @ values[:-1] + values[-1] + start
        error = C * (expit(scores) - target)
        found = C * (np.logaddexp(0, scores) - target * scores).sum() + values @ values / 2
        return float(found), np.append(turned @ error, error.sum()) + values

    nothing = np.zeros(narrow.shape[1] + 1)
    found: Floats = minimize(loss, nothing, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return found


def _base_odds(targets: Floats) -> Floats:
    least = 0.5 / (len(targets) + 1)
    odds: Floats = logit(np.clip(targets.mean(axis=0), least, 1 - least))
    return odds


class OneVsRestLogistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """`fit_products` as a scikit-learn classifier of numbers: two or more classes (one against the rest), or many labels.

    Parameters
    ----------
    C
        Inverse strength of the penalty.
    """

    def __init__(self, *, C: float = 1.0) -> None:
        self.C = C

    def fit(self, X: Any, y: Any) -> OneVsRestLogistic:
        """Fit on rows and their class, or an indicator matrix of labels (0 or 1)."""
        X, y = validate_data(self, X, y, accept_sparse="csr", multi_output=True, dtype=np.float64)
        check_classification_targets(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self.multilabel_ = type_of_target(y) == "multilabel-indicator"
        if self.multilabel_:
            targets = np.asarray(y, dtype=np.float64)
            self.classes_ = np.arange(targets.shape[1])
        else:
            binarizer = LabelBinarizer().fit(y)
            self.classes_ = binarizer.classes_
            if len(self.classes_) < 2:
                raise ValueError("Only one class is there; a classifier needs two. (class: one class)")
            targets = binarizer.transform(y).astype(np.float64)
        products: Any = X @ X.T
        dense = products.toarray() if sparse.issparse(X) else products
        fitted = fit_products(dense + 1, targets, C=self.C, steps=500, close=1e-6)
        self.coef_ = np.asarray(X.T @ fitted.shares).T
        self.intercept_ = fitted.intercepts + fitted.shares.sum(axis=0)
        return self

    def decision_function(self, X: Any) -> Floats:
        """Log-odds, axes (row, label); of two classes, of the second one alone (row)."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", reset=False, dtype=np.float64)
        scores: Floats = np.asarray(X @ self.coef_.T) + self.intercept_
        return scores if self.multilabel_ or scores.shape[1] > 1 else scores.ravel()

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities, axes (row, label) or (row, class); of classes, the rows sum to 1."""
        odds = expit(self.decision_function(X))
        if self.multilabel_:
            return odds
        if odds.ndim == 1:
            return np.stack([1 - odds, odds], axis=1)
        whole: Floats = odds / odds.sum(axis=1, keepdims=True)
        return whole

    def predict(self, X: Any) -> Any:
        """The likeliest class of each row, or the labels that are likelier than not (0 or 1)."""
        probability = self.predict_proba(X)
        if self.multilabel_:
            return (probability > 0.5).astype(np.int64)
        return self.classes_[probability.argmax(axis=1)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags
