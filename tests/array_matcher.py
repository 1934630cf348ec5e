"""Patterns one by one, as array operations: slow and plain, what the automaton is held against.

The spans are spaCy's Matcher's, without `Doc` objects.

Each token dictionary becomes a Boolean column over the vocabulary, looked up by word; a pattern is followed from all
of its possible starts at once. Words are compared in lower case with straight apostrophes, which spaCy's `LOWER` does
not do for curly ones; `*` and `+` reach over 100 words at most. Bracketed notes (`I [pause] feel`) and the brackets of tags
(`[NAME_1]`) are passed over, as if they were not there, unless the pattern itself names a bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from array_ways import Way, ways_of
from relcode.codebook.patterns import EDGE
from relcode.codebook.schema import TokenPattern
from relcode.cues.token_columns import token_column
from relcode.transcripts.tokens import Bools, Ints, TokenTable

_REPEAT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_UNBOUNDED = 100  # words that `*` and `+` reach over at most: all stretches of a turn of 50,000 would not fit in memory
_MOST_LISTS = 8


# A pattern's number, whether it is tied to the segment's edges, whether it names a bracket, its elements (least, most,
# token), and how many of these the one before it in the plan begins with as well.
Element = tuple[int, int, dict[str, Any]]
Plan = list[tuple[int, tuple[bool, bool], bool, list[Element], int]]


def plan_patterns(patterns: Sequence[TokenPattern]) -> Plan:
    """Put patterns in the order of their beginnings, so that what two have in common is followed once."""
    found = []
    for number, pattern in enumerate(patterns):
        elements = [(*_repeats(token.get("OP")), token) for token in pattern if EDGE not in token]
        edges = (bool(pattern) and EDGE in pattern[0], bool(pattern) and EDGE in pattern[-1])
        names_bracket = any(_names_bracket(token) for _, _, token in elements)
        for lead in _leads(elements):
            key = tuple((names_bracket, id(token), least, most) for least, most, token in lead)
            found.append((key, number, edges, names_bracket, lead))
    found.sort(key=lambda entry: entry[0])
    plan: Plan = []
    before: tuple[tuple[bool, int, int, int], ...] = ()
    for key, number, edges, names_bracket, lead in found:
        shared = 0
        while shared < min(len(before), len(key)) and before[shared] == key[shared]:
            shared += 1
        plan.append((number, edges, names_bracket, lead, shared))
        before = key
    return plan


class ArrayMatcher:
    """Finds patterns in a token table; columns over the vocabulary are computed once and shared by patterns."""

    def __init__(self, table: TokenTable) -> None:
        self._table = table
        # by the token dictionary's identity, which is kept with it: comparing the long lists of lexicons would cost more
        self._columns: dict[int, tuple[dict[str, Any], Bools]] = {}
        order = np.argsort(table.word, kind="stable")
        self._positions = order
        self._position_edges = np.searchsorted(table.word[order], np.arange(len(table.words) + 1))
        self._ways = ways_of(table)

    def find(self, pattern: TokenPattern) -> tuple[Ints, Ints]:
        """All matches that lie within one segment, each once.

        Returns
        -------
        first, last
            Token rows, `last` exclusive; sorted by first, then last.

        Raises
        ------
        ValueError
            An attribute or operator that token arrays do not hold.
        """
        return self._once([pair for _, pair in self.find_all(plan_patterns([pattern]))])

    def find_all(self, plan: Plan) -> Iterator[tuple[int, tuple[Ints, Ints]]]:
        """Matches of many patterns, in no order, as (number of the pattern, (first, last)); a match may come twice."""
        path: list[list[tuple[Ints, Ints]]] = []
        for number, edges, names_bracket, lead, shared in plan:
            del path[shared:]
            way = self._ways[names_bracket]
            for least, most, token in lead[shared:]:
                before = path[-1] if path else None
                path.append([] if before == [] else self._step(before, self._column(token), (least, most), way))
            for match in path[len(lead) - 1]:
                yield number, self._at_edges(match, edges)

    def _step(
        self, before: list[tuple[Ints, Ints]] | None, column: Bools, repeats: tuple[int, int], way: Way
    ) -> list[tuple[Ints, Ints]]:
        """What one more element reaches; of the first element, which has to match once, all of its places."""
        least, most = repeats
        if before is None:
            first = self._starts(column)
            before = [(first, first + 1)] if len(first) else []
            least, most = max(least - 1, 0), most - 1
        if (least, most) == (0, 0):
            return before
        reached = [pair for match in before for pair in self._repeat(match, column, (least, most), way)]
        return [self._once(reached)] if len(reached) > _MOST_LISTS else reached

    def _at_edges(self, match: tuple[Ints, Ints], edges: tuple[bool, bool]) -> tuple[Ints, Ints]:
        """The matches that begin, and end, where an anchor asks for it."""
        first, last = match
        if edges[0]:
            keep = self._ways[True].first_word[self._table.segment_row[first]] == first
            first, last = first[keep], last[keep]
        if edges[1]:
            keep = self._ways[True].last_word[self._table.segment_row[first]] == last - 1
            first, last = first[keep], last[keep]
        return first, last

    def _once(self, found: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
        """The matches of several lists, each match once, sorted."""
        if not found:
            nothing = np.zeros(0, dtype=np.int64)
            return nothing, nothing
        if len(found) == 1:
            return found[0]
        width = len(self._table.word) + 1
        keys = np.unique(np.concatenate([first * width + last for first, last in found]))
        return keys // width, keys % width

    def _repeat(
        self, match: tuple[Ints, Ints], column: Bools, repeats: tuple[int, int], way: Way
    ) -> list[tuple[Ints, Ints]]:
        """Extend each match by `least` to `most` tokens of the column, within its segment; a list for each number."""
        (first, last), (least, most) = match, repeats
        reached: list[tuple[Ints, Ints]] = [(first, last)] if least == 0 else []
        for step in range(1, most + 1):
            after = way.following[last]
            keep = way.continues[last] & column[self._table.word[after]]
            first, last = first[keep], after[keep] + 1
            if not len(first):
                break
            if step >= least:
                reached.append((first, last))
        return reached

    def _starts(self, column: Bools) -> Ints:
        rows = np.flatnonzero(column)
        if len(rows) * 20 > len(column):
            return np.flatnonzero(column[self._table.word])
        edges = self._position_edges
        found = [self._positions[edges[row] : edges[row + 1]] for row in rows]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def _column(self, token: dict[str, Any]) -> Bools:
        if id(token) not in self._columns:
            column = token_column(token, self._table.words, self._table.lower_words)
            self._columns[id(token)] = (token, column)
        return self._columns[id(token)][1]


def _names_bracket(token: dict[str, Any]) -> bool:
    wanted = token.get("LOWER", token.get("TEXT", token.get("ORTH")))
    wanted = wanted.get("IN", ()) if isinstance(wanted, dict) else [wanted]
    return not {"[", "]"}.isdisjoint(wanted)


def _repeats(operator: str | None) -> tuple[int, int]:
    """How often an element may match: least and most."""
    simple = {None: (1, 1), "1": (1, 1), "?": (0, 1), "*": (0, _UNBOUNDED), "+": (1, _UNBOUNDED)}
    if operator in simple:
        return simple[operator]
    match = _REPEAT.fullmatch(str(operator))
    if match is None:
        raise ValueError(f"the repetition {operator!r} is not among ?, *, +, {{n}}, {{n,m}}")
    least, comma, most = match.groups()
    low = int(least or 0)
    return low, (int(most) if most else (_UNBOUNDED if comma else low))


def _leads(elements: list[tuple[int, int, dict[str, Any]]]) -> list[list[tuple[int, int, dict[str, Any]]]]:
    """Variants of a pattern in which the first element has to match: leading optional elements in or out."""
    elements = [element for element in elements if element[1] > 0]
    optional = 0
    while optional < len(elements) and elements[optional][0] == 0:
        optional += 1
    if not optional:
        return [elements]
    variants = []
    for taken in product((False, True), repeat=optional):
        lead = [(1, most, token) for (_, most, token), use in zip(elements, taken, strict=False) if use]
        variants.append(lead + elements[optional:])
    return [variant for variant in variants if variant]
