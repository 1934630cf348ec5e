"""Runs of characters within words, hashed: spellings, endings, words that a recogniser heard wrongly."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from relcode.learning.features.base import SegmentFeatures, Unit, unit_count
from relcode.learning.features.hashing import count_keys, hash_runs, unit_rows
from relcode.learning.segments import Segments
from relcode.transcripts.tokens import Ints, TokenTable

_SPACE = " "


class CharacterGrams(SegmentFeatures):
    """Runs of `shortest` to `longest` characters of lower-case words with a space at both ends; rows of unit length.

    The runs of a word are hashed once for each distinct word, then summed by token.
    """

    def __init__(self, *, unit: Unit = "segment", shortest: int = 2, longest: int = 5, columns: int = 2**17) -> None:
        self.unit = unit
        self.shortest = shortest
        self.longest = longest
        self.columns = columns

    def matrix(self, X: Segments) -> sparse.csr_matrix:
        """Rows of unit length, axes (unit, column)."""
        key = ("characters", self.unit, self.shortest, self.longest, self.columns)
        return X.shared(key, self._of_table)

    def _of_table(self, table: TokenTable) -> sparse.csr_matrix:
        group = table.segment_row if self.unit == "segment" else table.turn_row
        shape = (unit_count(table, self.unit), len(table.words))
        tokens = sparse.csr_matrix((np.ones(len(group), dtype=np.float32), (group, table.word)), shape=shape)
        counts = sparse.csr_matrix(tokens @ self._of_words(table.lower_words))
        counts.data = np.log1p(counts.data)
        return unit_rows(counts)

    def _of_words(self, words: tuple[str, ...]) -> sparse.csr_matrix:
        """How often each run stands in each distinct word, axes (word, column)."""
        padded = [f"{_SPACE}{word}{_SPACE}" for word in words]
        owner: Ints = np.repeat(np.arange(len(words)), [len(word) for word in padded])
        letters = np.array([ord(letter) for word in padded for letter in word], dtype=np.uint64)
        rows, keys = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint64)]
        for length in range(self.shortest, self.longest + 1):
            starts = max(len(letters) - length + 1, 0)
            inside = owner[:starts] == owner[length - 1 :]
            rows.append(owner[:starts][inside])
            # the letters' own numbers are small: a multiplication spreads them over 64 bits first
            with np.errstate(over="ignore"):
                spread = (letters + np.uint64(length)) * np.uint64(0x2545F4914F6CDD1D)
            keys.append(hash_runs(spread ^ (spread >> np.uint64(29)), length)[inside])
        return count_keys(np.concatenate(rows), np.concatenate(keys), (len(words), self.columns))
