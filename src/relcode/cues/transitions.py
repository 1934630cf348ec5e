"""Sets of places, and where a word leads from a set: worked out when it is first met, then remembered."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from relcode.cues.leading_words import LeadingWords
from relcode.cues.number_map import NumberMap
from relcode.cues.places import Edges, Places, beginning
from relcode.cues.word_classes import WordClasses
from relcode.transcripts.tokens import Ints

_Set = npt.NDArray[np.int64]
_AT_ONCE = 2_000_000  # pairs of places that are looked at in one go
NEXT, BEHIND_GAP = 0, 1


class Transitions:
    """Where classes of words lead from sets of places. Set 0 is the empty one.

    Attributes
    ----------
    roots
        By whether patterns name a bracket: the sets in which those begin that may begin at any word, and at a segment's
        first.
    part
        By kind (`NEXT`, `BEHIND_GAP`) and set: the set of its places that lead further in this way.
    ends
        By set the owners of patterns that end in it: those that end anywhere, and those tied to the segment's end.
    """

    def __init__(self, places: Places, classes: WordClasses) -> None:
        self._places, self._classes = places, classes
        self._numbers: dict[bytes, int] = {}
        self._members: list[_Set] = []
        self._known = NumberMap()
        self._edges = (places.next, places.behind_gap)
        self._leading = [LeadingWords(classes, kind) for kind in (NEXT, BEHIND_GAP)]
        nothing = np.zeros(0, dtype=np.int64)
        self._widths = (nothing, nothing)
        self.part = (nothing, nothing)
        none = Edges(np.zeros(1, dtype=np.int64), nothing)
        self.ends = (none, none)
        self._add([nothing])
        self.roots = {bracket: self._roots(bracket) for bracket in (False, True)}

    def __len__(self) -> int:
        return len(self._known)

    def follow(self, reached: Ints, classes: Ints, kind: int) -> tuple[Ints, Ints]:
        """Which pairs of a set (a `part` of this kind) and a class lead on (rows of the pairs), and the sets they lead to."""
        self._leading[kind].bring_up_to_date(self.part[kind], self._tokens_behind)
        rows = self._leading[kind].holds(reached, classes)
        keys = (2 * reached[rows] + kind) << 32 | classes[rows]
        found = self._known.get(keys)
        missing = np.flatnonzero(found < 0)
        if len(missing):
            self._learn(_distinct(keys[missing]), kind)
            found[missing] = self._known.get(keys[missing])
        return rows, found

    def _tokens_behind(self, number: int, kind: int) -> Ints:
        """The token dictionaries that a word has to match to lead on from a set."""
        edges, place = self._edges[kind], self._members[number]
        target = edges.target[stretches(edges.begin[place], edges.begin[place + 1] - edges.begin[place])]
        return np.unique(self._places.token[target])

    def _roots(self, names_bracket: bool) -> tuple[int, int]:
        free, tied = beginning(names_bracket, False), beginning(names_bracket, True)
        inside, opening = self._add([np.array([free]), np.array([free, tied])])
        return int(self.part[NEXT][inside]), int(self.part[NEXT][opening])

    def _learn(self, keys: Ints, kind: int) -> None:
        """Work out where sets lead with classes."""
        reached, classes = keys >> 33, keys & 0xFFFFFFFF
        parts = np.cumsum(self._widths[kind][reached]) // _AT_ONCE
        for part in np.unique(parts).tolist():
            rows = np.flatnonzero(parts == part)
            self._known.put(keys[rows], self._add(self._lead(reached[rows], classes[rows], kind)))

    def _lead(self, reached: Ints, classes: Ints, kind: int) -> list[_Set]:
        """The places that each class leads to from each set."""
        edges = self._edges[kind]
        members = [self._members[row] for row in reached.tolist()]
        owner = np.repeat(np.arange(len(members)), [len(each) for each in members])
        place = np.concatenate(members)
        count = edges.begin[place + 1] - edges.begin[place]
        target = edges.target[stretches(edges.begin[place], count)]
        owner = np.repeat(owner, count)
        fits = np.flatnonzero(self._classes.fit(self._places.token[target], classes[owner]))
        pairs = _distinct(owner[fits] << 32 | target[fits])
        begin = np.searchsorted(pairs >> 32, np.arange(len(members) + 1)).tolist()
        targets = pairs & 0xFFFFFFFF
        return [targets[one:other] for one, other in pairwise(begin)]

    def _add(self, sets: list[_Set]) -> Ints:
        """The numbers of sets; new ones get one."""
        numbers, new = [], []
        for each in sets:
            key = each.tobytes()
            number = self._numbers.get(key)
            if number is None:
                number = self._numbers[key] = len(self._members)
                self._members.append(each.copy())
                new.append(each)
            numbers.append(number)
        if new:
            self._describe(new)
        return np.array(numbers, dtype=np.int64)

    def _describe(self, new: list[_Set]) -> None:
        """Say of new sets which part of them leads on, and what ends in them."""
        places, first = self._places, len(self._members) - len(new)
        row, place = np.repeat(np.arange(len(new)), [len(each) for each in new]), np.concatenate(new)
        self.ends = (
            _more_ends(self.ends[0], places.ends, row, place, len(new)),
            _more_ends(self.ends[1], places.tied_ends, row, place, len(new)),
        )
        onward, widths = [], []
        for edges in self._edges:
            leads = edges.begin[place + 1] - edges.begin[place]
            kept = leads > 0
            begin = np.searchsorted(row[kept], np.arange(len(new) + 1)).tolist()
            leading = place[kept]
            onward.append([leading[one:other] for one, other in pairwise(begin)])
            widths.append(np.bincount(row, weights=leads, minlength=len(new)).astype(np.int64))
        self._widths = (np.append(self._widths[0], widths[0]), np.append(self._widths[1], widths[1]))
        self.part = (
            np.append(self.part[0], np.zeros_like(widths[0])),
            np.append(self.part[1], np.zeros_like(widths[0])),
        )
        for kind, sets in enumerate(onward):
            self.part[kind][first : first + len(new)] = self._add(sets)


def stretches(begin: Ints, count: Ints) -> Ints:
    """The numbers from each `begin` on, `count` of them, one stretch after the other."""
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    numbers: Ints = np.arange(total) + np.repeat(begin - (ends - count), count)
    return numbers


def _more_ends(known: Edges, of_places: Edges, row: Ints, place: Ints, count: int) -> Edges:
    """The owners of known sets, and of `count` new ones; `row`, `place`: members of the new ones."""
    owners = of_places.begin[place + 1] - of_places.begin[place]
    pairs = _distinct(np.repeat(row, owners) << 32 | of_places.target[stretches(of_places.begin[place], owners)])
    begin = np.searchsorted(pairs >> 32, np.arange(1, count + 1))
    return Edges(np.append(known.begin, known.begin[-1] + begin), np.append(known.target, pairs & 0xFFFFFFFF))


def _distinct(numbers: Ints) -> Ints:
    """Each number once, sorted; for many, quicker than `np.unique`."""
    found = np.sort(numbers)
    return found[np.append(True, found[1:] != found[:-1])] if len(found) else found
