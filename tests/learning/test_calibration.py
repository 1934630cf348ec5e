"""Platt's calibration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from relcode.learning.calibration import LEAST_SLOPE, calibrate

KNOWN = np.array([True])


def column(*values: object) -> np.ndarray:
    """One code: axes (segment, 1)."""
    return np.array(values)[:, None]


def everywhere(array: np.ndarray) -> np.ndarray:
    return np.ones(array.shape, dtype=np.bool_)


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
