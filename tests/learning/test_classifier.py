"""Folds by dyad, what can be learned, the fit, calibration and thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from relcode.learning.classifier import (
    LEAST_SLOPE,
    ONE_CLASS,
    C,
    calibrate,
    dyad_folds,
    fit_linear,
    learnable,
    out_of_fold,
)

KNOWN = np.array([True])
dyad_arrays = st.lists(st.integers(0, 6), min_size=1, max_size=60).map(lambda numbers: np.array(numbers, dtype=np.intp))


def column(*values: object) -> np.ndarray:
    """One code: axes (segment, 1)."""
    return np.array(values)[:, None]


def everywhere(array: np.ndarray) -> np.ndarray:
    return np.ones(array.shape, dtype=np.bool_)


@given(dyad_arrays, st.integers(2, 8), st.integers(0, 50))
def test_no_dyad_is_on_both_sides_and_every_row_is_tested_once(dyads: np.ndarray, folds: int, seed: int) -> None:
    splits = list(dyad_folds(dyads, folds, seed=seed))
    assert len(splits) == min(folds, len(set(dyads.tolist())))
    for train, test in splits:
        assert len(test) > 0
        assert set(dyads[train].tolist()).isdisjoint(dyads[test].tolist())
        assert sorted([*train, *test]) == list(range(len(dyads)))
    assert sorted(row for _, test in splits for row in test) == list(range(len(dyads)))


def test_folds_depend_on_the_seed_alone() -> None:
    dyads = np.repeat(np.arange(8), 5)

    def tested(seed: int) -> list[list[int]]:
        return [test.tolist() for _, test in dyad_folds(dyads, 4, seed=seed)]

    assert tested(3) == tested(3)
    assert any(tested(3) != tested(seed) for seed in range(4, 9))


def test_large_dyads_are_spread_over_the_folds() -> None:
    dyads = np.repeat(np.arange(6), [50, 48, 10, 10, 2, 1])
    sizes = sorted(len(test) for _, test in dyad_folds(dyads, 2, seed=0))
    assert sizes[0] >= 58


@pytest.mark.parametrize(
    ("positives", "expected"),
    [
        ([3, 2, 0], True),
        ([2, 2, 0], False),  # four positives
        ([9, 0, 0], False),  # one dyad
        ([10, 10, 10], False),  # nothing else to tell them from
        ([10, 10, 9], True),
        ([0, 0, 0], False),
    ],
)
def test_a_code_is_learned_from_five_positives_in_two_dyads(positives: list[int], expected: bool) -> None:
    dyads = np.repeat(np.arange(3), 10)
    labels = column(*(np.arange(30) % 10 < np.repeat(positives, 10)))
    assert learnable(labels, everywhere(labels), dyads).tolist() == [expected]


def test_negatives_of_speakers_who_may_not_carry_the_code_do_not_count() -> None:
    labels = column(*[True] * 6, *[False] * 6)
    dyads = np.tile([0, 1], 6)
    assert learnable(labels, labels, dyads).tolist() == [False]


def some_rows(seed: int = 0) -> tuple[sparse.csr_matrix, np.ndarray]:
    random = np.random.default_rng(seed)
    features = random.normal(size=(80, 6))
    features[:, 4] = 0  # a column that does not occur
    labels = features @ np.array([[2.0, 0], [0, -1], [0, 0], [-1, 1], [5, 5], [0, 1]]) + random.normal(size=(80, 2)) > 0
    return sparse.csr_matrix(features), labels


def test_the_fit_is_a_balanced_logistic_regression_a_code() -> None:
    features, labels = some_rows()
    fitted = fit_linear(features, labels, everywhere(labels), np.array([True, True]), seed=0)
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
    known = np.array([True, True])
    first, second = (fit_linear(features, marks, allowed, known, seed=0) for marks in (labels, other))
    assert (first.weights != second.weights).nnz == 0
    free = fit_linear(features, other, everywhere(labels), known, seed=0)
    assert (first.weights != free.weights).nnz > 0


def test_a_code_that_is_not_learned_has_no_weights() -> None:
    features, labels = some_rows()
    fitted = fit_linear(features, labels, everywhere(labels), np.array([True, False]), seed=0)
    assert fitted.weights[:, [0]].nnz > 0
    assert fitted.weights[:, [1]].nnz == 0


@pytest.mark.parametrize(("value", "score"), [(True, ONE_CLASS), (False, -ONE_CLASS)])
def test_rows_of_one_class_give_a_constant_on_its_side(value: bool, score: float) -> None:
    features, labels = some_rows()
    labels[:, 0] = value
    fitted = fit_linear(features, labels, everywhere(labels), np.array([True, True]), seed=0)
    assert fitted.scores(features)[:, 0] == pytest.approx(np.full(80, score))


def test_no_row_may_carry_the_code() -> None:
    features, labels = some_rows()
    fitted = fit_linear(features, labels, ~everywhere(labels), np.array([True, True]), seed=0)
    assert fitted.scores(features) == pytest.approx(np.full((80, 2), -ONE_CLASS))


def test_labels_of_a_dyad_do_not_move_its_own_scores() -> None:
    features, labels = some_rows()
    dyads = np.repeat(np.arange(4), 20)
    folds = list(dyad_folds(dyads, 4, seed=0))
    steps: list[str] = []

    def scores(marks: np.ndarray) -> np.ndarray:
        known = np.array([True, True])
        return out_of_fold(features, marks, everywhere(marks), known, folds, seed=0, step=steps.append)

    other = labels.copy()
    other[dyads == 2] = ~other[dyads == 2]
    first, second = scores(labels), scores(other)
    assert np.array_equal(first[dyads == 2], second[dyads == 2])
    assert (first[dyads != 2] != second[dyads != 2]).all()
    assert steps[:4] == ["fold 1 of 4", "fold 2 of 4", "fold 3 of 4", "fold 4 of 4"]


def platt(scores: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Slope and offset by minimising Platt's cross-entropy (1999, equations 1 and 2)."""
    positives, negatives = target.sum(), (~target).sum()
    share = np.where(target, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(values: np.ndarray) -> float:
        line = values[0] * scores + values[1]
        return float(np.sum(np.logaddexp(0, line) - share * line))

    return np.asarray(minimize(loss, [1.0, 0.0], tol=1e-12).x)


@pytest.mark.parametrize(("slope", "offset"), [(0.6, -1.5), (2.0, 0.0), (0.1, -3.0)])
def test_calibration_is_platts(slope: float, offset: float) -> None:
    random = np.random.default_rng(1)
    scores = random.normal(0, 2, 500)
    target = random.random(500) < expit(slope * scores + offset)
    slopes, offsets = calibrate(column(*scores), column(*target), everywhere(column(*target)), KNOWN)
    assert [slopes[0], offsets[0]] == pytest.approx(platt(scores, target), abs=5e-3)


def test_calibration_reads_only_the_rows_that_may_carry_the_code() -> None:
    random = np.random.default_rng(1)
    scores = random.normal(0, 2, 300)
    target = random.random(300) < expit(scores)
    allowed = column(*(np.arange(300) < 200))
    slopes, _ = calibrate(column(*scores), column(*target), allowed, KNOWN)
    assert slopes[0] == pytest.approx(platt(scores[:200], target[:200])[0], abs=5e-3)
    assert slopes[0] != pytest.approx(platt(scores, target)[0], abs=5e-3)


def test_scores_that_point_the_wrong_way_give_the_base_rate() -> None:
    scores = np.linspace(-4, 0, 200)
    target = np.arange(200) < 30  # the positives have the lowest scores
    slopes, offsets = calibrate(column(*scores), column(*target), everywhere(column(*target)), KNOWN)
    assert slopes[0] == LEAST_SLOPE
    assert expit(slopes[0] * scores + offsets[0]).mean() == pytest.approx(30 / 200, abs=0.01)


@pytest.mark.parametrize(("positives", "calibrated"), [(0, False), (1, False), (2, True), (18, True), (19, False)])
def test_calibration_needs_two_of_each(positives: int, calibrated: bool) -> None:
    target = np.arange(20) < positives
    scores = np.where(target, 1.0, -1.0)
    slopes, offsets = calibrate(column(*scores), column(*target), everywhere(column(*target)), KNOWN)
    assert ((slopes[0], offsets[0]) != (1.0, 0.0)) is calibrated
