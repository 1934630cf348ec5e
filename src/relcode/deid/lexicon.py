"""What the lists know of a word: as a first name, a surname, a place, and as an ordinary word."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from relcode.deid.lists import MOSTLY_NAMES, NAME_WORDS, NOT_NAMES, TALK_WORDS, levels
from relcode.deid.words import halves, like_a_place, stems

# One word of talk in a hundred is a first name (four half powers of ten), one in three hundred a surname.
_FIRST_IN_TALK, _LAST_IN_TALK = 4, 5
NEVER = -9
_FILLER = re.compile(r"[hmnu]+|y?[aeou]+h*m*|y?h?m+h*m*|(?:ha|he|ho|la|na|da|blah|uh|mm|um|ah|oh|no|ya){2,}h?|[bcdfghjklmnpqrstvwxz]{1,4}")
_LEAST_COMPOUND, _COMMON = 7, 2


class Known(NamedTuple):
    """What is known of a word, in half powers of ten; -9 where a list does not hold it.

    `odds` weighs name against word: 0 where a first look would not know, 2 where the name is ten times as frequent.
    """

    first: int
    last: int
    place: int
    word: int
    odds: int

    @property
    def name(self) -> bool:
        return self.first != NEVER or self.last != NEVER

    @property
    def unknown(self) -> bool:
        """In no list at all: likely a rare name, or a place."""
        return not self.name and self.word == NEVER and self.place == NEVER

    @property
    def clear(self) -> bool:
        """A name that is no word, or hardly ever."""
        return self.name and self.odds >= 2


@cache
def know(plain: str) -> Known:
    """Look a word up, given in lower case without accents and endings."""
    if plain in NOT_NAMES or plain in TALK_WORDS or len(plain) < 2 or _FILLER.fullmatch(plain):
        return Known(NEVER, NEVER, NEVER, 9, NEVER)
    if "-" in plain:
        return _compound([know(part) for part in plain.split("-") if part])
    first = levels("first_names").get(plain, NEVER)
    last = levels("last_names").get(plain, NEVER)
    place = levels("places").get(plain, NEVER)
    word = levels("words").get(plain, NEVER)
    if word == NEVER and first < 2 and last < 3:
        word = max((levels("words")[stem] - 1 for stem in stems(plain) if stem in levels("words")), default=NEVER)
        word = max(word, 0) if word != NEVER else NEVER
        if word == NEVER and place == NEVER and _written_together(plain):
            word = 0
    named = max(first - _FIRST_IN_TALK, last - _LAST_IN_TALK)
    odds = (named - word if word != NEVER else max(2, named + 4)) if first != NEVER or last != NEVER else NEVER
    if plain in MOSTLY_NAMES:
        odds = max(odds, 3)
    elif plain in NAME_WORDS:
        odds = min(odds, -1)
    return Known(first, last, place, word, odds)


def _written_together(plain: str) -> bool:
    if any(_common(one, 5) and (other == one or other.startswith(one)) for one, other in halves(plain, 2)):
        return True  # a stutter that lost its hyphen
    return (
        len(plain) >= _LEAST_COMPOUND
        and not like_a_place(plain)
        and any(_common(one) and _common(other) for one, other in halves(plain))
    )


def _common(plain: str, least: int = _COMMON) -> bool:
    return levels("words").get(plain, NEVER) >= least


def _compound(parts: list[Known]) -> Known:
    """`mary-kate` is a name through one part; `mother-in-law` is a word when all its parts are."""
    if not parts:
        return Known(NEVER, NEVER, NEVER, 9, NEVER)
    if all(part.word != NEVER for part in parts) and not all(part.odds >= 0 for part in parts):
        return Known(NEVER, NEVER, NEVER, min(part.word for part in parts), NEVER)
    return Known(*(max(values) for values in zip(*parts, strict=True)))
