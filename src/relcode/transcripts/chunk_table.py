"""Chunks (stretches between white space) of long text and their numbers, found letter by letter without making strings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from relcode.compiled import compiled
from relcode.transcripts.arrays import Bools, Ints

Letters = npt.NDArray[np.uint32]
Slots = npt.NDArray[np.int32]
UNKNOWN = -1
_MOST_FILLED = 0.4
_HALF, _NEXT = np.uint64(32), np.uint64(1)
_SEED, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a
_LAST_WHITE = 0x3001  # no code point from here on is white space


class Chunks(NamedTuple):
    """By chunk of some text: where it begins and ends (exclusive), the row of its text, and its number or `UNKNOWN`."""

    began: Ints
    ended: Ints
    text_row: Ints
    number: Ints


class ChunkTable:
    """Numbers of chunks, in the order in which they were added."""

    def __init__(self) -> None:
        self._letters: Letters = np.zeros(0, dtype=np.uint32)
        self._edges: Ints = np.zeros(1, dtype=np.int64)
        self._slots: Slots = np.full(1 << 15, UNKNOWN, dtype=np.int32)

    def __len__(self) -> int:
        return len(self._edges) - 1

    def find(self, letters: Letters, text_start: Ints) -> Chunks:
        """The chunks of texts that stand one behind the other, white space between them.

        Parameters
        ----------
        letters
            Code points.
        text_start
            By text: where it begins.
        """
        began, ended, row = _bounds(letters, _IS_WHITE, text_start)
        return Chunks(began, ended, row, _numbers(letters, began, ended, self._letters, self._edges, self._slots))

    def add(self, chunks: Sequence[str]) -> None:
        """Number chunks that are distinct and not known."""
        before = len(self)
        lengths = np.array([len(chunk) for chunk in chunks], dtype=np.int64)
        self._letters = np.append(self._letters, letters_of("".join(chunks)))
        self._edges = np.append(self._edges, self._edges[-1] + np.cumsum(lengths))
        if len(self) > _MOST_FILLED * len(self._slots):
            size = 1 << int(np.ceil(np.log2(len(self) / _MOST_FILLED)))
            self._slots, before = np.full(size, UNKNOWN, dtype=np.int32), 0
        _fill(self._letters, self._edges, self._slots, before)


def letters_of(text: str) -> Letters:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32, copy=False)


@compiled
def _bounds(letters: Letters, is_white: Bools, text_start: Ints) -> tuple[Ints, Ints, Ints]:
    room = len(letters) // 2 + 1
    began, ended, row = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    count, text, inside = 0, 0, False
    for place in range(len(letters)):
        letter = letters[place]
        white = is_white[letter] if letter < _LAST_WHITE else False
        if white != inside:
            continue
        inside = not white
        if white:
            ended[count] = place
            count += 1
        else:
            while text + 1 < len(text_start) and text_start[text + 1] <= place:
                text += 1
            began[count], row[count] = place, text
    if inside:
        ended[count] = len(letters)
        count += 1
    return began[:count], ended[:count], row[:count]


@compiled
def _numbers(letters: Letters, began: Ints, ended: Ints, known: Letters, edges: Ints, slots: Slots) -> Ints:
    """Look chunks up: open addressing, by the hash FNV-1a; then letter by letter, so that no two are mistaken."""
    number = np.full(len(began), UNKNOWN, np.int64)
    mask = np.uint64(len(slots) - 1)
    for chunk in range(len(began)):
        first, length = began[chunk], ended[chunk] - began[chunk]
        mixed = _SEED
        for place in range(first, ended[chunk]):
            mixed = (mixed ^ np.uint64(letters[place])) * _PRIME
        slot = (mixed ^ (mixed >> _HALF)) & mask
        while slots[slot] != UNKNOWN:
            begin = edges[slots[slot]]
            if edges[slots[slot] + 1] - begin == length:
                same = 0
                while same < length and known[begin + same] == letters[first + same]:
                    same += 1
                if same == length:
                    number[chunk] = slots[slot]
                    break
            slot = (slot + _NEXT) & mask
    return number


@compiled
def _fill(letters: Letters, edges: Ints, slots: Slots, first: int) -> None:
    """Give chunks from number `first` on their slots."""
    mask = np.uint64(len(slots) - 1)
    for chunk in range(first, len(edges) - 1):
        mixed = _SEED
        for place in range(edges[chunk], edges[chunk + 1]):
            mixed = (mixed ^ np.uint64(letters[place])) * _PRIME
        slot = (mixed ^ (mixed >> _HALF)) & mask
        while slots[slot] != UNKNOWN:
            slot = (slot + _NEXT) & mask
        slots[slot] = chunk


_IS_WHITE = np.array([chr(code).isspace() for code in range(_LAST_WHITE)] + [False], dtype=np.bool_)
