"""Agreement on the dose of a code: how often each coder counted it in a session, as such and per 100 units.

Intraclass correlations want complete rows (sessions that every coder counted); alpha takes any two counts of a session.
All are functions of sums over sessions. Formulas and sources: docs/statistics.md.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from relcode.reliability.bootstrap import session_draws, with_interval
from relcode.reliability.coefficients import Coefficient

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_NO_VARIATION = "all counts are the same: there is nothing to tell apart"
_NO_MEAN = "coders differ within sessions more than sessions differ"
_TINY = 1e-9  # variation below this share of the table's is rounding


def dose_coefficients(
    counts: Floats, units: Ints, *, draws: int, seed: int
) -> tuple[dict[str, Coefficient], dict[str, Floats]]:
    """All coefficients of counts by session, with 95 % intervals.

    Parameters
    ----------
    counts
        Axes (session, coder): units with the code; NaN where the coder did not code all that others did.
    units
        By session: units that could carry the code.
    draws, seed
        Resamples of sessions; 0 for none.

    Returns
    -------
    name -> coefficient, and name -> its values by draw. `icc`, `icc_k`: ICC(2,1) and ICC(2,k) of the counts;
    `icc_rate`, `icc_rate_k`: of the counts per 100 units; `alpha_counts`: Krippendorff's alpha, interval.
    """
    whole = complete(counts)
    rates = 100 * counts[whole] / np.maximum(units[whole], 1)[:, None]
    two = (~np.isnan(counts)).sum(axis=1) >= 2
    too_few = "fewer than two sessions were counted by all coders"
    tables: dict[str, tuple[Floats, Callable[[Floats, Floats], Floats], str, str]] = {
        "icc": (counts[whole], icc_single, too_few, _NO_VARIATION),
        "icc_k": (counts[whole], icc_mean, too_few, _NO_MEAN),
        "icc_rate": (rates, icc_single, too_few, _NO_VARIATION),
        "icc_rate_k": (rates, icc_mean, too_few, _NO_MEAN),
        "alpha_counts": (counts[two], alpha_interval, "fewer than two sessions were counted twice", _NO_VARIATION),
    }
    drawn = np.zeros((draws, 0))
    found: dict[str, Coefficient] = {}
    by_draw: dict[str, Floats] = {}
    for name, (table, function, few, undefined) in tables.items():
        by_draw[name] = np.full(draws, np.nan)
        if len(table) < 2 or table.shape[1] < 2:
            found[name] = Coefficient(None, reason=few)
            continue
        value = float(function(table, np.ones(len(table))))
        if np.isnan(value):
            varied = np.nanmax(table) > np.nanmin(table)
            found[name] = Coefficient(None, reason=undefined if varied else _NO_VARIATION)
            continue
        if len(table) != drawn.shape[1]:
            drawn = session_draws(len(table), draws, seed).astype(np.float64)
        by_draw[name] = function(table, drawn)
        found[name] = with_interval(value, by_draw[name], len(table))
    return found, by_draw


def complete(counts: Floats) -> npt.NDArray[np.bool_]:
    """By session: whether every coder counted it."""
    whole: npt.NDArray[np.bool_] = np.isnan(counts).sum(axis=1) == 0
    return whole


def icc_single(counts: Floats, weights: Floats) -> Floats:
    """ICC(2,1): how far one coder's counts can be relied on; absolute agreement, coders and sessions both random.

    Parameters
    ----------
    counts
        Axes (session, coder), without missing values; two or more of each.
    weights
        Axes (..., session): how often each session is taken.

    Returns
    -------
    array (...), at most 1; NaN where all counts are the same or fewer than two sessions are taken.

    Source: Shrout & Fleiss (1979), case 2.
    """
    n, k = weights.sum(axis=-1), counts.shape[1]
    sessions, coders, residual = _mean_squares(counts, weights)
    return _ratio(sessions - residual, sessions + (k - 1) * residual + k * (coders - residual) / n)


def icc_mean(counts: Floats, weights: Floats) -> Floats:
    """ICC(2,k): how far the mean of all coders' counts can be relied on. As `icc_single`; NaN where it has no meaning,
    sessions differing too little for its denominator to be positive."""
    n = weights.sum(axis=-1)
    sessions, coders, residual = _mean_squares(counts, weights)
    return _ratio(sessions - residual, sessions + (coders - residual) / n)


def alpha_interval(counts: Floats, weights: Floats) -> Floats:
    """Krippendorff's alpha, interval, of counts with gaps (NaN); axes as in `icc_single`. Every session is to have two
    counts or more. The same as `krippendorff_alpha` on that scale, without a table of all categories."""
    centred = counts - np.nanmean(counts)
    m = (~np.isnan(counts)).sum(axis=1)
    total, squares = np.nansum(centred, axis=1), np.nansum(centred**2, axis=1)
    within = 2 * (m * squares - total**2) / (m - 1)
    n = weights @ m
    between = 2 * (n * (weights @ squares) - (weights @ total) ** 2)
    floor = _TINY * 2 * m.sum() * squares.sum()
    return 1 - _ratio((n - 1) * (weights @ within), np.where(between > floor, between, 0))


def _mean_squares(counts: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean squares between sessions, between coders, and residual; NaN where nothing varies."""
    centred = counts - counts.mean()
    k = counts.shape[1]
    n = weights.sum(axis=-1)
    by_coder = weights @ centred
    correction = by_coder.sum(axis=-1) ** 2 / (k * n)
    of_sessions = weights @ (centred.sum(axis=1) ** 2) / k - correction
    of_coders = (by_coder**2).sum(axis=-1) / n - correction
    of_all = weights @ (centred**2).sum(axis=1) - correction
    freedom = np.where((n > 1) & (of_all > _TINY * (centred**2).sum()), n - 1, np.nan)
    residual = np.maximum(of_all - of_sessions - of_coders, 0)
    return of_sessions / freedom, of_coders / (k - 1) + 0 * freedom, residual / (freedom * (k - 1))


def _ratio(above: Floats, below: Floats) -> Floats:
    """The quotient, NaN where the divisor is not above zero by more than rounding."""
    defined = below > 1e-9 * np.abs(above)
    quotient: Floats = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=defined)
    return quotient
