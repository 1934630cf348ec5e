"""The fit of the linear kind."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from relcode.learning.linear import ONE_CLASS, fit_weights

C = 0.3


def some_rows(seed: int = 0) -> tuple[sparse.csr_matrix, np.ndarray]:
    random = np.random.default_rng(seed)
    features = random.normal(size=(80, 6))
    features[:, 4] = 0  # a column that does not occur
    labels = features @ np.array([[2.0, 0], [0, -1], [0, 0], [-1, 1], [5, 5], [0, 1]]) + random.normal(size=(80, 2)) > 0
    return sparse.csr_matrix(features), labels


def everywhere(array: np.ndarray) -> np.ndarray:
    return np.ones(array.shape, dtype=np.bool_)


def test_the_fit_is_a_balanced_logistic_regression_a_code() -> None:
    features, labels = some_rows()
    fitted = fit_weights(features, labels, everywhere(labels), C=C, seed=0)
    for code in range(2):
        expected = LogisticRegression(C=C, class_weight="balanced", solver="liblinear", random_state=0)
        expected.fit(features.toarray(), labels[:, code])
        assert fitted.scores(features)[:, code] == pytest.approx(
            expected.decision_function(features.toarray()), abs=1e-3
        )
    assert fitted.weights[[4]].nnz == 0


def test_rows_that_may_not_carry_a_code_do_not_move_its_fit() -> None:
    features, labels = some_rows()
    allowed = everywhere(labels)
    allowed[:20, 0] = False
    other = labels.copy()
    other[:20, 0] = ~other[:20, 0]
    first, second = (fit_weights(features, marks, allowed, C=C, seed=0) for marks in (labels, other))
    assert (first.weights != second.weights).nnz == 0
    free = fit_weights(features, other, everywhere(labels), C=C, seed=0)
    assert (first.weights != free.weights).nnz > 0


@pytest.mark.parametrize(("value", "score"), [(True, ONE_CLASS), (False, -ONE_CLASS)])
def test_rows_of_one_class_give_a_constant_on_its_side(value: bool, score: float) -> None:
    features, labels = some_rows()
    labels[:, 0] = value
    fitted = fit_weights(features, labels, everywhere(labels), C=C, seed=0)
    assert fitted.scores(features)[:, 0] == pytest.approx(np.full(80, score))


def test_no_row_may_carry_the_code() -> None:
    features, labels = some_rows()
    fitted = fit_weights(features, labels, ~everywhere(labels), C=C, seed=0)
    assert fitted.scores(features) == pytest.approx(np.full((80, 2), -ONE_CLASS))
