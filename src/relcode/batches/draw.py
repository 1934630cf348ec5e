"""Drawing at random: each item as likely as any other, and every stratum by its share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from random import Random
from typing import TypeVar

Item = TypeVar("Item")
Strata = tuple[Hashable, ...]


def draw_evenly(items: Sequence[Item], count: int, strata: Callable[[Item], Strata], drawn: Random) -> list[Item]:
    """Draw `count` items without replacement: a systematic sample with a random start of the items sorted by stratum.

    Each item is drawn with the same probability, `count / len(items)`, and each stratum gives its share of the draw, less
    or more than one.

    Parameters
    ----------
    count
        0 to `len(items)`.
    strata
        The strata of an item, from the widest to the narrowest (therapist, dyad); of the same length for all.
    """
    if count <= 0:
        return []
    ranks: dict[Strata, float] = {}

    def rank(item: Item) -> list[float]:
        own = strata(item)
        within = [ranks.setdefault(own[:depth], drawn.random()) for depth in range(1, len(own) + 1)]
        return [*within, drawn.random()]

    queue = sorted(items, key=rank)
    start = drawn.randrange(len(queue))
    return [queue[(start + number * len(queue)) // count] for number in range(count)]


def share_of(share: float, count: int) -> int:
    """How many of `count` a share (0 to 1) is: rounded, and at least one where something was asked for."""
    return min(count, max(1, round(share * count))) if share > 0 else 0
