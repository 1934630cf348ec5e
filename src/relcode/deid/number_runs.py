"""Runs: stretches of a turn that may be one number, written or said.

A run holds digits, number words, single letters and short letter groups, with what may stand between the parts of one
number ("dash", "um", a comma, a transcriber's note). Whether it identifies anyone is for `codes` to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from relcode.deid.letter_groups import ANNOUNCING, ATTACHED_UNIT, NO_GROUP, with_letter_groups
from relcode.deid.spoken import FILLER, NOTE, NUMBER_WORD, NUMBER_WORDS, PHONETIC_WORD, TEENS, TENS, UNITS, digits_of

_DIGIT_TOKEN = rf"(?!\d+{ATTACHED_UNIT}\b(?![ -]?\d))[A-Za-z]{{0,8}}\d[A-Za-z0-9]*\b"
_BEFORE_CODE = r"-\d{3}|-[A-Z]+-\d| \d{5}| \d{2,4}[ -](?:[A-Z]{1,3}[ -])?\d{2}"  # what tells a code from "PM" or "AC"
_CAPS = rf"(?-i:(?!(?i:{ANNOUNCING})\b)(?!(?i:{NO_GROUP})\b(?!{_BEFORE_CODE}))[A-Z]{{2,8}})\b"
_NO_VOWEL = rf"(?!(?:{NO_GROUP})\b)[bcdfghjklmnpqrstvwxz]{{2,4}}\b"
# Between digits in text without capitals: "22 op 00418", not "22 of 400".
_INNER = (
    r"(?<=\d[ -])(?!(?:or|of|to|in|and|at|for|by|is|on|per|the|my|if|so|as|but|out|plus|was|had|did|are|not|its|oh|uh|um|a|"
    r"i|he|she|it|we|you|from|then|with)\b)(?:[a-z]{2,3}\b(?=[ -]\d{3,})|(?<=\d{3}[ -])(?!(?:am|pm|an|be|do|go|hi|me|ml|mg|"
    r"kg|cm|mm|km|lb|ft|st|nd|rd|th|no|ok|us|up|ye|dr|mr|ms|ma|pa)\b)[a-z]{2}\b(?=[ -]\d\d\b))"
)
_LETTER = rf"(?:[b-hj-z]|(?<=\d-)[ai]|[ai](?=[\s-]+(?:[a-z0-9]\b|\d|dash|hyphen|{NUMBER_WORD}\b)))\b(?!-[a-z]{{3}})"
_GAP = r"(?:\.\.\.|[ \t\xa0,.;…–—()/-]){1,3}"
_BETWEEN = rf"{_GAP}(?:(?:{FILLER}|dash|hyphen|slash|space|then|and then|no|wait|sorry|ext|extension|{NOTE}){_GAP})*"


def _token(name: str) -> str:
    as_in = rf"(?P<{name}>[a-z])\.?,? (?:as in|for|like) (?P={name})[a-z]+\b"
    return rf"(?:{as_in}|{NUMBER_WORD}\b|{_DIGIT_TOKEN}|{PHONETIC_WORD}\b|{_LETTER}|{_CAPS}|{_NO_VOWEL}|{_INNER})"


_RUN = re.compile(
    rf"(?<![\w$£€@:'’./_\[-])(?<!last )\+?{_token('first')}(?:{_BETWEEN}{_token('more')}){{0,60}}(?![\w@_%'’]|:\d)",
    re.I,
)
_NOTE = re.compile(NOTE)
CAPITAL = re.compile(r"(?!I\b)[A-Z]")
WORD = re.compile(r"[a-z0-9]+", re.I)
YEAR = re.compile(
    r"(?:19|20)\d\d|(?:nineteen|twenty)[ -](?:oh[ -]\w+|hundred|\w+teen|ten|eleven|twelve|"
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -]\w+)?)|two thousand(?:[ -](?:and )?\w+)?",
    re.I,
)
# The letter A at the end of a code, where it can be no article.
_LAST_A = re.compile(r" A(?=[.,;?!]|$)| a(?=$| (?:and|but|so|or|i|is|its|it|that|thats|he|she|we|they|was)\b)")
_BEGINS_CODE = re.compile(r"-| \d")
_LETTER_LAST = re.compile(r"(?:\d{3}| [a-z] [a-z]) [stmu]$", re.I)
_JOINING = {"dash", "hyphen", "slash", "space", "then", "and", "no", "wait", "sorry", "ext", "extension", "as", "in", "for",
            "like"}  # fmt: skip
_NUMBER_WORDS = {"double", "triple", "treble", "hundred", "thousand"}
_HESITATION = re.compile(rf"(?i:{FILLER})|{'|'.join(_JOINING)}")
_NAMES_TOO = {"mike", "charlie", "victor", "romeo", "oscar", "juliet", "papa", "golf", "hotel", "india", "november"}


@dataclass(frozen=True)
class Run:
    """A stretch that may be one number: its text, place, digits, and letters that are no words."""

    text: str
    start: int
    end: int
    digits: str
    letters: int
    spoken: int  # single digits that are said as words

    @property
    def written(self) -> bool:
        return any(character.isdigit() for character in self.text)

    @property
    def size(self) -> int:
        return len(self.digits) + self.letters


def find_runs(text: str) -> Iterator[Run]:
    """The stretches of `text` with at least one digit that may be one number, in order."""
    cased = CAPITAL.search(text) is not None
    for match in _RUN.finditer(text):
        for start, end in _parts(text, match.start(), match.end()):
            trimmed = _trim(text, start, end, cased=cased)
            if trimmed is not None:
                yield trimmed


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A run cut where written numbers only stand in a list ("in 2010, 5280 people", "10, 20, 30 miles")."""
    run = text[start:end]
    pieces = list(re.finditer(r"(?:(?!, |; |(?<!ext)\. ).)+", run, re.S))
    whole = len(pieces) == 1 or not any(_is_listed(piece.group()) for piece in pieces)
    if whole:
        yield start, end
        return
    for piece in pieces:
        yield start + piece.start(), start + piece.end()


