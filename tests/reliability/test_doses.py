"""Doses: intraclass correlations and alpha of counts by session."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from relcode.reliability import coefficients, dose_coefficients
from relcode.reliability.coefficients import Floats

NAN = np.nan

# Shrout & Fleiss (1979), table 2: six targets, four judges.
SHROUT_FLEISS_1979 = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=np.float64
)


def values(counts: Floats, units: object = None) -> dict[str, float | None]:
    shown = np.full(len(counts), 100) if units is None else np.array(units)
    found, _ = dose_coefficients(counts, shown, draws=0, seed=0)
    return {name: coefficient.value for name, coefficient in found.items()}


def test_shrout_and_fleiss_1979() -> None:
    found = values(SHROUT_FLEISS_1979)
    assert found["icc"] == pytest.approx(0.29, abs=5e-3)
    assert found["icc_k"] == pytest.approx(0.62, abs=5e-3)


def test_a_rate_is_a_count_by_the_units_of_its_session() -> None:
    units = np.array([50, 100, 200, 80, 40, 120])
    found = values(SHROUT_FLEISS_1979, units)
    of_rates = values(100 * SHROUT_FLEISS_1979 / units[:, None])
    assert (found["icc_rate"], found["icc_rate_k"]) == pytest.approx((of_rates["icc"], of_rates["icc_k"]))
    assert found["icc_rate"] != pytest.approx(found["icc"], abs=0.05)


def test_intraclass_correlations_rest_on_whole_sessions_and_alpha_on_any_two_counts() -> None:
    with_gap = np.vstack([SHROUT_FLEISS_1979, [9, NAN, 1, NAN]])
    first, by_draw = dose_coefficients(SHROUT_FLEISS_1979, np.full(6, 100), draws=300, seed=1)
    second, _ = dose_coefficients(with_gap, np.full(7, 100), draws=300, seed=1)
    for name in ("icc", "icc_k", "icc_rate", "icc_rate_k"):
        assert second[name] == first[name]
        assert first[name].low < first[name].value < first[name].high  # type: ignore[operator]
        assert by_draw[name].shape == (300,)
    assert second["alpha_counts"].value != pytest.approx(first["alpha_counts"].value)
    alone = np.vstack([SHROUT_FLEISS_1979, [9, NAN, NAN, NAN]])
    assert values(alone) == values(SHROUT_FLEISS_1979)


def test_a_draw_is_worth_what_the_table_with_repeated_sessions_is_worth() -> None:
    from relcode.reliability import session_draws

    _, by_draw = dose_coefficients(SHROUT_FLEISS_1979, np.full(6, 100), draws=20, seed=4)
    for number, draw in enumerate(session_draws(6, 20, seed=4)):
        repeated = values(np.repeat(SHROUT_FLEISS_1979, draw, axis=0))
        for name, value in repeated.items():
            assert by_draw[name][number] == pytest.approx(np.nan if value is None else value, nan_ok=True)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (np.full((5, 2), 3.0), "all counts are the same"),
        (np.ones((1, 2)), "fewer than two sessions"),
        (np.array([[1.0], [2.0]]), "fewer than two sessions"),
        (np.array([[1, NAN], [NAN, 2], [3, 4]]), "fewer than two sessions"),
    ],
)
def test_without_variation_or_pairs_a_dose_has_no_coefficient(counts: Floats, reason: str) -> None:
    found, by_draw = dose_coefficients(counts, np.full(len(counts), 100), draws=5, seed=0)
    for name, coefficient in found.items():
        assert coefficient.value is None
        assert reason in (coefficient.reason or "")
        assert np.isnan(by_draw[name]).all()


def test_the_mean_of_coders_who_only_contradict_each_other_has_no_reliability() -> None:
    found, _ = dose_coefficients(np.array([[0.0, 6], [6, 0], [0, 6], [6, 0]]), np.full(4, 100), draws=0, seed=0)
    assert found["icc"].value == pytest.approx(-2)
    assert found["icc_k"].value is None
    assert found["icc_k"].reason == "coders differ within sessions more than sessions differ"


def counts_of_coders() -> st.SearchStrategy[Floats]:
    shapes = st.tuples(st.integers(2, 8), st.integers(2, 4))
    return shapes.flatmap(lambda shape: hnp.arrays(np.float64, shape, elements=st.integers(0, 9).map(float)))


@settings(max_examples=50)
@given(counts_of_coders())
def test_icc_is_one_exactly_when_coders_count_the_same(counts: Floats) -> None:
    same = np.repeat(counts[:, :1], counts.shape[1], axis=1)
    if np.ptp(same) > 0:
        assert values(same) == {name: pytest.approx(1) for name in values(same)}
    if np.ptp(counts, axis=1).max() > 0:
        assert all(value is None or value < 1 - 1e-9 for value in values(counts).values())


@pytest.mark.slow
@settings(max_examples=50)
@given(counts_of_coders(), st.randoms())
def test_coders_and_sessions_may_change_places(counts: Floats, random: object) -> None:
    sessions, coders = list(range(counts.shape[0])), list(range(counts.shape[1]))
    random.shuffle(sessions)  # type: ignore[attr-defined]
    random.shuffle(coders)  # type: ignore[attr-defined]
    before, after = values(counts), values(counts[sessions][:, coders])
    assert after == {name: value if value is None else pytest.approx(value) for name, value in before.items()}


@given(counts_of_coders(), st.integers(0, 7), st.integers(0, 3))
def test_alpha_of_counts_is_that_of_the_table_of_categories(counts: Floats, session: int, coder: int) -> None:
    counts[session % counts.shape[0], coder % counts.shape[1]] = np.nan
    two = (~np.isnan(counts)).sum(axis=1) >= 2
    assume(two.sum() >= 2)
    expected, _ = coefficients(counts.T, scales=["interval"])
    value = values(counts)["alpha_counts"]
    alpha = expected["alpha_interval"].value
    assert value == (None if alpha is None else pytest.approx(alpha))
