"""The learning curve: nested parts of the same folds, and what ten more sessions would add, or that it cannot be said."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator

from relcode.codebook import Codebook
from relcode.learning.folds import dyad_folds
from relcode.learning.held_out import Ground, score_folds
from relcode.learning.learner import Learner
from relcode.learning.learning_curve import (
    LearningCurve,
    curve_of_counts,
    dyad_order,
    gain_of,
    learning_curve,
)
from relcode.learning.segments import Segments, allowed_codes, segments_of, silent
from relcode.transcripts.tokens import Bools, Floats, segment_codes


def at_half(probability: Floats, rows: Bools) -> Floats:
    return np.full(probability.shape[1], 0.5)


@given(st.integers(1, 30), st.integers(1, 6), st.integers(0, 100))
def test_the_parts_take_from_all_folds_as_evenly_as_can_be(dyads: int, folds: int, seed: int) -> None:
    names = np.arange(dyads)
    fold = np.zeros(dyads, dtype=np.intp)
    for number, (_, test) in enumerate(dyad_folds(names, folds, seed=seed)):
        fold[test] = number
    order = dyad_order(names, fold, seed=seed)
    assert sorted(order.tolist()) == names.tolist()
    for size in range(1, dyads + 1):
        taken = np.bincount(fold[order[:size]], minlength=fold.max() + 1)
        there = np.bincount(fold)
        assert (taken >= np.minimum(taken.max() - 1, there)).all()


def test_another_seed_gives_another_order() -> None:
    names, fold = np.arange(12), np.arange(12) % 3
    orders = {tuple(dyad_order(names, fold, seed=seed)) for seed in (1, 2, 3)}
    assert len(orders) > 1
    assert dyad_order(names, fold, seed=1).tolist() == dyad_order(names, fold, seed=1).tolist()


class Improving(BaseEstimator):  # type: ignore[misc]
    """Scores that are the better the more segments were learned from; keeps the rows of each fit."""

    kind = "improving"

    def __init__(self, fitted: list[set[int]], marks: Bools) -> None:
        self.fitted = fitted
        self.marks = marks

    def __sklearn_clone__(self) -> Improving:
        return Improving(self.fitted, self.marks)

    def fit(self, X: Segments, y: Bools) -> Improving:
        self.fitted.append(set(X.rows.tolist()))
        self.many_ = len(X)
        return self

    def decision_function(self, X: Segments) -> Floats:
        noise = np.random.default_rng(1).normal(size=self.marks.shape)
        scores: Floats = (self.marks[X.rows] - 0.5) * self.many_ / 60 + noise[X.rows]
        return scores


def made_curve(small: Codebook, study: Any, *, coded: Bools | None = None) -> tuple[LearningCurve, list[set[int]]]:
    """A curve, and the rows of each fit."""
    segments = segments_of(study.sessions)
    allowed = allowed_codes(segments, small)
    marks = segment_codes(segments.table, study.labels, small.code_ids) & allowed
    everything = np.ones(len(marks), dtype=np.bool_)
    fold = np.full(len(marks), -1)
    for number, (_, test) in enumerate(dyad_folds(segments.dyads, 4, seed=0)):
        fold[test] = number
    ground = Ground(
        small, segments.table, marks, allowed, everything if coded is None else coded, np.zeros(marks.shape), fold
    )
    fitted: list[set[int]] = []
    learner = Learner(Improving(fitted, marks), segments, ground)
    whole = score_folds(ground, learner, ground.coded, silent)
    return learning_curve(learner, whole, at_half, seed=0, step=silent), fitted


def test_each_part_holds_the_one_before_and_no_fold_learns_from_itself(small: Codebook, small_study: Any) -> None:
    curve, fitted = made_curve(small, small_study(16))
    assert [point.dyads for point in curve.points] == [2, 4, 8, 12, 16]
    assert [point.sessions for point in curve.points] == [2, 3, 6, 9, 12]
    whole = fitted[:4]
    for repeat in range(2):  # fits: four folds a part, the repeats of a size after one another
        by_size = [fitted[4 + 4 * (2 * size + repeat) :][:4] for size in range(4)]
        for smaller, larger in zip(by_size, [*by_size[1:], whole], strict=True):
            assert all(one <= other for one, other in zip(smaller, larger, strict=True))


def test_more_sessions_are_seen_to_help(small: Codebook, small_study: Any) -> None:
    curve, _ = made_curve(small, small_study(16))
    figures = [point.macro_f1 for point in curve.points]
    assert figures[0] < figures[-1]
    assert all(point.macro_f1_low is not None for point in curve.points)
    assert curve.gain.gain is not None
    assert curve.gain.gain > 0
    assert (curve.gain.sessions, curve.gain.more, curve.gain.reason) == (16, 10, None)


def test_few_dyads_make_too_few_points_to_say(small: Codebook, small_study: Any) -> None:
    curve, _ = made_curve(small, small_study(6))
    assert (curve.points, curve.gain.gain) == ([], None)
    assert curve.gain.reason == "a curve needs 5 points, and 6 dyads make 4"


def test_uncoded_segments_are_never_learned_from(small: Codebook, small_study: Any) -> None:
    study = small_study(16)
    coded = np.arange(len(segments_of(study.sessions))) % 4 > 0
    _, fitted = made_curve(small, study, coded=coded)
    assert all(coded[sorted(rows)].all() for rows in fitted)


SESSIONS = np.array([4.0, 8.0, 16.0, 24.0, 32.0])


def test_a_curve_of_the_assumed_form_is_continued_exactly() -> None:
    values = 0.6 - 0.8 * SESSIONS**-0.25
    found = gain_of(SESSIONS, values, np.tile(values, (1000, 1)), 40)
    assert found.gain == pytest.approx(0.8 * (40**-0.25 - 50**-0.25))


def test_the_interval_knows_that_the_form_is_not_known() -> None:
    """Without any chance in the points it reaches from a curve that flattens sooner to one that flattens later."""
    values = 0.6 - 0.8 * SESSIONS**-0.25
    found = gain_of(SESSIONS, values, np.tile(values, (1000, 1)), 40)
    weight = np.sqrt(SESSIONS)  # of polyfit: on what is squared
    low = np.polyfit(SESSIONS**-0.5, values, 1, w=weight)[0] * (50**-0.5 - 40**-0.5)
    high = np.polyfit(np.log(SESSIONS), values, 1, w=weight)[0] * np.log(50 / 40)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert found.gain is not None
    assert low < found.gain < high


def test_a_falling_curve_promises_a_loss_and_no_zero() -> None:
    values = 0.4 + 0.3 * SESSIONS**-0.25
    found = gain_of(SESSIONS, values, np.tile(values, (1000, 1)), 40)
    assert found.high is not None
    assert found.high < 0


def test_the_interval_of_the_gain_is_wide_where_the_points_swing() -> None:
    random = np.random.default_rng(0)
    values = 0.6 - 0.8 * SESSIONS**-0.25
    widths = []
    for spread in (0.0, 0.05):
        draws = values + random.normal(scale=spread, size=(1000, 5))
        found = gain_of(SESSIONS, values, draws, 40)
        assert found.low is not None
        assert found.high is not None
        widths.append(found.high - found.low)
    assert widths[1] > 3 * widths[0]


def counts_of(hits: int, alarms: int, misses: int, sessions: int = 4) -> npt.NDArray[np.int64]:
    each = np.array([hits, alarms, misses])[:, None, None]
    return np.tile(each, (1, sessions, 1))


def test_the_figure_of_a_point_is_the_mean_of_its_repeats() -> None:
    counts = [[counts_of(1, 4, 4), counts_of(3, 2, 2)], [counts_of(4, 1, 1)]]
    curve = curve_of_counts(counts, np.array([2.0, 4.0]), [2, 4], 5, seed=0)
    assert [point.macro_f1 for point in curve.points] == [pytest.approx((0.2 + 0.6) / 2), pytest.approx(0.8)]
    # sessions are all alike, so the one interval left is over repeats
    assert (curve.points[0].macro_f1_low, curve.points[0].macro_f1_high) == (pytest.approx(0.2), pytest.approx(0.6))
    assert curve.points[1].macro_f1_low == curve.points[1].macro_f1_high


def test_without_a_code_of_ten_turns_there_is_no_curve() -> None:
    curve = curve_of_counts([[counts_of(1, 0, 1)]], np.array([3.0]), [4], 4, seed=0)
    assert (curve.points, curve.gain.reason) == ([], "no code is borne by ten turns")
