"""The words that clauses are made of: what was said, without conjunctions, markers, adverbs and words said again.

What is laid aside is not lost: of each core word it is known whether a conjunction, a comma, a dash or a note stood between it
and the core word before, and where the words that introduce it begin. No word sees beyond its own sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from relcode.transcripts.clause_words import Kind, kinds_of
from relcode.transcripts.sentences import DASHES, ELLIPSES
from relcode.transcripts.tokens import Bools, Ints

_LONG_WORDS = 18
_STOPS = {",", ".", "?", "!", ";", ":"} | DASHES | ELLIPSES
# A marker behind these is what it means: `it was okay`, `as well`, `that's right`.
_NO_MARKER_BEHIND = (
    Kind.BE | Kind.AUXILIARY | Kind.CLITIC | Kind.TRANSPARENT | Kind.PREPOSITION | Kind.OPEN_ENDED | Kind.SUBORDINATOR
)


@dataclass(frozen=True, repr=False)
class Line:
    """Words in a row, each in a sentence (axis: word)."""

    sentence: Ints
    _same: dict[int, Bools] = field(default_factory=dict)

    def near(self, values: Any, step: int, fill: int = 0) -> Any:
        """The value of the word `step` places further in the same sentence; `fill` where there is none."""
        if step not in self._same:
            self._same[step] = _moved(self.sentence, step, -1) == self.sentence
        return np.where(self._same[step], _moved(values, step, fill), np.asarray(fill, dtype=values.dtype))


@dataclass(frozen=True, repr=False)
class Core:
    """Core words, and what stands between each and the one before (axis: core word)."""

    line: Line
    kinds: Ints
    word: Ints
    begin: Ints  # the token at which the conjunction and the markers before it begin
    joined: Bools  # by a conjunction
    series: Bools  # the conjunction is "and", "or"
    so: Bools
    comma: Bools
    dash: Bools
    note: Bools
    bare: Bools  # nothing but words marks clauses here
    _kinds_near: dict[int, Ints] = field(default_factory=dict)

    def kinds_at(self, step: int) -> Ints:
        """The kinds of the word `step` places further in the same sentence; 0 where there is none."""
        if step not in self._kinds_near:
            self._kinds_near[step] = self.line.near(self.kinds, step)
        return self._kinds_near[step]

    def at(self, step: int, kind: Kind) -> Bools:
        """Whether the word `step` places further is of one of these kinds."""
        return has(self.kinds_at(step) if step else self.kinds, kind)


def core_of(words: tuple[str, ...], word: Ints, turn_row: Ints, is_spoken: Bools, starts: Bools) -> Core:
    """The core words of all sentences; at least one word must have been said.

    Parameters are the arrays of `TokenTable` (axis: token); `starts`: where sentences begin.
    """
    said = np.flatnonzero(is_spoken)
    first: dict[str, int] = {}
    lower = np.array([first.setdefault(text.lower(), row) for row, text in enumerate(words)], dtype=np.int64)
    low = lower[word[said]]

    def is_(*texts: str) -> Bools:
        rows = [first[text] for text in texts if text in first]
        return np.isin(low, rows) if len(rows) > 1 else low == (rows[0] if rows else -1)

    line = Line((np.cumsum(starts) - 1)[said])
    kinds = kinds_of(words)[word[said]] | int(Kind.WORD)
    comma, dash, note = (
        _between(_flags(words, marks)[word], said, line) for marks in ({",", ":"}, DASHES | ELLIPSES, {"]"})
    )
    bare = _is_bare(_flags(words, _STOPS)[word], turn_row, said, line.sentence, comma)
    before = line.near(kinds, -1)
    kinds = np.where(is_("know") & has(before, Kind.NEGATION), kinds & ~int(Kind.TAKES_CLAUSE), kinds)
    kinds = np.where(is_("its") & bare, int(Kind.SUBJECT | Kind.BE | Kind.WORD), kinds)
    conjunction = has(kinds, Kind.CONJUNCTION)
    so = conjunction & is_("so") & ~has(before, Kind.TAKES_CLAUSE | Kind.BE | Kind.AUXILIARY)
    conjunction &= so | ~is_("so")
    marker = has(kinds, Kind.MARKER) & (has(kinds, Kind.FILLER) | ~has(before, _NO_MARKER_BEHIND))
    filler, known = _fillers(line, kinds, is_)
    is_open = conjunction | marker | filler
    at = np.flatnonzero(~is_open & ~has(kinds, Kind.TRANSPARENT))
    at = at[~_is_repeated(Line(line.sentence[at]), low[at], kinds[at], _gaps([conjunction], at, line)[0])]
    joined, series, so, commas, dashes, notes = _gaps(
        [conjunction, conjunction & is_("and", "or"), so, comma, dash, note], at, line
    )
    return Core(
        line=Line(line.sentence[at]),
        kinds=kinds[at],
        word=low[at],
        begin=said[_openings(at, line, is_open, comma, conjunction, known)],
        joined=joined,
        series=series,
        so=so,
        comma=commas,
        dash=dashes,
        note=notes,
        bare=bare[at],
    )


def has(kinds: Ints, wanted: Kind) -> Bools:
    """Whether one of the kinds wanted is among them."""
    return (kinds & int(wanted)) != 0


def _between(mark: Bools, said: Ints, line: Line) -> Bools:
    """By spoken word: such a mark stands between it and the word before in its sentence."""
    total = np.cumsum(mark)[said]
    return (total - _moved(total, -1, 0) > 0) & line.near(np.ones(len(said), dtype=np.bool_), -1)


def _gaps(flags: list[Bools], at: Ints, line: Line) -> list[Bools]:
    """By core word: the flag is set on it or on a word between it and the core word before in its sentence."""
    opens = np.flatnonzero(np.diff(line.sentence, prepend=-1) != 0)
    begin = opens[np.searchsorted(opens, at, side="right") - 1]
    since = np.maximum(begin, np.append(0, at[:-1] + 1))
    found = []
    for flag in flags:
        total = np.append(0, np.cumsum(flag))
        found.append(total[at + 1] > total[since])
    return found


def _fillers(line: Line, kinds: Ints, is_: Any) -> tuple[Bools, Bools]:
    """Words of `I mean`, `you know` (not of `you know what`, `did you know`), and the `know` of it."""
    mean = is_("i") & line.near(is_("mean"), 1)
    you_know = is_("you") & line.near(is_("know"), 1)
    what_i_mean = line.near(is_("what"), 2) & line.near(is_("i"), 3) & line.near(is_("mean"), 4)
    free = ~has(line.near(kinds, 2), Kind.QUESTION | Kind.SUBORDINATOR)
    free &= ~has(line.near(kinds, -1), Kind.AUXILIARY | Kind.TRANSPARENT | Kind.SUBORDINATOR)
    you_know &= free | what_i_mean
    known = line.near(you_know, -1)
    return mean | line.near(mean, -1) | you_know | known, known


def _is_repeated(line: Line, low: Ints, kinds: Ints, joined: Bools) -> Bools:
    """Core words said again at once, alone or in pairs: `I, I`, `she was, she was`; not `did I, I`."""
    asked = line.near(has(kinds, Kind.AUXILIARY | Kind.BE), -2)
    once = (low == line.near(low, -1, -1)) & ~joined & ~asked
    pair = (low == line.near(low, -2, -1)) & (line.near(low, 1, -1) == line.near(low, -1, -2))
    pair &= ~joined & ~line.near(joined, 1)
    return once | pair | line.near(pair, -1)


def _openings(at: Ints, line: Line, is_open: Bools, comma: Bools, conjunction: Bools, known: Bools) -> Ints:
    """By core word: the spoken word at which what introduces it begins.

    That is the conjunction behind a comma (or behind `you know`), else what stands behind a comma, else the first marker.
    """
    after = np.append(0, at[:-1] + 1)
    comma = comma & ~line.near(conjunction, -1)
    begin = at
    for flags in (is_open, comma, conjunction & (comma | line.near(known, -1))):
        found = _next(flags)[after]
        begin = np.where(found <= at, found, begin)
    return begin


def _next(flags: Bools) -> Ints:
    """By place: the first place from there on that is flagged; the length where there is none."""
    return np.minimum.accumulate(np.where(flags, np.arange(len(flags)), len(flags))[::-1])[::-1]


def _is_bare(stop: Bools, turn_row: Ints, said: Ints, sentence: Ints, comma: Bools) -> Bools:
    """By spoken word: its turn has no punctuation, or its sentence is long and has no comma."""
    marks = np.bincount(turn_row, weights=stop)
    length = np.bincount(sentence)
    commas = np.bincount(sentence, weights=comma)
    return (marks[turn_row[said]] == 0) | ((length > _LONG_WORDS) & (commas == 0))[sentence]


def _moved(values: Any, step: int, fill: int) -> Any:
    moved = np.full_like(values, fill)
    if step > 0:
        moved[:-step] = values[step:]
    else:
        moved[-step:] = values[:step]
    return moved


def _flags(words: tuple[str, ...], wanted: set[str]) -> Bools:
    return np.array([text in wanted for text in words], dtype=np.bool_)
