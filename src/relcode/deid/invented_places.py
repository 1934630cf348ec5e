"""Places and organisations that do not exist; the words that say what kind of thing it is stay.

"Larkmoor Elementary" becomes another Elementary, "2207 Tanager Court" another number and name in another Court.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from relcode.deid.invented_numbers import as_written, plain_number
from relcode.deid.letter_case import in_case_of
from relcode.deid.lists import words

# Words that say what kind of place or organisation it is; they are kept at the end (or, of some, at the beginning).
_KINDS = words("place_kinds")
_KINDS_BEFORE = frozenset(("lake", "mount", "mt", "fort", "lakes", "university", "college", "church", "bank"))
_WITHIN_A_HOUSE = frozenset(("unit", "apartment", "apt", "flat", "suite"))
_SAINT = re.compile(r"(?i)(?:st\.?|saint|our lady of|sta\.?|santa|san)\s+")
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*|\d+|&")
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", re.IGNORECASE)
_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_LETTERS = "ABDEFGHJLN"
_ZIP_DIGITS = 5
_UNGIVEN_ZIPS = 500  # no zip code below 00501 exists


def invented_place(text: str, choose: Callable[[], str | None], running: int, seed: bytes) -> str | None:
    """A place or organisation of the same kind, in the same case; None where none can be invented.

    Parameters
    ----------
    choose
        Gives the name of a place that is not taken yet.
    running
        Keeps several postcodes apart; from 1.
    seed
        Secret bytes from which house numbers are made.
    """
    spoken = plain_number(text)
    if spoken.isdigit() and len(spoken) == _ZIP_DIGITS and not text[:1].isdigit():
        return as_written(text, f"{running:0{_ZIP_DIGITS}d}") if running < _UNGIVEN_ZIPS else None
    if _ZIP.fullmatch(text):
        return f"{running:05d}" + ("-0000" if "-" in text else "") if running < _UNGIVEN_ZIPS else None
    if _POSTCODE.fullmatch(text):
        return f"ZZ{running // 100 % 10} {running // 10 % 10}{'A'}{_LETTERS[running % 10]}" if running < 1000 else None
    saint = _SAINT.match(text)
    parts = list(_WORD.finditer(text, saint.end() if saint else 0))
    named = _named(parts)
    if named is None:
        return None
    name = choose()
    if name is None:
        return None
    first, last = parts[named.start], parts[named.stop - 1]
    possessive = re.search(r"['’]s$", last.group())
    name = (
        in_case_of(text[first.start() : last.end()], name)
        if first.group().islower() or len(first.group()) > 4
        else name
    )
    before = _other_digits(text[: first.start()], seed)
    return before + name + (possessive.group() if possessive else "") + _other_digits(text[last.end() :], seed)


def _named(parts: list[re.Match[str]]) -> slice | None:
    """Which of the words are the name: those before the kind at the end, and after the kind at the beginning.

    What stays is numbers and kinds alone; where another word would stay, all is the name.
    """
    words_of_place = [part.group().lower() for part in parts]
    first, stop = 0, len(parts)
    while first < stop and words_of_place[first].isdigit():
        first += 1
    for index in range(first + 1, stop):  # "Avenue, unit 6": what follows the street
        if words_of_place[index].isdigit() or words_of_place[index] in _WITHIN_A_HOUSE:
            stop = index
            break
    start, end = first, stop
    while end > start + 1 and words_of_place[end - 1] in _KINDS:
        end -= 1
    if end - start > 1 and words_of_place[start] in _KINDS_BEFORE:
        start += 1
        while end - start > 1 and words_of_place[start] in ("of", "the"):
            start += 1
    if not all(word.isdigit() or word in _KINDS for word in words_of_place[:start] + words_of_place[end:]):
        start, end = first, len(parts)
    return slice(start, end) if start < end else None


def _other_digits(text: str, seed: bytes) -> str:
    """Each number replaced by another of as many digits."""

    def other(match: re.Match[str]) -> str:
        digest = hashlib.blake2b(match.group().encode(), key=seed).digest()
        digits = len(match.group())
        low = 10 ** (digits - 1)
        new = low + int.from_bytes(digest[:8], "big") % (9 * low)
        return str(new if str(new) != match.group() else low + (new - low + 1) % (9 * low))

    return re.sub(r"\d+", other, text)