def _is_listed(piece: str) -> bool:
    plain = piece.strip(" ,.;")
    is_year = plain[:1].isdigit() and YEAR.fullmatch(plain) is not None
    return is_year or re.fullmatch(r"[1-9]\d?|[1-9]\d*00", plain) is not None


def _trim(text: str, start: int, end: int, *, cased: bool) -> Run | None:
    """Cut what is no part of a number from both ends; None where no digit is left."""
    tokens = list(WORD.finditer(text, start, end))
    while tokens and (_is_edge_word(tokens[0].group(), text, tokens[0].end(), first=True) or _is_article(tokens, text)):
        tokens = tokens[1:]
    while tokens and _is_edge_word(tokens[-1].group(), text, tokens[-1].end(), first=False):
        tokens = tokens[:-1]
    tokens = _without_lone_words(tokens)
    if not tokens:
        return None
    start, end = tokens[0].start(), tokens[-1].end()
    if (last := _LAST_A.match(text, end)) is not None and _ends_code(text, start, end):
        end = last.end()
    if not cased:
        start, end = with_letter_groups(text, start, end)
    start, end = _with_brackets(text, start, end)
    run = text[start:end]
    said = _NOTE.sub(" ", run)
    digits = digits_of(said)
    if not digits:
        return None
    kept = [token.lower() for token in WORD.findall(said)]
    spoken = sum(word in UNITS for word in kept)
    letters = sum(
        len(re.sub(r"\d", "", word)) for word in kept if not _HESITATION.fullmatch(word) and _is_letters(word)
    )
    return Run(run, start, end, digits, letters, spoken)


def _ends_code(text: str, start: int, end: int) -> bool:
    """Whether an A after `end` can only be a part of it: after four digits, or pairs of them that letters begin."""
    return text[end - 4 : end].isdigit() or (text[start].isalpha() and text[end - 2 : end].isdigit())


def _without_lone_words(tokens: list[re.Match[str]]) -> list[re.Match[str]]:
    """Without one number word at an end of a written code ("my old one, T61-88", "417 D three times")."""
    if len(tokens) > 1 and all(token.group().lower() not in NUMBER_WORDS for token in tokens[1:-1]):
        ends = [token.group().lower() in NUMBER_WORDS for token in (tokens[0], tokens[-1])]
        if sum(ends) == 1 and any(token.group().isdigit() and len(token.group()) > 1 for token in tokens):
            return tokens[1:] if ends[0] else tokens[:-1]
    return tokens


def _with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    if ")" in text[start:end] and "(" not in text[start:end] and text[start - 1 : start] == "(":
        start -= 1
    if text[start - 1 : start] == "+":
        start -= 1
    return start, end


def _is_letters(word: str) -> bool:
    if word in UNITS or word in TEENS or word in TENS or word in _JOINING or word in _NUMBER_WORDS:
        return False
    return len(word) <= 8


def _is_article(tokens: list[re.Match[str]], text: str) -> bool:
    """Whether a run begins with the words `a` or `I`, not with a letter of a code."""
    first = tokens[0].group()
    if first.lower() not in ("a", "i") or len(tokens) == 1:
        return False
    spelled = len(tokens[1].group()) == 1 and tokens[1].group().isalpha()
    long_number = tokens[1].group().isdigit() and (first == "A" or (first == "a" and len(tokens[1].group()) > 4))
    return not (spelled or long_number or text[tokens[0].end()] == "-")


def _is_edge_word(word: str, text: str, after: int, *, first: bool) -> bool:
    lower = word.lower()
    if _HESITATION.fullmatch(word) and not (word.isupper() and _BEGINS_CODE.match(text, after)):
        return True
    if first and lower == "oh" and text[after : after + 1] == ",":
        return True
    joined = not first and (
        text[after - len(word) - 1 : after - len(word)] == "-"
        or (lower in ("s", "t", "m", "u") and _LETTER_LAST.search(text, max(0, after - 6), after) is not None)
    )
    return lower in _NAMES_TOO or (not first and not joined and lower in ("i", "a", "s", "t", "m", "u", "and"))
