"""The normal form of what is heard but is no word: every reader writes it, every writer knows it (docs/formats.md).

A note stands in square brackets, apart from the words: `[pause]`, `[pause 1.5 seconds]`, `[laughs]`, `[unintelligible]`.
`[?]` follows a word that was heard with doubt. Words said while another speaks stand between `[overlap]` and
`[overlap ends]`. Notes are no words: the segmenter keeps them with the segment they stand in, and nobody counts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

UNINTELLIGIBLE = "[unintelligible]"
NOT_TRANSCRIBED = "[not transcribed]"
DOUBTFUL = "[?]"
OVERLAP = "[overlap]"
OVERLAP_ENDS = "[overlap ends]"
BREATHES_IN = "[breathes in]"
BREATHES_OUT = "[breathes out]"
LAUGHS = "[laughs]"
TAG = re.compile(r"\[[A-Z]+(?:_[A-Z0-9]+)*_\d+\]")  # of de-identified text: stands for words


def pause(seconds: float | None = None) -> str:
    """A silence, with its length where it is known: `[pause 1.5 seconds]`."""
    return "[pause]" if seconds is None else f"[pause {seconds:g} seconds]"


def event(what: str) -> str:
    """What was done or heard beside the words: `[laughs]`, `[door closes]`."""
    return f"[{' '.join(what.split()).lower()}]"


def balanced(pieces: Iterable[str]) -> list[str]:
    """The pieces with each overlap begun and ended: one without a beginning runs from the end of the one before (or the
    first piece), one without an end up to the next (or the last piece); one with nothing in it goes.

    >>> balanced(["no", "[overlap ends]", "but", "[overlap]", "yes"])
    ['[overlap]', 'no', '[overlap ends]', 'but', '[overlap]', 'yes', '[overlap ends]']
    """
    found: list[str] = []
    begins: int | None = None
    ended = 0

    def end(start: int) -> None:
        if len(found) > start:
            found.insert(start, OVERLAP)
            found.append(OVERLAP_ENDS)

    for piece in pieces:
        if piece not in (OVERLAP, OVERLAP_ENDS):
            found.append(piece)
            continue
        if piece == OVERLAP_ENDS or begins is not None:
            end(ended if begins is None else begins)
            ended = len(found)
        begins = len(found) if piece == OVERLAP else None
    if begins is not None:
        end(begins)
    return found
