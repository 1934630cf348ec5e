"""Match spaCy token patterns on the integer token arrays: the same spans as spaCy's Matcher, without `Doc` objects.

Each token dictionary becomes a Boolean column over the vocabulary, looked up by word; a pattern is followed from all
of its possible starts at once. Words are compared in lower case with straight apostrophes, which spaCy's `LOWER` does
not do for curly ones; `*` and `+` reach over 100 words at most. Figures stand in `benchmarks/cues`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from relcode.codebook.patterns import EDGE
from relcode.codebook.schema import TokenPattern
from relcode.transcripts.tokens import Bools, Ints, TokenTable, english

_REPEAT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_UNBOUNDED = 100  # words that `*` and `+` reach over at most: all stretches of a turn of 50,000 would not fit in memory
_MOST_LISTS = 8


# A pattern's number, whether it is tied to the segment's edges, its elements (least, most, token), and how many of these
# the one before it in the plan begins with as well.
Elements = list[tuple[int, int, dict[str, Any]]]
Plan = list[tuple[int, tuple[bool, bool], Elements, int]]


def plan_patterns(patterns: Sequence[TokenPattern]) -> Plan:
    """Put patterns in the order of their beginnings, so that what two have in common is followed once."""
    found = []
    for number, pattern in enumerate(patterns):
        elements = [(*_repeats(token.get("OP")), token) for token in pattern if EDGE not in token]
        edges = (bool(pattern) and EDGE in pattern[0], bool(pattern) and EDGE in pattern[-1])
        for lead in _leads(elements):
            key = tuple((id(token), least, most) for least, most, token in lead)
            found.append((key, number, edges, lead))
    found.sort(key=lambda entry: entry[0])
    plan: Plan = []
    before: tuple[tuple[int, int, int], ...] = ()
    for key, number, edges, lead in found:
        shared = 0
        while shared < min(len(before), len(key)) and before[shared] == key[shared]:
            shared += 1
        plan.append((number, edges, lead, shared))
        before = key
    return plan


class ArrayMatcher:
    """Finds patterns in a token table; columns over the vocabulary are computed once and shared by patterns."""

    def __init__(self, table: TokenTable) -> None:
        self._table = table
        self._by_lower: dict[str, list[int]] = {}
        for row, word in enumerate(table.lower_words):
            self._by_lower.setdefault(word, []).append(row)
        # by the token dictionary's identity, which is kept with it: comparing the long lists of lexicons would cost more
        self._columns: dict[int, tuple[dict[str, Any], Bools]] = {}
        self._flags: dict[tuple[str, bool], Bools] = {}
        order = np.argsort(table.word, kind="stable")
        self._positions = order
        self._position_edges = np.searchsorted(table.word[order], np.arange(len(table.words) + 1))
        # with one place more, past the last token: whether a token goes on with the segment of the one before, its word
        self._continues = np.append(np.diff(table.segment_row, prepend=-1) == 0, False)
        self._next_word = np.append(table.word, 0)

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
        for number, edges, lead, shared in plan:
            del path[shared:]
            for least, most, token in lead[shared:]:
                before = path[-1] if path else None
                path.append([] if before == [] else self._step(before, self._column(token), least, most))
            for match in path[len(lead) - 1]:
                yield number, self._at_edges(match, edges)

    def _step(
        self, before: list[tuple[Ints, Ints]] | None, column: Bools, least: int, most: int
    ) -> list[tuple[Ints, Ints]]:
        """What one more element reaches; of the first element, which has to match once, all of its places."""
        if before is None:
            first = self._starts(column)
            before = [(first, first + 1)] if len(first) else []
            least, most = max(least - 1, 0), most - 1
        if (least, most) == (0, 0):
            return before
        reached = [pair for match in before for pair in self._repeat(*match, column, least, most)]
        return [self._once(reached)] if len(reached) > _MOST_LISTS else reached

    def _at_edges(self, match: tuple[Ints, Ints], edges: tuple[bool, bool]) -> tuple[Ints, Ints]:
        """The matches that begin, and end, where an anchor asks for it."""
        first, last = match
        if edges[0]:
            keep = self._first_word[self._table.segment_row[first]] == first
            first, last = first[keep], last[keep]
        if edges[1]:
            keep = self._last_word[self._table.segment_row[first]] == last - 1
            first, last = first[keep], last[keep]
        return first, last

    @cached_property
    def _first_word(self) -> Ints:
        """By segment: the row of its first word said, -1 where none is."""
        return self._edge_word(np.flatnonzero(self._table.is_spoken)[::-1])

    @cached_property
    def _last_word(self) -> Ints:
        """By segment: the row of its last word said, -1 where none is."""
        return self._edge_word(np.flatnonzero(self._table.is_spoken))

    def _edge_word(self, spoken: Ints) -> Ints:
        word = np.full(len(self._table.segment_turn), -1, dtype=np.int64)
        word[self._table.segment_row[spoken]] = spoken  # of several, the one named last stays
        return word

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

    def _repeat(self, first: Ints, last: Ints, column: Bools, least: int, most: int) -> list[tuple[Ints, Ints]]:
        """Extend each match by `least` to `most` tokens of the column, within its segment; a list for each number."""
        reached: list[tuple[Ints, Ints]] = [(first, last)] if least == 0 else []
        for step in range(1, most + 1):
            first, last = self._extend(first, last, column)
            if not len(first):
                break
            if step >= least:
                reached.append((first, last))
        return reached

    def _extend(self, first: Ints, last: Ints, column: Bools) -> tuple[Ints, Ints]:
        keep = self._continues[last] & column[self._next_word[last]]
        return first[keep], last[keep] + 1

    def _starts(self, column: Bools) -> Ints:
        rows = np.flatnonzero(column)
        if len(rows) * 20 > len(column):
            return np.flatnonzero(column[self._table.word])
        edges = self._position_edges
        found = [self._positions[edges[row] : edges[row + 1]] for row in rows]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def _column(self, token: dict[str, Any]) -> Bools:
        if id(token) not in self._columns:
            column = np.ones(len(self._table.words), dtype=np.bool_)
            for name, value in token.items():
                if name != "OP":
                    column &= self._attribute(name, value)
            self._columns[id(token)] = (token, column)
        return self._columns[id(token)][1]

    def _attribute(self, name: str, value: Any) -> Bools:
        table = self._table
        if name == "LOWER":
            return self._strings(value, table.lower_words, self._by_lower)
        if name in ("TEXT", "ORTH"):
            return self._strings(value, table.words, None)
        if name.startswith(("IS_", "LIKE_")):
            key = (name, bool(value))
            if key not in self._flags:
                vocab = english().vocab
                flags = [bool(getattr(vocab[word], name.lower())) for word in table.words]
                self._flags[key] = np.array(flags, dtype=np.bool_) == key[1]
            return self._flags[key]
        raise ValueError(f"the attribute {name} is not among LOWER, TEXT, ORTH, IS_..., LIKE_...")

    def _strings(self, value: Any, words: Sequence[str], index: dict[str, list[int]] | None) -> Bools:
        """The words that equal a string, stand in a list (IN, NOT_IN) or match a regular expression (REGEX)."""
        if isinstance(value, str):
            value = {"IN": [value]}
        column = np.ones(len(words), dtype=np.bool_)
        for operator, operand in value.items():
            if operator in ("IN", "NOT_IN"):
                hit = np.zeros(len(words), dtype=np.bool_)
                if index is not None:
                    hit[[row for word in operand for row in index.get(word, ())]] = True
                else:
                    hit[:] = [word in set(operand) for word in words]
                column &= hit if operator == "IN" else ~hit
            elif operator == "REGEX":
                search = re.compile(operand).search
                column &= np.array([search(word) is not None for word in words], dtype=np.bool_)
            else:
                raise ValueError(f"the operator {operator} is not among IN, NOT_IN, REGEX")
        return column


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
