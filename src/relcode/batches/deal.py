"""Dealing units to coders: all with about the same number of turns, doubly coded units over all pairs of coders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from random import Random

ATTEMPTS = 20
Dealt = list[tuple[int, ...]]  # for each unit its coders, as positions 0, 1, ...


def deal(sizes: Sequence[int], wanted: Sequence[int], coders: int, drawn: Random) -> Dealt:
    """Give each unit its coders.

    The coders' sums of sizes differ by no more than the size of the largest unit. Of several deals that keep this, the one
    is taken that spreads the units of several coders best over the pairs of coders.

    Parameters
    ----------
    sizes
        Turns of each unit.
    wanted
        How many coders each unit gets, 1 to `coders`.
    coders
        Number of coders.
    """
    best: tuple[tuple[int, int], Dealt] | None = None
    for _ in range(ATTEMPTS):
        dealt = _attempt(sizes, wanted, coders, drawn)
        cost = (pair_spread(dealt, coders), _load_spread(dealt, sizes, coders))
        if best is None or cost < best[0]:
            best = (cost, dealt)
        if cost[0] <= 1:
            break
    assert best is not None
    return best[1]


def pair_spread(dealt: Dealt, coders: int) -> int:
    """By how many units the pair of coders with most units in common is ahead of the one with fewest."""
    counts = Counter(pair for chosen in dealt for pair in combinations(chosen, 2))
    each = [counts[pair] for pair in combinations(range(coders), 2)]
    return max(each) - min(each) if each else 0


def _load_spread(dealt: Dealt, sizes: Sequence[int], coders: int) -> int:
    loads = [0] * coders
    for chosen, size in zip(dealt, sizes, strict=True):
        for coder in chosen:
            loads[coder] += size
    return max(loads) - min(loads)


def _attempt(sizes: Sequence[int], wanted: Sequence[int], coders: int, drawn: Random) -> Dealt:
    """One deal: units of several coders first, large ones before small ones, ties by lot.

    A unit goes to coders who, with it, are at most the largest unit ahead of the one with least; where these are too
    few, to those with least. Either way nobody gets further ahead than that.
    """
    most = max(sizes, default=0)
    loads = [0] * coders
    pairs: Counter[tuple[int, int]] = Counter()
    dealt: Dealt = [()] * len(sizes)
    order = sorted(range(len(sizes)), key=lambda unit: (-wanted[unit], -sizes[unit], drawn.random()))
    for unit in order:
        chosen: list[int] = []
        least = min(loads)
        for _ in range(wanted[unit]):
            left = [coder for coder in range(coders) if coder not in chosen]
            near = [coder for coder in left if loads[coder] + sizes[unit] <= least + most]
            if not near or wanted[unit] == 1:
                lowest = min(loads[coder] for coder in left)
                near = [coder for coder in left if loads[coder] == lowest]
            together = {coder: sum(pairs[_pair(coder, other)] for other in chosen) for coder in near}
            chosen.append(min(near, key=lambda coder: (together[coder], loads[coder], drawn.random())))
        for coder in chosen:
            loads[coder] += sizes[unit]
        pairs.update(combinations(sorted(chosen), 2))
        dealt[unit] = tuple(sorted(chosen))
    return dealt


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
