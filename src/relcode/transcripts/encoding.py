"""From bytes to text: UTF-8, UTF-16 with or without its mark, and, with a doubt, the encodings of older programs."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from relcode.errors import TranscriptError

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_OLDER = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "latin-1": "Latin-1"}
_NOT_UTF8 = "not valid UTF-8"
_MOST_LISTED = 20
_BROKEN = re.compile("[\udc80-\udcff]+")
_QUOTES = frozenset("‘’“”–—…«»\u00a0£€¿¡°·•")


@dataclass(frozen=True, repr=False)
class Decoded:
    """Text with `\\n` at each line's end, the name of its encoding, and doubts: what was guessed or removed."""

    text: str
    encoding: str
    doubts: tuple[str, ...] = ()


def decode(path: Path, data: bytes, *, encoding: str | None = None, guess: bool = False) -> Decoded:
    """Decode a file: UTF-8, or UTF-16 and UTF-32 by their mark; NUL characters and marks in the middle are removed.

    Parameters
    ----------
    encoding
        Named by the user; nothing else is tried.
    guess
        Take what is no UTF-8 for Windows-1252, Mac Roman or UTF-16 without its mark, whichever gives the more likely
        words, with a doubt. A file of UTF-8 in which some bytes are broken is a fault nevertheless.

    Raises
    ------
    TranscriptError
        Bytes that do not fit the encoding: every line of them.
    """
    if encoding is not None:
        return _finished(_decoded(path, data, encoding), _known_name(encoding), [])
    named = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if named:
        return _finished(_decoded(path, data, "utf-8-sig" if named == "utf-8" else named), named.upper(), [])
    wide = wide_without_mark(data)
    if wide and guess:
        doubt = f"encoding guessed: {wide.upper()} without its byte order mark; name another with --encoding"
        return _finished(_decoded(path, data, wide), wide.upper(), [doubt])
    if wide:
        raise TranscriptError(
            f"{path} looks like {wide.upper()} without its byte order mark; save it as UTF-8 (`relcode import` reads it)."
        )
    try:
        return _finished(data.decode("utf-8"), "UTF-8", [])
    except UnicodeDecodeError:
        if not guess or _is_broken_utf8(data):
            raise TranscriptError(f"{path} cannot be read as text:", _lines_at_fault(path, data)) from None
    older = _guess(data)
    doubt = f"encoding guessed: {_OLDER[older]} (it is no UTF-8); name another with --encoding if letters look wrong"
    return _finished(_decoded(path, data, older), _OLDER[older], [doubt])


def leniently(data: bytes) -> str:
    """Text for a first look: what cannot be decoded is left out."""
    mark = next((mark for mark in _MARKS if data.startswith(mark)), None)
    name = _MARKS[mark] if mark else wide_without_mark(data) or "utf-8"
    return data.decode("utf-8-sig" if name == "utf-8" else name, "ignore").lstrip("\ufeff")


def wide_without_mark(data: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` where every second byte is zero, as in English text without its mark."""
    sample = data[:2000]
    half = len(sample) // 2
    if half < 2 or 0 not in sample:
        return None
    at_even, at_odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if at_odd > 0.7 and at_even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if at_even > 0.7 and at_odd < 0.1 else None


def _finished(text: str, encoding: str, doubts: list[str]) -> Decoded:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    for sign, what in (("\x00", "NUL character(s)"), ("\ufeff", "byte order mark(s) within the text")):
        count = text.count(sign)
        if count:
            text = text.replace(sign, "")
            doubts.append(f"{count} {what} removed")
    return Decoded(text, encoding, tuple(doubts))


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise TranscriptError(f"{path}: there is no encoding of the name given with --encoding.") from None
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = data[:start].decode(encoding, "ignore").count("\n") + 1
        raise TranscriptError(f"{path}:{line}: not valid {encoding}; the file may be cut off, or in another.") from None


def _known_name(encoding: str) -> str:
    return _OLDER.get(encoding.lower().replace("-", ""), encoding)


def _is_broken_utf8(data: bytes) -> bool:
    """Whether other letters of UTF-8 stand in the file beside the broken bytes, or only its end is cut off."""
    text = data.decode("utf-8", "surrogateescape")
    broken = sum(map(len, _BROKEN.findall(text)))
    letters = sum(not char.isascii() for char in text) - broken
    return letters >= broken


def _lines_at_fault(path: Path, data: bytes) -> list[str]:
    # surrogates cannot stand in the text itself: each is a byte that is no UTF-8
    numbers = [n for n, line in enumerate(data.split(b"\n"), start=1) if not _is_utf8(line)]
    faults = [
        f"{path}:{number}: {_NOT_UTF8}; save the file as UTF-8 (`relcode import` guesses older encodings)"
        for number in numbers[:_MOST_LISTED]
    ]
    more = len(numbers) - _MOST_LISTED
    return faults + ([f"{path}: {more} further line(s) are {_NOT_UTF8}"] if more > 0 else [])


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(data: bytes) -> str:
    """Windows-1252 or Mac Roman, whichever makes words; Latin-1 where neither can be."""
    best, score = "latin-1", -1.0
    for name in ("cp1252", "mac_roman"):
        try:
            found = _likelihood(data.decode(name))
        except UnicodeDecodeError:
            continue
        if found > score:
            best, score = name, found
    return best


def _likelihood(text: str) -> float:
    """How well the other signs than ASCII stand where such signs stand in European languages: 0 to 1."""
    found = [
        _fits(match[0], text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1])
        for match in re.finditer(r"[^\x00-\x7f]", text)
    ]
    return sum(found) / max(len(found), 1)


def _fits(sign: str, before: str, after: str) -> float:
    if sign.isalpha() and sign not in "ªºµƒˆ":
        if sign.islower():  # few words begin with one
            return 1.0 if before.isalpha() else 0.5 * after.isalpha()
        return 1.0 if not before.isalpha() and after.isalpha() else 0.5 * before.isupper() * (not after.islower())
    if sign in "£€":
        return float(after.isdigit() or before.isdigit() or before == " ")
    inside_a_word = before.isalpha() and after.isalpha()
    return float(sign == "’" or (sign in _QUOTES and not inside_a_word and not (sign == "…" and after.isalpha())))
