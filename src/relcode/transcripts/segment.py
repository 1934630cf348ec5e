"""Cut turns into segments (response units): sentences, and the independent clauses within them (docs/formats.md).

Boundaries are found on the token arrays: where punctuation ends a sentence (`sentences`), and where words show that an
independent clause begins (`clauses`). Bracketed notes stay with the segment they stand in. A turn is cut the same
whatever stands before and behind it.
"""

from __future__ import annotations

import re

import numpy as np

from relcode.compiled import compiled
from relcode.transcripts.arrays import Bools, Ints
from relcode.transcripts.clauses import clause_starts
from relcode.transcripts.sentences import sentence_starts
from relcode.transcripts.word_column import WordColumn

_TAGS = re.compile(r"[A-Z]+(_[A-Z0-9]+)*_\d+")


def find_spoken(words: tuple[str, ...], word: Ints, turn_row: Ints) -> Bools:
    """By token: a word that was said; not punctuation, not inside a bracketed note (`[pause]`), but tags
    (`[NAME_1]`) count as the words that they stand for."""
    if not len(word):
        return np.zeros(0, dtype=np.bool_)
    form = _FORMS.of(words)[word]
    return _spoken(form, turn_row)


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


@compiled
def _spoken(form: Ints, turn_row: Ints) -> Bools:
    said = np.zeros(len(form), dtype=np.bool_)
    depth = 0
    for token in range(len(form)):
        if token == 0 or turn_row[token] != turn_row[token - 1]:
            depth = 0
        depth += (form[token] == _OPENS) - (form[token] == _CLOSES)
        said[token] = form[token] == _TAG or (form[token] == _WORDLIKE and depth <= 0)
    return said


def _form_of(word: str) -> int:
    if word in ("[", "]"):
        return _OPENS if word == "[" else _CLOSES
    if _TAGS.fullmatch(word):
        return _TAG
    return _WORDLIKE if any(character.isalnum() for character in word) else _OTHER


_OTHER, _OPENS, _CLOSES, _TAG, _WORDLIKE = range(5)
_FORMS = WordColumn(_form_of)
