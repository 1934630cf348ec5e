"""All patterns of a codebook at once: from each token the set of places in patterns that the words so far lead to.

Patterns that begin alike share their beginnings. The places that a run of words has reached are one *set*; where a set
leads with a word is worked out once, for all words that are the same to every pattern (a *class*), and remembered. So a
run of words costs one look-up a word, however many patterns there are. The spans are those of `ArrayMatcher`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from relcode.cues.matcher import Plan
from relcode.cues.places import GAP_WORDS, Places, places_of
from relcode.cues.transitions import BEHIND_GAP, NEXT, Transitions, stretches
from relcode.cues.ways import Way, ways_of
from relcode.cues.word_classes import WordClasses
from relcode.transcripts.tokens import Bools, Ints, TokenTable

_MOST_KNOWN = 1_000_000  # words, and where they lead from a set: some 200 MB


class Found(NamedTuple):
    """Matches: whose pattern, and the tokens, `last` exclusive. A match may come more than once."""

    owner: Ints
    first: Ints
    last: Ints


class _Run(NamedTuple):
    """A table as it is gone through; by token, its class and whether a gap passes over it."""

    table: TokenTable
    way: Way
    classes: Ints
    in_gap: Bools


class Automaton:
    """Patterns of a plan (`plan_patterns`), compiled; it remembers from table to table.

    Parameters
    ----------
    owners
        By pattern of the plan: the number that stands for it in what is found.
    most_known
        All that was worked out is forgotten when it is more, between two tables.
    """

    def __init__(self, plan: Plan, owners: Sequence[int], *, most_known: int = _MOST_KNOWN) -> None:
        self._places: Places = places_of(plan, owners)
        self._most_known = most_known
        self._forget()

    def find(self, table: TokenTable) -> Iterator[Found]:
        """All matches that lie within one segment."""
        if len(self._transitions) + self._classes.words_known > self._most_known:
            self._forget()
        of_words = self._classes.of(table.words, table.lower_words)
        classes, in_gap = of_words[table.word], self._classes.in_gap[of_words][table.word]
        for names_bracket, way in ways_of(table).items():
            roots = self._transitions.roots[names_bracket]
            if any(roots):
                yield from self._run(_Run(table, way, classes, in_gap), roots)

    def _forget(self) -> None:
        self._classes = WordClasses(self._places.tokens)
        self._transitions = Transitions(self._places, self._classes)

    def _run(self, run: _Run, roots: tuple[int, int]) -> Iterator[Found]:
        """From every token, the sets that the words behind it lead to, one word (and gap) further at a time."""
        start = np.full(len(run.classes), roots[0])
        start[run.way.first_word[run.way.first_word >= 0]] = roots[1]
        first, reached = self._transitions.follow(start, run.classes, NEXT)
        last = first + 1
        while len(reached):
            yield from self._ends(run, reached, first, last)
            found = [*self._next(run, reached, first, last), *self._behind_gap(run, reached, first, last)]
            reached, first, last = (np.concatenate(each) for each in zip(*found, strict=True))

    def _next(self, run: _Run, reached: Ints, first: Ints, last: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
        onward = self._transitions.part[NEXT][reached]
        going = np.flatnonzero((onward > 0) & run.way.continues[last])
        yield self._step(run, onward[going], first[going], run.way.following[last[going]], NEXT)

    def _behind_gap(self, run: _Run, reached: Ints, first: Ints, last: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
        onward = self._transitions.part[BEHIND_GAP][reached]
        going = np.flatnonzero(onward)
        onward, first, place = onward[going], first[going], last[going]
        for _ in range(GAP_WORDS + 1):
            inside = np.flatnonzero(run.way.continues[place])
            onward, first, after = onward[inside], first[inside], run.way.following[place[inside]]
            yield self._step(run, onward, first, after, BEHIND_GAP)
            passed = np.flatnonzero(run.in_gap[after])
            onward, first, place = onward[passed], first[passed], after[passed] + 1

    def _step(self, run: _Run, onward: Ints, first: Ints, after: Ints, kind: int) -> tuple[Ints, Ints, Ints]:
        """The sets reached with the token `after`, where any is."""
        rows, reached = self._transitions.follow(onward, run.classes[after], kind)
        return reached, first[rows], after[rows] + 1

    def _ends(self, run: _Run, reached: Ints, first: Ints, last: Ints) -> Iterator[Found]:
        """The patterns that end here; those tied to the segment's last word only where it ends there."""
        for (begin, owners), tied in zip(self._transitions.ends, (False, True), strict=True):
            count = begin[reached + 1] - begin[reached]
            some = np.flatnonzero(count)
            if tied:
                some = some[run.way.last_word[run.table.segment_row[first[some]]] == last[some] - 1]
            if len(some):
                count = count[some]
                owner = owners[stretches(begin[reached[some]], count)]
                yield Found(owner, np.repeat(first[some], count), np.repeat(last[some], count))
