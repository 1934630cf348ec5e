"""Blind pages: which of a coder's pages come without suggestions, so that anchoring can be measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import msgspec

from relcode.batches.draw import Strata, draw_evenly, share_of
from relcode.batches.runs import Place


class Slot(msgspec.Struct, frozen=True):
    """One page for one coder. `coders`: how many code it."""

    coder: str
    place: Place
    strata: Strata
    coders: int


def draw_blind(slots: Sequence[Slot], share: float, drawn: Random) -> set[tuple[str, Place]]:
    """Draw the share of each coder's pages, of the doubly coded ones as of the others, spread over the strata.

    A doubly coded page that is blind for one coder is shown to the other as long as the shares allow it: on such pages
    the two ways of coding can be compared with the text held fixed.
    """
    by_coder: dict[str, list[Slot]] = {}
    for slot in slots:
        by_coder.setdefault(slot.coder, []).append(slot)
    order = sorted(by_coder)
    drawn.shuffle(order)
    blind_coders: Counter[Place] = Counter()
    found: set[tuple[str, Place]] = set()
    for coder in order:
        own = by_coder[coder]
        several = [slot for slot in own if slot.coders > 1]
        single = [slot for slot in own if slot.coders == 1]
        total = share_of(share, len(own))
        # Rounded by lot, so that a page is as likely to be blind whether one codes it or several.
        of_several = int(total * len(several) / len(own) + drawn.random())
        of_several = max(total - len(single), min(of_several, len(several), total))
        of_single = total - of_several
        chosen = draw_evenly(single, of_single, _strata, drawn) + _least_blind(several, of_several, blind_coders, drawn)
        blind_coders.update(slot.place for slot in chosen)
        found |= {(coder, slot.place) for slot in chosen}
    return found


def _least_blind(slots: Sequence[Slot], count: int, blind_coders: Mapping[Place, int], drawn: Random) -> list[Slot]:
    """Draw from the pages that are blind for fewest other coders."""
    chosen: list[Slot] = []
    for level in sorted({blind_coders[slot.place] for slot in slots}):
        pool = [slot for slot in slots if blind_coders[slot.place] == level]
        chosen += draw_evenly(pool, min(count - len(chosen), len(pool)), _strata, drawn)
    return chosen


def _strata(slot: Slot) -> Strata:
    return slot.strata
