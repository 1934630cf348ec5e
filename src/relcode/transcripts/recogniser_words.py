"""Words with speakers of their own, as recognisers give them: runs of one speaker, and the text between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Word:
    """A word, its speaker's mark (None: not known), times in seconds, place; `glued`: no space before it."""

    text: str
    mark: str | None
    t0: float | None = None
    t1: float | None = None
    place: str = ""
    glued: bool = False


def runs(words: Sequence[Word]) -> list[list[Word]]:
    """Part words into runs of one speaker; a word without one goes with the word before it, the first ones with the next.

    >>> [[word.text for word in run] for run in runs([Word("so", None), Word("I", "A"), Word("2", None), Word("no", "B")])]
    [['so', 'I', '2'], ['no']]
    """
    found: list[list[Word]] = []
    mark = next((word.mark for word in words if word.mark), None)
    for word in words:
        if not found or (word.mark and word.mark != mark):
            found.append([])
        mark = word.mark or mark
        found[-1].append(Word(word.text, mark, word.t0, word.t1, word.place, word.glued))
    return found


def joined(words: Sequence[Word]) -> str:
    """The words as text, for recognisers that give none."""
    return "".join(word.text if word.glued or not order else f" {word.text}" for order, word in enumerate(words))


def between(text: str, spoken: Sequence[Sequence[Word]]) -> list[str] | None:
    """Cut a text where a run begins, so that no character is lost; None where the words are not those of the text.

    >>> between("How was it? Fine.", [[Word("How", "A"), Word("was", "A"), Word("it?", "A")], [Word("Fine.", "B")]])
    ['How was it?', 'Fine.']
    """
    cuts: list[int] = []
    position = 0
    for run in spoken:
        for order, word in enumerate(run):
            at = text.find(word.text, position)
            if at < 0 or re.search(r"\w", text[position:at]):
                return None
            if order == 0:
                cuts.append(at)
            position = at + len(word.text)
    if re.search(r"\w", text[position:]):
        return None
    return [text[start:end].strip() for start, end in zip([0, *cuts[1:]], [*cuts[1:], len(text)], strict=True)]
