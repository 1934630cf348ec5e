"""A mention of a person taken apart: its words in plain form, and how it was written (spelled, stuttered, plural)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from relcode.deid.letter_case import in_case_of

_POSSESSIVE = re.compile(r"(?:['’]s|(?<=s)['’])$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
_SPELLED = re.compile(r"(?:[^\W\d_](?:[-–, .]+)){2,}[^\W\d_]")
_STUTTER = re.compile(r"(?P<starts>(?:[^\W\d_]{1,4}-)+)(?P<whole>[^\W\d_].*)", re.DOTALL)
_SEXED_TITLE = re.compile(r"\b(?:(?P<m>Mr)|(?P<f>Mrs|Ms|Miss))\.?\s+$", re.IGNORECASE)
_TITLE = re.compile(
    r"\b(?:Dr|Doctor|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Officer|Judge|Detective|Reverend|Principal)\.?\s+$", re.I
)


@dataclass(frozen=True)
class Mention:
    """A name as it stands in a turn: its plain words in lower case, and the title before it."""

    words: tuple[str, ...]
    titled: bool = False
    sex: str = ""

    @property
    def form(self) -> str:
        """What is looked up in the key: the words, behind `mr` or `mrs` where a title tells the sex."""
        return " ".join([*({"m": ["mr"], "f": ["mrs"]}.get(self.sex, [])), *self.words])


def read_mention(text: str, before: str) -> Mention:
    """Take a mention apart; `before` is what stands before it in the turn."""
    sexed = _SEXED_TITLE.search(before)
    sex = "" if sexed is None else sexed.lastgroup or ""
    return Mention(tuple(word for word, _ in _plain_words(text)), _TITLE.search(before) is not None, sex)


def rewritten(text: str, new_words: list[str]) -> str:
    """The mention with other words, a new one for each of `Mention.words`, written as the former ones were."""
    if _is_spelled(text):
        marks = re.findall(r"[^\w]+", text)
        letters = [letter for letter in "".join(new_words) if letter.isalpha()]
        return in_case_of(text, marks[0].join(letters)) if text.isupper() or text.islower() else marks[0].join(letters)
    pieces: list[str] = []
    read = 0
    for (_, match), new in zip(_plain_words(text), new_words, strict=True):
        pieces += [text[read : match.start()], _like(match.group(), new)]
        read = match.end()
    return "".join([*pieces, text[read:]])


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """A word without accents and doubled letters, so that `Graciella` and `Graciela` are one."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return re.sub(r"(.)\1+", r"\1", bare)


def _is_spelled(text: str) -> bool:
    return _SPELLED.fullmatch(_POSSESSIVE.sub("", text.strip())) is not None


def _plain_words(text: str) -> list[tuple[str, re.Match[str]]]:
    if _is_spelled(text):
        whole = re.match(r".*", text, re.DOTALL)
        assert whole is not None
        return [("".join(c for c in _POSSESSIVE.sub("", text) if c.isalpha()).lower(), whole)]
    return [(_plain(match.group()), match) for match in _WORD.finditer(text)]


def _plain(word: str) -> str:
    plain = _POSSESSIVE.sub("", word).lower().rstrip(".").replace("’", "'")
    stutter = _STUTTER.fullmatch(plain)
    if stutter is not None and all(stutter["whole"].startswith(s) for s in stutter["starts"].split("-") if s):
        return stutter["whole"]
    return plain


def _like(word: str, new: str) -> str:
    """`new` with the possessive ending, the stutter and the case of `word`."""
    possessive = _POSSESSIVE.search(word)
    ending = possessive.group() if possessive else "." if word.endswith(".") and len(new) == 1 else ""
    bare = word[: len(word) - len(ending)] if ending else word
    starts = ""
    stutter = _STUTTER.fullmatch(bare)
    if stutter is not None and _plain(bare) == stutter["whole"].lower():
        parts = stutter["starts"].split("-")[:-1]
        starts = "".join(in_case_of(part, new[: len(part)]) + "-" for part in parts)
        bare = stutter["whole"]
    ending = "'s" if ending in ("'", "’") and not new.endswith("s") else ending
    return starts + in_case_of(bare, new) + ending
