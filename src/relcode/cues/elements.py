"""Patterns as elements: a token dictionary, and how often at least and at most words have to match it in a row.

Words are compared in lower case with straight apostrophes, which spaCy's `LOWER` does not do for curly ones; `*` and `+`
reach over 100 words at most.
"""

from __future__ import annotations

import re
from itertools import product
from typing import Any, NamedTuple

from relcode.codebook.patterns import EDGE, GAP
from relcode.codebook.schema import TokenPattern

GAP_WORDS = 3  # the most words that a gap (`..`) reaches over
_REPEAT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_UNBOUNDED = 100  # words that `*` and `+` reach over at most: all stretches of a turn of 50,000 would not fit in memory


class Element(NamedTuple):
    """`row`: of the token dictionary among the distinct ones."""

    row: int
    least: int
    most: int
    is_gap: bool
    names_bracket: bool


class Reading(NamedTuple):
    """A pattern. `opens`, `closes`: it begins with the segment's first word, it ends with the segment's last."""

    opens: bool
    closes: bool
    names_bracket: bool
    elements: list[Element]


class Elements:
    """Reads patterns; token dictionaries that are equal but for `OP` have one row.

    Attributes
    ----------
    tokens
        By row: the token dictionary, without `OP`.
    """

    def __init__(self) -> None:
        self.tokens: list[dict[str, Any]] = []
        self._rows: dict[str, int] = {}
        self._known: dict[int, tuple[dict[str, Any], Element]] = {}  # by identity, which is kept with it

    def read(self, pattern: TokenPattern) -> Reading:
        """Take a pattern apart.

        Raises
        ------
        ValueError
            An operator that is not known.
        """
        opens, closes = EDGE in pattern[0], EDGE in pattern[-1]
        elements = [self._element(token) for token in pattern[opens : len(pattern) - closes]]
        names_bracket = any(element.names_bracket for element in elements)
        return Reading(opens, closes, names_bracket, [element for element in elements if element.most])

    def _element(self, token: dict[str, Any]) -> Element:
        known = self._known.get(id(token))
        if known is not None:
            return known[1]
        asked = {name: value for name, value in token.items() if name != "OP"} if "OP" in token else token
        row = self._rows.setdefault(repr(sorted(asked.items())), len(self.tokens))
        if row == len(self.tokens):
            self.tokens.append(asked)
        least, most = _repeats(token.get("OP"))
        is_gap = (least, most) == (0, GAP_WORDS) and token == GAP
        element = Element(row, least, most, is_gap, _names_bracket(token))
        self._known[id(token)] = (token, element)
        return element


def variants(elements: list[Element]) -> list[list[Element]]:
    """Variants of a pattern in which the first element has to match: leading optional elements in or out."""
    if elements and elements[0].least:
        return [elements]
    optional = 0
    while optional < len(elements) and elements[optional].least == 0:
        optional += 1
    found = []
    for taken in product((False, True), repeat=optional):
        leading = [
            element._replace(least=1, is_gap=False) for element, use in zip(elements, taken, strict=False) if use
        ]
        found.append(leading + elements[optional:])
    return [variant for variant in found if variant]


def _names_bracket(token: dict[str, Any]) -> bool:
    wanted = token.get("LOWER", token.get("TEXT", token.get("ORTH")))
    wanted = wanted.get("IN", ()) if isinstance(wanted, dict) else (wanted,)
    return "[" in wanted or "]" in wanted


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
