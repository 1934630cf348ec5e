"""Numbers in words as people say them: read, and said again in the same manner."""

from __future__ import annotations

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}
_IRREGULAR = {1: "first", 2: "second", 3: "third", 5: "fifth", 8: "eighth", 9: "ninth", 12: "twelfth"}


def in_words(number: int, *, join: str = "-") -> str:
    """A number from 0 to 99 in words; `join` stands within it ("forty-one")."""
    if number < 20:
        return _UNITS[number]
    tens = _TENS[number // 10 * 10]
    return tens if number % 10 == 0 else f"{tens}{join}{_UNITS[number % 10]}"


def ordinal_in_words(number: int, *, join: str = "-") -> str:
    """The ordinal from 1 to 99 in words ("twenty-third")."""
    if number >= 20 and number % 10:
        return f"{_TENS[number // 10 * 10]}{join}{ordinal_in_words(number % 10)}"
    if number in _IRREGULAR:
        return _IRREGULAR[number]
    words = in_words(number)
    return words.removesuffix("y") + "ieth" if words.endswith("y") else words + "th"


def ordinal_in_digits(number: int) -> str:
    """The ordinal in digits ("23rd")."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def year_in_words(year: int, *, join: str = "-", linked: bool = False) -> str:
    """A year from 1900 to 2099 as it is said ("nineteen eighty-one"); `linked`: "two thousand and four"."""
    century, rest = divmod(year, 100)
    if century == 20 and rest < 10:
        return "two thousand" + (f"{' and' if linked else ''} {in_words(rest)}" if rest else "")
    if rest == 0:
        return f"{in_words(century)} hundred"
    return f"{in_words(century)} {'oh ' if rest < 10 else ''}{in_words(rest, join=join)}"


CARDINALS = {in_words(number): number for number in range(100)}
ORDINALS = {ordinal_in_words(number): number for number in range(1, 32)}
SAID_YEARS = {year_in_words(year, linked=linked): year for year in range(1900, 2100) for linked in (False, True)}
SAID_YEARS |= {f"two thousand {link}{in_words(rest)}": 2000 + rest for rest in range(1, 60) for link in ("", "and ")}
