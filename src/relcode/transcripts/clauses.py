"""Where independent clauses begin inside a sentence, or in speech without any punctuation.

Words are sorted into closed classes (`clause_words`). Notes, punctuation, conjunctions, markers (`well`, `um`) and adverbs
are laid aside; in what is left, the core, a *head* is where a clause begins: a subject with a finite verb behind it, an
auxiliary before its subject, a question word. The word before a head tells whether the clause depends on another one
(`because I`, `think you`, `the way he`) or is a fresh start of the same (`the I`, `I was, I was`). Of the independent
clauses of a sentence each but the first begins a unit, with the conjunction and the markers in front of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from relcode.transcripts.clause_words import Kind, kinds_of
from relcode.transcripts.sentences import DASHES, ELLIPSES
from relcode.transcripts.tokens import Bools, Ints

_LONG_WORDS = 18
_FINITE = Kind.AUXILIARY | Kind.CLITIC | Kind.VERB
_NO_MARKER_BEHIND = (
    Kind.BE | Kind.AUXILIARY | Kind.CLITIC | Kind.TRANSPARENT | Kind.PREPOSITION | Kind.OPEN_ENDED | Kind.SUBORDINATOR
)
_STOPS = {",", ".", "?", "!", ";", ":"} | DASHES | ELLIPSES


@dataclass(frozen=True, repr=False)
class _Core:
    """The words that clauses are made of, and what stands between each and the one before (axis: core word)."""

    kinds: Ints
    word: Ints
    sentence: Ints
    begin: Ints  # the token at which the conjunction and the markers before it begin
    joined: Bools
    so: Bools
    in_series: Bools  # the conjunction is "and", "or"
    comma: Bools
    dash: Bools
    note: Bools
    bare: Bools  # nothing but words marks clauses here

    def kinds_at(self, step: int) -> Ints:
        """The kinds of the word `step` places further in the same sentence; 0 where there is none."""
        return np.where(_moved(self.sentence, step, -1) == self.sentence, _moved(self.kinds, step, 0), 0)

    def word_at(self, step: int) -> Ints:
        return np.where(_moved(self.sentence, step, -1) == self.sentence, _moved(self.word, step, -1), -1)


def clause_starts(words: tuple[str, ...], word: Ints, turn_row: Ints, is_spoken: Bools, starts: Bools) -> Bools:
    """By token: it begins an independent clause inside a sentence.

    Parameters are the arrays of `TokenTable` (axis: token); `starts`: where sentences begin.
    """
    chosen = np.zeros(len(word), dtype=np.bool_)
    if is_spoken.any():
        core = _core_of(words, word, turn_row, is_spoken, starts)
        chosen[core.begin[_opens_unit(core)]] = True
    return chosen & ~starts


def _core_of(words: tuple[str, ...], word: Ints, turn_row: Ints, is_spoken: Bools, starts: Bools) -> _Core:
    said = np.flatnonzero(is_spoken)
    lower = [text.lower() for text in words]
    first: dict[str, int] = {}
    low = np.array([first.setdefault(text, row) for row, text in enumerate(lower)], dtype=np.int64)[word[said]]
    kinds = kinds_of(words)[word[said]] | int(Kind.WORD)
    sentence = (np.cumsum(starts) - 1)[said]
    marks = [_flags(words, {",", ":"}), _flags(words, DASHES | ELLIPSES), _flags(words, {"]"})]
    between = [np.diff(np.cumsum(mark[word])[said], prepend=0) > 0 for mark in marks]
    conjunction = _has(kinds, Kind.CONJUNCTION)
    filler = _fillers(kinds, low, first, sentence)
    before = np.where(_moved(sentence, -1, -1) == sentence, _moved(kinds, -1, 0), 0)
    conjunction &= ~((low == first.get("so", -1)) & _has(before, Kind.TAKES_CLAUSE | Kind.BE | Kind.AUXILIARY))
    marker = _has(kinds, Kind.MARKER)
    marker &= _has(kinds, Kind.FILLER) | ~_has(before, _NO_MARKER_BEHIND)
    is_open = conjunction | marker | filler
    unknown = (low == first.get("know", -1)) & _has(before, Kind.NEGATION)
    kinds = np.where(unknown, kinds & ~int(Kind.TAKES_CLAUSE), kinds)
    bare = _is_bare(_flags(words, _STOPS)[word], turn_row, said, sentence, between[0])
    kinds = np.where(bare & (low == first.get("its", -1)), int(Kind.SUBJECT | Kind.WORD), kinds)
    at = np.flatnonzero(~is_open & ~_has(kinds, Kind.TRANSPARENT))
    series = conjunction & np.isin(low, [first.get("and", -1), first.get("or", -1)])
    so = conjunction & (low == first.get("so", -1))
    totals = np.cumsum(np.stack([conjunction, series, so, *between]), axis=1)
    joined = np.diff(totals[0][at], prepend=0) > 0
    at = at[~_is_repeated(low[at], sentence[at], joined)]
    joined, in_series, is_so, comma, dash, note = np.diff(totals[:, at], prepend=0, axis=1) > 0
    return _Core(
        kinds=kinds[at],
        word=low[at],
        sentence=sentence[at],
        begin=said[_openings(at, is_open, conjunction & between[0] & ~_moved(conjunction, -1, False))],
        joined=joined,
        in_series=in_series,
        so=is_so,
        comma=comma,
        dash=dash,
        note=note,
        bare=bare[at],
    )


def _is_repeated(low: Ints, sentence: Ints, joined: Bools) -> Bools:
    """Words said again at once, alone or in pairs: `I, I`, `she was, she was`."""
    same = (sentence == _moved(sentence, -2, -1)) & ~joined & ~_moved(joined, 1, False)
    pair = same & (low == _moved(low, -2, -1)) & (_moved(low, 1, -1) == _moved(low, -1, -2))
    once = (sentence == _moved(sentence, -1, -1)) & ~joined & (low == _moved(low, -1, -1))
    return once | pair | _moved(pair, -1, False)


def _fillers(kinds: Ints, low: Ints, first: dict[str, int], sentence: Ints) -> Bools:
    """Words of `I mean` and `you know`; not of `you know what`, `did you know`."""
    follows = np.append(sentence[1:] == sentence[:-1], False)
    mean = (low == first.get("i", -1)) & _moved(low == first.get("mean", -2), 1, False) & follows
    know = (low == first.get("you", -1)) & _moved(low == first.get("know", -2), 1, False) & follows
    behind = np.where(_moved(sentence, 2, -1) == sentence, _moved(kinds, 2, 0), 0)
    what_i_mean = know & (_moved(low, 2, -1) == first.get("what", -2)) & (_moved(low, 3, -1) == first.get("i", -2))
    know &= ~_has(behind, Kind.QUESTION | Kind.SUBORDINATOR)
    know &= ~_has(_moved(kinds, -1, 0), Kind.AUXILIARY | Kind.TRANSPARENT | Kind.SUBORDINATOR)
    know |= what_i_mean & (_moved(low, 4, -1) == first.get("mean", -2))
    return (mean | know) | _moved(mean | know, -1, False)


def _openings(at: Ints, is_open: Bools, parted: Bools) -> Ints:
    """By core word: the spoken word at which what introduces it begins (a conjunction behind a comma, else the first)."""
    places = np.arange(len(is_open))
    next_open = np.minimum.accumulate(np.where(is_open, places, len(is_open))[::-1])[::-1]
    before = np.append(-1, at[:-1])
    begin = np.minimum(next_open[np.minimum(before + 1, at)], at)
    last_parted = np.maximum.accumulate(np.where(parted, places, -1))[at]
    return np.where(last_parted > before, last_parted, begin)


def _is_bare(stop: Bools, turn_row: Ints, said: Ints, sentence: Ints, comma: Bools) -> Bools:
    """By spoken word: its turn has no punctuation, or its sentence is long and has no comma."""
    marks = np.bincount(turn_row, weights=stop, minlength=turn_row[-1] + 1)
    length = np.bincount(sentence, minlength=sentence[-1] + 1)
    commas = np.bincount(sentence, weights=comma, minlength=sentence[-1] + 1)
    return (marks[turn_row[said]] == 0) | ((length > _LONG_WORDS) & (commas == 0))[sentence]


def _opens_unit(core: _Core) -> Bools:
    """By core word: an independent clause that is not the first of its sentence begins here."""
    head, asks, inverted = _heads(core)
    joined, lead = _joined_by_phrase(core)
    depends = _depends(core, asks, inverted) & ~joined
    under = _has(core.kinds_at(-1), Kind.FRONTED)
    hangs_on = _last_dependence(core, head & (under | ~depends), under)
    comma = core.comma | core.comma[lead]
    dash = core.dash | core.dash[lead]
    series = core.in_series & hangs_on & ~comma & ~dash
    depends |= series
    fronted = _is_fronted(core) & ~series
    candidate = (head & ~depends & ~_in_parenthesis(core)) | fronted
    rows = np.flatnonzero(candidate | _is_imperative(core))
    same = np.diff(core.sentence[rows], prepend=-1) == 0
    waits = np.append(False, fronted[rows[:-1]]) & same & ~joined[rows]
    free = joined | comma | dash | core.note | core.bare
    late = joined & (comma | core.bare) & (core.kinds_at(-2) != 0)
    late |= core.bare & _has(core.kinds, Kind.SUBJECT) & (core.kinds_at(-3) != 0)
    chosen = np.zeros(len(head), dtype=np.bool_)
    found = rows[~waits & (same | late[rows]) & free[rows]]
    chosen[lead[found]] = True
    return chosen


def _is_imperative(core: _Core) -> Bools:
    """A verb that nothing stands before."""
    return (core.kinds_at(-1) == 0) & _has(core.kinds, Kind.VERB | Kind.AUXILIARY)


def _joined_by_phrase(core: _Core) -> tuple[Bools, Ints]:
    """By core word: a conjunction stands before it, or before the one to three words of a phrase in front of it (`but
    inside I`); and the core word behind the conjunction."""
    joined = core.joined.copy()
    lead = np.arange(len(joined))
    plain = ~_has(core.kinds, _FINITE | Kind.SUBJECT | Kind.PRONOUN | Kind.SUBORDINATOR | Kind.OBJECT)
    run = np.ones(len(joined), dtype=np.bool_)
    for step in (1, 2, 3):
        run &= _moved(plain, -step, False) & (core.kinds_at(-step) != 0)
        found = run & ~joined & _moved(core.joined, -step, False)
        joined |= found
        lead = np.where(found, np.arange(len(joined)) - step, lead)
    return joined, lead


def _is_fronted(core: _Core) -> Bools:
    """A subordinate clause before its main clause: at the beginning of a sentence, or behind a conjunction."""
    opens = core.joined | (core.kinds_at(-1) == 0)
    subject = Kind.SUBJECT | Kind.PRONOUN | Kind.DETERMINER | Kind.NAME
    return _has(core.kinds, Kind.FRONTED) & opens & _has(core.kinds_at(1), subject)


def _heads(core: _Core) -> tuple[Bools, Bools, Bools]:
    """Where a clause begins: subject and verb, auxiliary and subject, question word; the question words; the auxiliaries."""
    here, second = core.kinds, core.kinds_at(2)
    after = np.where(_moved(core.joined, 1, False), 0, core.kinds_at(1))
    personal = Kind.SUBJECT | Kind.PRONOUN
    before = core.kinds_at(-1)
    inverted = _has(here, Kind.AUXILIARY | Kind.BE) & _has(after, personal) & (before != 0)
    agreeing = _has(before, Kind.PRONOUN) & _has(here, Kind.BE) & (_has(before, Kind.YOU) | ~_has(here, Kind.BASE))
    inverted &= ~_has(before, Kind.SUBJECT | Kind.CLITIC) & ~agreeing
    inverted |= _has(here, Kind.AUXILIARY) & _has(after, personal) & (before == 0)
    asked = _moved(inverted, -1, False)
    subject = _has(here, Kind.SUBJECT) & (after != 0) & ~_has(after, Kind.SUBJECT)
    agrees = _has(here, Kind.YOU) | ~_has(after, Kind.BASE)
    subject |= _has(here, Kind.PRONOUN) & _has(after, _FINITE) & agrees & ~_moved(inverted, 1, False)
    noun = (core.joined | core.comma | core.dash | (before == 0)) & _noun_heads(core, after, second)
    subject = noun | (subject & ~_moved(noun, -2, False))
    question = _has(here, Kind.QUESTION) & (
        (_has(after, _FINITE) & ~_has(here, Kind.RELATIVE)) | _moved(inverted, 1, False) | (_moved(inverted, 2, False) & ~_has(after, personal))
    )
    behind_question = _moved(question, -1, False) | _moved(question, -2, False)
    lets = _has(here, Kind.LETS) & _has(after, Kind.ME | Kind.CLITIC)
    lets &= ~_has(before, _FINITE | personal | Kind.OPEN_ENDED)
    head = (subject & ~asked & ~behind_question) | (inverted & ~behind_question) | question | lets
    return head & ~_is_aside(core, after, inverted), question, inverted


def _noun_heads(core: _Core, after: Ints, second: Ints) -> Bools:
    """A noun phrase or a name, and its finite verb."""
    verb = _FINITE & ~Kind.CLITIC
    plain = ~_has(after, _FINITE | Kind.SUBJECT)
    phrase = _has(core.kinds, Kind.DETERMINER) & plain
    noun = phrase & (_has(second, verb) | (core.joined & _has(second, Kind.SUBJECT)))
    noun |= phrase & ~_has(second, _FINITE | Kind.SUBJECT) & _has(core.kinds_at(3), Kind.AUXILIARY)
    noun |= phrase & _has(second, Kind.BE) & (core.kinds_at(-1) == 0)
    noun |= _has(core.kinds, Kind.NAME) & _has(after, verb)
    bare_noun = ~_has(core.kinds, _FINITE | Kind.SUBJECT | Kind.PRONOUN | Kind.SUBORDINATOR | Kind.DETERMINER)
    return noun | (core.joined & bare_noun & _has(after, Kind.AUXILIARY))


def _is_aside(core: _Core, after: Ints, inverted: Bools) -> Bools:
    """Tags and hedges: `didn't you`, `so she was`, `I guess` where nothing of the clause follows."""
    ends = core.kinds_at(2) == 0
    ends |= _moved(core.comma | core.joined | core.dash | core.note, 2, False)
    follows = core.kinds_at(-1) != 0
    next_head = core.bare & _has(core.kinds_at(2), Kind.SUBJECT | Kind.QUESTION)
    tag = inverted & (ends | next_head)
    echo = _has(core.kinds, Kind.SUBJECT | Kind.PRONOUN) & _has(after, Kind.AUXILIARY | Kind.CLITIC)
    echo &= (core.kinds_at(2) == 0) & (~core.joined | core.so)
    hedge = _has(core.kinds, Kind.SUBJECT) & _has(after, Kind.HEDGE) & ends & ~core.joined
    return follows & (tag | echo | hedge)


def _depends(core: _Core, asks: Bools, inverted: Bools) -> Bools:
    """By the words before: a clause here is part of another one, or starts it afresh."""
    before, second = core.kinds_at(-1), core.kinds_at(-2)
    close = ~core.comma & ~core.dash
    part = _has(before, Kind.TAKES_CLAUSE | Kind.ANTECEDENT) & close | (_has(before, Kind.QUOTES) & core.comma)
    part |= _has(second, Kind.TELLS) & _has(before, Kind.OBJECT) & close
    part |= asks & _has(before, Kind.BE | Kind.CLITIC | Kind.PREPOSITION | Kind.VERB) & close
    afresh = _has(before, Kind.OPEN_ENDED) | (core.word == core.word_at(-2)) & _has(before, Kind.AUXILIARY)
    afresh |= _has(before, Kind.SUBJECT) & ~_has(second, Kind.AUXILIARY)
    return _is_subordinate(core) | (part & ~(inverted & ~_has(before, Kind.QUOTES))) | afresh


def _is_subordinate(core: _Core) -> Bools:
    """The word before makes a subordinate clause; a comma behind it (`that, I`) shows that it was something else."""
    before = core.kinds_at(-1)
    return _has(before, Kind.FRONTED) | (_has(before, Kind.SUBORDINATOR) & ~core.comma)


def _last_dependence(core: _Core, head: Bools, depends: Bools) -> Bools:
    """By core word: the last head before it in the sentence belongs to a dependent clause."""
    places = np.arange(len(head))
    last = np.append(-1, np.maximum.accumulate(np.where(head, places, -1))[:-1])
    known = last >= 0
    row = np.maximum(last, 0)
    return known & (core.sentence[row] == core.sentence) & depends[row]


def _in_parenthesis(core: _Core) -> Bools:
    """Between the two dashes of a sentence."""
    sentence = core.sentence
    total = np.bincount(sentence, weights=core.dash, minlength=sentence[-1] + 1)[sentence]
    so_far = np.cumsum(core.dash)
    before = np.maximum.accumulate(np.where(np.diff(sentence, prepend=-1) != 0, so_far - core.dash, 0))
    return (total == 2) & (so_far - before == 1)


def _has(kinds: Ints, wanted: Kind) -> Bools:
    return (kinds & int(wanted)) != 0


def _moved(values: Any, step: int, fill: int) -> Any:
    """The value `step` places further along; `fill` beyond the ends."""
    moved = np.full_like(values, fill)
    if step > 0:
        moved[:-step] = values[step:]
    else:
        moved[-step:] = values[:step]
    return moved


def _flags(words: tuple[str, ...], wanted: set[str]) -> Bools:
    return np.array([text in wanted for text in words], dtype=np.bool_)
