"""The normal form of what is heard but is no word: every reader writes it, every writer knows it (docs/formats.md).

A note stands in square brackets, apart from the words: `[pause]`, `[pause 1.5 seconds]`, `[laughs]`, `[unintelligible]`.
`[?]` follows a word that was heard with doubt. Words said while another speaks stand between `[overlap]` and
`[overlap ends]`. Notes are no words: the segmenter keeps them with the segment they stand in, and nobody counts them.
"""

from __future__ import annotations

UNINTELLIGIBLE = "[unintelligible]"
NOT_TRANSCRIBED = "[not transcribed]"
DOUBTFUL = "[?]"
OVERLAP = "[overlap]"
OVERLAP_ENDS = "[overlap ends]"


def pause(seconds: float | None = None) -> str:
    """A silence, with its length where it is known: `[pause 1.5 seconds]`."""
    return "[pause]" if seconds is None else f"[pause {seconds:g} seconds]"


def event(what: str) -> str:
    """What was done or heard beside the words: `[laughs]`, `[door closes]`."""
    return f"[{' '.join(what.split()).lower()}]"
