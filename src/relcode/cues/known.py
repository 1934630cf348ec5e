"""What was worked out of sets of places and of steps between them: none at first, and room for more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from relcode.cues.growing import with_room
from relcode.cues.places import BEGINNINGS, Places
from relcode.cues.set_arrays import (
    FREE,
    MOST_FILLED,
    NEW_SETS,
    ROOTS,
    SETS,
    SETS_BITS,
    UNKNOWN,
    WIDTH,
    Known,
    Patterns,
)
from relcode.cues.sets import refill

MOST_SETS = 1 << SETS_BITS


def patterns_of(places: Places) -> Patterns:
    """The arrays of places."""
    begin, target = places.next
    place = np.repeat(np.arange(len(places.token)), np.diff(begin))
    opens = place < BEGINNINGS
    width = len(places.tokens) + 1
    keys = place[opens] * width + places.token[target[opens]]
    order = np.argsort(keys, kind="stable")
    bounds = np.arange(BEGINNINGS)[:, None] * width + np.arange(width)
    opening_begin = np.searchsorted(keys[order], bounds).astype(np.int32)
    opening = target[opens][order]
    edges = (*places.next, *places.behind_gap, *places.ends, *places.tied_ends)
    return Patterns(places.token, *edges, opening_begin, opening)


def nothing_known(patterns: Patterns) -> Known:
    """Only the empty set."""
    places = len(patterns.token)
    owners = int(max(patterns.ends.max(initial=0), patterns.tied.max(initial=0))) + 1
    numbers = {name: np.zeros(1024, dtype=np.int32) for name in ("begin", "members", "ends")}
    known = Known(
        counts=np.array([1, 0, 0, 0, 0], dtype=np.int64),
        numbers=np.full((1024, 2), FREE, dtype=np.int64),
        sets=np.zeros((1024, WIDTH), dtype=np.int32),
        steps=np.full((1024, 1), FREE, dtype=np.int64),
        openings=np.zeros((0, ROOTS), dtype=np.int32),
        stamps=np.zeros(places, dtype=np.int64),
        owner_stamps=np.zeros(owners, dtype=np.int64),
        chosen=np.zeros(places, dtype=np.int32),
        **numbers,
    )
    return more_room(patterns, known, 0)


def is_full(known: Known) -> bool:
    """Whether there are no numbers left for the sets that one more step may make."""
    return int(known.counts[SETS]) + NEW_SETS > MOST_SETS


def more_room(patterns: Patterns, known: Known, classes: int) -> Known:
    """Room for one more step, whatever it leads to: itself and its two parts are new sets at most."""
    sets, members, ends, steps, _ = known.counts.tolist()
    openings = len(known.openings)
    most_ends = len(patterns.ends) + len(patterns.tied)
    return known._replace(
        begin=with_room(known.begin, sets + 1, NEW_SETS),
        members=with_room(known.members, members, NEW_SETS * len(patterns.token)),
        numbers=_more_slots(known.numbers, sets + NEW_SETS),
        sets=with_room(known.sets, sets, NEW_SETS)[:MOST_SETS],
        ends=with_room(known.ends, ends, most_ends),
        steps=_more_slots(known.steps, steps + 1),
        openings=with_room(known.openings, openings, classes - openings, UNKNOWN),
    )


def _more_slots(known: npt.NDArray[np.int64], filled: int) -> npt.NDArray[np.int64]:
    """A map with room for so many keys."""
    if filled * MOST_FILLED <= len(known):
        return known
    slots = np.full((2 * len(known), known.shape[1]), FREE, dtype=np.int64)
    refill(slots, known, known.shape[1] == 1)
    return slots
