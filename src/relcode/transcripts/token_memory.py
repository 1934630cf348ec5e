"""spaCy's tokens of many texts as arrays, from a memory of what each stretch between white space is cut into.

spaCy's tokenizer cuts every such stretch (a chunk) by itself, so that a chunk seen once need not be cut again. Each new
chunk is cut by spaCy. One rule of spaCy's looks beyond white space: special cases (`:-)`, `don't`) are searched for over
neighbouring tokens. Texts in which such a search could meet two chunks are cut by spaCy as a whole.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from relcode.compiled import compiled
from relcode.transcripts.arrays import Bools, Ints
from relcode.transcripts.chunk_table import UNKNOWN, Chunks, ChunkTable, Letters, letters_of

_MOST_CHUNKS = 1_000_000  # some 300 MB; real speech has 40,000 in 1.5 million words


class Tokens(NamedTuple):
    """Tokens of texts, white space left out. `words`: the vocabulary in the order of spaCy's hashes; by token: its row
    there, code-point offset in its text, and the row of its text."""

    words: tuple[str, ...]
    word: Ints
    start: Ints
    text_row: Ints


@cache
def english() -> Any:
    """spaCy's blank English pipeline: the tokenizer alone, no model, no download."""
    import spacy

    return spacy.blank("en")


@cache
def english_memory() -> TokenMemory:
    """The memory of `english()`, one a process."""
    return TokenMemory(english().tokenizer)


