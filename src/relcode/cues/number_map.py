"""A map from numbers to numbers that is asked for many at once."""

from __future__ import annotations

import numpy as np

from relcode.transcripts.tokens import Ints

_MIX = np.uint64(0x9E3779B97F4A7C15)
_FREE = -1
_MOST_FILLED = 0.4


class NumberMap:
    """Keys and values are not negative. Open addressing: a key that finds its slot taken goes to the next one."""

    def __init__(self) -> None:
        self._make_room(1 << 14)

    def __len__(self) -> int:
        return self._filled

    def get(self, keys: Ints) -> Ints:
        """By key: its value, -1 where it is not known."""
        slot = self._slots(keys)
        there = self._keys[slot]
        found = np.where(there == keys, self._values[slot], _FREE)
        left = np.flatnonzero((there != keys) & (there != _FREE))
        while len(left):
            slot[left] = (slot[left] + 1) & (len(self._keys) - 1)
            there = self._keys[slot[left]]
            hit = there == keys[left]
            found[left[hit]] = self._values[slot[left[hit]]]
            left = left[~hit & (there != _FREE)]
        return found

    def put(self, keys: Ints, values: Ints) -> None:
        """Keep values of keys that are distinct and not known."""
        if self._filled + len(keys) > _MOST_FILLED * len(self._keys):
            kept = self._keys != _FREE
            keys, values = np.append(self._keys[kept], keys), np.append(self._values[kept], values)
            self._make_room(1 << int(np.ceil(np.log2(len(keys) / _MOST_FILLED))))
        self._filled += len(keys)
        slot, left = self._slots(keys), np.arange(len(keys))
        while len(left):
            wanted = left[self._keys[slot[left]] == _FREE]
            self._keys[slot[wanted]] = keys[wanted]  # of two that want one slot, the last has it
            left = left[self._keys[slot[left]] != keys[left]]
            slot[left] = (slot[left] + 1) & (len(self._keys) - 1)
        self._values[slot] = values

    def _slots(self, keys: Ints) -> Ints:
        with np.errstate(over="ignore"):
            return (keys.astype(np.uint64) * _MIX >> self._shift).astype(np.int64)

    def _make_room(self, slots: int) -> None:
        self._shift = np.uint64(64 - (slots.bit_length() - 1))
        self._keys = np.full(slots, _FREE, dtype=np.int64)
        self._values = np.zeros(slots, dtype=np.int64)
        self._filled = 0
