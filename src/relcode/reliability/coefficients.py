"""Coefficients of agreement, all computed from one table of ratings.

A table has the axes (coder, unit); a value is the category that the coder gave the unit, NaN where the coder did not
rate it. Each unit is reduced to a row of sums (`unit_sums`); sums add up over units, so that any resample of sessions
is a weighted sum, and every coefficient is a function of `Sums` alone, over any leading axes (codes, draws).

Formulas, sources and the cases in which a coefficient is undefined: docs/statistics.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Scale = Literal["nominal", "ordinal", "interval", "ratio"]


class Coefficient(msgspec.Struct, frozen=True):
    """A coefficient with its 95 % interval.

    `value` is None where the coefficient is undefined, `low` and `high` where there is no interval; `reason` says why.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Sums:
    """What the coefficients need to know about a set of units; `...` are any leading axes, q the categories.

    Attributes
    ----------
    coincidences
        (..., q, q): pairs of ratings of one unit by different coders, each unit weighted by 1 / (its ratings - 1).
    agreement, paired
        (...): sum of the share of agreeing pairs over units with two ratings or more; the number of these units.
    shares, rated
        (..., q), (...): sum over units of each category's share of the unit's ratings; the number of units rated.
    same, possible
        (..., q): agreeing pairs in a category, and the pairs that could have agreed.
    joint
        (..., q, q): units that the first of exactly two coders put in the row's, the second in the column's category.
    coders
        How many coders the table has.
    """

    coincidences: Floats
    agreement: Floats
    paired: Floats
    shares: Floats
    rated: Floats
    same: Floats
    possible: Floats
    joint: Floats
    coders: int


def unit_sums(ratings: Floats, categories: Floats) -> Floats:
    """One row of sums a unit.

    Parameters
    ----------
    ratings
        Axes (coder, unit); NaN where a coder did not rate the unit.
    categories
        All categories (q of them), in the order of the axes of `Sums`.

    Returns
    -------
    array, axes (unit, sum); `as_sums` names the sums.
    """
    one_hot = (ratings[:, :, None] == categories).astype(np.float64)
    counts = one_hot.sum(axis=0)
    total = counts.sum(axis=1, keepdims=True)
    paired = total >= 2
    rated = total >= 1
    others = np.where(paired, total - 1, np.inf)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(categories))
    same = counts * (counts - 1)
    joint = one_hot[0][:, :, None] * one_hot[1][:, None, :] if len(ratings) == 2 else np.zeros_like(pairs)
    shape = (counts.shape[0], counts.shape[1] ** 2)
    return np.concatenate(
        [
            (pairs / others[:, :, None]).reshape(shape),
            same.sum(axis=1, keepdims=True) / (np.maximum(total, 1) * others),
            paired,
            counts / np.maximum(total, 1),
            rated,
            same,
            counts * (total - 1),
            joint.reshape(shape),
        ],
        axis=1,
    )


def as_sums(sums: Floats, n_categories: int, coders: int) -> Sums:
    """Name the sums: the last axis of `sums` is that of `unit_sums`, added up over units."""
    q = n_categories
    lead = sums.shape[:-1]
    edges = np.cumsum([q * q, 1, 1, q, 1, q, q])
    parts = np.split(sums, edges, axis=-1)
    return Sums(
        coincidences=parts[0].reshape(*lead, q, q),
        agreement=parts[1][..., 0],
        paired=parts[2][..., 0],
        shares=parts[3],
        rated=parts[4][..., 0],
        same=parts[5],
        possible=parts[6],
        joint=parts[7].reshape(*lead, q, q),
        coders=coders,
    )


def percent_agreement(sums: Sums) -> Floats:
    """Mean share of agreeing pairs of ratings, over units with two ratings or more; 0 to 1."""
    return _ratio(sums.agreement, sums.paired)


def specific_agreement(sums: Sums) -> Floats:
    """By category (last axis): of the pairs that hold it, the share that agree on it; with two coders the F1 score.

    Source: Uebersax (1982); Cicchetti & Feinstein (1990).
    """
    return _ratio(sums.same, sums.possible)


def positive_agreement(sums: Sums) -> Floats:
    """Specific agreement on the last category (*present* in a table of 0 and 1)."""
    return specific_agreement(sums)[..., -1]


def negative_agreement(sums: Sums) -> Floats:
    """Specific agreement on the first category (*absent* in a table of 0 and 1)."""
    return specific_agreement(sums)[..., 0]


