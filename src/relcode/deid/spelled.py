"""Names spelled out and initials: "S-A-R-A", "s a r a h", "J.T.", "Mr. B"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relcode.deid.evidence import Candidate

_LETTERS = re.compile(
    r"(?<![\w'’-])(?:[A-Za-z](?:-[A-Za-z]){2,}(?:, [A-Za-z](?:-[A-Za-z])+)*|[A-Za-z](?:, ?[A-Za-z]){2,}|"
    r"[A-Za-z](?: (?:double )?[A-Za-z]){2,}|[A-Z](?:\. [A-Z]){2,})(?![\w'’-])"
)
# A letter with the word that makes it clear ("M as in Mary"), or twice ("double B").
_HELPED = r"(?:double |capital )?[A-Za-z](?:,? (?:as in|like in|for|like) [A-Za-z]{2,})?"
_ALL_HELPED = re.compile(rf"(?<![\w'’-]){_HELPED}(?:(?:, ?| |-|\. ){_HELPED})+(?![\w'’-])")
_LETTER = re.compile(r"(?<![A-Za-z'’])[A-Za-z](?![A-Za-z'’])")
_HELP_WORD = re.compile(
    r"\b(?P<letter>[B-HJ-Z]),? (?:as in|like in|for|like) (?P<word>(?P=letter)[A-Za-z]+)", re.IGNORECASE
)
_INITIALS = re.compile(r"(?<![\w.])(?:[A-Z]\.){2,3}(?!\w)")
_TITLED_INITIAL = re.compile(
    r"\b(?:[Mm]rs?|[Mm]s|[Dd]r|[Mm]iss|Uncle|Aunt|Auntie)\.? ([A-Z]\.|[B-HJ-Z](?![\w'’]))|\b(?:mrs?|ms) ([b-hj-z])(?![\w'’])"
)
_NO_INITIALS = frozenset(
    (
        "U.S.",
        "U.K.",
        "D.C.",
        "A.A.",
        "N.A.",
        "M.D.",
        "P.M.",
        "A.M.",
        "I.D.",
        "T.V.",
        "D.A.",
        "I.V.",
        "U.S.A.",
        "E.R.",
        "I.Q.",
        "O.K.",
        "P.E.",
        "C.B.T.",
        "H.R.",
        "I.T.",
        "L.A.",
        "R.N.",
        "B.S.",
        "B.A.",
        "M.A.",
        "P.T.",
        "O.T.",
        "E.D.",
        "V.A.",
        "G.P.",
        "P.C.",
        "S.A.T.",
        "G.E.D.",
        "N.Y.",
        "B.C.",
        "A.D.",
        "P.S.",
        "R.V.",
        "D.J.",
    )
)
_SPELLING = re.compile(r"spell|letter|double|name|call", re.I)


def spelled(text: str) -> Iterator[Candidate]:
    """Names given letter by letter, and initials."""
    if "-" in text or " " in text:
        for match in _LETTERS.finditer(text):
            letters = re.findall(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])", match.group())
            if (
                sum(letter.lower() in "ai" for letter in letters) * 2 > len(letters)
                or len(set(map(str.lower, letters))) < 2
            ):
                continue
            sure = len(letters) > 3 or _SPELLING.search(text) is not None
            yield Candidate(match.start(), match.end(), "NAME", 0.93 if sure else 0.5, "spelled out")
        yield from _with_help(text)
    if "." in text:
        for match in _INITIALS.finditer(text):
            if match.group() not in _NO_INITIALS:
                yield Candidate(match.start(), match.end(), "NAME", 0.75, "initials")
    for match in _TITLED_INITIAL.finditer(text):
        yield Candidate(*match.span(match.lastindex or 0), "NAME", 0.85, "initial after a title")


def _with_help(text: str) -> Iterator[Candidate]:
    """Letters of which a word tells one or more: "M as in Mary, O, H", "b for boy e n"."""
    helped = [match.start() for match in _HELP_WORD.finditer(text)]
    if not helped:
        return
    for match in _ALL_HELPED.finditer(text):
        count = sum(match.start() <= start < match.end() for start in helped)
        letters = len(_LETTER.findall(match.group()))
        if count and (letters > 2 or count == letters):
            yield Candidate(match.start(), match.end(), "NAME", 0.93, "spelled out")
