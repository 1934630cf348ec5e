"""Windows over the word pieces of a session: what the encoder reads at once.

A window is a run of pieces with those that are judged in its middle; what stands before and behind is context. Each
piece is judged in exactly one window, and windows are cut between segments wherever a segment fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise, repeat
from typing import NamedTuple

import numpy as np

from relcode.learning.encoder.pieces import Vocabulary, WordPieces
from relcode.transcripts.tokens import Bools, Ints

FRAME = 3  # pieces that are not of the transcript: begin, the mark of a speaker who has begun before, end


class Sizes(NamedTuple):
    """How many word pieces a window has at most, and how many of them are context before and behind."""

    length: int
    before: int
    behind: int

    @property
    def judged(self) -> int:
        """How many pieces are judged at most."""
        return self.length - FRAME - self.before - self.behind


class Window(NamedTuple):
    """Rows of pieces, half-open: all from `first` to `last`; judged are those from `judged_first` to `judged_last`."""

    first: int
    judged_first: int
    judged_last: int
    last: int


@dataclass(frozen=True)
class Batch:
    """Windows side by side, axes (window, place): `pieces` and `mask` (1 where there is a piece) for the encoder, and
    `row`, the judged piece's row in `WordPieces` (-1: not judged)."""

    pieces: Ints
    mask: Ints
    row: Ints


def judging_windows(pieces: WordPieces, sizes: Sizes) -> list[Window]:
    """Windows in which every piece is judged once, with context as `sizes` say."""
    found = []
    for first, last in _sessions(pieces):
        for start, end in _cut(pieces, first, last, repeat(sizes.judged)):
            found.append(Window(max(first, start - sizes.before), start, end, min(last, end + sizes.behind)))
    return found


def learning_windows(pieces: WordPieces, sizes: Sizes, generator: np.random.Generator) -> list[Window]:
    """Windows side by side, every piece in one and judged there. How long each is at most is drawn, from a quarter of a
    window on: what is short cannot be known again by all that was said around it."""
    most = sizes.length - FRAME
    found = []
    for first, last in _sessions(pieces):
        limits = (int(generator.integers(max(most // 4, 1), most + 1)) for _ in count())
        found += [Window(start, start, end, end) for start, end in _cut(pieces, first, last, limits)]
    return found


def lay_out(pieces: WordPieces, windows: Sequence[Window], is_therapist: Bools, vocabulary: Vocabulary) -> Batch:
    """Put windows side by side. `is_therapist`: by turn. A window that opens within a turn starts with its speaker's
    mark."""
    width = max(window.last - window.first for window in windows) + FRAME
    ids = np.full((len(windows), width), vocabulary.blank, dtype=np.int64)
    mask = np.zeros_like(ids)
    row = np.full_like(ids, -1)
    for number, window in enumerate(windows):
        lead = [vocabulary.begin]
        if pieces.segment[window.first] >= 0:
            lead.append(vocabulary.mark(bool(is_therapist[pieces.turn[window.first]])))
        end = len(lead) + window.last - window.first
        ids[number, : len(lead)] = lead
        ids[number, len(lead) : end] = pieces.piece[window.first : window.last]
        ids[number, end] = vocabulary.end
        mask[number, : end + 1] = 1
        start = len(lead) + window.judged_first - window.first
        judged = np.arange(window.judged_first, window.judged_last)
        row[number, start : start + len(judged)] = judged
    return Batch(ids, mask, row)


def _sessions(pieces: WordPieces) -> list[tuple[int, int]]:
    """The first and last (exclusive) piece of each session that has any."""
    edges = np.append(np.flatnonzero(np.diff(pieces.session, prepend=-1)), len(pieces.session)).tolist()
    return list(pairwise(edges))


def _cut(pieces: WordPieces, first: int, last: int, limits: Iterator[int]) -> list[tuple[int, int]]:
    """Runs of at most so many pieces as the limits say in turn, cut between segments where that is possible."""
    runs = []
    start = first
    while start < last:
        end = min(start + next(limits), last)
        if end < last and pieces.segment[end] >= 0:
            end = _before_segment(pieces.segment, start, end)
        runs.append((start, end))
        start = end
    return runs


def _before_segment(segment: Ints, start: int, end: int) -> int:
    """Where the segment that holds the piece at `end` starts, or `end` itself if that leaves nothing of the run."""
    same = segment[start:end] == segment[end]
    others = np.flatnonzero(~same)
    return start + int(others[-1]) + 1 if len(others) else end
