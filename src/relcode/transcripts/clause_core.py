"""The words that clauses are made of: what was said, without conjunctions, markers, adverbs and words said again.

What is laid aside is not lost: of each core word it is known whether a conjunction, a comma, a dash or a note stood between it
and the core word before, and where the words that introduce it begin. No word sees beyond its own sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from relcode.compiled import compiled
from relcode.transcripts.arrays import Bools, Ints
from relcode.transcripts.clause_words import Kind, kinds_of_word
from relcode.transcripts.sentences import DASHES, ELLIPSES
from relcode.transcripts.word_column import WordColumn

_Array = TypeVar("_Array", Ints, Bools)
_Marks = npt.NDArray[np.int16]
_LONG_WORDS = 18
_COMMA, _DASH, _NOTE, _STOP, _QUOTE, _JOINED, _SERIES, _SO = (1 << place for place in range(8))
_MARKS = (
    dict.fromkeys(",:", _COMMA | _STOP)
    | dict.fromkeys(".?!;", _STOP)
    | dict.fromkeys(DASHES | ELLIPSES, _DASH | _STOP)
    | {"]": _NOTE}
    | dict.fromkeys('"”»', _QUOTE)
)
_MARK = WordColumn(lambda word: _MARKS.get(word, 0))
_KINDS = WordColumn(kinds_of_word)
# A marker behind these is what it means: `it was okay`, `as well`, `that's right`.
_NO_MARKER_BEHIND = (
    Kind.BE | Kind.AUXILIARY | Kind.CLITIC | Kind.TRANSPARENT | Kind.PREPOSITION | Kind.OPEN_ENDED | Kind.SUBORDINATOR
)


@dataclass(frozen=True, repr=False)
class Line:
    """Words in a row, each in a sentence (axis: word)."""

    sentence: Ints

    def near(self, values: _Array, step: int, fill: int = 0) -> _Array:
        """The value of the word `step` places further in the same sentence; `fill` where there is none."""
        return _near(values, self.sentence, step, values.dtype.type(fill))


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
    quote: Bools
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
    low = _SAME.of(words)[word[said]]

    def is_(text: str) -> Bools:
        found: Bools = low == _SAME[text]
        return found

    line = Line((np.cumsum(starts, dtype=np.int64) - 1)[said])
    kinds = _KINDS.of(words)[word[said]]
    marks = _MARK.of(words).astype(np.int16)[word]
    between = _between(marks, said, line)
    bare = _is_bare((marks & _STOP) != 0, turn_row, said, line.sentence, (between & _COMMA) != 0)
    kinds = _kinds_in_place(kinds, line, is_, bare)
    before = line.near(kinds, -1)
    so = is_("so") & ~has(before, Kind.TAKES_CLAUSE | Kind.BE | Kind.AUXILIARY)
    conjunction = has(kinds, Kind.CONJUNCTION) & (so | ~is_("so"))
    marker = has(kinds, Kind.MARKER) & (has(kinds, Kind.FILLER) | ~has(before, _NO_MARKER_BEHIND))
    filler, known = _fillers(line, kinds, is_)
    is_open = conjunction | marker | filler
    between |= (conjunction * _JOINED | (is_("and") | is_("or")) * _SERIES | so * _SO).astype(np.int16)
    at = np.flatnonzero(~is_open & ~has(kinds, Kind.TRANSPARENT))
    joined = (_gaps(between, at, line) & _JOINED) != 0
    at = at[~_is_repeated(Line(line.sentence[at]), low[at], kinds[at], joined)]
    gaps = _gaps(between, at, line)
    return Core(
        line=Line(line.sentence[at]),
        kinds=kinds[at],
        word=low[at],
        begin=said[_openings(at, line, is_open, (between & _COMMA) != 0, conjunction, known)],
        joined=(gaps & _JOINED) != 0,
        series=(gaps & _SERIES) != 0,
        so=(gaps & _SO) != 0,
        comma=(gaps & _COMMA) != 0,
        dash=(gaps & _DASH) != 0,
        note=(gaps & _NOTE) != 0,
        quote=(gaps & _QUOTE) != 0,
        bare=bare[at],
    )


def has(kinds: Ints, wanted: Kind) -> Bools:
    """Whether one of the kinds wanted is among them."""
    found: Bools = (kinds & int(wanted)) != 0
    return found


def _between(marks: _Marks, said: Ints, line: Line) -> _Marks:
    """By spoken word: the marks between it and the word before in its sentence, added up."""
    between = np.bitwise_or.reduceat(marks[: said[-1] + 1], np.append(0, said[:-1] + 1))
    return np.where(line.near(np.ones(len(said), dtype=np.bool_), -1), between, 0).astype(np.int16)


def _gaps(between: _Marks, at: Ints, line: Line) -> _Marks:
    """By core word: what is said of it and of the words between it and the core word before in its sentence."""
    return _added_up(between, at, line.sentence)


def _kinds_in_place(kinds: Ints, line: Line, is_: Callable[[str], Bools], bare: Bools) -> Ints:
    """What the words around tell of a word: no clause hangs on `don't know`; a recogniser's `its` is "it is"."""
    unknown = is_("know") & has(line.near(kinds, -1), Kind.NEGATION)
    kinds = np.where(unknown, kinds & ~int(Kind.TAKES_CLAUSE), kinds)
    return np.where(is_("its") & bare, int(Kind.SUBJECT | Kind.BE | Kind.WORD), kinds)


