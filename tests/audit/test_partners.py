"""Actor and partner effects: against statsmodels' mixed model, and found again in invented series."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from relcode.audit.partners import Effects, actor_partner_effects


def series(groups: int, steps: int, effects: list[list[float]], *, seed: int, own_level: float = 1.0):  # type: ignore[no-untyped-def]
    """Two series a group, with levels of their own; effects by (from, to)."""
    generator = np.random.default_rng(seed)
    values = np.zeros((groups, steps, 2))
    for number in range(groups):
        now = np.zeros(2)
        for step in range(-20, steps):
            now = np.array(effects).T @ now + generator.normal(size=2)
            if step >= 0:
                values[number, step] = now
    values += generator.normal(0, own_level, (groups, 1, 2))
    return values.reshape(-1, 2), np.repeat(np.arange(groups), steps), np.tile(np.arange(steps), groups)


def fit(*given, seed: int = 0) -> Effects:  # type: ignore[no-untyped-def]
    return actor_partner_effects(*given, seed=seed)


def test_the_plain_effects_are_those_of_a_mixed_model_with_centred_predictors() -> None:
    values, group, step = series(8, 12, [[0.5, 0.2], [0.0, 0.3]], seed=1, own_level=3.0)
    found = fit(values, group, step)
    shape = values.reshape(8, 12, 2)
    earlier, later = shape[:, :-1], shape[:, 1:]
    centred = (earlier - earlier.mean(axis=1, keepdims=True)).reshape(-1, 2)
    clock = np.tile(np.arange(11) - 5.0, 8)
    residual = centred - np.outer(clock, clock @ centred / (clock @ clock))
    spread = np.sqrt((residual**2).sum(axis=0) / 79)
    for outcome in (0, 1):
        exog = np.column_stack([np.ones(88), centred, clock])
        fitted = MixedLM(later[..., outcome].ravel(), exog, np.repeat(np.arange(8), 11)).fit()
        expected = fitted.fe_params[1:3] * spread / spread[outcome]
        assert found.uncorrected[:, outcome] == pytest.approx(expected, abs=1e-4)
    assert (found.steps, found.groups) == (88, 8)


def test_the_pull_of_short_series_is_taken_out() -> None:
    # 20 studies of 20 sessions with 15 windows; the mean is known to about .02.
    true = np.array([[0.5, 0.2], [0.0, 0.3]])
    fits = [fit(*series(20, 15, true.tolist(), seed=seed)) for seed in range(20)]
    plain, value = (np.mean([getattr(f, name) for f in fits], axis=0) for name in ("uncorrected", "value"))
    assert np.diagonal(true - plain).min() > 0.06
    assert value == pytest.approx(true, abs=0.05)
    held = np.mean([(f.low <= true) & (true <= f.high) for f in fits], axis=0)
    assert held.min() >= 0.8


def test_one_long_session_has_effects_too() -> None:
    found = fit(*series(1, 400, [[0.4, 0.0], [0.3, 0.4]], seed=2))
    assert found.value == pytest.approx(np.array([[0.4, 0.0], [0.3, 0.4]]), abs=0.12)
    assert found.low[1, 0] > 0 > found.low[0, 1]


def test_levels_of_the_sessions_and_a_common_drift_change_nothing() -> None:
    values, group, step = series(10, 15, [[0.3, 0.1], [0.1, 0.3]], seed=3)
    moved = values + 5.0 * group[:, None] + 0.7 * step[:, None]
    one, other = fit(values, group, step), fit(moved, group, step)
    np.testing.assert_allclose(one.value, other.value, atol=1e-6)
    np.testing.assert_allclose(one.low, other.low, atol=1e-6)


def test_exchanging_therapist_and_client_exchanges_the_effects_and_order_and_scale_do_not_matter() -> None:
    values, group, step = series(10, 12, [[0.4, 0.2], [0.0, 0.3]], seed=4)
    one, turned = fit(values, group, step), fit(values[:, ::-1], group, step)
    np.testing.assert_allclose(one.value, turned.value[::-1, ::-1], atol=1e-6)
    order = np.random.default_rng(0).permutation(len(values))
    mixed = fit((values * [3.0, 0.1])[order], group[order], step[order])
    np.testing.assert_allclose(one.value, mixed.value, atol=1e-6)


def test_a_gap_is_no_step() -> None:
    values, group, step = series(6, 12, [[0.3, 0.1], [0.1, 0.3]], seed=5)
    values[5::12, 0] = np.nan
    assert fit(values, group, step).steps == 6 * 9
    assert fit(values, group, step * 2).steps == 0


@pytest.mark.parametrize(
    ("values", "steps", "fault"),
    [
        (np.zeros((0, 2)), 1, "too few steps"),
        (np.zeros((3, 2)), 3, "too few steps"),
        (np.zeros((60, 2)), 10, "never changes"),
        (np.tile(np.arange(10.0) ** 2 % 7, (2, 6)).T, 10, "told apart"),
        (1.3 ** np.arange(40)[:, None] + np.random.default_rng(0).normal(size=(40, 2)), 40, "drift"),
    ],
)
def test_what_cannot_be_estimated_is_a_fault_and_no_crash(values: np.ndarray, steps: int, fault: str) -> None:
    place = np.arange(len(values))
    found = fit(values, place // steps, place % steps)
    assert fault in found.fault
    assert np.isnan(found.value).all()
