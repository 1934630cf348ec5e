"""What the encoder learns from: coded sessions, and the codebook's own definitions and examples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from relcode.codebook import Codebook
from relcode.learning.encoder.head import hints_of
from relcode.learning.encoder.pieces import Vocabulary, WordPieces, cut_pieces
from relcode.learning.fit_material import read_examples
from relcode.learning.segments import Segments, allowed_codes
from relcode.transcripts.tokens import Bools, Floats, TokenTable


@dataclass(frozen=True, repr=False)
class Lessons:
    """Segments with what they bear. `targets` (segment, code): 0 to 1; `counts` (segment, code): whether that cell is
    learned from; `hints` (segment, hint)."""

    table: TokenTable
    pieces: WordPieces
    hints: Floats
    targets: Floats
    counts: Bools


def session_lessons(segments: Segments, targets: Floats, codebook: Codebook, vocabulary: Vocabulary) -> Lessons:
    """Coded sessions. `targets`: axes (segment, code), 0 to 1."""
    table, rows = segments.table, segments.rows
    wanted = np.zeros((len(table.segment_turn), targets.shape[1]))
    wanted[rows] = targets
    counts = np.zeros(wanted.shape, dtype=np.bool_)
    counts[rows] = allowed_codes(segments, codebook)
    pieces = cut_pieces(table, vocabulary).of_sessions(np.unique(table.segment_session[rows]))
    return Lessons(table, pieces, hints_of(segments, codebook), wanted, counts)


def example_lessons(codebook: Codebook, vocabulary: Vocabulary) -> Lessons:
    """The codebook's own examples; each speaks of its own code alone."""
    examples = read_examples(codebook)
    table, targets = examples.table, examples.marks.astype(np.float64)
    hints = hints_of(Segments(table), codebook)
    return Lessons(table, cut_pieces(table, vocabulary), hints, targets, examples.allowed)


def code_descriptions(codebook: Codebook) -> list[list[str]]:
    """By code: its name, definition, what it includes, and its examples."""
    return [
        [code.name, code.definition, *code.include, *code.examples.hit, *code.examples.near_hit]
        for code in codebook.codes
    ]
