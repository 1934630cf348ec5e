"""Control charts of shares: limits within which a steady process stays, and a weighted mean that shows slow change.

A point outside its limits says that something changed, not what: the coder, the sessions, or the codebook.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from scipy.special import ndtr

TAIL = float(ndtr(-3))  # beyond three sigma, on one side: .00135
SMOOTHING = 0.2
_EXPECTED = 5  # below, a mean of shares is too far from normal for limits of three sigma


class Point(msgspec.Struct, frozen=True):
    """A window of a chart: `count` of `of` units; `share` None where there were none.

    `low`, `high`: control limits of the share. `mean`: exponentially weighted mean of the shares so far, `mean_low` and
    `mean_high` its limits, None while there are too few units for them. `signals`: which of the two left its limits,
    `share` or `mean`.
    """

    window: str
    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None
    mean: float | None
    mean_low: float | None
    mean_high: float | None
    signals: tuple[str, ...] = ()


class Chart(NamedTuple):
    """`centre`: the share over all windows; `dispersion`: how much more pages differ within a window than chance makes
    them differ, at least 1."""

    centre: float
    dispersion: float
    points: list[Point]


def control_chart(
    windows: Sequence[str], counts: Sequence[Sequence[int]], units: Sequence[Sequence[int]]
) -> Chart | None:
    """The chart of a share over windows; None where no window has units.

    Parameters
    ----------
    windows
        Names, in the order of time.
    counts, units
        By window, for each of its pages: units that carry the mark, and units that could. A page without units counts
        for nothing.

    Notes
    -----
    Limits of the share are exact binomial quantiles at the tail of three sigma (.00135 a side), so that they hold for
    small windows; where units of a page are alike, the window counts as `units / dispersion` independent ones. The mean
    is z_t = .2 p_t + .8 z_(t-1) from the centre on, with limits of three of its standard deviations, from the window on
    up to which five units with and five without the mark are expected.

    Source: Montgomery (2013), chapters 7 and 9; dispersion: Pearson's statistic by degree of freedom, within windows.
    """
    pairs = [_with_units(*page) for page in zip(counts, units, strict=True)]
    total = sum(sum(of) for _, of in pairs)
    if not total:
        return None
    centre = sum(sum(count) for count, _ in pairs) / total
    dispersion = _dispersion(pairs)
    points, mean, variance, seen = [], centre, 0.0, 0.0
    for window, (of_page, units_of_page) in zip(windows, pairs, strict=True):
        count, size = sum(of_page), sum(units_of_page)
        if not size:
            points.append(Point(window, 0, 0, None, None, None, None, None, None))
            continue
        share, effective = count / size, max(1.0, size / dispersion)
        low, high = binomial_limits(centre, effective)
        mean = SMOOTHING * share + (1 - SMOOTHING) * mean
        variance = SMOOTHING**2 * centre * (1 - centre) / effective + (1 - SMOOTHING) ** 2 * variance
        seen += effective
        signals = [] if low <= share <= high else ["share"]
        bounds: tuple[float | None, float | None] = (None, None)
        if seen * min(centre, 1 - centre) >= _EXPECTED:
            reach = 3 * float(np.sqrt(variance))
            bounds = max(0.0, centre - reach), min(1.0, centre + reach)
            signals += ["mean"] if abs(mean - centre) > reach else []
        points.append(Point(window, count, size, share, low, high, mean, *bounds, tuple(signals)))
    return Chart(centre, dispersion, points)


def binomial_limits(share: float, units: float) -> tuple[float, float]:
    """The limits of a share observed on so many independent units, where `share` is the true one.

    Below the lower and above the upper limit lies at most .00135 of the probability each. With few units and a rare
    code the lower limit is 0: nothing can be too rare there.
    """
    from scipy import stats  # slow to import, and charts alone need it

    size = max(1, int(units))
    low, high = (float(stats.binom.ppf(tail, size, share)) for tail in (TAIL, 1 - TAIL))
    return max(low, 0) / size, min(high, size) / size


def _with_units(counts: Sequence[int], units: Sequence[int]) -> tuple[list[int], list[int]]:
    kept = [(count, of) for count, of in zip(counts, units, strict=True) if of]
    return [count for count, _ in kept], [of for _, of in kept]


def _dispersion(pairs: Sequence[tuple[list[int], list[int]]]) -> float:
    """Pearson's statistic by degree of freedom of pages against the share of their window; 1 where it is not to be had."""
    statistic, freedom = 0.0, 0
    for counts, units in pairs:
        count, of = np.array(counts, dtype=np.float64), np.array(units, dtype=np.float64)
        share = count.sum() / of.sum() if len(of) else 0.0
        if len(of) < 2 or not 0 < share < 1:
            continue
        statistic += float(((count - of * share) ** 2 / (of * share * (1 - share))).sum())
        freedom += len(of) - 1
    return max(1.0, statistic / freedom) if freedom else 1.0
