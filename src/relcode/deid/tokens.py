"""The words of a turn as the detectors see them: where each stands, its bare form, and what stands before it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENDING = re.compile(r"['’](?:s|ll|d|ve|re|m|S|LL|D|VE|RE|M)$")
_PARTICLE = re.compile(r"(?:al|el|ar|as|ash|an|d|l)['’-][A-Z]")
_NOTE = re.compile(r"\[[^\]\n]*\]")
_DRAWN = re.compile(r"[^\W\d_]['’][a-z]")
_OPENS = re.compile(r"[.?!…:;\"“”\n—–|]|--|\s-\s")
# A full stop after one of these ends no sentence.
_SHORTENED = frozenset(
    ("dr", "drs", "mr", "mrs", "ms", "mx", "prof", "st", "mt", "ft", "sr", "jr", "rev", "fr", "sgt", "vs")
)


class Token:
    """A word: `end` is without a possessive or contracted ending, `full_end` with it; `gap` is the text before it.

    `broken` tells that the word was cut off (`ang-`).
    """

    __slots__ = ("broken", "capital", "end", "full_end", "gap", "opens", "plain", "start", "text")

    def __init__(self, text: str, start: int, full_end: int, gap: str, opens: bool) -> None:
        ending = _ENDING.search(text) if "'" in text or "’" in text else None
        self.text = text[: ending.start()] if ending else text
        self.start = start
        self.full_end = full_end
        self.end = start + len(self.text)
        self.gap = gap
        self.opens = opens
        # `al-Rashid`, `d'Arcy`: the capital comes after the particle.
        self.capital = text[0].isupper() or (text[:1] in "aedl" and _PARTICLE.match(text) is not None)
        self.plain = bare(self.text)
        self.broken = False

    @property
    def possessive(self) -> bool:
        return self.full_end - self.end == 2


def tokens(text: str) -> list[Token]:
    """The words of a turn; notes and tags in brackets are no words."""
    if "[" in text:
        text = _NOTE.sub(lambda note: " " * len(note.group()), text)
    found: list[Token] = []
    last = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        gap = text[last:start]
        opens = not found
        if gap != " " and found and _OPENS.search(gap):
            before = found[-1]
            opens = not (gap[0] == "." and gap.strip() == "." and (before.plain in _SHORTENED or _initial(before)))
        found.append(Token(match.group(), start, end, gap, opens))
        found[-1].broken = text.startswith("-", end)
        last = end
    return found


def contracted(token: Token, *, opens: bool = False) -> bool:
    """Whether a word is drawn together, as people say it: `s'ppose`, `d'ya`, `int'resting`; not `O'Brien`, `Ja'niyah`.

    Where the capital may be that of a sentence (`opens`), any small letter after an apostrophe counts.
    """
    drawn = _DRAWN.search(token.text)
    return drawn is not None and (opens or not token.capital or drawn.start() == 0)


def _initial(token: Token) -> bool:
    return len(token.text) == 1 and token.capital and token.text != "I"


def bare(text: str) -> str:
    """In lower case, without accents and stutter: `J-Jake` is `jake`."""
    plain = text.lower().replace("’", "'")
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    if "-" in plain:
        *starts, whole = plain.split("-")
        if all(whole.startswith(start) for start in starts):
            return whole
    return plain


def without_capitals(text: str) -> bool:
    """Whether case says nothing here: all small letters, or all capitals."""
    return text.islower() or text.isupper() or not any(c.isupper() for c in text)


def small_sentences(words: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The sentences without any capital but "I" in a text that has capitals: typed or recognised otherwise."""
    start = 0
    for end in range(1, len(words) + 1):
        if end < len(words) and not words[end].opens:
            continue
        sentence = words[start:end]
        gap = words[start].gap.strip()
        ends_before = start == 0 or (gap[:1] in (".", "?", "!") and "..." not in gap)
        if (
            ends_before
            and not sentence[0].capital
            and not any(token.capital and token.text != "I" for token in sentence)
        ):
            yield sentence
        start = end
