"""The places in patterns that a run of words can have reached, and how one word leads from place to place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from relcode.codebook.schema import TokenPattern
from relcode.cues.elements import Element, Elements, variants

Numbers = npt.NDArray[np.int32]
BEGINNINGS = 4  # places in which patterns begin
_Exit = tuple[int, bool]  # a place, and whether a gap may follow it before the next word
_NO_ELEMENT = -1
_LOW = 0xFFFFFFFF


class Edges(NamedTuple):
    """By place, where its numbers begin in `target` (one more at the end)."""

    begin: Numbers
    target: Numbers


class Places(NamedTuple):
    """Places and what leads from one to another; the first four are beginnings.

    Attributes
    ----------
    tokens
        The distinct token dictionaries.
    token
        By place: the row of the token dictionary that a word has to match to lead to it; -1 of beginnings.
    next, behind_gap
        The places that the next word leads to, and those that the word behind a gap of one word or more does.
    ends, tied_ends
        The owners of patterns that end in a place; the tied ones only at the end of a segment.
    """

    tokens: list[dict[str, Any]]
    token: Numbers
    next: Edges
    behind_gap: Edges
    ends: Edges
    tied_ends: Edges


def beginning(names_bracket: bool, tied: bool) -> int:
    """The place where patterns begin that name a bracket, that are tied to the segment's start."""
    return 2 * names_bracket + tied


def places_of(patterns: Sequence[TokenPattern], owners: Sequence[int]) -> Places:
    """The places of patterns; what patterns begin with alike is one place."""
    making, reading = _Making(), Elements()
    for pattern, owner in zip(patterns, owners, strict=True):
        opens, closes, names_bracket, elements = reading.read(pattern)
        begin = beginning(names_bracket, opens)
        for variant in variants(elements):
            exits = making.follow(begin, variant, gaps=not variant[-1].is_gap)
            if any(gapped for _, gapped in exits):
                exits = making.follow(begin, variant, gaps=False)
            making.ends[closes].extend([place << 32 | owner for place, _ in exits])
    following, behind_gap = making.pairs
    lists = (following + behind_gap, behind_gap, *making.ends)
    token = np.array(making.token, dtype=np.int32)
    return Places(reading.tokens, token, *(_edges(each, len(token)) for each in lists))


class _Making:
    """Places as they are made. Pairs are a place in the upper half of a number, a place or an owner in the lower."""

    def __init__(self) -> None:
        self.token = [-1] * BEGINNINGS
        self.pairs: tuple[list[int], list[int]] = ([], [])  # the next word leads there, the word behind a gap does
        self.ends: tuple[list[int], list[int]] = ([], [])  # of place and owner: anywhere, tied
        self._exits: list[tuple[_Exit, ...]] = [((place, False),) for place in range(BEGINNINGS)]
        self._numbers = {exits: number for number, exits in enumerate(self._exits)}
        self._known: dict[tuple[int, int, int, int], int] = {}  # exits, an element: the exits behind it

    def follow(self, begin: int, elements: Iterable[Element], *, gaps: bool) -> tuple[_Exit, ...]:
        """The places in which a pattern's elements can have been met. `gaps`: pass over gaps without places of their own."""
        number = begin
        for row, least, most, is_gap, _ in elements:
            passed = is_gap and gaps and not any(gapped for _, gapped in self._exits[number])
            key = (number, _NO_ELEMENT if passed else row, least, most)
            if key not in self._known:
                exits = self._exits[number]
                self._known[key] = self._number_of(
                    tuple([(place, True) for place, _ in exits]) if passed else self._reach(exits, row, least, most)
                )
            number = self._known[key]
        return self._exits[number]

    def _number_of(self, exits: tuple[_Exit, ...]) -> int:
        number = self._numbers.setdefault(exits, len(self._exits))
        if number == len(self._exits):
            self._exits.append(exits)
        return number

    def _reach(self, exits: tuple[_Exit, ...], row: int, least: int, most: int) -> tuple[_Exit, ...]:
        made = range(len(self.token), len(self.token) + most)
        self.token += [row] * most
        for place, gapped in exits:
            self.pairs[gapped].append(place << 32 | made[0])
        self.pairs[False].extend([place << 32 | place + 1 for place in made[:-1]])
        return tuple([(place, False) for place in made[max(least - 1, 0) :]]) + (exits if least == 0 else ())


def _edges(pairs: list[int], places: int) -> Edges:
    found = np.unique(np.array(pairs, dtype=np.int64))
    begin = np.searchsorted(found >> 32, np.arange(places + 1))
    return Edges(begin.astype(np.int32), (found & _LOW).astype(np.int32))
