"""Words that are the same to all token dictionaries of a codebook's patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from relcode.codebook.patterns import GAP
from relcode.cues.growing import with_room
from relcode.cues.set_arrays import Classes
from relcode.cues.token_columns import token_column

_NO_ROW = -1
_Parts = tuple[int, ...]  # rows of what a token dictionary asks for: it matches where all of these hold


class WordClasses:
    """Numbers for classes of words, remembered by word.

    Parameters
    ----------
    tokens
        Token dictionaries without `OP`.
    """

    def __init__(self, tokens: Sequence[Mapping[str, Any]]) -> None:
        self._listing: dict[str, list[int]] = {}
        self._parts: dict[str, tuple[int, dict[str, Any]]] = {}
        self._others: list[tuple[int, _Parts]] = []
        for row, token in enumerate(tokens):
            listed = _listed(token)
            if listed is None:
                self._others.append((row, self._parts_of(token)))
            for word in listed or ():
                self._listing.setdefault(word, []).append(row)
        self._others.append((_NO_ROW, self._parts_of({name: value for name, value in GAP.items() if name != "OP"})))
        self._words: dict[str, int] = {}
        self._classes: dict[tuple[int, ...], int] = {}
        nothing = np.zeros(0, dtype=np.int32)
        fits = np.zeros((0, len(tokens) // 8 + 1), dtype=np.uint8)
        self.classes = Classes(fits, np.zeros(1, dtype=np.int32), nothing, np.zeros(0, dtype=np.bool_))

    def of(self, words: Sequence[str], lower_words: Sequence[str]) -> npt.NDArray[np.int32]:
        """By word of a vocabulary, as written and in lower case: its class."""
        new = [row for row, word in enumerate(words) if word not in self._words]
        if new:
            self._learn([words[row] for row in new], [lower_words[row] for row in new])
        return np.fromiter(map(self._words.__getitem__, words), dtype=np.int32, count=len(words))

    def __len__(self) -> int:
        return len(self._classes)

    @property
    def words_known(self) -> int:
        """How many words are remembered."""
        return len(self._words)

    def _parts_of(self, token: Mapping[str, Any]) -> _Parts:
        """What a token dictionary asks for, one thing each; what several ask for is looked at once."""
        asked = [{name: value} for name, value in token.items()]
        return tuple(self._parts.setdefault(repr(part), (len(self._parts), part))[0] for part in asked)

    def _learn(self, words: list[str], lower_words: list[str]) -> None:
        """Take in new words."""
        parts = np.array([token_column(part, words, lower_words) for _, part in self._parts.values()])
        columns = np.array([parts[list(asked)].all(axis=0) for _, asked in self._others])
        named = np.array([row for row, _ in self._others])
        of_word = [named[column] for column in columns.T]
        made: list[tuple[int, ...]] = []
        for word, low, others in zip(words, lower_words, of_word, strict=True):
            key = (*self._listing.get(low, ()), *others.tolist())
            if key not in self._classes:
                self._classes[key] = len(self._classes)
                made.append(key)
            self._words[word] = self._classes[key]
        if made:
            self._describe(made)

    def _describe(self, made: list[tuple[int, ...]]) -> None:
        """Lay out new classes; the rows of a class are what its words match, `_NO_ROW` says that a gap passes over it."""
        before, after = len(self._classes) - len(made), len(self._classes)
        rows = np.fromiter((row for each in made for row in each), dtype=np.int32)
        of_class = np.repeat(np.arange(before, after), [len(each) for each in made])
        passed, some = of_class[rows == _NO_ROW], rows != _NO_ROW
        rows, of_class = rows[some], of_class[some]
        counts = np.bincount(of_class - before, minlength=len(made))
        fits, begin, known, in_gap = self.classes
        used = int(begin[before])
        fits = with_room(fits, before, len(made))
        np.bitwise_or.at(fits, (of_class, rows >> 3), (1 << (rows & 7)).astype(np.uint8))
        begin = with_room(begin, before + 1, len(made))
        begin[before + 1 : after + 1] = used + np.cumsum(counts)
        known = with_room(known, used, len(rows))
        known[used : used + len(rows)] = rows
        in_gap = with_room(in_gap, before, len(made))
        in_gap[passed] = True
        self.classes = Classes(fits, begin, known, in_gap)


def _listed(token: Mapping[str, Any]) -> list[str] | None:
    """The words in lower case that match a token dictionary, where it only lists words."""
    value = token.get("LOWER") if len(token) == 1 else None
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping) and list(value) == ["IN"]:
        return list(dict.fromkeys(value["IN"]))
    return None
