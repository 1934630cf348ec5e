"""How runs of words go through a token table: within segments, past bracketed notes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from relcode.transcripts.tokens import Bools, Ints, TokenTable


class Way(NamedTuple):
    """By place (one more than tokens): the token that comes next there, and whether it is of the same segment; by
    segment, its first and its last word said (-1 where none is)."""

    following: Ints
    continues: Bools
    first_word: Ints
    last_word: Ints


def ways_of(table: TokenTable) -> dict[bool, Way]:
    """By whether a pattern names a bracket: the way that it goes. Those that name none pass over notes."""
    spoken = np.flatnonzero(table.is_spoken)
    edges = _edge_word(table, spoken[::-1]), _edge_word(table, spoken)
    notes = find_notes(table)
    straight = Way(*_way(table, np.zeros_like(notes)), *edges)
    return {True: straight, False: Way(*_way(table, notes), *edges) if notes.any() else straight}


def find_notes(table: TokenTable) -> Bools:
    """By token: a bracketed note (`[pause]`, brackets included) or a bracket of a tag (`[NAME_1]`)."""
    steps = np.array([(word == "[") - (word == "]") for word in table.words], dtype=np.int64)[table.word]
    closes = steps < 0
    depth = np.cumsum(steps)
    turn_start = np.flatnonzero(np.diff(table.turn_row, prepend=-1))
    before = np.append(0, depth)[turn_start]
    depth -= np.repeat(before, np.diff(np.append(turn_start, len(table.word))))
    return ((depth > 0) | closes) & ~table.is_spoken


def _way(table: TokenTable, passed_over: Bools) -> tuple[Ints, Bools]:
    count = len(table.word)
    inside = np.append(False, passed_over)  # by place: the token before it is passed over; from there, no leap
    places = np.arange(count + 1)
    leap = np.append(np.where(passed_over, count, places[:-1]), count)
    leap = np.minimum.accumulate(leap[::-1])[::-1]
    following = np.where(inside, places, leap)
    segment = np.append(table.segment_row, -2)
    continues = segment[following] == np.append(-1, table.segment_row)
    return np.minimum(following, max(count - 1, 0)), continues


def _edge_word(table: TokenTable, spoken: Ints) -> Ints:
    word = np.full(len(table.segment_turn), -1, dtype=np.int64)
    word[table.segment_row[spoken]] = spoken  # of several, the one named last stays
    return word
