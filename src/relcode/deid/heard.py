"""A turn as the recognisers look at it: the cheap things they all ask are worked out once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_WORD = re.compile(r"[a-z]+")
_DIGIT = re.compile(r"\d")


@dataclass(slots=True)
class Heard:
    """The words of a turn, in lower case as well, and what was said just before it (often a question)."""

    text: str
    lower: str
    before: str = ""
    ages: frozenset[str] = frozenset()  # of 90 and over, in digits, that were said elsewhere in the session
    words: frozenset[str] = field(init=False)
    has_digits: bool = field(init=False)

    def __post_init__(self) -> None:
        self.words = frozenset(_WORD.findall(self.lower))
        self.has_digits = _DIGIT.search(self.lower) is not None

    def has(self, words: frozenset[str]) -> bool:
        """Whether any of `words` stands in the turn."""
        return not self.words.isdisjoint(words)
