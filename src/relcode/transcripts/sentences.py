"""Where sentences end, by punctuation: stops, closed quotes, semicolons, trailing off before a capital letter."""

from __future__ import annotations

import unicodedata

import numpy as np

from relcode.transcripts.tokens import Bools, Ints

_FINAL = {".", "?", "!", ";", "。", "‽"}
ELLIPSES = {"...", "…", ".."}
DASHES = {"—", "–", "--", "---", "-"}
_CLOSERS = {'"', "”", "’", "'", ")", "]", "''", "»"}
# A stop behind these ends no sentence when the next word is in lower case, or a number.
_SHORT = {"approx", "etc", "hrs", "hr", "mins", "min", "secs", "vs", "dept", "tel", "no", "nos", "ext"}
_TITLES = {"mr.", "mrs.", "ms.", "dr.", "st.", "prof.", "rev.", "fr.", "sr.", "messrs.", "mt."}
# Only these words show that a stop inside a token (`p.m.`, `U.S.`) was a sentence's last: a name may follow otherwise.
_OPENERS = set(
    "The A I I'm He She It We They You There That This These And But So Then Or What When Where Why How Who Did Do "
    "Does Is Are Was Were Have Has Can Could Would Will My Your His Her Our Their Not No Yes Yeah Nobody Everybody "
    "Everyone Someone If Because Well Okay".split()
)
_REPORTS = {"said", "says", "goes", "asked", "asks", "went", "thought", "told", "replied", "shouted"}
_REPORTERS = {"I", "i", "he", "she", "they", "we", "you", "it"}


def sentence_starts(words: tuple[str, ...], word: Ints, start: Ints, end: Ints, turn_row: Ints) -> Bools:
    """By token: it begins a sentence, or a turn."""
    same_turn = np.append(False, turn_row[1:] == turn_row[:-1])
    adjacent = same_turn & np.append(False, start[1:] == end[:-1])
    looks = _Looks(words)
    ended = looks.final[word] & ~_is_short_stop(looks, word) & ~_shift(looks.bracket[word])
    closers = looks.closer[word]
    trailing = looks.trailing[word]
    for _ in range(3):
        ended |= closers & adjacent & _shift(ended)
        trailing |= closers & adjacent & _shift(trailing)
    before = _shift(ended)
    more = ended & (adjacent | ~closers)
    told = _shift(closers) & _is_report(looks, word)
    inside = _shift(looks.fused_stop[word]) & looks.opener[word]
    capital = np.where(_shift(looks.dash[word]), looks.opener[word] & looks.capital[word], looks.capital[word])
    pause = _shift(trailing) & capital & ~adjacent
    return ~same_turn | (before & ~more & ~told) | inside | pause


class _Looks:
    """What each word of the vocabulary looks like (axis: vocabulary)."""

    def __init__(self, words: tuple[str, ...]) -> None:
        lower = [text.lower().replace("’", "'") for text in words]
        self.final = _flags(text in _FINAL or (len(text) > 1 and set(text) <= set(".?!") and text not in ELLIPSES) for text in words)
        self.dash = _flags(text in DASHES for text in words)
        self.trailing = self.dash | _flags(text in ELLIPSES or _is_picture(text) for text in words)
        self.closer = _flags(text in _CLOSERS for text in words)
        self.capital = _flags(text[:1].isupper() and text not in {"I", "I'm"} for text in words)
        self.bracket = _flags(text == "[" for text in words)
        self.opener = _flags(text in _OPENERS for text in words)
        self.fused_stop = _flags(len(text) > 1 and text[-1] == "." and any(map(str.isalpha, text)) and low not in _TITLES for text, low in zip(words, lower, strict=True))
        self.short = _flags(text in _SHORT for text in lower)
        self.small = _flags(text[:1].islower() or text[:1].isdigit() for text in words)
        self.number_only = _flags(text in {"no", "nos"} for text in lower)
        self.digit = _flags(text[:1].isdigit() for text in words)
        self.stop = _flags(text == "." for text in words)
        self.reporter = _flags(text in _REPORTERS for text in words)
        self.reports = _flags(text in _REPORTS for text in lower)
        self.lower = _flags(text[:1].islower() for text in words)


def _is_short_stop(looks: _Looks, word: Ints) -> Bools:
    """Stops of abbreviations that the tokenizer cuts off: `approx. six`, `No. 2`."""
    behind = np.append(word[1:], word[-1:])
    follows = np.where(_shift(looks.number_only[word]), looks.digit[behind], looks.small[behind])
    return looks.stop[word] & _shift(looks.short[word]) & follows


def _is_report(looks: _Looks, word: Ints) -> Bools:
    """`he said` behind a closed quote: part of the sentence that was quoted."""
    return looks.reporter[word] & np.append(looks.reports[word][1:], False)


def _is_picture(text: str) -> bool:
    return not text.isascii() and unicodedata.category(text[0]) == "So"


def _shift(flags: Bools) -> Bools:
    return np.append(False, flags[:-1])


def _flags(values: object) -> Bools:
    return np.fromiter(values, dtype=np.bool_)  # type: ignore[call-overload]
