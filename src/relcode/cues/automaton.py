"""All patterns of a codebook at once: from each token the set of places in patterns that the words so far lead to.

Patterns that begin alike share their beginnings. The places that a run of words has reached are one *set*; where a set
leads with a word is worked out once, for all words that are the same to every pattern (a *class*), and remembered. So a
run of words costs one look-up a word, however many patterns there are. Matches are those of spaCy's `Matcher`, but that
words are compared in lower case with straight apostrophes, and that bracketed notes (`I [pause] feel`) and the brackets of
tags (`[NAME_1]`) are passed over, as if they were not there, unless the pattern itself names a bracket.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from relcode.codebook.schema import TokenPattern
from relcode.cues.elements import GAP_WORDS
from relcode.cues.growing import with_room
from relcode.cues.known import is_full, more_room, nothing_known, patterns_of
from relcode.cues.places import beginning, places_of
from relcode.cues.set_arrays import PART, STEPS, WAYS, Hits, Known, Text
from relcode.cues.sets import describe, number_of
from relcode.cues.walk import mark_notes, walk
from relcode.cues.word_classes import WordClasses
from relcode.transcripts.tokens import Bools, TokenTable

_MOST_KNOWN = 1_000_000  # words, and where they lead from a set: some 100 MB


class Automaton:
    """Patterns, compiled; it remembers from table to table.

    Parameters
    ----------
    owners
        By pattern: the number that stands for it in what is found.
    wanted
        By owner: 1 where its matches have to begin and end in quoted speech, 0 where not both, -1 where either may be.
    most_known
        All that was worked out is forgotten when it is more, between two tables.

    Raises
    ------
    ValueError
        An operator that is not known.
    """

    def __init__(
        self,
        patterns: Sequence[TokenPattern],
        owners: Sequence[int],
        wanted: npt.NDArray[np.int8],
        *,
        most_known: int = _MOST_KNOWN,
    ) -> None:
        self._places = places_of(patterns, owners)
        self._patterns = patterns_of(self._places)
        self._wanted = wanted
        self._most_known = most_known
        self._stack = np.zeros(2 * WAYS * (len(self._places.token) + 1), dtype=np.int64)
        self._owner = np.zeros(0, dtype=np.int32)  # kept, for new memory costs as much as what is written to it
        self._classes = WordClasses(self._places.tokens)
        self._known, self._roots = self._only_roots()

    def find(self, table: TokenTable, quoted: Bools) -> Hits:
        """By segment, the owners of patterns that match within it, until the next call.

        Parameters
        ----------
        quoted
            By token: whether it is quoted speech.

        Raises
        ------
        OverflowError
            A segment alone needs more sets than there are numbers for: some 100,000 words without an end.
        """
        if int(self._known.counts[STEPS]) + self._classes.words_known > self._most_known:
            self._classes = WordClasses(self._places.tokens)
            self._known, self._roots = self._only_roots()
        text = Text(
            self._classes.of(table.words, table.lower_words)[table.word],
            table.is_spoken,
            _notes(table),
            quoted,
            table.first_token,
            table.last_token,
            self._wanted,
        )
        segments, done, forgot_at = len(table.segment_turn), 0, -1
        hits = Hits(np.zeros(segments + 1, dtype=np.int64), self._owner)
        while done < segments:
            if is_full(self._known):
                if forgot_at == done:
                    words = int(table.last_token[done] - table.first_token[done])
                    raise OverflowError(f"a segment of {words} words is too long for the patterns")
                forgot_at = done
                self._known, self._roots = self._only_roots()
            self._known = more_room(self._patterns, self._known, len(self._classes))
            found = int(hits.begin[done])
            hits = hits._replace(owner=with_room(hits.owner, found, len(self._wanted)))
            done = walk(
                done,
                self._roots,
                text,
                self._patterns,
                self._known,
                self._classes.classes,
                hits,
                self._stack,
                GAP_WORDS,
            )
        self._owner = hits.owner
        return hits._replace(owner=hits.owner[: hits.begin[-1]])

    def _only_roots(self) -> tuple[Known, npt.NDArray[np.int32]]:
        """Nothing known but the sets in which patterns begin."""
        known = nothing_known(self._patterns)
        roots = []
        for names_bracket in (False, True):
            free, tied = beginning(names_bracket, False), beginning(names_bracket, True)
            for places in ([free], [free, tied]):
                known.chosen[: len(places)] = places
                number = number_of(len(places), known)
                describe(number, self._patterns, known)
                roots.append(known.sets[number, PART])
        return known, np.array(roots, dtype=np.int32)


def _notes(table: TokenTable) -> Bools:
    rows = [table.words.index(bracket) if bracket in table.words else -1 for bracket in "[]"]
    if max(rows) < 0:
        return np.zeros(len(table.word), dtype=np.bool_)
    return mark_notes(rows[0], rows[1], table.word, table.turn_row, table.is_spoken)
