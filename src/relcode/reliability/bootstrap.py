"""Coefficients with intervals, by resampling whole sessions.

Units of one session are not independent, so sessions are drawn, not units. A draw is a vector of how often each
session was drawn; the sums of a draw are that vector times the sums by session, for all draws in one product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from relcode.errors import PluginError
from relcode.reliability.coefficients import (
    COEFFICIENTS,
    Coefficient,
    Floats,
    Scale,
    Sums,
    as_sums,
    krippendorff_alpha,
    undefined_reason,
    unit_sums,
)
from relcode.reliability.plugins import further_coefficients
from relcode.resampling import expanded_interval, session_draws

__all__ = ["coefficients", "session_draws", "with_interval"]

Ints = npt.NDArray[np.int64]


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
    name -> coefficient, those of plug-ins last, and name -> its values by draw (empty without draws). Positive and
    negative agreement are those on the last and the first category.
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
    for name, function in further_coefficients().items():
        found[name], by_draw[name] = _of_plugin(function, point, resampled, n_sessions)
    return found, by_draw


def _of_plugin(
    function: Callable[[Sums], Floats], point: Sums, resampled: Sums, n_sessions: int
) -> tuple[Coefficient, Floats]:
    """A plug-in's coefficient and its values by draw; where the plug-in fails, undefined for that reason."""
    try:
        value, draws = float(function(point)), function(resampled)
    except PluginError as error:
        return Coefficient(None, reason=error.message), np.full(resampled.paired.shape, np.nan)
    if np.isnan(value):
        return Coefficient(None, reason="the plug-in gives no value for these ratings"), draws
    return with_interval(value, draws, n_sessions), draws


def with_interval(value: float, draws: Floats, n_sessions: int) -> Coefficient:
    """A coefficient with the expanded percentile interval of its draws, or the reason why it has none."""
    if not len(draws):
        return Coefficient(value, reason="no interval: not resampled")
    if n_sessions < 2:
        return Coefficient(value, reason="no interval: one session")
    low, high = expanded_interval(draws, n_sessions)
    if low is None or high is None:
        share = 100 * np.isnan(draws).mean()
        return Coefficient(value, reason=f"no interval: undefined in {share:.0f} % of the resamples")
    return Coefficient(value, low, high)
