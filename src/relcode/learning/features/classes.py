"""Runs of words and classes of words, hashed: what is said in the same way about other things."""

from __future__ import annotations

from collections.abc import Sequence

from scipy import sparse

from relcode.codebook import Codebook
from relcode.learning.features.base import Unit
from relcode.learning.features.grams import TokenGrams
from relcode.learning.segments import Segments, kept_for_codebooks
from relcode.transcripts.tokens import TokenTable

CLASS_COLUMNS = 2**17
LENGTHS = (1, 2, 3)
_NARROW = 15  # words: a lexicon of fewer stands for its words only where no wider one has them
# fmt: off
_KEPT = frozenset({
    "!", "'d", "'ll", "'m", "'re", "'s", "'ve", ",", "-", ".", "...", "?", "[", "]", "a", "about", "am", "an", "and",
    "anything", "are", "as", "at", "be", "because", "been", "being", "bit", "but", "can", "could", "did", "do",
    "does", "everything", "feel", "felt", "for", "from", "going", "gonna", "had", "has", "have", "he", "her", "here",
    "him", "his", "hm", "how", "i", "if", "in", "into", "is", "it", "its", "just", "kind", "know", "like", "may",
    "maybe", "me", "mean", "might", "mine", "mm", "mm-hm", "must", "my", "myself", "n't", "no", "not", "nothing",
    "now", "of", "oh", "ok", "okay", "on", "or", "our", "out", "perhaps", "quite", "really", "right", "said", "say",
    "she", "should", "so", "something", "sort", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "think", "this", "those", "to", "today", "too", "uh", "um", "up", "us", "very", "want", "was", "we",
    "well", "were", "what", "when", "where", "which", "while", "who", "why", "will", "with", "would", "yeah", "yes",
    "you", "your", "yours", "yourself",
})
# fmt: on
_ENDINGS = ("ing", "ed", "ly", "n't", "s")
_MOST_WORDS = 500_000


class ClassGrams(TokenGrams):
    """As `TokenGrams`, but of other words than the commonest only a class counts.

    The class is the narrowest of the codebook's lexicons that has the word; without one, its ending.
    """

    def __init__(
        self,
        codebook: Codebook,
        *,
        unit: Unit = "segment",
        lengths: tuple[int, ...] = LENGTHS,
        columns: int = CLASS_COLUMNS,
    ) -> None:
        super().__init__(unit=unit, lengths=lengths, columns=columns)
        self.codebook = codebook

    def matrix(self, X: Segments) -> sparse.csr_matrix:
        """Rows of unit length, axes (unit, column)."""
        key = ("classes", self.codebook.fingerprint, self.unit, self.lengths, self.columns)
        return X.shared(key, self._of_table)

    def spelling(self, table: TokenTable) -> Sequence[str]:
        """By row of the vocabulary: the word itself, `<lexicon>`, or `-ending`."""
        return classes_of(self.codebook).of(table.lower_words)


class WordClasses(dict[str, str]):
    """By word: its class in a codebook, made when it is first asked for."""

    def __init__(self, codebook: Codebook) -> None:
        self._lexicon = _lexicon_of_word(codebook)

    def __missing__(self, word: str) -> str:
        self[word] = _class_of(word, self._lexicon)
        return self[word]

    def of(self, words: Sequence[str]) -> list[str]:
        """The classes of words. All are forgotten when there are very many."""
        if len(self) > _MOST_WORDS:
            self.clear()
        return [self[word] for word in words]


classes_of = kept_for_codebooks(WordClasses)


def _lexicon_of_word(codebook: Codebook) -> dict[str, str]:
    """By word: the narrowest lexicon that has it."""
    words: dict[str, set[str]] = {}
    for book in codebook.members or [codebook]:
        for name, entries in book.words.items():
            words.setdefault(name, set()).update(entry.lower().replace("’", "'") for entry in entries)
    found: dict[str, str] = {}
    for name in sorted(words, key=lambda name: (len(words[name]) < _NARROW, len(words[name]), name)):
        for word in words[name]:
            found.setdefault(word, name)
    return found


def _class_of(word: str, lexicon: dict[str, str]) -> str:
    if word in _KEPT:
        return word
    if word in lexicon:
        return f"<{lexicon[word]}>"
    if not any(letter.isalpha() for letter in word):
        return word if len(word) < 2 else "<number>"
    ending = next((ending for ending in _ENDINGS if word.endswith(ending) and len(word) > len(ending) + 2), "")
    return f"-{ending}"
