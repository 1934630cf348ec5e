"""Intervals by resampling whole sessions, since what is said in one session is not independent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DEFINED_SHARE = 0.9
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def session_draws(sessions: int, draws: int, seed: int) -> Ints:
    """How often each session is drawn: axes (draw, session); each row sums to `sessions`."""
    if sessions == 0 or draws == 0:
        return np.zeros((0, sessions), dtype=np.int64)
    return np.random.default_rng(seed).multinomial(sessions, np.full(sessions, 1 / sessions), size=draws)


def expanded_interval(draws: Floats, sessions: int) -> tuple[float | None, float | None]:
    """The expanded percentile interval (95 %) of a figure's draws.

    (None, None) with fewer than two sessions, without draws, and where the figure is undefined (NaN) in more than a
    tenth of them.

    Source: Hesterberg (2015), The American Statistician 69, 371-386.
    """
    defined = draws[~np.isnan(draws)]
    if sessions < 2 or not len(draws) or len(defined) < DEFINED_SHARE * len(draws):
        return None, None
    tail = expanded_tail(sessions)
    low, high = np.quantile(defined, (tail, 1 - tail))
    return float(low), float(high)


def expanded_tail(sessions: int) -> float:
    """The share of the draws beyond either end of a 95 % interval.

    Resamples of few sessions spread too little; the share is as much below 2.5 % as makes up for it.
    """
    from scipy.special import ndtr, stdtrit

    quantile = stdtrit(sessions - 1, 0.975) * np.sqrt(sessions / (sessions - 1))
    return float(ndtr(-quantile))
