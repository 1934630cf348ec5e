"""Where independent clauses begin inside a sentence, or in speech without any punctuation.

Words are sorted into closed classes (`clause_words`); conjunctions, markers (`well`, `um`) and adverbs are laid aside
(`clause_core`). In what is left a *head* is where a clause begins: a subject with a finite verb behind it, an auxiliary
before its subject, a question word. The word before a head tells whether the clause depends on another one (`because
I`, `think you`, `the way he`) or is a fresh start of the same (`the, I`). Of the independent clauses of a sentence each
but the first begins a unit, with the conjunction and the markers in front of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from relcode.transcripts.arrays import Bools, Ints
from relcode.transcripts.clause_core import Core, core_of, has
from relcode.transcripts.clause_words import Kind

_FINITE = Kind.AUXILIARY | Kind.CLITIC | Kind.VERB
_PERSONAL = Kind.SUBJECT | Kind.PRONOUN


@dataclass(frozen=True, repr=False)
class _Heads:
    """Where clauses begin (axis: core word)."""

    all: Bools
    questions: Bools  # those that begin with a question word
    inverted: Bools  # those that begin with an auxiliary


def clause_starts(words: tuple[str, ...], word: Ints, turn_row: Ints, is_spoken: Bools, starts: Bools) -> Bools:
    """By token: it begins an independent clause inside a sentence.

    Parameters are the arrays of `TokenTable` (axis: token); `starts`: where sentences begin.
    """
    chosen = np.zeros(len(word), dtype=np.bool_)
    if is_spoken.any():
        core = core_of(words, word, turn_row, is_spoken, starts)
        if len(core.kinds):
            chosen[core.begin[_opening_words(core)]] = True
    return chosen & ~starts


def _opening_words(core: Core) -> Ints:
    """Rows of the core words with which an independent clause begins that is not the first of its sentence."""
    heads = _find_heads(core)
    joined, lead = _joined_by_phrase(core)
    comma, dash = core.comma | core.comma[lead], core.dash | core.dash[lead]
    depends = _depends(core, heads) & ~joined
    in_series = core.series & _last_is_subordinate(core, heads.all, depends) & ~comma & ~dash
    in_series |= core.so & core.at(1, Kind.MODAL) & ~comma & ~dash  # purpose: `so I can`
    fronted = _is_fronted(core) & ~in_series
    inner = _is_fronted_inside(core)
    independent = heads.all & ~depends & ~in_series & ~_in_parenthesis(core)
    rows = np.flatnonzero(independent | fronted | inner | _is_imperative(core))
    same = np.diff(core.line.sentence[rows], prepend=-1) == 0
    waits = np.append(False, (fronted | inner)[rows[:-1]]) & same & ~joined[rows]
    marked = joined | comma | dash | core.note | core.bare
    late = (core.kinds_at(-2) != 0) & core.bare | (core.kinds_at(-2) != 0)[lead] & joined & (comma | core.bare)
    found: Ints = lead[rows[~waits & ~inner[rows] & (same | late[rows]) & marked[rows]]]
    return found


def _joined_by_phrase(core: Core) -> tuple[Bools, Ints]:
    """By core word: a conjunction stands before it, or before the one to three words of a phrase in front of it (`but
    inside I`); and the row of the core word behind the conjunction."""
    joined, lead = core.joined.copy(), np.arange(len(core.joined))
    plain = ~has(core.kinds, _FINITE | _PERSONAL | Kind.SUBORDINATOR | Kind.OBJECT)
    run = np.ones(len(joined), dtype=np.bool_)
    for step in (1, 2, 3):
        run &= core.line.near(plain, -step)
        found = run & ~joined & core.line.near(core.joined, -step)
        joined |= found
        lead = lead - step * found
    return joined, lead


def _is_fronted(core: Core) -> Bools:
    """A subordinate clause before its main clause: at the beginning of a sentence, or behind a conjunction."""
    opens = core.joined | (core.kinds_at(-1) == 0)
    found: Bools = (
        core.at(0, Kind.FRONTED) & opens & core.at(1, _PERSONAL | Kind.DETERMINER | Kind.NAME | Kind.ANTECEDENT)
    )
    return found


def _is_fronted_inside(core: Core) -> Bools:
    """The same within another clause: `I know that when you`."""
    inside = core.at(-1, Kind.TAKES_CLAUSE | Kind.THAT) & ~core.joined
    return core.at(0, Kind.FRONTED) & core.at(1, _PERSONAL) & inside


def _is_imperative(core: Core) -> Bools:
    """A verb that nothing stands before."""
    found: Bools = (core.kinds_at(-1) == 0) & core.at(0, Kind.VERB | Kind.AUXILIARY)
    return found


def _find_heads(core: Core) -> _Heads:
    near = core.line.near
    after = np.where(near(core.joined, 1), 0, core.kinds_at(1))
    inverted = _is_inverted(core, after)
    questions = core.at(0, Kind.QUESTION) & (
        (has(after, _FINITE) & ~core.at(0, Kind.RELATIVE))
        | near(inverted, 1)
        | (near(inverted, 2) & ~has(after, _PERSONAL))
    )
    behind = near(questions, -1)
    lets = core.at(0, Kind.LETS) & has(after, Kind.ME | Kind.CLITIC)
    lets &= ~core.at(-1, _FINITE | _PERSONAL | Kind.OPEN_ENDED)
    subjects = _subjects(core, after, inverted) & ~near(inverted, -1)
    heads = (subjects & ~behind) | (inverted & ~behind & ~near(questions, -2)) | questions | lets
    return _Heads(heads & ~_is_aside(core, after, inverted), questions, inverted)


def _is_inverted(core: Core, after: Ints) -> Bools:
    """An auxiliary before its subject: `did you`; not the verb of the subject before it (`it is you`)."""
    agrees = core.at(-1, Kind.PRONOUN) & core.at(0, Kind.BE) & (core.at(-1, Kind.YOU) | ~core.at(0, Kind.BASE))
    own_subject = (core.at(-1, Kind.SUBJECT | Kind.CLITIC) | agrees) & ~core.joined
    inverted = core.at(0, Kind.AUXILIARY | Kind.BE) & ~core.at(0, Kind.SUBJECT) & ~own_subject
    opens = (core.kinds_at(-1) == 0) & ~core.at(0, Kind.AUXILIARY)
    found: Bools = has(after, _PERSONAL) & (
        (inverted & ~opens) | (core.at(0, Kind.CLITIC) & core.at(-1, Kind.QUESTION))
    )
    return found


def _subjects(core: Core, after: Ints, inverted: Bools) -> Bools:
    """Pronouns and noun phrases with a finite verb; of nouns only those that something marks as the beginning."""
    near = core.line.near
    agrees = core.at(0, Kind.YOU) | ~has(after, Kind.BASE)
    agrees &= ~core.at(0, Kind.THAT) | has(after, Kind.BE | Kind.CLITIC) | ~core.bare | core.joined
    pronoun = core.at(0, Kind.PRONOUN) & has(after, _FINITE) & agrees & ~near(inverted, 1)
    pronoun |= core.at(0, Kind.SUBJECT) & (after != 0) & ~has(after, Kind.SUBJECT)
    noun = (core.joined | core.comma | core.dash) & _has_verb_before(core) | (core.kinds_at(-1) == 0)
    noun &= _nouns(core, after)
    found: Bools = noun | (pronoun & ~near(noun, -2))
    return found


def _has_verb_before(core: Core) -> Bools:
    """A finite verb stands before it in the sentence; else `my sister and my brother were` would be two clauses."""
    verbs = np.cumsum(core.at(0, _FINITE | Kind.BE), dtype=np.int32)
    opens = np.flatnonzero(np.diff(core.line.sentence, prepend=-1) != 0)
    first = opens[np.searchsorted(opens, np.arange(len(verbs)), side="right") - 1]
    before = np.append(0, verbs)[:-1]
    return before > before[first]


def _nouns(core: Core, after: Ints) -> Bools:
    """A noun phrase or a name, and its finite verb, or the subject that takes it up (`this guy he`)."""
    verb = _FINITE & ~Kind.CLITIC
    phrase = core.at(0, Kind.DETERMINER) & ~has(after, _FINITE | Kind.SUBJECT | Kind.OBJECT | Kind.YOU)
    opens = core.kinds_at(-1) == 0
    found: Bools = phrase & (
        core.at(2, verb) | (core.joined & core.at(2, Kind.SUBJECT)) | (opens & core.at(2, Kind.BE))
    )
    found |= phrase & ~core.at(2, _FINITE | Kind.SUBJECT) & core.at(3, Kind.AUXILIARY)
    found |= core.at(0, Kind.NAME) & has(after, verb)
    other = ~core.at(0, _FINITE | _PERSONAL | Kind.SUBORDINATOR | Kind.DETERMINER)
    found |= core.joined & other & has(after, Kind.AUXILIARY)
    return found


def _is_aside(core: Core, after: Ints, inverted: Bools) -> Bools:
    """Tags and hedges: `didn't you`, `so she was`, `I guess` where nothing of a clause follows."""
    last = core.kinds_at(2) == 0
    ends = last | core.line.near(core.comma | core.joined | core.dash | core.note, 2)
    next_head = core.bare & core.at(2, Kind.SUBJECT | Kind.QUESTION)
    tag = inverted & (ends | next_head)
    echo = core.at(0, _PERSONAL) & has(after, Kind.AUXILIARY | Kind.CLITIC) & last & (~core.joined | core.so)
    would = has(after, Kind.MODAL) & core.at(2, Kind.HEDGE) & (core.kinds_at(3) == 0)
    hedge = core.at(0, Kind.SUBJECT) & ((has(after, Kind.HEDGE) & ends) | would) & ~core.joined
    found: Bools = (core.kinds_at(-1) != 0) & (tag | echo | hedge)
    return found


def _depends(core: Core, heads: _Heads) -> Bools:
    """By the words before: a clause here is part of another one, or starts it afresh."""
    close = ~core.comma & ~core.dash
    part = core.at(-1, Kind.TAKES_CLAUSE | Kind.ANTECEDENT) | (core.at(-2, Kind.TELLS) & core.at(-1, Kind.OBJECT))
    part |= heads.questions & core.at(-1, Kind.BE | Kind.CLITIC | Kind.PREPOSITION | Kind.VERB)
    quoted = core.at(-1, Kind.QUOTES) & core.comma
    quoted |= core.quote & (core.at(1, Kind.REPORTS) | (core.at(1, Kind.CLITIC) & core.at(2, Kind.REPORTS)))
    second, third = core.line.near(core.word, -2, -1), core.line.near(core.word, -3, -1)
    same_subject = core.word == second
    afresh = core.at(-1, Kind.OPEN_ENDED) | (same_subject & (core.at(-1, Kind.AUXILIARY) | core.dash))
    afresh |= core.dash & (core.word == third) & (core.line.near(core.word, 1, -1) == second)
    afresh |= core.at(-1, Kind.SUBJECT) & ~core.at(-2, Kind.AUXILIARY)
    under = core.at(-1, Kind.FRONTED) | (core.at(-1, Kind.SUBORDINATOR) & ~core.comma)
    found: Bools = (under & ~(heads.inverted & core.dash)) | (part & close & ~heads.inverted) | quoted | afresh
    return found


def _last_is_subordinate(core: Core, head: Bools, depends: Bools) -> Bools:
    """By core word: the last clause before it in the sentence hangs on a word such as `because`."""
    under = core.at(-1, Kind.FRONTED)
    places = np.arange(len(head))
    last = np.append(-1, np.maximum.accumulate(np.where(head & (under | ~depends), places, -1))[:-1])
    row = np.maximum(last, 0)
    found: Bools = (last >= 0) & (core.line.sentence[row] == core.line.sentence) & under[row]
    return found


def _in_parenthesis(core: Core) -> Bools:
    """Between the two dashes of a sentence."""
    sentence = core.line.sentence
    total = np.bincount(sentence, weights=core.dash)[sentence]
    so_far = np.cumsum(core.dash)
    before = np.maximum.accumulate(np.where(np.diff(sentence, prepend=-1) != 0, so_far - core.dash, 0))
    found: Bools = (total == 2) & (so_far - before == 1)
    return found
