"""Intervals where there is one session alone: its turns in blocks, since what stands close together is alike.

Over several sessions whole sessions are drawn again (`intervals`). One session has no other to be compared with; but
a code that comes in bursts is worth fewer independent observations than it has segments. Successive turns are put into
blocks, and the sample counts as so much smaller as blocks differ more from each other than chance has them differ.
The interval then holds for sessions like this stretch; how much sessions differ from each other one session cannot say.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from relcode.audit.intervals import (
    Estimate,
    Ints,
    score_limits,
    share_over_sessions,
    wilson,
    without_value,
)
from relcode.audit.material import Bools, Material
from relcode.audit.posterior import Shape, one_session, over_sessions

LEAST_BLOCKS = 3
SHARE_METHOD = (
    "Within one session Wilson's interval, of a sample made smaller by as much as blocks of successive turns differ "
    "more than by chance (there is no other session to compare with); over several the session bootstrap, never "
    "narrower than Wilson's."
)
BALANCE_METHOD = (
    "Mean and 95 % interval of the posterior with Jeffreys' prior. Within one session it is wider by as much as blocks of "
    "successive turns differ more than by chance; over several it is of the mean share of such sessions, which differ "
    "from each other by as much as their counts allow (beta-binomial)."
)
NEITHER = "neither of the two was coded"


def turn_blocks(material: Material) -> Ints:
    """By turn: the block it lies in; blocks never reach over two sessions.

    A block is 2 · ceil(n^(1/3)) successive turns of a session of n: as many exchanges as the rule for the length of
    blocks says (120 turns: blocks of 10; 600: of 18). What is left at the end joins the last block.

    Source: Hall, Horowitz & Jing 1995, Biometrika 82:561-574 (length proportional to n^(1/3)); Carlstein 1986,
    Ann Stat 14:1171-1179 (blocks side by side).
    """
    blocks = np.zeros(len(material.turn_session), dtype=np.int64)
    last = -1
    for session in range(len(material.sessions)):
        rows = np.flatnonzero(material.turn_session == session)
        if not len(rows):
            continue
        length = 2 * int(np.ceil(len(rows) ** (1 / 3) - 1e-9))
        blocks[rows] = last + 1 + np.minimum(np.arange(len(rows)) // length, max(len(rows) // length - 1, 0))
        last = int(blocks[rows[-1]])
    return blocks


def design_effect(counts: Ints, totals: Ints) -> float:
    """How many times the variance of the share sum(counts) / sum(totals) is that of as many independent things.

    At least 1; 1 where there are fewer than three blocks, or nothing that could differ. With few blocks the estimate
    is uncertain, for which the quantile of t with as many degrees of freedom as there are blocks, less one, makes up.

    Parameters
    ----------
    counts, totals
        Axis: block. Things that bear the mark, and things that could.

    Source: Rao & Scott 1992, Biometrics 48:577-585, equations 1 and 2; the t quantile: Korn & Graubard 1998, Survey
    Methodology 24:193-201.
    """
    kept = totals > 0
    counts, totals = counts[kept], totals[kept]
    n, blocks = int(totals.sum()), len(totals)
    share = counts.sum() / n if n else 0.0
    if blocks < LEAST_BLOCKS or share in (0.0, 1.0):
        return 1.0
    between = blocks / (blocks - 1) * float(((counts - share * totals) ** 2).sum()) / n**2
    effect = between / (share * (1 - share) / n)
    return max(1.0, float(effect * (stats.t.ppf(0.975, blocks - 1) / stats.norm.ppf(0.975)) ** 2))


def effect_in_session(material: Material, marked: Bools, among: Bools) -> float:
    """The design effect of a share of segments (axis) where one session alone has any, else 1."""
    return effect_of_turns(material, material.segment_turn[marked & among], material.segment_turn[among])


def effect_of_turns(material: Material, marked: Ints, among: Ints) -> float:
    """The same of things given by the rows of their turns."""
    if len(np.unique(material.turn_session[among])) > 1:
        return 1.0
    blocks = turn_blocks(material)
    return design_effect(_by(blocks, marked), _by(blocks, among))


def share_of_turns(material: Material, marked: Ints, among: Ints, *, seed: int) -> Estimate:
    """Share of things that bear a mark, each thing given by the row of its turn (a segment, a turn, an episode).

    Over two sessions or more that hold such things: `intervals.share_over_sessions`. Within one: Wilson's interval of
    the sample divided by its design effect.

    Parameters
    ----------
    marked, among
        Rows of turns, one for each thing that bears the mark, and one for each that could.
    """
    counts, totals = _by(material.turn_session, marked), _by(material.turn_session, among)
    if (totals > 0).sum() > 1:
        return share_over_sessions(counts, totals, seed=seed)
    simple = wilson(len(marked), len(among))
    if simple.value is None:
        return simple
    effect = effect_of_turns(material, marked, among)
    return Estimate(simple.value, *score_limits(simple.value, len(among) / effect), len(among))


def balance_of_turns(material: Material, first: Ints, second: Ints) -> Estimate:
    """Share of the first among both: mean and 95 % of `posterior_of_turns`."""
    n = len(first) + len(second)
    return posterior_of_turns(material, first, second).estimate(n) if n else without_value(0, NEITHER)


def posterior_of_turns(material: Material, first: Ints, second: Ints) -> Shape:
    """The posterior of the share of the first among both, each thing given by the row of its turn; not of nothing.

    Where several sessions have any: `posterior.over_sessions`. Where one has: `posterior.one_session`, of the counts
    divided by their design effect.
    """
    by_session = np.stack([_by(material.turn_session, rows) for rows in (first, second)])
    kept = by_session.sum(axis=0) > 0
    if kept.sum() > 1:
        return over_sessions(*by_session[:, kept])
    effect = effect_of_turns(material, first, np.concatenate([first, second]))
    return one_session(len(first), len(second), effect)


def _by(groups: Ints, rows: Ints) -> Ints:
    """How many of these rows of turns lie in each group (session or block)."""
    size = int(groups.max()) + 1 if len(groups) else 0
    return np.bincount(groups[rows], minlength=size).astype(np.int64)
