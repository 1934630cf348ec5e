"""Numbers that words have by themselves, remembered: a vocabulary is met again with every table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

_MOST_WORDS = 1_000_000  # some 100 MB; forgotten between two tables


class WordColumn(dict[str, int]):
    """What a function says of words, worked out once for each distinct word."""

    def __init__(self, of_word: Callable[[str], int]) -> None:
        self._of_word = of_word

    def __missing__(self, word: str) -> int:
        value = self[word] = self._of_word(word)
        return value

    def of(self, words: Sequence[str]) -> npt.NDArray[np.int64]:
        """By word: its number."""
        if len(self) > _MOST_WORDS:
            self.clear()
        return np.fromiter(map(self.__getitem__, words), dtype=np.int64, count=len(words))
