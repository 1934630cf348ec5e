"""An estimate with each session's part in its error; intervals from them. A figure that cannot be had is a reason."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from scipy.special import stdtrit

from relcode.rates.sums import Bools, Floats

TAIL = 0.975
LEAST_FREEDOM = 2


class Figure(msgspec.Struct, frozen=True):
    """A share (0 to 1) of units, or a difference of two (-1 to 1), with its 95 % interval.

    `value` is None where there is none; `reason` then says why. `low` and `high` can be None beside a value: `reason`
    then says why there is no interval.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""

    @property
    def width(self) -> float | None:
        return None if self.low is None or self.high is None else self.high - self.low


@dataclass(frozen=True)
class Estimate:
    """A figure before its interval.

    Attributes
    ----------
    value
        The figure.
    influence
        How much each cluster (session, or the sessions of one client) moves it: the variance is the sum of their squares.
        Axis: cluster of the corpus, so that estimates of groups that share clusters can be compared.
    freedom
        Degrees of freedom: the clusters that the error is judged by, less one.
    judged_by
        By cluster: whether the error is judged by it. None: by none of them.
    """

    value: float
    influence: Floats
    freedom: float
    judged_by: Bools | None = None

    @property
    def variance(self) -> float:
        return float(self.influence @ self.influence)

    def __sub__(self, other: Estimate) -> Estimate:
        """The difference of two. Degrees of freedom: Welch (1947), of the two variances, but no more than clusters allow.

        Where the same clients are on both sides (before and after), they are pairs: as many differences as clients.
        """
        ours, theirs = self.variance, other.variance
        total = ours**2 / self.freedom + theirs**2 / other.freedom
        freedom = (ours + theirs) ** 2 / total if total > 0 else min(self.freedom, other.freedom)
        if self.judged_by is not None and other.judged_by is not None:
            freedom = min(freedom, max(int((self.judged_by | other.judged_by).sum()) - 1, LEAST_FREEDOM))
        return Estimate(self.value - other.value, self.influence - other.influence, freedom)


def share_figure(estimate: Estimate, note: str = "") -> Figure:
    """A share with Wilson's score interval, by the effective number of units and Student's t.

    The effective number is that with which independent units would have the estimate's variance. Where the estimate is
    not between 0 and 1 the interval is the symmetrical one.

    Source: Wilson (1927); with design effect and t: Dean & Pagano (2015), J. Surv. Stat. Methodol. 3, 484-503.
    """
    value, variance = estimate.value, estimate.variance
    if not 0 < value < 1 or variance <= 0:
        return symmetrical_figure(estimate, note)
    t = float(stdtrit(estimate.freedom, TAIL))
    units = value * (1 - value) / variance
    centre = (value + t**2 / (2 * units)) / (1 + t**2 / units)
    half = t * float(np.sqrt(variance + t**2 / (4 * units**2))) / (1 + t**2 / units)
    return Figure(value, max(centre - half, 0.0), min(centre + half, 1.0), note)


def symmetrical_figure(estimate: Estimate, note: str = "") -> Figure:
    """A share with its symmetrical interval by Student's t, cut off at 0 and 1."""
    figure = difference_figure(estimate)
    value, low, high = (
        min(max(each, 0.0), 1.0) for each in (figure.value, figure.low, figure.high) if each is not None
    )
    return Figure(value, low, high, note)


def difference_figure(estimate: Estimate) -> Figure:
    """A difference with its symmetrical interval by Student's t."""
    half = float(stdtrit(estimate.freedom, TAIL)) * float(np.sqrt(estimate.variance))
    return Figure(estimate.value, estimate.value - half, estimate.value + half)
