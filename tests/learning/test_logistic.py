"""Many logistic regressions from the products of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from relcode.learning.logistic import OneVsRestLogistic, fit_columns, fit_products


@parametrize_with_checks([OneVsRestLogistic()])
def test_scikit_learn_accepts_it(estimator: Any, check: Any) -> None:
    check(estimator)


def some_rows() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    rows = random.normal(size=(90, 5))
    return rows, (rows @ random.normal(size=(5, 3)) + random.normal(size=(90, 3)) > 0.8).astype(int)


def penalised(rows: np.ndarray, target: np.ndarray, C: float, odds: float) -> np.ndarray:
    """Weights of scikit-learn's regression with a column of ones, from the same start of the intercept."""
    columns = np.hstack([rows, np.ones((len(rows), 1))])
    # an offset cannot be given to scikit-learn's; Newton's steps by hand
    weights = np.zeros(columns.shape[1])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-(columns @ weights + odds)))
        slope = columns.T @ (probability - target) + weights / C
        curvature = (columns * (probability * (1 - probability))[:, None]).T @ columns + np.eye(len(weights)) / C
        weights -= np.linalg.solve(curvature, slope)
    return weights


@pytest.mark.parametrize("C", [0.1, 1.0, 20.0])
def test_weights_are_those_of_newtons_steps_on_columns(C: float) -> None:
    rows, labels = some_rows()
    found = OneVsRestLogistic(C=C).fit(rows, labels)
    for label in range(3):
        mean = labels[:, label].mean()
        odds = float(np.log(mean / (1 - mean)))
        expected = penalised(rows, labels[:, label], C, odds)
        assert found.coef_[label] == pytest.approx(expected[:-1], abs=1e-3)
        assert found.intercept_[label] == pytest.approx(expected[-1] + odds, abs=1e-3)


def test_with_a_weak_penalty_it_is_the_common_regression() -> None:
    rows, labels = some_rows()
    found = OneVsRestLogistic(C=1e4).fit(rows, labels[:, 0])
    common = LogisticRegression(C=1e4, tol=1e-10, max_iter=1000).fit(rows, labels[:, 0])
    assert found.coef_[0] == pytest.approx(common.coef_[0], abs=1e-2)
    assert found.predict_proba(rows) == pytest.approx(common.predict_proba(rows), abs=1e-3)


def test_sparse_rows_give_the_same() -> None:
    rows, labels = some_rows()
    dense, thin = (OneVsRestLogistic().fit(each, labels) for each in (rows, sparse.csr_matrix(rows)))
    assert thin.decision_function(sparse.csr_matrix(rows)) == pytest.approx(dense.decision_function(rows), abs=1e-6)
    assert set(np.unique(dense.predict(rows))) == {0, 1}


def test_probabilities_as_targets_are_weighted_copies() -> None:
    rows, labels = some_rows()
    share = np.where(labels, 0.8, 0.3)
    products = rows @ rows.T + 1
    soft = fit_products(products, share, C=2.0, steps=500, close=1e-6)
    scores = products @ soft.shares + soft.intercepts
    twice, copies = np.vstack([rows, rows]), np.concatenate([np.ones(90), np.zeros(90)])
    weight = np.concatenate([share[:, 0], 1 - share[:, 0]])
    common = LogisticRegression(C=1e4, max_iter=1000).fit(twice, copies, sample_weight=weight)
    assert np.corrcoef(scores[:, 0], common.decision_function(rows))[0, 1] > 0.99
    assert expit(scores[:, 0]).mean() == pytest.approx(expit(common.decision_function(rows)).mean(), rel=0.05)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_targets_of_one_kind_give_scores_on_their_side(value: float) -> None:
    rows, _ = some_rows()
    products = rows @ rows.T + 1
    found = fit_products(products, np.full((90, 1), value), C=1.0)
    assert (np.sign(products @ found.shares + found.intercepts) == (1 if value else -1)).all()


@pytest.mark.parametrize("begins", [False, True])
def test_on_columns_it_is_the_same_regression(begins: bool) -> None:
    rows, labels = some_rows()
    targets = labels.astype(float)
    begun = np.random.default_rng(1).normal(size=targets.shape) if begins else None
    by_rows = fit_products(rows @ rows.T + 1, targets, C=0.7, begun=begun, steps=500, close=1e-7)
    weights, intercepts = fit_columns(sparse.csr_matrix(rows), targets, C=0.7, begun=begun)
    assert weights == pytest.approx(rows.T @ by_rows.shares, abs=1e-3)
    assert intercepts == pytest.approx(by_rows.intercepts + by_rows.shares.sum(axis=0), abs=1e-3)


def test_what_is_known_already_needs_no_weights() -> None:
    rows, labels = some_rows()
    sure = np.where(labels == 1, 30.0, -30.0)
    assert np.abs(fit_products(rows @ rows.T + 1, labels.astype(float), C=1.0, begun=sure).shares).max() < 1e-3
    assert np.abs(fit_products(rows @ rows.T + 1, labels.astype(float), C=1.0).shares).max() > 0.1
