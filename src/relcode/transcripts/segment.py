"""Cut turns into segments (response units): sentences, and the independent clauses within them (docs/formats.md).

Boundaries are found on the token arrays: where punctuation ends a sentence (`sentences`), and where words show that an
independent clause begins (`clauses`). Bracketed notes stay with the segment they stand in. A turn is cut the same
whatever stands before and behind it.
"""

from __future__ import annotations

import re

import numpy as np

from relcode.transcripts.clauses import clause_starts
from relcode.transcripts.sentences import sentence_starts
from relcode.transcripts.tokens import Bools, Ints

_TAG = re.compile(r"[A-Z]+(_[A-Z0-9]+)*_\d+")


def find_spoken(words: tuple[str, ...], word: Ints, turn_row: Ints) -> Bools:
    """By token: a word that was said; not punctuation, not inside a bracketed note (`[pause]`), but tags
    (`[NAME_1]`) count as the words that they stand for."""
    if not len(word):
        return np.zeros(0, dtype=np.bool_)
    wordlike = np.array([any(character.isalnum() for character in text) for text in words], dtype=np.bool_)[word]
    tag = np.array([_TAG.fullmatch(text) is not None for text in words], dtype=np.bool_)[word]
    depth_step = _is_in(words, {"["})[word].astype(np.int64) - _is_in(words, {"]"})[word]
    depth = np.cumsum(depth_step)
    turn_start = np.flatnonzero(np.diff(turn_row, prepend=-1))
    before = np.concatenate([[0], depth])[turn_start]
    depth -= np.repeat(before, np.diff(np.append(turn_start, len(word))))
    return wordlike & ((depth <= 0) | tag)


def find_segments(words: tuple[str, ...], word: Ints, start: Ints, end: Ints, turn_row: Ints, is_spoken: Bools) -> Ints:
    """By token: the row of its segment, counting through all turns.

    Parameters are the arrays of `TokenTable` (axis: token).
    """
    if not len(word):
        return np.zeros(0, dtype=np.int64)
    starts = sentence_starts(words, word, start, end, turn_row)
    starts |= clause_starts(words, word, turn_row, is_spoken, starts)
    return _join_notes(np.cumsum(starts) - 1, turn_row, is_spoken)


def _join_notes(row: Ints, turn_row: Ints, is_spoken: Bools) -> Ints:
    """Join segments without any word said to the one before in the turn, else to the one after."""
    first = np.flatnonzero(np.diff(row, prepend=-1))
    has_words = np.add.reduceat(is_spoken.astype(np.int64), first) > 0
    opens_turn = np.diff(turn_row[first], prepend=-1) != 0
    joined = ~opens_turn & ~has_words
    before_is_bare = np.append(False, ~has_words[:-1] & opens_turn[:-1])
    joined |= ~opens_turn & before_is_bare
    new_row = np.cumsum(~joined) - 1
    return new_row[row].astype(np.int64)


def _is_in(words: tuple[str, ...], wanted: set[str]) -> Bools:
    return np.array([text in wanted for text in words], dtype=np.bool_)
