"""Cut turns into segments (response units): sentences, and independent clauses where nothing else marks them.

Boundaries are found on the token arrays: after sentence-final punctuation with the quotes and brackets that close it,
after semicolons, after an ellipsis or a dash that a new sentence follows; and in long stretches without punctuation
(recogniser text) before a conjunction with a subject. Bracketed notes stay with the segment they stand in.
"""

from __future__ import annotations

import re

import numpy as np

from relcode.transcripts.tokens import Bools, Ints

_FINAL = {".", "?", "!", "?!", "!?", "??", "!!", ";", "。", "‽"}
_TRAILING = {"...", "…", "—", "–", "--", "..", "---"}
_CLOSERS = {'"', "”", "’", "'", ")", "]", "''", "»"}
_OPENERS = {"[", "("}
_TAG = re.compile(r"[A-Z]+(_[A-Z0-9]+)*_\d+")
_CONJUNCTIONS = {"and", "but", "so", "cause", "because", "then", "or", "like", "well", "yeah", "cos", "cuz"}
_SUBJECTS = {"i", "you", "he", "she", "it", "we", "they", "that", "there", "this", "what", "how", "when", "my", "your"}
_LONG_WORDS = 18
_SIDE_WORDS = 4


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
    starts = np.diff(turn_row, prepend=-1) != 0
    starts |= _after_final(words, word, start, end, turn_row)
    starts |= _in_long_stretches(words, word, turn_row, is_spoken, starts)
    return _join_notes(np.cumsum(starts) - 1, turn_row, is_spoken)


def _after_final(words: tuple[str, ...], word: Ints, start: Ints, end: Ints, turn_row: Ints) -> Bools:
    """Tokens that begin a segment because the sentence before them has ended."""
    adjacent = np.append(False, (start[1:] == end[:-1]) & (turn_row[1:] == turn_row[:-1]))
    upper = np.array([text[:1].isupper() and text not in {"I", "I'm"} for text in words], dtype=np.bool_)[word]
    ended = (
        _is_in(words, _FINAL)[word]
        | np.array(
            [len(text) > 1 and set(text) <= set(".?!") and text not in _TRAILING for text in words], dtype=np.bool_
        )[word]
    )
    trailing = _is_in(words, _TRAILING)[word]
    closers = _is_in(words, _CLOSERS)[word]
    for _ in range(3):
        ended |= closers & adjacent & np.append(False, ended[:-1])
        trailing |= closers & adjacent & np.append(False, trailing[:-1])
    more = np.append(ended[1:] & (adjacent[1:] | ~closers[1:]), False)
    final = ended & ~more
    pause = trailing & np.append(upper[1:] & ~adjacent[1:], False)
    return np.append(False, (final | pause)[:-1])


def _in_long_stretches(words: tuple[str, ...], word: Ints, turn_row: Ints, is_spoken: Bools, starts: Bools) -> Bools:
    """Clause openers (conjunction and subject) inside segments of more than 18 words, four words from either end."""
    lower = tuple(text.lower() for text in words)
    conjunction = _is_in(lower, _CONJUNCTIONS)[word]
    subject = np.append(_is_in(lower, _SUBJECTS)[word][1:], False)
    row = np.cumsum(starts) - 1
    spoken_before: Ints = np.cumsum(is_spoken) - is_spoken
    first = np.flatnonzero(starts)
    total = np.add.reduceat(is_spoken.astype(np.int64), first)
    said: Ints = spoken_before - spoken_before[first][row]
    left = total[row] - said
    candidate = conjunction & subject & (total[row] > _LONG_WORDS) & (said >= _SIDE_WORDS) & (left >= _SIDE_WORDS)
    chosen = np.zeros(len(word), dtype=np.bool_)
    last_row, last_said = -1, 0
    for token in np.flatnonzero(candidate):
        if row[token] != last_row:
            last_row, last_said = int(row[token]), 0
        if said[token] - last_said >= _SIDE_WORDS:
            chosen[token] = True
            last_said = int(said[token])
    return chosen


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
