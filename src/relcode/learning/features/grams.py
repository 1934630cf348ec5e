"""Words and runs of words, hashed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from relcode.learning.features.base import SegmentFeatures, Unit, unit_count
from relcode.learning.features.hashing import EDGE, FACTORS, Hashes, columns_of, count_keys, hash_runs, hash_words
from relcode.learning.features.hashing import unit_rows as to_unit_rows
from relcode.learning.segments import Segments
from relcode.transcripts.tokens import Bools, Ints, TokenTable

GRAM_COLUMNS = 2**18
LENGTHS = (1, 2)


class TokenGrams(SegmentFeatures):
    """Words, runs of words, and the first and last word with the unit's edge; case and white space do not count.

    Rows of 1 + log counts, scaled to unit length. `lengths`: of the runs, in words.
    """

    def __init__(
        self, *, unit: Unit = "segment", lengths: tuple[int, ...] = LENGTHS, columns: int = GRAM_COLUMNS
    ) -> None:
        self.unit = unit
        self.lengths = lengths
        self.columns = columns

    def matrix(self, X: Segments) -> sparse.csr_matrix:
        """Rows of unit length, axes (unit, column)."""
        key = ("grams", self.unit, self.lengths, self.columns)
        return X.shared(key, self._of_table)

    def spelling(self, table: TokenTable) -> Sequence[str]:
        """By row of the vocabulary: what is counted as the same word."""
        return table.lower_words

    def spell(self, X: Segments) -> dict[int, str]:
        """The words behind each column that occurs in the chosen segments; of several runs, the most frequent.

        It repeats words of the material and is made only when asked for: it is no part of a model's files.
        """
        table = X.table
        chosen = np.isin(table.segment_row, X.rows)
        spelled = self.spelling(table)
        found: dict[int, dict[str, int]] = {}
        for keys, _, starts, length in self._keys(table):
            kept = chosen[starts]
            for column, start in zip(columns_of(keys[kept], self.columns).tolist(), starts[kept].tolist(), strict=True):
                words = " ".join(spelled[row] for row in table.word[start : start + max(length, 1)])
                gram = words if length else f"(edge) {words}"
                counts = found.setdefault(column, {})
                counts[gram] = counts.get(gram, 0) + 1
        return {column: max(sorted(counts), key=counts.__getitem__) for column, counts in found.items()}

    def _of_table(self, table: TokenTable) -> sparse.csr_matrix:
        parts = list(self._keys(table))
        rows = np.concatenate([part[1] for part in parts])
        keys = np.concatenate([part[0] for part in parts])
        counts = count_keys(rows, keys, (unit_count(table, self.unit), self.columns))
        counts.data = 1 + np.log(counts.data)
        return to_unit_rows(counts)

    def _keys(self, table: TokenTable) -> Iterator[tuple[Hashes, Ints, Ints, int]]:
        """Hashes, their units, the tokens that they start at, and the length of the run (0: a word at the edge)."""
        words = hash_words(self.spelling(table))[table.word]
        group = table.segment_row if self.unit == "segment" else table.turn_row
        places = np.arange(len(words))
        for length in self.lengths:
            starts = max(len(words) - length + 1, 0)
            inside: Bools = group[:starts] == group[length - 1 :]
            yield hash_runs(words, length)[inside], group[:starts][inside], places[:starts][inside], length
        changes = np.diff(group, prepend=-1, append=-1) != 0
        first, last = np.flatnonzero(changes[:-1]), np.flatnonzero(changes[1:])
        with np.errstate(over="ignore"):
            yield EDGE ^ words[first] * FACTORS[1], group[first], first, 0
            yield words[last] * FACTORS[0] ^ EDGE, group[last], last, 0


def gram_features(table: TokenTable) -> sparse.csr_matrix:
    """Words and pairs of words of all segments, axes (segment, column): see `TokenGrams`."""
    return TokenGrams().matrix(Segments(table))
