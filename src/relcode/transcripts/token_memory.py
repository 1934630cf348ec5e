"""spaCy's tokens of many texts as arrays, from a memory of what each stretch between white space is cut into.

spaCy's tokenizer cuts every such stretch (a chunk) by itself, so that a chunk seen once need not be cut again. Each new
chunk is cut by spaCy. One rule of spaCy's looks beyond white space: special cases (`:-)`, `don't`) are searched for over
neighbouring tokens. Texts in which such a search could meet two chunks are cut by spaCy as a whole.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
_Letters = npt.NDArray[np.uint32]
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
        self._chunks: dict[str, int] = {}
        self._words: dict[str, int] = {}
        self._hashes: list[int] = []
        self._meeting: dict[tuple[str, str], bool] = {}
        # by chunk: where its tokens begin in `_word` and `_offset`; one more at the end
        self._edges = np.zeros(1, dtype=np.int64)
        self._word = np.zeros(0, dtype=np.int64)
        self._offset = np.zeros(0, dtype=np.int64)

    def _cut(self, texts: Sequence[str]) -> Tokens:
        blob = "\n".join(texts)
        chunks = blob.split()
        letters = np.frombuffer(blob.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        white = _is_white(letters)
        began = np.flatnonzero(np.append(True, white[:-1]) & ~white) if len(white) else np.zeros(0, dtype=np.int64)
        text_start = np.cumsum([0, *(len(text) + 1 for text in texts[:-1])]) if texts else np.zeros(0, dtype=np.int64)
        text_row = np.repeat(np.arange(len(texts)), np.diff(np.append(np.searchsorted(began, text_start), len(began))))
        ended = np.flatnonzero(~white & np.append(white[1:], True)) if len(white) else began
        odd = self._texts_that_meet(chunks, text_row, letters[ended[:-1]], letters[began[1:]])
        chunk = self._numbers(chunks)
        within = began - text_start[text_row]
        if len(odd):
            chunk, within, text_row = self._with_whole_texts(texts, odd, chunk, within, text_row)
        counts = self._edges[chunk + 1] - self._edges[chunk]
        ends = np.cumsum(counts)
        token = np.arange(int(counts.sum())) + np.repeat(self._edges[chunk] - (ends - counts), counts)
        return Tokens(
            *self._as_vocabulary(self._word[token]),
            self._offset[token] + np.repeat(within, counts),
            np.repeat(text_row, counts),
        )

    def _as_vocabulary(self, known: Ints) -> tuple[tuple[str, ...], Ints]:
        """The words that occur, in the order of their hashes, and by token the row there."""
        occurs = np.zeros(len(self._hashes), dtype=np.bool_)
        occurs[known] = True
        used = np.flatnonzero(occurs)
        used = used[np.argsort(np.array(self._hashes, dtype=np.uint64)[used])]
        row = np.zeros(len(occurs), dtype=np.int64)
        row[used] = np.arange(len(used))
        texts = list(self._words)
        return tuple(texts[word] for word in used.tolist()), row[known]

    def _numbers(self, chunks: list[str]) -> Ints:
        """By chunk, its number."""
        try:
            return np.fromiter(map(self._chunks.__getitem__, chunks), dtype=np.int64, count=len(chunks))
        except KeyError:
            self._learn(set(chunks).difference(self._chunks))
            return self._numbers(chunks)

    def _learn(self, chunks: Iterable[str]) -> None:
        """Have the tokenizer cut chunks that are new."""
        new = sorted(chunks)
        docs = list(self._tokenizer.pipe(new))  # all of them before anything is kept: what it cannot cut is an error
        edges, words, offsets = [], [], []
        for doc in docs:
            for token in doc:
                if not token.is_space:
                    words.append(self._words.setdefault(token.text, len(self._words)))
                    offsets.append(token.idx)
                    if len(self._words) > len(self._hashes):
                        self._hashes.append(token.orth)
            edges.append(len(words))
        self._chunks.update(zip(new, range(len(self._chunks), len(self._chunks) + len(new)), strict=True))
        self._edges = np.append(self._edges, np.array(edges, dtype=np.int64) + self._edges[-1])
        self._word = np.append(self._word, np.array(words, dtype=np.int64))
        self._offset = np.append(self._offset, np.array(offsets, dtype=np.int64))

    def _with_whole_texts(
        self, texts: Sequence[str], odd: Ints, chunk: Ints, within: Ints, text_row: Ints
    ) -> tuple[Ints, Ints, Ints]:
        """As if each of the texts `odd` were one chunk."""
        whole = [texts[row] for row in odd.tolist()]
        self._learn(set(whole).difference(self._chunks))
        kept = ~np.isin(text_row, odd)
        rows = np.append(text_row[kept], odd)
        order = np.argsort(rows, kind="stable")
        chunk = np.append(chunk[kept], [self._chunks[text] for text in whole])[order]
        return chunk, np.append(within[kept], np.zeros_like(odd))[order], rows[order]

    def _texts_that_meet(self, chunks: list[str], text_row: Ints, lasts: _Letters, firsts: _Letters) -> Ints:
        """The texts in which neighbouring tokens of two chunks are neighbours in a special case as well.

        `lasts`, `firsts`: by pair of neighbouring chunks, the last letter of the first and the first of the second.
        """
        numbers, may_meet = self._letters_that_meet
        near = may_meet[numbers[np.minimum(lasts, len(numbers) - 1)], numbers[np.minimum(firsts, len(numbers) - 1)]]
        near &= text_row[1:] == text_row[:-1]
        places = [place for place in np.flatnonzero(near).tolist() if self._meet(chunks[place], chunks[place + 1])]
        return np.unique(text_row[places])

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
    def _letters_that_meet(self) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """A number for each letter (0: it ends or begins none of these tokens), and which two of them meet there."""
        letters = [(ord(first[-1]), ord(second[0])) for first, second in self._pairs]
        known = sorted({letter for pair in letters for letter in pair})
        numbers = np.zeros(max(known, default=0) + 2, dtype=np.int64)
        numbers[known] = np.arange(1, len(known) + 1)
        may_meet = np.zeros((len(known) + 1, len(known) + 1), dtype=np.bool_)
        for last, first in letters:
            may_meet[numbers[last], numbers[first]] = True
        return numbers, may_meet


_WHITE = np.array([code for code in range(0x3001) if chr(code).isspace()])
_IS_WHITE = np.zeros(0x3002, dtype=np.bool_)  # the last is for all code points above, of which none is white space
_IS_WHITE[_WHITE] = True


def _is_white(letters: _Letters) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = _IS_WHITE[np.minimum(letters, 0x3001)]
    return found
