"""The places in patterns that a run of words can have reached, and how one word leads from place to place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from relcode.codebook.patterns import GAP
from relcode.cues.matcher import Element, Plan
from relcode.transcripts.tokens import Ints

GAP_WORDS = 3  # the most words that a gap (`..`) reaches over
_Exit = tuple[int, bool]  # a place, and whether a gap may follow it before the next word
_Pairs = list[tuple[int, int]]


class Edges(NamedTuple):
    """By place, where its numbers begin in `target` (one more at the end)."""

    begin: Ints
    target: Ints


class Places(NamedTuple):
    """Places and what leads from one to another; places 0 to 3 are beginnings.

    Attributes
    ----------
    tokens
        The distinct token dictionaries.
    token
        By place: the row of the token dictionary that a word has to match to lead to it; -1 of beginnings.
    next, behind_gap
        The places that the next word leads to, and those that the word behind a gap does.
    ends, tied_ends
        The owners of patterns that end in a place; the tied ones only at the end of a segment.
    """

    tokens: list[dict[str, Any]]
    token: Ints
    next: Edges
    behind_gap: Edges
    ends: Edges
    tied_ends: Edges


def beginning(names_bracket: bool, tied: bool) -> int:
    """The place where patterns begin that name a bracket, that are tied to the segment's start."""
    return 2 * names_bracket + tied


def places_of(plan: Plan, owners: Sequence[int]) -> Places:
    """The places of a plan's patterns; what patterns begin with alike is one place."""
    making = _Making()
    for number, tied, names_bracket, elements, _ in plan:
        begins: tuple[_Exit, ...] = ((beginning(names_bracket, tied[0]), False),)
        exits = making.follow(begins, elements, gaps=not _is_gap(elements[-1]))
        if any(gapped for _, gapped in exits):
            exits = making.follow(begins, elements, gaps=False)
        making.ends[tied[1]].extend((place, owners[number]) for place, _ in exits)
    count = len(making.token)
    lists = (*making.pairs, *making.ends)
    return Places(making.tokens, np.array(making.token, dtype=np.int64), *(_edges(each, count) for each in lists))


class _Making:
    """Places as they are made."""

    def __init__(self) -> None:
        self.tokens: list[dict[str, Any]] = []
        self.token = [-1] * 4
        self.pairs: tuple[_Pairs, _Pairs] = ([], [])  # of places: the next word leads there, the word behind a gap does
        self.ends: tuple[_Pairs, _Pairs] = ([], [])  # of place and owner: anywhere, tied
        self._rows: dict[str, int] = {}
        self._by_identity: dict[int, int] = {}
        self._known: dict[tuple[tuple[_Exit, ...], int, int, int], tuple[_Exit, ...]] = {}

    def follow(self, exits: tuple[_Exit, ...], elements: Iterable[Element], *, gaps: bool) -> tuple[_Exit, ...]:
        """The places in which a pattern's elements can have been met. `gaps`: pass over gaps without places of their own."""
        for least, most, token in elements:
            if gaps and _is_gap((least, most, token)) and not any(gapped for _, gapped in exits):
                exits = tuple((place, True) for place, _ in exits)
                continue
            key = (exits, self._row(token), least, most)
            if key not in self._known:
                self._known[key] = self._reach(*key)
            exits = self._known[key]
        return exits

    def _reach(self, exits: tuple[_Exit, ...], row: int, least: int, most: int) -> tuple[_Exit, ...]:
        made = range(len(self.token), len(self.token) + most)
        self.token += [row] * most
        for place, gapped in exits:
            self.pairs[gapped].append((place, made[0]))
        self.pairs[False].extend(pairwise(made))
        return tuple((place, False) for place in made[max(least - 1, 0) :]) + (exits if least == 0 else ())

    def _row(self, token: dict[str, Any]) -> int:
        """The row of a token dictionary; equal ones have the same."""
        if id(token) not in self._by_identity:
            asked = {name: value for name, value in token.items() if name != "OP"}
            row = self._rows.setdefault(repr(sorted(asked.items())), len(self.tokens))
            if row == len(self.tokens):
                self.tokens.append(asked)
            self._by_identity[id(token)] = row
        return self._by_identity[id(token)]


def _is_gap(element: Element) -> bool:
    return element[:2] == (0, GAP_WORDS) and element[2] == GAP


def _edges(pairs: _Pairs, places: int) -> Edges:
    found = np.array(sorted(set(pairs)), dtype=np.int64).reshape(-1, 2)
    return Edges(np.searchsorted(found[:, 0], np.arange(places + 1)), found[:, 1])