class TokenMemory:
    """What a tokenizer of spaCy's makes of chunks.

    Parameters
    ----------
    most_chunks
        All is forgotten when more are known, between two calls.
    """

    def __init__(self, tokenizer: Any, *, most_chunks: int = _MOST_CHUNKS) -> None:
        self._tokenizer = tokenizer
        self._most_chunks = most_chunks
        self._lock = threading.Lock()
        self._forget()

    def cut(self, texts: Sequence[str]) -> Tokens:
        """The tokens of texts: those that the tokenizer gives, without white space."""
        with self._lock:
            if len(self._chunks) > self._most_chunks:
                self._forget()
            return self._cut(texts)

    def _forget(self) -> None:
        self._chunks = ChunkTable()
        self._whole: dict[str, int] = {}  # texts that are cut as a whole, with their numbers among the chunks
        self._words: dict[str, int] = {}
        self._texts: list[str] = []  # by word
        self._hashes = np.zeros(0, dtype=np.uint64)  # spaCy's, by word
        self._meeting: dict[tuple[str, str], bool] = {}
        # by chunk: where its tokens begin in `_word` and `_offset`; one more at the end
        self._edges = np.zeros(1, dtype=np.int64)
        self._word = np.zeros(0, dtype=np.int64)
        self._offset = np.zeros(0, dtype=np.int64)

    def _cut(self, texts: Sequence[str]) -> Tokens:
        blob = "\n".join(texts)
        letters = letters_of(blob)
        lengths = np.array([len(text) + 1 for text in texts], dtype=np.int64)
        text_start = np.cumsum(lengths) - lengths
        found = self._chunks.find(letters, text_start)
        if (found.number == UNKNOWN).any():
            self._learn_chunks(blob, found)
            found = self._chunks.find(letters, text_start)
        chunk, within, text_row = found.number, found.began - text_start[found.text_row], found.text_row
        odd = self._texts_that_meet(blob, letters, found)
        if len(odd):
            chunk, within, text_row = self._with_whole_texts(texts, odd, chunk, within, text_row)
        word, start, row = _expand(chunk, within, text_row, self._edges, self._word, self._offset)
        return Tokens(*self._as_vocabulary(word), start, row)

    def _as_vocabulary(self, known: Ints) -> tuple[tuple[str, ...], Ints]:
        """The words that occur, in the order of their hashes, and by token the row there."""
        occurs = np.zeros(len(self._hashes), dtype=np.bool_)
        occurs[known] = True
        used = np.flatnonzero(occurs)
        used = used[np.argsort(self._hashes[used])]
        row = np.zeros(len(occurs), dtype=np.int64)
        row[used] = np.arange(len(used))
        texts = self._texts
        return tuple(map(texts.__getitem__, used.tolist())), row[known]

    def _learn_chunks(self, blob: str, found: Chunks) -> None:
        """Have the tokenizer cut the chunks that are new."""
        missing = np.flatnonzero(found.number == UNKNOWN)
        places = zip(found.began[missing].tolist(), found.ended[missing].tolist(), strict=True)
        self._learn(sorted({blob[began:ended] for began, ended in places}))

    def _learn(self, new: Sequence[str]) -> None:
        """Have the tokenizer cut stretches of text that are new, and number them."""
        docs = list(self._tokenizer.pipe(new))  # all of them before anything is kept: what it cannot cut is an error
        edges, words, offsets, hashes = [], [], [], []
        for doc in docs:
            for token in doc:
                if not token.is_space:
                    words.append(self._words.setdefault(token.text, len(self._words)))
                    offsets.append(token.idx)
                    if len(self._words) > len(self._texts):
                        self._texts.append(token.text)
                        hashes.append(token.orth)
            edges.append(len(words))
        self._edges = np.append(self._edges, np.array(edges, dtype=np.int64) + self._edges[-1])
        self._word = np.append(self._word, np.array(words, dtype=np.int64))
        self._offset = np.append(self._offset, np.array(offsets, dtype=np.int64))
        self._hashes = np.append(self._hashes, np.array(hashes, dtype=np.uint64))
        self._chunks.add(new)

    def _with_whole_texts(
        self, texts: Sequence[str], odd: Ints, chunk: Ints, within: Ints, text_row: Ints
    ) -> tuple[Ints, Ints, Ints]:
        """As if each of the texts `odd` were one chunk."""
        whole = [texts[row] for row in odd.tolist()]
        new = sorted(set(whole).difference(self._whole))
        self._whole.update(zip(new, range(len(self._chunks), len(self._chunks) + len(new)), strict=True))
        self._learn(new)
        kept = ~np.isin(text_row, odd)
        rows = np.append(text_row[kept], odd)
        order = np.argsort(rows, kind="stable")
        chunk = np.append(chunk[kept], [self._whole[text] for text in whole])[order]
        return chunk, np.append(within[kept], np.zeros_like(odd))[order], rows[order]

    def _texts_that_meet(self, blob: str, letters: Letters, found: Chunks) -> Ints:
        """The texts in which neighbouring tokens of two chunks are neighbours in a special case as well."""
        numbers, may_meet = self._letters_that_meet
        places = _places_that_may_meet(letters, *found, numbers, may_meet)
        began, ended = found.began, found.ended
        odd = [
            place
            for place in places.tolist()
            if self._meet(blob[began[place] : ended[place]], blob[began[place + 1] : ended[place + 1]])
        ]
        return np.unique(found.text_row[odd])

    def _meet(self, first: str, second: str) -> bool:
        key = (first, second)
        if key not in self._meeting:
            pair = (self._without_cases(first)[-1].text, self._without_cases(second)[0].text)
            self._meeting[key] = pair in self._pairs
        return self._meeting[key]

    @cached_property
    def _without_cases(self) -> Any:
        """The same tokenizer without special cases: among its tokens these are searched for."""
        from spacy.tokenizer import Tokenizer

        names = ("prefix_search", "suffix_search", "infix_finditer", "token_match", "url_match")
        return Tokenizer(self._tokenizer.vocab, **{name: getattr(self._tokenizer, name) for name in names})

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        """Neighbouring tokens within special cases."""
        found = set()
        for case in self._tokenizer.rules:
            tokens = [token.text for token in self._without_cases(case)]
            found |= set(pairwise(tokens))
        return frozenset(found)

    @cached_property
    def _letters_that_meet(self) -> tuple[Ints, Bools]:
        """A number for each letter (0: it ends or begins none of these tokens), and which two of them meet there."""
        letters = [(ord(first[-1]), ord(second[0])) for first, second in self._pairs]
        known = sorted({letter for pair in letters for letter in pair})
        numbers = np.zeros(max(known, default=0) + 2, dtype=np.int64)
        numbers[known] = np.arange(1, len(known) + 1)
        may_meet = np.zeros((len(known) + 1, len(known) + 1), dtype=np.bool_)
        for last, first in letters:
            may_meet[numbers[last], numbers[first]] = True
        return numbers, may_meet


@compiled
def _places_that_may_meet(
    letters: Letters, began: Ints, ended: Ints, text_row: Ints, number: Ints, numbers: Ints, may_meet: Bools
) -> Ints:
    """Chunks that the next one of the same text may meet, by the letters on either side."""
    found = np.empty(len(began), dtype=np.int64)
    count = 0
    unknown = len(numbers) - 1
    for place in range(len(began) - 1):
        last, first = letters[ended[place] - 1], letters[began[place + 1]]
        meet = may_meet[numbers[min(last, unknown)], numbers[min(first, unknown)]]
        if meet and text_row[place] == text_row[place + 1]:
            found[count] = place
            count += 1
    return found[:count]


@compiled
def _expand(
    chunk: Ints, within: Ints, text_row: Ints, edges: Ints, word: Ints, offset: Ints
) -> tuple[Ints, Ints, Ints]:
    """The tokens of chunks: word, start, text."""
    total = 0
    for each in chunk:
        total += edges[each + 1] - edges[each]
    words, starts, rows = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    count = 0
    for place in range(len(chunk)):
        for token in range(edges[chunk[place]], edges[chunk[place] + 1]):
            words[count], starts[count], rows[count] = word[token], offset[token] + within[place], text_row[place]
            count += 1
    return words, starts, rows
