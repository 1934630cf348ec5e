"""Intervals of differences: of two sides that have nothing to do with each other, and within clients."""

from __future__ import annotations

import numpy as np

from relcode.audit.intervals import Estimate, Floats
from relcode.resampling import expanded_interval, session_draws

RESAMPLES = 2000


def joined(first: Estimate, second: Estimate) -> tuple[float, float] | None:
    """The 95 % interval of the second less the first, of two independent estimates; None where one has no interval.

    Source: Zou & Donner 2008, Stat Med 27:1693-1702, equation 2.
    """
    values = (first.value, first.low, first.high, second.value, second.low, second.high)
    if any(value is None for value in values):
        return None
    one, low_one, high_one, two, low_two, high_two = (float(value) for value in values if value is not None)
    below = float(np.hypot(two - low_two, high_one - one))
    above = float(np.hypot(high_two - two, one - low_one))
    return two - one - below, two - one + above


def resampled_interval(first: Floats, second: Floats, *, seed: int) -> tuple[float, float] | None:
    """The same of shares over sessions (axis 0), drawn anew on each side; None where a side has one session.

    Parameters
    ----------
    first, second
        Axes: session, (things that bear the mark, things that do not); each session has any.

    Source: expanded percentile interval, Hesterberg 2015, The American Statistician 69:371-386, for the smaller side.
    """
    sides = [session_draws(len(of), RESAMPLES, seed + number) @ of for number, of in enumerate((first, second))]
    shares = [drawn[:, 0] / drawn.sum(axis=1) for drawn in sides]
    low, high = expanded_interval(shares[1] - shares[0], min(len(first), len(second)))
    return None if low is None or high is None else (low, high)


def paired_interval(first: Floats, second: Floats, *, seed: int) -> tuple[float, float] | None:
    """The same of shares whose clients (axis 0) are on both sides: clients drawn anew. None where there is nothing to draw.

    Parameters
    ----------
    first, second
        Axes: client, (things that bear the mark, things that do not).

    Source: expanded percentile interval, Hesterberg 2015, The American Statistician 69:371-386.
    """
    drawn = session_draws(len(first), RESAMPLES, seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = [(drawn @ of[:, 0]) / (drawn @ of.sum(axis=1)) for of in (first, second)]
    low, high = expanded_interval(sides[1] - sides[0], len(first))
    return None if low is None or high is None or low == high else (low, high)
