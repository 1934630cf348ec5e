"""Intervals by resampling sessions."""

from __future__ import annotations

import numpy as np
import pytest

from relcode.reliability import coefficients, session_draws
from relcode.reliability.bootstrap import with_interval
from relcode.reliability.coefficients import Floats

PRESENCE = np.array([0.0, 1.0])


def some_ratings(n_sessions: int = 8, n_units: int = 40, seed: int = 3) -> tuple[Floats, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.random((n_sessions, n_units)) < random.uniform(0.1, 0.5, (n_sessions, 1))
    coders = np.stack([truth ^ (random.random(truth.shape) < 0.08) for _ in range(2)])
    return coders.reshape(2, -1).astype(np.float64), np.repeat(np.arange(n_sessions), n_units)


def test_each_draw_has_as_many_sessions_as_there_are() -> None:
    draws = session_draws(7, 50, seed=1)
    assert draws.shape == (50, 7)
    assert set(draws.sum(axis=1)) == {7}


def test_a_draw_is_worth_what_the_table_with_repeated_sessions_is_worth() -> None:
    ratings, rows = some_ratings()
    weights = session_draws(8, 20, seed=5)
    _, by_draw = coefficients(ratings, session_row=rows, weights=weights, categories=PRESENCE)
    for number, draw in enumerate(weights):
        repeated = np.concatenate([np.flatnonzero(rows == session) for session in np.repeat(np.arange(8), draw)])
        expected, _ = coefficients(ratings[:, repeated], categories=PRESENCE)
        for name, coefficient in expected.items():
            assert by_draw[name][number] == pytest.approx(coefficient.value)


def test_the_interval_holds_the_value_and_depends_on_the_seed_alone() -> None:
    ratings, rows = some_ratings()

    def run(seed: int) -> dict[str, object]:
        weights = session_draws(8, 500, seed)
        return coefficients(ratings, session_row=rows, weights=weights, categories=PRESENCE)[0]

    first = run(1)
    assert first == run(1)
    assert first != run(2)
    for coefficient in first.values():
        assert coefficient.low < coefficient.value < coefficient.high  # type: ignore[attr-defined]
        assert coefficient.reason is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(("n_sessions", "stated"), [(10, 0.955), (20, 0.945)])
def test_intervals_cover_as_often_as_the_documentation_says(n_sessions: int, stated: float) -> None:
    """Many small studies of one population: how often does the 95 % interval of alpha hold the population's value?"""
    population = coefficients(some_ratings(4000, 40, seed=0)[0], categories=PRESENCE)[0]["alpha"].value
    assert population is not None
    hits = 0
    for seed in range(400):
        ratings, rows = some_ratings(n_sessions, 40, seed=seed + 1)
        weights = session_draws(n_sessions, 1000, seed)
        alpha = coefficients(ratings, session_row=rows, weights=weights, categories=PRESENCE)[0]["alpha"]
        assert alpha.low is not None
        assert alpha.high is not None
        hits += alpha.low <= population <= alpha.high
    assert hits / 400 == pytest.approx(stated, abs=0.01)


def test_an_interval_of_few_sessions_reaches_further_out_than_that_of_many() -> None:
    draws = np.linspace(0, 1, 1001)
    ends = {n: with_interval(0.5, draws, n) for n in (2, 10, 1000)}
    assert (ends[10].low, ends[10].high) == pytest.approx((0.0086, 0.9914), abs=1e-4)
    assert (ends[1000].low, ends[1000].high) == pytest.approx((0.025, 0.975), abs=2e-4)
    assert (ends[2].low, ends[2].high) == pytest.approx((0, 1), abs=1e-6)


def test_one_session_has_no_interval() -> None:
    ratings, _ = some_ratings(1)
    found, _ = coefficients(
        ratings, session_row=np.zeros(40, dtype=np.int64), weights=session_draws(1, 100, 0), categories=PRESENCE
    )
    assert found["alpha"].value is not None
    assert (found["alpha"].low, found["alpha"].reason) == (None, "no interval: one session")


def test_a_code_of_one_session_has_no_interval_of_alpha() -> None:
    ratings = np.zeros((2, 100))
    ratings[:, :3] = 1
    ratings[0, 3] = 1
    rows = np.repeat(np.arange(10), 10)
    found, _ = coefficients(ratings, session_row=rows, weights=session_draws(10, 1000, 0), categories=PRESENCE)
    assert found["alpha"].value is not None
    assert found["alpha"].low is None
    assert "undefined in" in (found["alpha"].reason or "")
    assert found["percent_agreement"].low is not None
