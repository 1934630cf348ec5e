"""How two marks hang together in pairs of turns: pooled and within sessions. Arrays over all pairs of codes at once.

Axes throughout: S sessions, G codes of the first turn, H codes of the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from relcode.resampling import DEFINED_SHARE, expanded_tail, session_draws

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEAST_EXPECTED = 5.0
RESAMPLES = 2000
_Z = 1.959963984540054


@dataclass(frozen=True, repr=False)
class PairCounts:
    """How many pairs of turns each session has, and in how many the first, the second or both are marked.

    Attributes
    ----------
    pairs
        Axis: S.
    first, second
        Axes: (S, G) and (S, H).
    both
        Axes: (S, G, H).
    """

    pairs: Ints
    first: Ints
    second: Ints
    both: Ints

    @property
    def pooled(self) -> PairCounts:
        """The same counts as if all sessions were one."""
        return PairCounts(*(counts.sum(axis=0, keepdims=True) for counts in self._parts))

    @property
    def cells(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The four cells of each table, axes (S, G, H): both, first alone, second alone, neither."""
        both = self.both.astype(np.float64)
        first, second = self.first[:, :, None] - both, self.second[:, None, :] - both
        return both, first, second, self.pairs[:, None, None] - both - first - second

    @property
    def _parts(self) -> tuple[Ints, Ints, Ints, Ints]:
        return self.pairs, self.first, self.second, self.both


def count_pairs(session: Ints, sessions: int, first: Bools, second: Bools) -> PairCounts:
    """Count pairs of turns by session.

    Parameters
    ----------
    session
        Row of the session of each pair, in rising order. Axis: pair.
    first, second
        Marks of the two turns. Axes: (pair, G) and (pair, H).
    """
    edges = np.searchsorted(session, np.arange(sessions + 1))
    one, two = first.astype(np.float64), second.astype(np.float64)
    parts = [slice(low, high) for low, high in pairwise(edges)]
    return PairCounts(
        np.diff(edges).astype(np.int64),
        np.array([one[part].sum(axis=0) for part in parts], dtype=np.int64).reshape(sessions, first.shape[1]),
        np.array([two[part].sum(axis=0) for part in parts], dtype=np.int64).reshape(sessions, second.shape[1]),
        np.array([one[part].T @ two[part] for part in parts], dtype=np.int64).reshape(
            sessions, first.shape[1], second.shape[1]
        ),
    )


def adjusted_residuals(counts: PairCounts) -> Floats:
    """z = (o - e) / sqrt(e (1 - R/N) (1 - C/N)) of the pooled table; NaN where a cell is expected under 5.

    It takes all pairs of turns as independent and all sessions as alike.

    Source: Haberman 1973, Biometrics 29:205-220; for sequences Allison & Liker 1982, Psychol Bull 91:393-403; the
    least expected count: Bakeman & Quera 2011, *Sequential Analysis and Observational Methods*, chapter 9.
    """
    a, b, c, d = (cells[0] for cells in counts.pooled.cells)
    n = a + b + c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        row, column = (a + b) / n, (a + c) / n
        expected = n * row * column
        least = n * np.minimum(row, 1 - row) * np.minimum(column, 1 - column)
        z = (a - expected) / np.sqrt(expected * (1 - row) * (1 - column))
    return np.where(least >= LEAST_EXPECTED, z, np.nan)


def expected_within(counts: PairCounts) -> Floats:
    """Expected number of pairs with both marks, were the second turns dealt out again within each session."""
    share = counts.first / np.maximum(counts.pairs, 1)[:, None]
    expected: Floats = np.einsum("sg,sh->gh", share, counts.second.astype(np.float64))
    return expected


def session_z(counts: PairCounts) -> Floats:
    """z of the number of pairs with both marks under permutation within sessions; NaN where nothing is left to chance.

    Mean and variance of the permutation distribution are known (a sum of hypergeometric counts), so none is drawn.

    Source: Mantel & Haenszel 1959, J Natl Cancer Inst 22:719-748, without continuity correction.
    """
    n = counts.pairs.astype(np.float64)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(n > 1, counts.first * (n - counts.first) / (n**2 * (n - 1)), 0.0)
        variance = np.einsum("sg,sh->gh", spread, counts.second * (n - counts.second))
        z = (counts.both.sum(axis=0) - expected_within(counts)) / np.sqrt(variance)
    return np.where(variance > 0, z, np.nan)


def permutation_p(pairs: Ints, first: Ints, second: Ints, both: Ints) -> tuple[float, float]:
    """Exact two-sided p of one pair of codes under permutation within sessions, and the least p that could come out.

    The number of pairs with both marks is hypergeometric in each session; their sum has the distribution that endless
    permutations would give. Two-sided: all counts at least as far from the expected one. NaN where no session leaves
    anything to chance.

    Parameters
    ----------
    pairs, first, second, both
        Axis: S.

    Source: exact conditional test of 2 x 2 x K tables, Agresti 1992, Stat Sci 7:131-153, section 3.
    """
    open_ = (first > 0) & (first < pairs) & (second > 0) & (second < pairs)
    n, one, two = pairs[open_], first[open_], second[open_]
    if not len(n):
        return np.nan, np.nan
    lowest = np.maximum(0, one + two - n)
    chance = np.ones(1)
    for part in _hypergeometric(n, one, two, lowest):
        chance = np.convolve(chance, part)
    distance = np.abs(np.arange(len(chance)) + lowest.sum() - (one * two / n).sum())
    observed = distance[both[open_].sum() - lowest.sum()]
    p = float(chance[distance >= observed - 1e-9].sum())
    least = float(chance[distance >= max(distance[0], distance[-1]) - 1e-9].sum())
    return min(p, 1.0), min(least, 1.0)


