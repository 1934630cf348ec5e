"""Which classes of words lead on from which sets of places: a bit for each pair."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from relcode.cues.word_classes import WordClasses
from relcode.transcripts.tokens import Ints

_BIT = (1 << np.arange(8)).astype(np.uint8)
_Bytes = npt.NDArray[np.uint8]


class LeadingWords:
    """Bits that grow with the sets and with the classes."""

    def __init__(self, classes: WordClasses, kind: int) -> None:
        self._classes, self._kind = classes, kind
        self._bits: _Bytes = np.zeros((0, 0), dtype=np.uint8)
        self._rows = np.zeros(0, dtype=np.int64)  # by set: its row of bits; the first, of none, where nothing leads on
        self._tokens: list[Ints] = []  # by row
        self._known_sets = self._known_classes = 0

    def holds(self, reached: Ints, classes: Ints) -> Ints:
        """The rows of those pairs of a set and a class in which the class leads on."""
        found: Ints = np.flatnonzero(self._bits[self._rows[reached], classes >> 3] & _BIT[classes & 7])
        return found

    def bring_up_to_date(self, part: Ints, tokens_of: Callable[[int, int], Ints]) -> None:
        """Take in sets and classes that are new. `part`: by set, the one that leads on in its place."""
        classes = len(self._classes)
        if len(part) == self._known_sets and classes == self._known_classes:
            return
        if not len(self._rows):
            self._tokens.append(np.zeros(0, dtype=np.int64))
        new = np.flatnonzero(part[self._known_sets :] == np.arange(self._known_sets, len(part))) + self._known_sets
        new = new[new > 0]
        before = len(self._tokens)
        self._tokens += [tokens_of(number, self._kind) for number in new.tolist()]
        self._rows = np.append(self._rows, np.zeros(len(part) - len(self._rows), dtype=np.int64))
        self._rows[new] = before + np.arange(len(new))
        self._make_room(len(self._tokens), classes // 8 + 1)
        if classes > self._known_classes:
            self._fill(1, before, self._known_classes // 8, classes // 8 + 1)
        self._fill(before, len(self._tokens), 0, classes // 8 + 1)
        self._known_sets, self._known_classes = len(part), classes

    def _make_room(self, rows: int, width: int) -> None:
        if rows > self._bits.shape[0] or width > self._bits.shape[1]:
            bits = np.zeros(
                (max(rows, 2 * self._bits.shape[0]), max(width, self._bits.shape[1] * 5 // 4)), dtype=np.uint8
            )
            bits[: self._bits.shape[0], : self._bits.shape[1]] = self._bits
            self._bits = bits

    def _fill(self, first: int, last: int, begin: int, end: int) -> None:
        """Work out the bytes from `begin` to `end` of some rows."""
        for row in range(first, last):
            np.bitwise_or.reduce(
                self._classes.fits[self._tokens[row], begin:end], axis=0, out=self._bits[row, begin:end]
            )
