"""Actor and partner effects between two series: from one step to the next, within sessions (or within dyads)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from relcode.resampling import DEFINED_SHARE, expanded_tail, session_draws

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RESAMPLES = 1000
_ROUNDS = 200


@dataclass(frozen=True)
class Effects:
    """Effects of one step on the next, in standard deviations. Axes: (from, to), each therapist then client.

    The diagonal holds the actor effects, the rest the partner effects; `uncorrected` are those before short series are
    allowed for. `fault` says why there are none.
    """

    value: Floats
    uncorrected: Floats
    low: Floats
    high: Floats
    steps: int
    groups: int
    fault: str = ""


@dataclass(frozen=True, repr=False)
class _Sums:
    """What the estimate needs of each group (session or dyad), deviations from the group's mean.

    Axes: `design` (group, 3, 3), of both earlier values and the clock; `cross` (group, 3, 2), with both later values;
    `later` (group, 2, 2); `constant` and `trend` (group, k): see `_pull`.
    """

    design: Floats
    cross: Floats
    later: Floats
    constant: Floats
    trend: Floats

    def drawn(self, weights: Floats) -> _Sums:
        """Sums over groups. `weights`: axes (draw, group)."""
        parts = (self.design, self.cross, self.later, self.constant, self.trend)
        summed = [(weights @ part.reshape(len(part), -1)).reshape(len(weights), *part.shape[1:]) for part in parts]
        return _Sums(*summed)


def actor_partner_effects(series: Floats, group: Ints, step: Ints, *, seed: int) -> Effects:
    """Actor and partner effects of a dyad's two series from one step on the next, each step in deviation from its group.

    For both outcomes y: y(t) = group + clock + actor * own(t-1) + partner * other's(t-1) + error. Predictors are
    centred within groups, so that the multilevel model with a random intercept of the group has the same coefficients
    as least squares on the deviations (tested against statsmodels' MixedLM); least squares is computed, which cannot
    fail to converge. Deviations from the mean of a short series pull the effects of a series on itself down, by about
    (1 + effect) / steps; this is taken out with its expectation under the estimates, for both series at once. The
    interval is that of least squares (t); over several groups the expanded percentile interval of groups drawn anew,
    never narrower than that.

    Parameters
    ----------
    series
        Axes: (unit, therapist and client); NaN where a unit says too little.
    group, step
        Axis: unit. The group (row from 0) and the unit's place in it; only neighbours (step t-1 and t) are compared.

    Source: actor-partner interdependence: Kenny, Kashy & Cook 2006, *Dyadic Data Analysis*, chapters 7 and 14; centring:
    Curran & Bauer 2011, Annu Rev Psychol 62:583-619; bias: Nickell 1981, Econometrica 49:1417-1426, corrected after
    Bun & Carree 2005, J Bus Econ Stat 23:200-210, here for two series.
    """
    earlier, later, of, clock = _steps(series, group, step)
    of, clock, earlier, later = _kept(of, clock, earlier, later)
    groups = int(of.max()) + 1 if len(of) else 0
    empty = np.full((2, 2), np.nan)
    degrees = len(of) - groups - 3
    if degrees < 1:
        return Effects(empty, empty, empty, empty, len(of), groups, "too few steps from one unit to the next")
    scale = _within_spread(earlier, of, clock)
    if (scale < 1e-9).any() or (_within_spread(later, of, clock) < 1e-9).any():
        return Effects(empty, empty, empty, empty, len(of), groups, "one of the two never changes within them")
    sums = _sums(earlier / scale, later / scale, of, clock)
    plain, inverse, sound = _least_squares(sums.drawn(np.ones((1, groups))))
    value, errors = _corrected(sums, plain[0], inverse[0], degrees) if sound[0] else (empty, empty)
    if np.isnan(value).any():
        fault = "the two series can hardly be told apart, or are too few and too steady to tell effects from drift"
        return Effects(empty, empty, empty, empty, len(of), groups, fault)
    spread = np.sqrt(np.outer(np.diagonal(inverse[0]), np.maximum(np.diagonal(errors), 0.0)))
    half = float(stats.t.ppf(0.975, degrees)) * spread
    low, high = value - half, value + half
    if groups > 1:
        drawn, _, held = _least_squares(sums.drawn(session_draws(groups, RESAMPLES, seed).astype(np.float64)))
        if held.mean() >= DEFINED_SHARE:
            tail = expanded_tail(groups)
            ends = np.quantile(drawn[held], (tail, 1 - tail), axis=0) + value - plain[0]
            low, high = np.minimum(low, ends[0]), np.maximum(high, ends[1])
    return Effects(value, plain[0], low, high, len(of), groups)


def _steps(series: Floats, group: Ints, step: Ints) -> tuple[Floats, Floats, Ints, Floats]:
    """Pairs of neighbouring units: earlier and later values, the group, the later unit's place."""
    order = np.lexsort((step, group))
    series, group, step = series[order], group[order], step[order]
    beside = (group[1:] == group[:-1]) & (step[1:] == step[:-1] + 1)
    beside &= np.isfinite(series[1:]).all(axis=1) & np.isfinite(series[:-1]).all(axis=1)
    return series[:-1][beside], series[1:][beside], group[1:][beside], step[1:][beside].astype(np.float64)


def _kept(of: Ints, clock: Floats, earlier: Floats, later: Floats) -> tuple[Ints, Floats, Floats, Floats]:
    """Groups of two steps and more: one step says nothing of changes within its group."""
    enough = np.bincount(of)[of] > 1 if len(of) else np.zeros(0, dtype=np.bool_)
    _, rows = np.unique(of[enough], return_inverse=True)
    return rows.astype(np.int64), clock[enough], earlier[enough], later[enough]


def _within_spread(values: Floats, of: Ints, clock: Floats) -> Floats:
    """Standard deviations within groups and beside the clock."""
    deviation, ticks = _deviations(values, of), _deviations(clock[:, None], of)
    drift = ticks.T @ deviation / max(float((ticks**2).sum()), 1e-12)
    spread: Floats = np.sqrt(((deviation - ticks @ drift) ** 2).sum(axis=0) / max(len(of) - int(of.max()) - 2, 1))
    return spread


def _deviations(values: Floats, of: Ints) -> Floats:
    size = np.bincount(of)
    return np.stack([column - (np.bincount(of, weights=column) / size)[of] for column in values.T], axis=1)


def _sums(earlier: Floats, later: Floats, of: Ints, clock: Floats) -> _Sums:
    groups = int(of.max()) + 1
    ticks = _deviations(clock[:, None], of)
    z, y = np.concatenate([_deviations(earlier, of), ticks], axis=1), _deviations(later, of)
    parts = [of == number for number in range(groups)]
    longest = int(np.bincount(of).max()) + int(np.ptp(clock)) + 1
    pulls = [_pull(clock[part], ticks[part, 0], longest) for part in parts]
    return _Sums(
        np.stack([z[part].T @ z[part] for part in parts]),
        np.stack([z[part].T @ y[part] for part in parts]),
        np.stack([y[part].T @ y[part] for part in parts]),
        np.stack([constant for constant, _ in pulls]),
        np.stack([trend for _, trend in pulls]),
    )


def _pull(clock: Floats, ticks: Floats, longest: int) -> tuple[Floats, Floats]:
    """How often an error is k steps older than the earlier value it went into: weights of the group's mean and clock.

    Taking out mean and clock subtracts from each error a share of the others, older ones among them, which are part of
    the earlier values.
    """
    age = (clock[:, None] - 1 - clock[None, :]).astype(np.int64)
    older = age >= 0
    constant: Floats = np.bincount(age[older], minlength=longest)[:longest] / len(clock)
    shared = np.outer(ticks, ticks)[older].astype(np.float64)
    trend: Floats = np.bincount(age[older], weights=shared, minlength=longest)[:longest].astype(np.float64)
    return constant, trend


def _least_squares(sums: _Sums) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Effects (draw, from, to), the inverse of the predictors' products beside the clock, and whether there is one."""
    inside, product, _ = _beside_the_clock(sums)
    sound = np.linalg.det(inside) > 1e-6 * inside[:, 0, 0] * inside[:, 1, 1]
    inverse = np.linalg.inv(np.where(sound[:, None, None], inside, np.eye(2)))
    return inverse @ product, inverse, sound


def _beside_the_clock(sums: _Sums) -> tuple[Floats, Floats, Floats]:
    """Products of earlier values, of earlier with later, and of later ones, after the clock has had its share."""
    design, cross = sums.design, sums.cross
    ticks = np.maximum(design[:, 2:, 2:], 1e-12)
    inside = design[:, :2, :2] - design[:, :2, 2:] * design[:, 2:, :2] / ticks
    product = cross[:, :2] - design[:, :2, 2:] * cross[:, 2:] / ticks
    return inside, product, sums.later - cross[:, 2:].transpose(0, 2, 1) * cross[:, 2:] / ticks


def _corrected(sums: _Sums, plain: Floats, inverse: Floats, degrees: int) -> tuple[Floats, Floats]:
    """Effects without the pull of short series, and the covariance of errors; NaN where none settle below 1."""
    whole = sums.drawn(np.ones((1, len(sums.design))))
    inside, product, later = (part[0] for part in _beside_the_clock(whole))
    weights = whole.constant[0] + whole.trend[0] / max(float(whole.design[0, 2, 2]), 1e-12)
    effects, change = plain, np.inf
    for _ in range(_ROUNDS):
        rest = later - effects.T @ product - product.T @ effects + effects.T @ inside @ effects
        errors = rest / degrees
        wanted = plain + inverse @ _pulled(effects, errors, weights)
        change = float(np.abs(wanted - effects).max())
        effects = (effects + wanted) / 2
        if change < 1e-6 or np.abs(np.linalg.eigvals(effects)).max() >= 1:
            break
    settled = change < 1e-3 and np.abs(np.linalg.eigvals(effects)).max() < 1
    return (effects, errors) if settled else (np.full((2, 2), np.nan), np.full((2, 2), np.nan))


def _pulled(effects: Floats, errors: Floats, weights: Floats) -> Floats:
    """Sum over k of weight(k) times the k-th power of the effects times the errors' covariance. Axes: (from, to)."""
    # x(t) = effects' x(t-1) + error, so that k steps later an error still has effects'^k of its size
    carried, total = errors, np.zeros((2, 2))
    for weight in weights:
        total = total + weight * carried
        carried = effects.T @ carried
    return total
