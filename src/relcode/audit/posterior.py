"""What counts say of a share of two, as a whole distribution: one session alone, or sessions that differ."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from scipy import special

from relcode.audit.intervals import Estimate, Floats, Ints, beta_limits

BINS = 50
_SHARES = np.linspace(0, 1, 2 * BINS + 1)
_TAILS = (0.025, 0.975)
_STEPS = np.sinh(np.linspace(-3.5, 3.5, 201))  # log odds of the mean about the pooled ones, in their standard errors
_SIZES = np.exp(np.linspace(np.log(0.5), np.log(20000), 37))  # sum of both parameters of the beta distribution


class Posterior(msgspec.Struct, frozen=True):
    """A posterior to be drawn.

    `mass`: the probability that the share lies in each fiftieth from 0 to 1, in order; they add up to 1.
    `above_half`: the probability that it is more than one half.
    """

    mass: tuple[float, ...]
    above_half: float


@dataclass(frozen=True)
class Shape:
    """A distribution of a share.

    Attributes
    ----------
    shares, below
        Increasing shares, and the probability that the share lies below each. Axis: point.
    mean, limits
        Of the share; limits hold the central 95 %.
    """

    shares: Floats
    below: Floats
    mean: float
    limits: tuple[float, float]

    def cumulated(self, shares: Floats) -> Floats:
        """The probability of a share below each of these."""
        found: Floats = np.interp(shares, self.shares, self.below, left=0.0, right=1.0)
        return found

    def estimate(self, n: int) -> Estimate:
        """Mean and central 95 %."""
        return Estimate(self.mean, *self.limits, n)

    def drawn(self) -> Posterior:
        mass = np.diff(self.cumulated(np.linspace(0, 1, BINS + 1)))
        above = 1 - float(self.cumulated(np.array([0.5]))[0])
        return Posterior(tuple(np.round(mass / mass.sum(), 5).tolist()), round(above, 5))


def one_session(first: int, second: int, effect: float) -> Shape:
    """Jeffreys' posterior Beta(first/effect + 1/2, second/effect + 1/2) about the mean (first + 1/2) / (n + 1).

    `effect`: the design effect of blocks of turns (`blocks.design_effect`), since occurrences come in bursts.
    """
    kept = first / effect, second / effect
    below = special.betainc(kept[0] + 0.5, kept[1] + 0.5, _SHARES)
    return Shape(_SHARES, below, (first + 0.5) / (first + second + 1), beta_limits(*kept))


def over_sessions(first: Ints, second: Ints) -> Shape:
    """The posterior of the mean share of sessions like these, whose own shares are draws from a beta distribution.

    Counts are beta-binomial. The mean has Jeffreys' prior, Beta(1/2, 1/2); how much sessions differ is not known and is
    averaged over, with a prior that says little: (sum of the beta's parameters)^(-1/2) uniform. With sessions that do
    not differ it comes near Jeffreys' posterior of the sums. A zero on one side, in one session or in all, is normal.

    Parameters
    ----------
    first, second
        Axis: session. Sessions with neither do not count.

    Source: Gelman et al. 2013, *Bayesian Data Analysis* (3rd ed.), section 5.3: the model and the prior of the spread.
    """
    pairs, times = np.unique(np.stack([first, second]), axis=1, return_counts=True)
    a, b = float(first.sum()) + 0.5, float(second.sum()) + 0.5
    at = np.log(a / b) + np.sqrt(1 / a + 1 / b) * _STEPS
    mean = special.expit(at)
    alpha, beta = np.outer(mean, _SIZES), np.outer(special.expit(-at), _SIZES)
    log_weight = 0.5 * (special.log_expit(at) + special.log_expit(-at))[:, None] - 0.5 * np.log(_SIZES)
    log_weight = log_weight - times.sum() * special.betaln(alpha, beta)
    for (count, other), number in zip(pairs.T, times, strict=True):
        log_weight = log_weight + number * special.betaln(alpha + count, beta + other)
    density = np.exp(log_weight - log_weight.max()).sum(axis=1)
    parts = np.diff(at) * (density[1:] + density[:-1]) / 2  # trapezia on the scale of log odds
    middle = (mean[1:] + mean[:-1]) / 2
    below = np.concatenate([[0], np.cumsum(parts)]) / parts.sum()
    low, high = np.interp(_TAILS, below, mean)
    return Shape(mean, below, float(parts @ middle / parts.sum()), (float(low), float(high)))
