"""The estimators: arithmetic on sums by session or by cluster of sessions, without files or names.

What is said in one session is not independent, nor are the sessions of one client: every variance is of *clusters*, which
are sessions, or clients with all of theirs (`Sums.together`). The target is the rate in clusters of the kind that the corpus
is a sample of; the rate in the corpus itself lies in the same interval, which is then on the safe side. Where hand-coding
enters, each cluster with coded units is left out in turn (jackknife), and with it whatever was estimated from it: with
few of them an estimate that fits them is else too sure of itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from relcode.rates.estimates import LEAST_FREEDOM, Estimate
from relcode.rates.sums import Floats, Predictor, Sums

ONE_SESSION = 1e6  # degrees of freedom where nothing is estimated from differences of sessions


def raw_share(units: Floats, decided: Floats) -> Estimate:
    """The share of units in which the machine holds the code: uncorrected, and not the rate of the code.

    A ratio estimator over sessions; of one session alone, its units are taken as independent. Axis of both: session.

    Source: Cochran (1977), *Sampling Techniques*, chapter 6 (ratio estimator, its linearised variance), without the factor
    for a finite population.
    """
    sessions = int((units > 0).sum())
    share = float(decided.sum() / units.sum())
    if sessions == 1:
        return Estimate(share, np.where(units > 0, np.sqrt(share * (1 - share) / units.sum()), 0.0), ONE_SESSION)
    influence = np.sqrt(sessions / (sessions - 1)) * (decided - share * units) / units.sum()
    return Estimate(share, influence, sessions - 1, units > 0)


def labelled_share(sums: Sums) -> Estimate:
    """The share in the hand-coded units alone, each weighted by 1 / (how likely it was to be coded).

    Source: Hajek (1971): Σ y/π over Σ 1/π. The variance is the jackknife's.
    """
    rows = sums.is_coded
    weight, present = sums.weight[rows], sums.w_present[rows]
    without = (present.sum() - present) / np.maximum(weight.sum() - weight, 1e-300)
    return _jackknifed(float(present.sum() / weight.sum()), without, sums, np.zeros(len(rows)))


@dataclass(frozen=True)
class Powered:
    """A prediction-powered estimate and the weight of the predictions, 0 (not used) to 1 (taken as they are)."""

    estimate: Estimate
    power: float
    of_coding: float
    """The part of the variance that comes from hand-coding, and shrinks as more is coded."""


def powered_share(sums: Sums, predictor: Predictor = "probability") -> Powered:
    """The prediction-powered share, power-tuned: R(Y) + lambda (R_all(f) - R(f)).

    R are shares in the coded units (weighted), R_all in all of the corpus; Y is the code as coded by hand, f the machine's
    probability or decision, which may be wrong in any way: whatever lambda is, the estimate is right on average. lambda is
    cov(Y, f) / var(f) over units, kept between 0 and 1. Tuned by sessions it would have the least variance where coded
    sessions are many; where they are few, it was itself so uncertain that intervals were wider than without the machine.
    With f a decision this is also the count corrected by predictive values.

    Source: Angelopoulos, Duchi & Zrnic (2023), *PPI++*, arXiv 2311.01453: the power-tuned estimate of a mean,
    Y_n + lambda (f_N - f_n), and the plug-in lambda. Here the corpus includes the coded units: where n of N units of equal
    weight are coded, lambda is theirs times N / (N - n), and both give the same figure. It is then the survey sampler's
    regression estimator. On lambda from few labels: Mani, Xu, Lipton & Oberst (2025), arXiv 2505.20178.
    """
    everywhere, squared, coded, expected = sums.predicted(predictor)
    rows = sums.is_coded
    columns = np.stack([everywhere, squared, sums.units, coded, expected, sums.w_present, sums.weight], axis=1)
    totals = columns.sum(axis=0)
    value, power = _powered(totals)
    without, _ = _powered(totals - columns[rows])
    elsewhere = power * (everywhere - totals[0] / totals[2] * sums.units) / totals[2]
    estimate = _jackknifed(float(value), without, sums, elsewhere)
    return Powered(estimate, float(power), max(estimate.variance - float(elsewhere @ elsewhere), 0.0))


def _powered(totals: Floats) -> tuple[Floats, Floats]:
    """The estimate and lambda from totals (last axis: the columns of `powered_share`)."""
    predicted, squared, units, coded, expected, present, weight = np.moveaxis(totals, -1, 0)
    everywhere, own, rate = predicted / units, coded / weight, present / weight
    variance = np.maximum(squared / units - everywhere**2, 1e-300)
    power = np.clip((expected / weight - rate * own) / variance, 0.0, 1.0)
    return rate + power * (everywhere - own), power


@dataclass(frozen=True)
class Adjusted:
    """An adjusted count, with the sensitivity and specificity (0 to 1) that it was adjusted by."""

    estimate: Estimate
    sensitivity: float
    specificity: float
    youden: Estimate
    """Sensitivity + specificity - 1: at 0 the decisions say nothing of the code."""


def adjusted_share(sums: Sums, units: Floats | None = None, decided: Floats | None = None) -> Adjusted:
    """The share that the decisions of the machine come from: (p_raw + sp - 1) / (se + sp - 1).

    Sensitivity and specificity are those in the hand-coded units (weighted). `units` and `decided` (axis: session) name
    another set of units than the corpus, such as a group's: it is then taken that the machine errs there as elsewhere.

    Source: Rogan & Gladen (1978), Am. J. Epidemiol. 107, 71-76: their estimate of the prevalence. Their variance takes
    units as independent; here it is the jackknife's over sessions.
    """
    units = sums.units if units is None else units
    decided = sums.decided if decided is None else decided
    rows = sums.is_coded
    columns = np.stack([decided, units, sums.w_present, sums.w_both, sums.weight, sums.w_decided], axis=1)
    totals = columns.sum(axis=0)
    value, youden, sensitivity, specificity = _adjusted(totals)
    without, youden_without, _, _ = _adjusted(totals - columns[rows])
    sessions = max(int((units > 0).sum()), 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        elsewhere = (decided - totals[0] / totals[1] * units) / (totals[1] * youden)
    estimate = _jackknifed(float(value), without, sums, np.sqrt(sessions / (sessions - 1)) * elsewhere)
    estimate = replace(estimate, freedom=min(estimate.freedom, sessions - 1))
    tells = _jackknifed(float(youden), youden_without, sums, np.zeros(len(rows)))
    return Adjusted(estimate, float(sensitivity), float(specificity), tells)


def _adjusted(totals: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    decided, units, present, both, weight, w_decided = np.moveaxis(totals, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sensitivity = both / present
        specificity = 1 - (w_decided - both) / (weight - present)
        youden = sensitivity + specificity - 1
        return (decided / units + specificity - 1) / youden, youden, sensitivity, specificity


def _jackknifed(value: float, without: Floats, sums: Sums, elsewhere: Floats) -> Estimate:
    """An estimate from its values without each coded cluster, and the influence of the clusters that were not coded.

    Degrees of freedom: the coded clusters that bear the code, less one, but two at least. The error of a rare code is
    judged by those few; with all sessions counted, nominal 95 % intervals of codes on 1 % of units held 92 to 93 %.

    Source: Shao & Tu (1995), *The Jackknife and Bootstrap*, chapter 1: the delete-one variance, of clusters.
    """
    coded, bearing = sums.is_coded, sums.w_present > 0
    clusters = int(coded.sum())
    influence = np.where(coded, 0.0, elsewhere)
    with np.errstate(invalid="ignore"):  # without the one cluster that bears the code there is no estimate: no interval
        influence[coded] = np.sqrt((clusters - 1) / clusters) * (without - without.mean())
    return Estimate(value, influence, max(int(bearing.sum()) - 1, LEAST_FREEDOM), bearing)
