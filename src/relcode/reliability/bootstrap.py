"""Coefficients with intervals, by resampling whole sessions.

Units of one session are not independent, so sessions are drawn, not units. A draw is a vector of how often each
session was drawn; the sums of a draw are that vector times the sums by session, for all draws in one product.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from relcode.reliability.coefficients import (
    COEFFICIENTS,
    Coefficient,
    Floats,
    Scale,
    as_sums,
    krippendorff_alpha,
    undefined_reason,
    unit_sums,
)

Ints = npt.NDArray[np.int64]
_DEFINED_SHARE = 0.9


def session_draws(n_sessions: int, draws: int, seed: int) -> Ints:
    """How often each session is drawn: axes (draw, session); each row sums to `n_sessions`."""
    if n_sessions == 0 or draws == 0:
        return np.zeros((0, n_sessions), dtype=np.int64)
    return np.random.default_rng(seed).multinomial(n_sessions, np.full(n_sessions, 1 / n_sessions), size=draws)


def coefficients(
    ratings: Floats,
    *,
    session_row: Ints | None = None,
    weights: Ints | None = None,
    categories: Floats | None = None,
    scales: Sequence[Scale] = (),
) -> tuple[dict[str, Coefficient], dict[str, Floats]]:
    """All coefficients of one table of ratings, with 95 % intervals.

    Parameters
    ----------
    ratings
        Axes (coder, unit); NaN where a coder did not rate the unit.
    session_row
        By unit: row of its session, the second axis of `weights`. Without it there are no intervals.
    weights
        Draws of sessions, from `session_draws`.
    categories
        All categories; those that occur in `ratings` if None. Give `[0, 1]` for a code that is absent or present.
    scales
        Further scales for alpha: each gives `alpha_<scale>`. Categories are then numbers, in rising order.

    Returns
    -------
    name -> coefficient, and name -> its values by draw (empty without draws). Positive and negative agreement are
    those on the last and the first category.
    """
    if categories is None:
        categories = np.unique(ratings[~np.isnan(ratings)])
        categories = categories if len(categories) > 1 else np.append(categories, categories.max(initial=0) + 1)
    by_unit = unit_sums(ratings, categories)
    point = as_sums(by_unit.sum(axis=0), len(categories), len(ratings))
    n_sessions = 0
    drawn = np.zeros((0, by_unit.shape[1]))
    if session_row is not None and weights is not None:
        columns = [np.bincount(session_row, weights=column, minlength=weights.shape[1]) for column in by_unit.T]
        drawn = weights.astype(np.float64) @ np.stack(columns, axis=-1)
        n_sessions = len(np.unique(session_row[~np.isnan(ratings).all(axis=0)]))
    resampled = as_sums(drawn, len(categories), len(ratings))
    found: dict[str, Coefficient] = {}
    by_draw: dict[str, Floats] = {}
    functions = COEFFICIENTS | {
        f"alpha_{scale}": partial(krippendorff_alpha, scale=scale, values=categories) for scale in scales
    }
    for name, function in functions.items():
        by_draw[name] = function(resampled)
        value = float(function(point))
        if np.isnan(value):
            found[name] = Coefficient(None, reason=undefined_reason(name, point))
        else:
            found[name] = with_interval(value, by_draw[name], n_sessions)
    return found, by_draw


def with_interval(value: float, draws: Floats, n_sessions: int) -> Coefficient:
    """A coefficient with the expanded percentile interval of its draws, or the reason why it has none."""
    if not len(draws):
        return Coefficient(value, reason="no interval: not resampled")
    if n_sessions < 2:
        return Coefficient(value, reason="no interval: one session")
    defined = draws[~np.isnan(draws)]
    if len(defined) < _DEFINED_SHARE * len(draws):
        share = 100 * (1 - len(defined) / len(draws))
        return Coefficient(value, reason=f"no interval: undefined in {share:.0f} % of the resamples")
    tail = _tail(n_sessions)
    low, high = np.quantile(defined, (tail, 1 - tail))
    return Coefficient(value, float(low), float(high))


def _tail(n_sessions: int) -> float:
    """The share of the draws beyond either end of a 95 % interval.

    Resamples of few sessions spread too little; the share is as much below 2.5 % as makes up for it.
    Source: Hesterberg (2015), the expanded percentile interval.
    """
    from scipy.special import ndtr, stdtrit

    quantile = stdtrit(n_sessions - 1, 0.975) * np.sqrt(n_sessions / (n_sessions - 1))
    return float(ndtr(-quantile))
