"""Numbers as they are said: the words, and the digits that a run of them stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable

UNITS = {
    "zero": "0", "oh": "0", "nought": "0", "naught": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16",
    "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
TENS = {
    "twenty": "20", "thirty": "30", "forty": "40", "fourty": "40", "fifty": "50", "sixty": "60", "seventy": "70",
    "eighty": "80", "ninety": "90",
}  # fmt: skip
TIMES = {"double": 2, "triple": 3, "treble": 3}


def word_set(words: str) -> frozenset[str]:
    """The words of a string, for sets that read best as lines of words."""
    return frozenset(words.split())


PHONETIC = word_set(
    "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa "
    "quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu"
)


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


UNIT = rf"(?:{_any(UNITS)})"
NONZERO = r"(?:one|two|three|four|five|six|seven|eight|nine)"
TEEN = rf"(?:{_any(TEENS)})"
TEN = rf"(?:{_any(TENS)})"
NUMBER_WORD = rf"(?:{_any([*UNITS, *TEENS, *TENS, *TIMES])}|hundred|thousand)"
PHONETIC_WORD = rf"(?:{_any(PHONETIC)})"
NUMBER_WORDS = frozenset([*UNITS, *TEENS, *TENS])
# What stands between the parts of one number: marks, hesitation, "dash", a note of the transcriber.
FILLER = r"(?:u+m+|u+h+|er+m?|a+h|hm+|mm+)"
NOTE = r"\[(?:\?|pause[^\]]*|laughs|sighs|crying|overlap(?: ends)?)\]"
UP_TO_99 = rf"(?:{TEN}(?:[ -]{NONZERO})?|{TEEN}|{UNIT})"

_WORD = re.compile(r"[a-z]+|\d+", re.I)


def digits_of(run: str) -> str:
    """The digits that a run of number words and digits stands for (`"two six oh"` -> `"260"`).

    >>> digits_of("double five, twenty-two forty, nine hundred")
    '552240900'
    """
    digits: list[str] = []
    words = [word.lower() for word in _WORD.findall(run)]
    times, after_tens = 1, False
    for index, word in enumerate(words):
        tens = False
        if word in TIMES:
            times = TIMES[word]
            continue
        if word.isdigit():
            digits.append(word)
        elif word in UNITS or (word == "o" and _between_digits(words, index)):
            unit = UNITS.get(word, "0")
            if after_tens and unit != "0":
                digits[-1] = digits[-1][0] + unit
            else:
                digits.append(unit * times)
        elif word in TEENS:
            digits.append(TEENS[word])
        elif word in TENS:
            digits.append(TENS[word])
            tens = True
        elif word in ("hundred", "thousand"):
            digits.append("00" if word == "hundred" else "000")
        times, after_tens = 1, tens
    return "".join(digits)


def _between_digits(words: list[str], index: int) -> bool:
    """Whether the letter `o` is a zero: next to a number word."""
    beside = words[max(0, index - 1) : index] + words[index + 1 : index + 2]
    return any(word in UNITS or word in TEENS or word in TENS or word.isdigit() for word in beside)