def cohen_kappa(sums: Sums) -> Floats:
    """Cohen's kappa of exactly two coders, over units that both rated. Source: Cohen (1960)."""
    if sums.coders != 2:
        return np.full(sums.paired.shape, np.nan)
    total = sums.paired
    observed = np.trace(sums.joint, axis1=-2, axis2=-1)
    expected = (sums.joint.sum(axis=-1) * sums.joint.sum(axis=-2)).sum(axis=-1)
    # In counts, so that "both coders used one and the same category" is an exact zero.
    return _ratio(observed * total - expected, total * total - expected)


def fleiss_kappa(sums: Sums) -> Floats:
    """Fleiss' kappa, generalised to units with unequal numbers of ratings. Source: Fleiss (1971); Gwet (2014, 2.10)."""
    shares = _ratio(sums.shares, sums.rated[..., None])
    expected = (shares**2).sum(axis=-1)
    return _varied(sums.shares, _ratio(percent_agreement(sums) - expected, 1 - expected))


def krippendorff_alpha(sums: Sums, *, scale: Scale = "nominal", values: Floats | None = None) -> Floats:
    """Krippendorff's alpha; any number of coders, missing ratings.

    Parameters
    ----------
    scale
        How far two categories are apart. On the ordinal scale their order counts, and how many ratings lie between.
    values
        By category: its number, on the interval and the ratio scale.

    Source: Krippendorff (2011).
    """
    totals = sums.coincidences.sum(axis=-1)
    n = totals.sum(axis=-1)
    distance = _distances(totals, scale, values)
    disagreed = (sums.coincidences * distance).sum(axis=(-2, -1))
    expected = (totals[..., :, None] * totals[..., None, :] * distance).sum(axis=(-2, -1))
    return _varied(totals, 1 - _ratio((n - 1) * disagreed, expected))


def _distances(totals: Floats, scale: Scale, values: Floats | None) -> Floats:
    """The squared distances of categories, axes (..., q, q), for totals (..., q)."""
    if scale == "nominal":
        return 1 - np.eye(totals.shape[-1])
    if scale == "ordinal":  # the ratings from the middle of one category to the middle of the other
        values = np.cumsum(totals, axis=-1) - totals / 2
    if values is None:
        raise ValueError(f"On the {scale} scale alpha needs the numbers of the categories.")
    one, other = values[..., :, None], values[..., None, :]
    apart = one - other
    if scale == "ratio":
        apart = apart / np.where(one + other == 0, 1, one + other)
    squared: Floats = apart**2
    return squared


def gwet_ac1(sums: Sums) -> Floats:
    """Gwet's AC1. Source: Gwet (2008, 2014). Undefined, unlike there, where one category alone was used."""
    shares = _ratio(sums.shares, sums.rated[..., None])
    expected = (shares * (1 - shares)).sum(axis=-1) / (shares.shape[-1] - 1)
    return _varied(sums.shares, _ratio(percent_agreement(sums) - expected, 1 - expected))


def adjusted_kappa(sums: Sums) -> Floats:
    """Prevalence-and-bias-adjusted kappa: chance is 1 / q whatever was used. Source: Byrt et al. (1993); for q
    categories Brennan & Prediger (1981). Undefined, unlike there, where one category alone was used."""
    q = sums.shares.shape[-1]
    return _varied(sums.shares, (percent_agreement(sums) - 1 / q) / (1 - 1 / q))


COEFFICIENTS: dict[str, Callable[[Sums], Floats]] = {
    "percent_agreement": percent_agreement,
    "positive_agreement": positive_agreement,
    "negative_agreement": negative_agreement,
    "cohen_kappa": cohen_kappa,
    "fleiss_kappa": fleiss_kappa,
    "alpha": krippendorff_alpha,
    "ac1": gwet_ac1,
    "pabak": adjusted_kappa,
}


def undefined_reason(name: str, sums: Sums) -> str:
    """Why a coefficient of these sums (without leading axes) has no value."""
    if name == "cohen_kappa" and sums.coders != 2:
        return f"Cohen's kappa compares two coders, not {sums.coders}"
    if sums.paired == 0:
        return "no unit was rated by two coders"
    if name == "positive_agreement":
        return "no coder gave this code"
    if name == "negative_agreement":
        return "the code was given to every unit"
    return "all ratings are the same: there is nothing to tell apart"


def _ratio(above: Floats, below: Floats) -> Floats:
    """The quotient, NaN where the divisor is zero."""
    above, below = np.broadcast_arrays(above, below)
    quotient: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)
    return quotient


def _varied(used: Floats, values: Floats) -> Floats:
    """The values, NaN where fewer than two categories (last axis of `used`) were used."""
    return np.where((used > 0).sum(axis=-1) >= 2, values, np.nan)
