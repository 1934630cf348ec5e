"""Match spaCy token patterns on the integer token arrays: the same spans as spaCy's Matcher, without `Doc` objects.

Each token dictionary becomes a Boolean column over the vocabulary, looked up by word; a pattern is followed from all
of its possible starts at once. `performance.md`-style figures stand in `benchmarks/cues`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from relcode.codebook.schema import TokenPattern
from relcode.transcripts.tokens import Bools, Ints, TokenTable, english

_REPEAT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_UNBOUNDED = 10**6


class ArrayMatcher:
    """Finds patterns in a token table; columns over the vocabulary are computed once and shared by patterns."""

    def __init__(self, table: TokenTable) -> None:
        self._table = table
        self._by_lower: dict[str, list[int]] = {}
        for row, word in enumerate(table.lower_words):
            self._by_lower.setdefault(word, []).append(row)
        self._columns: dict[str, Bools] = {}
        order = np.argsort(table.word, kind="stable")
        self._positions = order
        self._position_edges = np.searchsorted(table.word[order], np.arange(len(table.words) + 1))

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
        elements = [(self._column(token), *_repeats(token.get("OP"))) for token in pattern]
        width = len(self._table.word) + 1
        keys: list[Ints] = []
        for lead in _leads(elements):
            first, last = self._follow(lead)
            keys.append(first * width + last)
        found = np.unique(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.int64)
        return found // width, found % width

    def _follow(self, elements: list[tuple[Bools, int, int]]) -> tuple[Ints, Ints]:
        """Matches of elements of which the first has to match once."""
        column, least, most = elements[0]
        first = self._starts(column)
        last = first + 1
        rest = [(column, max(least - 1, 0), most - 1), *elements[1:]]
        for column, least, most in rest:
            first, last = self._repeat(first, last, column, least, most)
            if not len(first):
                break
        return first, last

    def _repeat(self, first: Ints, last: Ints, column: Bools, least: int, most: int) -> tuple[Ints, Ints]:
        """Extend each match by `least` to `most` tokens of the column, within its segment."""
        reached: list[tuple[Ints, Ints]] = [(first, last)] if least == 0 else []
        for step in range(1, most + 1):
            first, last = self._extend(first, last, column)
            if not len(first):
                break
            if step >= least:
                reached.append((first, last))
        if len(reached) == 1:
            return reached[0]
        if not reached:
            return first[:0], last[:0]
        pairs = np.unique(np.stack([np.concatenate(side) for side in zip(*reached, strict=True)]), axis=1)
        return pairs[0], pairs[1]

    def _extend(self, first: Ints, last: Ints, column: Bools) -> tuple[Ints, Ints]:
        table = self._table
        inside = last < len(table.word)
        first, last = first[inside], last[inside]
        keep = (table.segment_row[last] == table.segment_row[first]) & column[table.word[last]]
        return first[keep], last[keep] + 1

    def _starts(self, column: Bools) -> Ints:
        rows = np.flatnonzero(column)
        if len(rows) * 20 > len(column):
            return np.flatnonzero(column[self._table.word])
        edges = self._position_edges
        found = [self._positions[edges[row] : edges[row + 1]] for row in rows]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def _column(self, token: dict[str, Any]) -> Bools:
        attributes = {key: value for key, value in token.items() if key != "OP"}
        key = json.dumps(attributes, sort_keys=True)
        if key not in self._columns:
            column = np.ones(len(self._table.words), dtype=np.bool_)
            for name, value in attributes.items():
                column &= self._attribute(name, value)
            self._columns[key] = column
        return self._columns[key]

    def _attribute(self, name: str, value: Any) -> Bools:
        table = self._table
        if name == "LOWER":
            return self._strings(value, table.lower_words, self._by_lower)
        if name in ("TEXT", "ORTH"):
            return self._strings(value, table.words, None)
        if name.startswith(("IS_", "LIKE_")):
            wanted = bool(value)
            vocab = english().vocab
            flag: Callable[[Any], bool] = lambda lexeme: bool(getattr(lexeme, name.lower()))  # noqa: E731
            return np.array([flag(vocab[word]) == wanted for word in table.words], dtype=np.bool_)
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


def _leads(elements: list[tuple[Bools, int, int]]) -> list[list[tuple[Bools, int, int]]]:
    """Variants of a pattern in which the first element has to match: leading optional elements in or out."""
    optional = 0
    while optional < len(elements) and elements[optional][1] == 0:
        optional += 1
    if not optional:
        return [elements]
    variants = []
    for taken in product((False, True), repeat=optional):
        lead = [(column, 1, most) for (column, _, most), use in zip(elements, taken, strict=False) if use]
        variants.append(lead + elements[optional:])
    return [variant for variant in variants if variant]
