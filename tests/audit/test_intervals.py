"""Intervals against published figures and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from relcode.audit.intervals import (
    counted_over_sessions,
    jeffreys,
    share_over_sessions,
    wilson,
)


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_limits_of_newcombe_1998_table_1(count: int, n: int, low: float, high: float) -> None:
    estimate = wilson(count, n)
    assert estimate.value == pytest.approx(count / n)
    assert estimate.low == pytest.approx(low, abs=5e-5)
    assert estimate.high == pytest.approx(high, abs=5e-5)


def test_wilson_of_nothing_is_no_figure_with_a_reason() -> None:
    estimate = wilson(0, 0)
    assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
    assert estimate.reason


def test_jeffreys_holds_95_percent_of_the_posterior_found_by_integration() -> None:
    def density(x: float) -> float:
        return float(x**6.5 * (1 - x) ** 1.5)  # Beta(7.5, 2.5) but for its constant: 7 and 2 counted

    estimate = jeffreys(7, 2)
    assert estimate.low is not None
    assert estimate.high is not None
    whole = integrate.quad(density, 0, 1)[0]
    assert integrate.quad(density, 0, estimate.low)[0] / whole == pytest.approx(0.025, abs=1e-6)
    assert integrate.quad(density, estimate.high, 1)[0] / whole == pytest.approx(0.025, abs=1e-6)
    assert estimate.value == pytest.approx(7.5 / 10)


def test_jeffreys_with_a_zero_on_one_side_lies_near_but_not_at_the_end() -> None:
    estimate = jeffreys(0, 4)
    assert estimate.value == pytest.approx(0.1)
    assert estimate.low is not None
    assert 0 < estimate.low < 0.1


def test_jeffreys_with_zeros_on_both_sides_is_no_figure() -> None:
    assert jeffreys(0, 0).value is None


@given(st.integers(0, 300), st.integers(0, 300))
def test_jeffreys_of_the_sides_exchanged_is_its_mirror(first: int, second: int) -> None:
    here, there = jeffreys(first, second), jeffreys(second, first)
    if first + second == 0:
        assert here.value is there.value is None
        return
    assert here.value == pytest.approx(1 - (there.value or 0))
    assert here.low == pytest.approx(1 - (there.high or 0), abs=1e-9)


def test_one_session_has_wilsons_interval() -> None:
    assert share_over_sessions(np.array([3]), np.array([60]), seed=0) == wilson(3, 60)


def test_unlike_sessions_have_a_wider_interval_than_like_ones() -> None:
    totals = np.full(12, 100)
    like = share_over_sessions(np.full(12, 10), totals, seed=0)
    unlike = share_over_sessions(np.array([20, 0] * 6), totals, seed=0)
    assert like.value == unlike.value == pytest.approx(0.1)
    assert like.low == wilson(120, 1200).low  # the bootstrap alone would say 0.1 to 0.1
    assert (unlike.high or 0) - (unlike.low or 0) > 2 * ((like.high or 0) - (like.low or 0))


def test_a_bootstrap_of_two_sessions_by_hand() -> None:
    # Draws: twice the first (1/4), one each (1/2), twice the second (1/4): shares 0, .25, .5.
    estimate = share_over_sessions(np.array([0, 500]), np.array([1000, 1000]), seed=0)
    assert (estimate.value, estimate.low, estimate.high) == (0.25, 0.0, 0.5)


def test_sessions_without_a_denominator_do_not_count() -> None:
    assert share_over_sessions(np.array([3, 0]), np.array([60, 0]), seed=0) == wilson(3, 60)


def test_the_same_seed_gives_the_same_interval_and_another_a_like_one() -> None:
    counts, totals = np.array([1, 9, 4, 30, 2]), np.array([90, 110, 100, 105, 95])
    first = share_over_sessions(counts, totals, seed=1)
    assert first == share_over_sessions(counts, totals, seed=1)
    other = share_over_sessions(counts, totals, seed=2)
    assert other.high == pytest.approx(first.high, abs=0.03)


def test_what_is_counted_in_full_has_no_interval_within_one_session() -> None:
    estimate = counted_over_sessions(np.array([30]), np.array([120]), seed=0)
    assert (estimate.value, estimate.low, estimate.high, estimate.n) == (0.25, None, None, 120)
    assert counted_over_sessions(np.array([30, 10]), np.array([120, 80]), seed=0).low is not None
    assert counted_over_sessions(np.array([0]), np.array([0]), seed=0).value is None
