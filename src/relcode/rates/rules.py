"""When a figure is refused, and why, in words; and how much more coding would halve an interval."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import stdtrit

from relcode.rates.estimates import TAIL, Estimate, Figure, difference_figure, share_figure, symmetrical_figure
from relcode.rates.estimators import Powered, adjusted_share, labelled_share, powered_share, raw_share
from relcode.rates.sums import Ints, Predictor, Sums

LEAST_SESSIONS = 5  # benchmarks/rates/coverage.py: with five the intervals hold what they promise, if they are wide
FEW = 10  # instances; with fewer, intervals are far too wide or miss too often, and the machine's help costs more than it gives
Result = Estimate | str
"""An estimate, or the reason why there is none."""


@dataclass(frozen=True)
class Halving:
    """Coded sessions, and units on them, that would halve the interval beside those that are coded; None: it cannot be."""

    sessions: int | None
    units: int | None
    reason: str = ""


@dataclass(frozen=True)
class Results:
    """What can be said of one code in one group. `power`: the weight of the predictions; None where there is none."""

    raw: Result
    labelled: Result
    adjusted: Result
    powered: Result
    power: float | None = None
    sensitivity: float | None = None
    specificity: float | None = None
    note: str = ""
    halving: Halving = field(default_factory=lambda: Halving(None, None))


def results_of(
    group: Sums,
    everywhere: Sums,
    *,
    cluster: Ints | None = None,
    unsampled: str = "",
    predictor: Predictor = "probability",
) -> Results:
    """Estimate one code in a group of sessions.

    Parameters
    ----------
    group, everywhere
        Sums by session of the group and of the whole corpus: on the same axis where the group has `LEAST_SESSIONS` or more.
        Of the corpus, what was coded by hand is used alone.
    cluster
        By session of that axis, its cluster from 0 on: estimates are then on the axis of clusters. None: each session is one.
    unsampled
        Why what was coded by hand is no sample that stands for others; empty where it is one.
    """
    if not group.units.sum():
        empty = "nothing was said there by a speaker who may carry it"
        return Results(empty, empty, empty, empty)
    own = group if cluster is None else group.together(cluster)
    fault = unsampled or _sample_fault(own)
    corpus = everywhere if cluster is None else everywhere.together(cluster)
    adjusted, sensitivity, specificity = _adjusted(own, corpus, unsampled)
    found = Results(
        raw=raw_share(own.units, own.decided),
        labelled=_counted(group) or fault or labelled_share(own),
        adjusted=adjusted,
        powered=fault,
        sensitivity=sensitivity,
        specificity=specificity,
    )
    if fault:
        return found
    powered = _powered(own, predictor)
    by_session = powered if cluster is None else _powered(group, predictor)
    few = f"rough: {group.present.sum():.0f} instances coded by hand" if group.present.sum() < FEW else ""
    halved = halving(powered.estimate, by_session.of_coding, group, cluster)
    return replace(found, powered=powered.estimate, power=powered.power, note=few, halving=halved)


def _powered(sums: Sums, predictor: Predictor) -> Powered:
    """Powered where there are instances enough to tune its power by; else hand-coding alone, which is then narrower."""
    if sums.present.sum() >= FEW:
        return powered_share(sums, predictor)
    alone = labelled_share(sums)
    return Powered(alone, 0.0, alone.variance)


def _counted(group: Sums) -> Estimate | None:
    """One session of which every unit was coded by hand is counted, not estimated."""
    if (group.units > 0).sum() != 1 or group.coded.sum() < group.units.sum():
        return None
    return Estimate(float(group.present.sum() / group.units.sum()), np.zeros(len(group.units)), np.inf)


def _sample_fault(sums: Sums) -> str:
    sessions = int(sums.is_coded.sum())
    if sessions < LEAST_SESSIONS:
        return f"{sessions} coded session(s); a correction needs {LEAST_SESSIONS}"
    if not sums.w_present.sum():
        return f"none of {sums.coded.sum():.0f} units coded by hand bears it"
    if sums.w_present.sum() == sums.weight.sum():
        return f"all of {sums.coded.sum():.0f} units coded by hand bear it"
    return ""


def _adjusted(group: Sums, everywhere: Sums, unsampled: str) -> tuple[Result, float | None, float | None]:
    if fault := unsampled or _sample_fault(everywhere):
        return fault, None, None
    sessions = int((group.units > 0).sum())
    if sessions < LEAST_SESSIONS:
        reason = f"{sessions} session(s); the machine's errors differ between sessions: needs {LEAST_SESSIONS}"
        return reason, None, None
    found = adjusted_share(everywhere, group.units, group.decided)
    known = (found.sensitivity, found.specificity)
    lowest = found.youden.value - float(stdtrit(found.youden.freedom, TAIL)) * np.sqrt(found.youden.variance)
    if not lowest > 0:  # also where it is not a number
        return "the machine's decisions do not tell it apart well enough in what was coded by hand", *known
    return found.estimate, *known


def figure_of(result: Result, *, symmetrical: bool = False, note: str = "") -> Figure:
    """A share as it is shown."""
    if isinstance(result, str):
        return Figure(reason=result)
    if result.variance == 0 and np.isfinite(result.freedom):
        return Figure(result.value, reason="the same in every session: no interval")
    if result.freedom == np.inf:
        return Figure(result.value, reason="counted: all of the session was coded by hand")
    return symmetrical_figure(result, note) if symmetrical else share_figure(result, note)


def difference_of(ours: Result, theirs: Result) -> Figure:
    """A difference as it is shown."""
    for result in (ours, theirs):
        if isinstance(result, str):
            return Figure(reason=result)
    assert not isinstance(ours, str)
    assert not isinstance(theirs, str)
    if np.inf in (ours.freedom, theirs.freedom):
        return Figure(ours.value - theirs.value, reason="one session on a side: no interval")
    return difference_figure(ours - theirs)


def halving(powered: Estimate, of_coding: float, sums: Sums, cluster: Ints | None = None) -> Halving:
    """How many more sessions, coded like those that are, would make the interval half as wide.

    What of the variance comes from hand-coding goes down with the coded sessions; the rest, that the corpus has no more
    sessions and clients than it has, stays. Solves t'^2 (rest + coding n / n') = t^2 variance / 4 for n', where the degrees
    of freedom grow as the clusters do that random sessions reach.

    Parameters
    ----------
    of_coding
        `Powered.of_coding`, judged by sessions.
    sums, cluster
        By session; see `results_of`.
    """
    now = int(sums.is_coded.sum())
    there = sums.units > 0
    most = int(there.sum())
    rest = max(powered.variance - of_coding, 0.0)
    sizes = np.ones(most) if cluster is None else np.unique(cluster[there], return_counts=True)[1]

    def clusters(sessions: int) -> float:
        return float((1 - (1 - sessions / most) ** sizes).sum())

    def width(sessions: int) -> float:
        """Squared, of the half."""
        freedom = powered.freedom * clusters(sessions) / clusters(now)
        return float(stdtrit(freedom, TAIL) ** 2 * (rest + of_coding * now / sessions))

    goal = float(stdtrit(powered.freedom, TAIL) ** 2 * powered.variance / 4)
    if width(most) > goal:
        return Halving(None, None, "not by coding more of this corpus: it would take more sessions than there are")
    low, high = now, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if width(middle) <= goal else (middle, high)
    return Halving(high - now, round((high - now) * float(sums.coded.sum()) / now))
