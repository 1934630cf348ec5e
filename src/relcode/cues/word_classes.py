"""Words that are the same to all token dictionaries of a codebook's patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from relcode.codebook.patterns import GAP
from relcode.cues.token_columns import token_column
from relcode.transcripts.tokens import Bools, Ints

_NO_ROW = -1


class WordClasses:
    """Numbers for classes of words, remembered by word.

    Parameters
    ----------
    tokens
        Token dictionaries without `OP`.

    Attributes
    ----------
    fits
        By token dictionary and class, whether words of the class match it: a bit, eight classes a byte.
    """

    def __init__(self, tokens: Sequence[Mapping[str, Any]]) -> None:
        self._listing: dict[str, list[int]] = {}
        self._others: list[tuple[int, Mapping[str, Any]]] = []
        for row, token in enumerate(tokens):
            listed = _listed(token)
            if listed is None:
                self._others.append((row, token))
            for word in listed or ():
                self._listing.setdefault(word, []).append(row)
        self._words: dict[str, int] = {}
        self._classes: dict[tuple[tuple[int, ...], bytes], int] = {}
        self._gap = len(self._others)
        self._others.append((_NO_ROW, {name: value for name, value in GAP.items() if name != "OP"}))
        self._in_gap: list[bool] = []
        self.fits: npt.NDArray[np.uint8] = np.zeros((len(tokens), 64), dtype=np.uint8)  # bits: 8 classes a byte

    def of(self, words: Sequence[str], lower_words: Sequence[str]) -> Ints:
        """By word of a vocabulary, as written and in lower case: its class."""
        new = [row for row, word in enumerate(words) if word not in self._words]
        if new:
            self._learn([words[row] for row in new], [lower_words[row] for row in new])
        return np.array([self._words[word] for word in words], dtype=np.int64)

    def __len__(self) -> int:
        return len(self._classes)

    @property
    def words_known(self) -> int:
        """How many words are remembered."""
        return len(self._words)

    @property
    def in_gap(self) -> Bools:
        """By class: whether a gap passes over its words."""
        return np.array(self._in_gap, dtype=np.bool_)

    def fit(self, token: Ints, of_class: Ints) -> Bools:
        """By pair of a token dictionary's row and a class: whether words of the class match it."""
        found: Bools = (self.fits[token, of_class >> 3] >> (of_class & 7).astype(np.uint8) & 1).astype(np.bool_)
        return found

    def _learn(self, words: list[str], lower_words: list[str]) -> None:
        columns = [token_column(token, words, lower_words) for _, token in self._others]
        others = np.array(columns, dtype=np.bool_).reshape(len(columns), len(words))
        signs = np.packbits(others, axis=0).T
        for row, (word, low) in enumerate(zip(words, lower_words, strict=True)):
            listed = tuple(self._listing.get(low, ()))
            key = (listed, signs[row].tobytes())
            if key not in self._classes:
                self._classes[key] = number = len(self._classes)
                if number >> 3 >= self.fits.shape[1]:
                    self.fits = np.hstack([self.fits, np.zeros_like(self.fits)])
                self._in_gap.append(bool(others[self._gap, row]))
                fits = [*listed, *(self._others[place][0] for place in np.flatnonzero(others[: self._gap, row]))]
                self.fits[fits, number >> 3] |= np.uint8(1 << (number & 7))
            self._words[word] = self._classes[key]


def _listed(token: Mapping[str, Any]) -> list[str] | None:
    """The words in lower case that match a token dictionary, where it only lists words."""
    value = token.get("LOWER") if len(token) == 1 else None
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping) and list(value) == ["IN"]:
        return list(dict.fromkeys(value["IN"]))
    return None