def _fillers(line: Line, kinds: Ints, is_: Callable[[str], Bools]) -> tuple[Bools, Bools]:
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
    found: Bools = once | pair | line.near(pair, -1)
    return found


def _openings(at: Ints, line: Line, is_open: Bools, comma: Bools, conjunction: Bools, known: Bools) -> Ints:
    """By core word: the spoken word at which what introduces it begins.

    That is the conjunction behind a comma (or behind `you know`), else what stands behind a comma, else the first marker.
    """
    after = np.append(0, at[:-1] + 1)
    comma = comma & ~line.near(conjunction, -1)
    begin = at
    for flags in (is_open, comma, conjunction & (comma | line.near(known, -1))):
        begin = _first_flagged(flags, after, at, begin)
    return begin


def _is_bare(stop: Bools, turn_row: Ints, said: Ints, sentence: Ints, comma: Bools) -> Bools:
    """By spoken word: its turn has no punctuation, or its sentence is long and has no comma."""
    marks = np.bincount(turn_row, weights=stop)
    length = np.bincount(sentence)
    commas = np.bincount(sentence, weights=comma)
    found: Bools = (marks[turn_row[said]] == 0) | ((length > _LONG_WORDS) & (commas == 0))[sentence]
    return found


@compiled
def _near(values: _Array, sentence: Ints, step: int, fill: Any) -> _Array:
    found = np.empty_like(values)
    for place in range(len(values)):
        there = place + step
        inside = 0 <= there < len(values) and sentence[there] == sentence[place]
        found[place] = values[there] if inside else fill
    return found


@compiled
def _added_up(between: _Marks, at: Ints, sentence: Ints) -> _Marks:
    found = np.zeros(len(at), dtype=between.dtype)
    for row in range(len(at)):
        place = at[row]
        while place >= 0 and sentence[place] == sentence[at[row]] and (row == 0 or place > at[row - 1]):
            found[row] |= between[place]
            place -= 1
    return found


@compiled
def _first_flagged(flags: Bools, after: Ints, at: Ints, begin: Ints) -> Ints:
    """By core word: the first flagged place from `after` to `at`; `begin` where there is none."""
    found = begin.copy()
    for row in range(len(at)):
        for place in range(after[row], at[row] + 1):
            if flags[place]:
                found[row] = place
                break
    return found


def _number_of_word(word: str) -> int:
    """The same for words that are the same but for capitals: the number of the one in lower case."""
    low = word.lower().replace("’", "'")
    return len(_SAME) if low == word else _SAME[low]


_SAME = WordColumn(_number_of_word)