def _hypergeometric(n: Ints, one: Ints, two: Ints, lowest: Ints) -> list[Floats]:
    """By session: probabilities of `lowest`, `lowest` + 1 ... pairs with both marks."""
    width = np.minimum(one, two) - lowest + 1
    count = np.minimum(lowest[:, None] + np.arange(width.max()), np.minimum(one, two)[:, None])
    n, one, two = n[:, None], one[:, None], two[:, None]
    log_chance = _log_choose(one, count) + _log_choose(n - one, two - count) - _log_choose(n, two)
    return [row[:size] for row, size in zip(np.exp(log_chance), width, strict=True)]


def _log_choose(n: Ints, k: Ints) -> Floats:
    found: Floats = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    return found


@dataclass(frozen=True)
class Association:
    """Yule's Q with its 95 % interval. Axes: (G, H); NaN where it is undefined."""

    value: Floats
    low: Floats
    high: Floats


def yules_q(counts: PairCounts, *, seed: int) -> Association:
    """Yule's Q = (ad - bc) / (ad + bc) of the pooled table, from -1 (never together) to 1.

    The interval comes from a table with 1/2 added to each cell (a cell of 0 is normal). Within one session it is
    Woolf's; over several the expanded percentile interval of sessions drawn anew, never narrower than Woolf's.

    Source: Yule 1900, Phil Trans A 194:257-319; Gart 1966, J R Stat Soc B 28:164-179; `resampling.expanded_interval`.
    """
    a, b, c, d = (cells[0] for cells in counts.pooled.cells)
    with np.errstate(invalid="ignore"):
        value = (a * d - b * c) / (a * d + b * c)
    low, high = _wald(*(cell[None] + 0.5 for cell in (a, b, c, d)))
    if len(counts.pairs) > 1:
        drawn = _drawn(counts.cells, seed) + 0.5
        together, apart = drawn[0] * drawn[3], drawn[1] * drawn[2]
        low, high = _widened(low, high, (together - apart) / (together + apart), len(counts.pairs))
    return Association(value, np.where(np.isnan(value), np.nan, low), np.where(np.isnan(value), np.nan, high))


def yules_q_within(counts: PairCounts, *, seed: int) -> Association:
    """Yule's Q of the odds ratio that Mantel and Haenszel put together from the tables of the sessions.

    (R - S) / (R + S), R the sum of ad/n and S that of bc/n over sessions: what links two codes within sessions, not
    what rich and poor sessions have in common. NaN where R or S is 0. Interval as in `yules_q`, with the variance of
    Robins, Breslow and Greenland in Woolf's place.

    Source: Mantel & Haenszel 1959; Robins, Breslow & Greenland 1986, Biometrics 42:311-323.
    """
    a, b, c, d = counts.cells
    n = np.maximum(a + b + c + d, 1)
    together, apart = (a * d / n).sum(axis=0), (b * c / n).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where((together > 0) & (apart > 0), (together - apart) / (together + apart), np.nan)
        low, high = _wald(a, b, c, d)
        if len(counts.pairs) > 1:
            drawn = _drawn((a * d / n, b * c / n), seed)
            low, high = _widened(low, high, (drawn[0] - drawn[1]) / (drawn[0] + drawn[1]), len(counts.pairs))
    return Association(value, np.where(np.isnan(value), np.nan, low), np.where(np.isnan(value), np.nan, high))


def _wald(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, Floats]:
    """Ends of the interval of Q, from the variance of the log odds ratio of tables by session."""
    n = np.maximum(a + b + c + d, 1)
    same, other, r, s = (a + d) / n, (b + c) / n, a * d / n, b * c / n
    big_r, big_s = r.sum(axis=0), s.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (
            (same * r).sum(axis=0) / (2 * big_r**2)
            + (same * s + other * r).sum(axis=0) / (2 * big_r * big_s)
            + (other * s).sum(axis=0) / (2 * big_s**2)
        )
        centre, half = np.log(big_r / big_s), _Z * np.sqrt(variance)
    # (odds - 1) / (odds + 1) is the hyperbolic tangent of half the log odds
    return np.tanh((centre - half) / 2), np.tanh((centre + half) / 2)


def _drawn(parts: tuple[Floats, ...], seed: int) -> Floats:
    """Sums over sessions drawn anew. Axes: (part, draw, G, H)."""
    sessions = len(parts[0])
    weights = _weights(sessions, seed)
    return np.stack([(weights @ part.reshape(sessions, -1)).reshape(RESAMPLES, *part.shape[1:]) for part in parts])


@lru_cache(maxsize=1)
def _weights(sessions: int, seed: int) -> Floats:
    return session_draws(sessions, RESAMPLES, seed).astype(np.float64)


def _widened(low: Floats, high: Floats, drawn: Floats, sessions: int) -> tuple[Floats, Floats]:
    """Ends moved out to those of the draws, unless these are undefined in more than a tenth of them."""
    tail = expanded_tail(sessions)
    undefined = np.isnan(drawn)
    ends = np.quantile(np.where(undefined, 0.0, drawn), (tail, 1 - tail), axis=0)
    ends = np.where(undefined.mean(axis=0) > 1 - DEFINED_SHARE, np.nan, ends)
    return np.fmin(low, ends[0]), np.fmax(high, ends[1])
