"""Where sentences end, by punctuation: stops, closed quotes, semicolons, trailing off before a capital letter."""

from __future__ import annotations

import unicodedata
from enum import IntFlag, auto

import numpy as np

from relcode.transcripts.arrays import Bools, Ints
from relcode.transcripts.word_column import WordColumn

_FINAL = {".", "?", "!", ";", "。", "‽"}
ELLIPSES = {"...", "…", ".."}
DASHES = {"—", "–", "--", "---", "-"}
_CLOSERS = {'"', "”", "’", "'", ")", "]", "''", "»"}
# A stop behind these ends no sentence when the next word is in lower case, or a number.
_SHORT = {"approx", "etc", "hrs", "hr", "mins", "min", "secs", "vs", "dept", "tel", "ext"}
_NUMBERED = {"No", "Nos"}
_TITLES = {"mr.", "mrs.", "ms.", "dr.", "st.", "prof.", "rev.", "fr.", "sr.", "messrs.", "mt."}
# Only these words show that a stop inside a token (`p.m.`, `U.S.`) was a sentence's last: a name may follow otherwise.
_OPENERS = (
    "The A I I'm He She It We They You There That This These And But So Then Or What When Where Why How Who Did Do "
    "Does Is Are Was Were Have Has Can Could Would Will My Your His Her Our Their Not No Yes Yeah Nobody Everybody "
    "Everyone Someone If Because Well Okay"
)
_REPORTS = {"said", "says", "goes", "asked", "asks", "went", "thought", "told", "replied", "shouted"}
_REPORTERS = {"I", "i", "he", "she", "they", "we", "you", "it"}


class _Look(IntFlag):
    """What a token looks like."""

    FINAL = auto()
    DASH = auto()
    TRAILING = auto()
    CLOSER = auto()
    CAPITAL = auto()
    OPENER = auto()
    FUSED_STOP = auto()
    SHORT = auto()
    NUMBER_ONLY = auto()
    SMALL = auto()
    DIGIT = auto()
    STOP = auto()
    BRACKET = auto()
    REPORTER = auto()
    REPORTS = auto()


def sentence_starts(words: tuple[str, ...], word: Ints, start: Ints, end: Ints, turn_row: Ints) -> Bools:
    """By token: it begins a sentence, or a turn."""
    looks = _LOOKS.of(words)[word]
    same_turn = np.append(False, turn_row[1:] == turn_row[:-1])
    before = np.append(0, looks[:-1]) * same_turn
    behind = np.append(looks[1:] * same_turn[1:], 0)
    adjacent = same_turn & np.append(False, start[1:] == end[:-1])
    closer = _is(looks, _Look.CLOSER)
    ended = _is(looks, _Look.FINAL) & ~_is_short_stop(before, looks, behind) & ~_is(before, _Look.BRACKET)
    trailing = _is(looks, _Look.TRAILING)
    for _ in range(3):
        ended |= closer & adjacent & _shift(ended)
        trailing |= closer & adjacent & _shift(trailing)
    more = ended & (adjacent | ~closer)
    told = _is(before, _Look.CLOSER) & _is(looks, _Look.REPORTER) & _is(behind, _Look.REPORTS)
    fused = _is(before, _Look.FUSED_STOP) & _is(looks, _Look.OPENER)
    capital = _is(looks, _Look.CAPITAL) & (_is(looks, _Look.OPENER) | ~_is(before, _Look.DASH))
    found: Bools = ~same_turn | (_shift(ended) & ~more & ~told) | fused | (_shift(trailing) & capital & ~adjacent)
    return found


def _is_short_stop(before: Ints, looks: Ints, behind: Ints) -> Bools:
    """Stops of abbreviations that the tokenizer cuts off: `approx. six`, `No. 2`."""
    follows = np.where(_is(before, _Look.NUMBER_ONLY), _is(behind, _Look.DIGIT), _is(behind, _Look.SMALL))
    return _is(looks, _Look.STOP) & _is(before, _Look.SHORT) & follows


def _look_of(text: str) -> int:
    """What is seen by the form of a token that is on no list."""
    letter = text[:1]
    if letter.islower():
        look = _SMALL
    elif letter.isupper():
        look = _CAPITAL
    elif letter.isdigit():
        look = _NUMBER
    elif len(text) > 1 and set(text) <= set(".?!"):
        return _FINAL_RUN
    else:
        return _PICTURE if not text.isascii() and unicodedata.category(letter) == "So" else 0
    if text[-1] == "." and text.lower() not in _TITLES:
        look |= _FUSED_STOP
    return look


def _is(looks: Ints, wanted: _Look) -> Bools:
    found: Bools = (looks & int(wanted)) != 0
    return found


def _shift(flags: Bools) -> Bools:
    return np.append(False, flags[:-1])


_SMALL, _CAPITAL, _NUMBER = int(_Look.SMALL), int(_Look.CAPITAL), int(_Look.SMALL | _Look.DIGIT)
_FINAL_RUN, _PICTURE, _FUSED_STOP = int(_Look.FINAL), int(_Look.TRAILING), int(_Look.FUSED_STOP)
_KNOWN: dict[str, int] = {}
for _look, _texts in {
    _Look.FINAL: _FINAL,
    _Look.STOP: {"."},
    _Look.DASH | _Look.TRAILING: DASHES,
    _Look.TRAILING: ELLIPSES,
    _Look.CLOSER: _CLOSERS,
    _Look.BRACKET: {"["},
    _Look.OPENER: set(_OPENERS.split()),
    _Look.REPORTER: _REPORTERS,
    _Look.REPORTS: _REPORTS,
    _Look.SHORT: _SHORT | {text.capitalize() for text in _SHORT} | _NUMBERED,
    _Look.NUMBER_ONLY: _NUMBERED,
}.items():
    for _text in _texts:
        _KNOWN[_text] = _KNOWN.get(_text, 0) | int(_look)
for _text in list(_KNOWN):
    if _text[:1].isalpha() and _text not in {"I", "I'm"}:
        _KNOWN[_text] |= _look_of(_text)
_LOOKS = WordColumn(lambda word: _KNOWN.get(word) or _look_of(word))
