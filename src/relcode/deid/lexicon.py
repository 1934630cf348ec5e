"""What the lists know of a word: as a first name, a surname, a place, and as an ordinary word."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from relcode.deid.lists import MOSTLY_NAMES, NAME_WORDS, NOT_NAMES, TALK_WORDS, levels, word_set
from relcode.deid.words import like_a_place, stems

# One word of talk in a hundred is a first name (four half powers of ten), one in three hundred a surname.
_FIRST_IN_TALK, _LAST_IN_TALK = 4, 5
NEVER = -9
_FILLER = re.compile(
    r"[hmnu]+|y?[aeou]+h*m*|y?h?m+h*m*|(?:ha|he|ho|la|na|da|blah|uh|mm|um|ah|oh|no|ya){2,}h?|[bcdfghjklmnpqrstvwxz]{1,4}"
)
_LEAST_COMPOUND, _COMMON, _LONGEST_PIECE = 6, 3, 14
_SHORT_PIECES = word_set("i a an of in it is to so no we me he my do up on at or as be im")
_NUMBERS = word_set(
    "twenty thirty forty fifty sixty seventy eighty ninety six ten seven eight nine eleven twelve thirteen "
    "fifteen self low high year old"
)


class Known(NamedTuple):
    """What is known of a word, in half powers of ten; -9 where a list does not hold it.

    `odds` weighs name against word: 0 where a first look would not know, 2 where the name is ten times as frequent.
    `guessed` tells that a word is in no list but could be made of some.
    """

    first: int
    last: int
    place: int
    word: int
    odds: int
    guessed: bool = False

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
    if plain.endswith("s") and plain[:-1] in NOT_NAMES and plain not in levels("first_names"):
        return Known(NEVER, NEVER, NEVER, 9, NEVER)
    if "-" in plain:
        return _compound([know(part) for part in plain.split("-") if part])
    first = levels("first_names").get(plain, NEVER)
    last = levels("last_names").get(plain, NEVER)
    place = levels("places").get(plain, NEVER)
    word = levels("words").get(plain, NEVER)
    if word == NEVER and first < 2 and last < 3:
        forms = () if first != last and plain.endswith("in") else stems(plain)  # `Shirin` is no "shiring" said fast
        word = max((levels("words")[stem] - 1 for stem in forms if stem in levels("words")), default=NEVER)
        word = max(word, 0) if word != NEVER else NEVER
        if word == NEVER and place == NEVER and first == last == NEVER and _written_together(plain):
            return Known(NEVER, NEVER, NEVER, 0, NEVER, guessed=True)
    named = max(first - _FIRST_IN_TALK, last - _LAST_IN_TALK)
    odds = (named - word if word != NEVER else max(2, named + 4)) if first != NEVER or last != NEVER else NEVER
    if plain in MOSTLY_NAMES:
        first, odds = max(first, 3), max(odds, 3)
    elif plain in NAME_WORDS:
        odds = min(odds, -1)
    return Known(first, last, place, word, odds)


def family_of(plain: str) -> Known | None:
    """The surname of a family in the plural, the likelier of two: `Gaineses`, `Okoros`."""
    endings = ("es", "s") if plain.endswith(("ses", "xes", "zes", "ches", "shes")) else ("s",)
    bases = [know(plain.removesuffix(ending)) for ending in endings if plain.endswith(ending)]
    surnames = [base for base in bases if base.last != NEVER]
    return max(surnames, key=lambda base: base.odds, default=None)


def _written_together(plain: str) -> bool:
    """Whether a word is a stutter or several words that lost what stood between them: `iive`, `fortythree`."""
    for cut in range(1, len(plain) // 2 + 1):
        if plain.startswith(plain[:cut], cut) and (len(plain) > 2 * cut + 1 or cut > 1) and _word(plain[cut:]):
            return True
    return len(plain) >= _LEAST_COMPOUND and not like_a_place(plain) and _pieces(plain) > 1


def _word(plain: str) -> bool:
    known = levels("words")
    return plain in TALK_WORDS or plain in known or any(stem in known for stem in stems(plain))


def _pieces(plain: str) -> int:
    """In how few common words a word can be cut; 0 if it cannot."""
    least = [0] + [99] * len(plain)
    for end in range(1, len(plain) + 1):
        for start in range(max(0, end - _LONGEST_PIECE), end):
            if least[start] < least[end] - 1 and _piece(plain[start:end]):
                least[end] = least[start] + 1
    return least[-1] if least[-1] < 99 else 0


def _piece(plain: str) -> bool:
    if len(plain) < 3:
        return plain in _SHORT_PIECES
    return plain in _NUMBERS or plain in TALK_WORDS or levels("words").get(plain, NEVER) >= _COMMON


def _compound(parts: list[Known]) -> Known:
    """`mary-kate` is a name through one part; `mother-in-law` is a word when all its parts are."""
    if not parts:
        return Known(NEVER, NEVER, NEVER, 9, NEVER)
    if all(part.word != NEVER for part in parts) and not all(part.odds >= 0 for part in parts):
        return Known(NEVER, NEVER, NEVER, min(part.word for part in parts), NEVER)
    first, last, place, word, odds = (max(part[n] for part in parts) for n in range(5))
    return Known(first, last, place, word, odds)
