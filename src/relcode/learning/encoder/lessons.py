"""What the encoder learns from: coded sessions, and the codebook's own definitions and examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from relcode.codebook import Codebook
from relcode.learning.encoder.companion import Companion, context_hints
from relcode.learning.encoder.pieces import Vocabulary, WordPieces, cut_pieces
from relcode.learning.fit_material import read_examples
from relcode.learning.segments import Rows, Segments, allowed_codes
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


def session_lessons(
    X: Segments, targets: Floats, linear: Floats, codebook: Codebook, vocabulary: Vocabulary
) -> Lessons:
    """Coded sessions. `targets`: axes (segment, code), 0 to 1; `linear`: likewise, log-odds of the linear companion."""
    table, rows = X.table, X.rows
    pieces = cut_pieces(table, vocabulary).of_sessions(np.unique(table.segment_session[rows]))
    beside = np.concatenate([linear, context_hints(X, codebook)], axis=1)
    wanted, hints, counts = (
        _spread(part, rows, len(table.segment_turn)) for part in (targets, beside, allowed_codes(X, codebook))
    )
    return Lessons(table, pieces, hints, wanted, counts.astype(np.bool_))


def example_lessons(companion: Companion, codebook: Codebook, vocabulary: Vocabulary) -> Lessons:
    """The codebook's own examples; each speaks of its own code alone."""
    examples = read_examples(codebook)
    X = Segments(examples.table)
    hints = np.concatenate([companion.scores(X), context_hints(X, codebook)], axis=1)
    pieces = cut_pieces(examples.table, vocabulary)
    return Lessons(examples.table, pieces, hints, examples.marks.astype(np.float64), examples.allowed)


def _spread(part: npt.NDArray[Any], rows: Rows, segments: int) -> Floats:
    """What is known of some segments, as rows of all segments of the table; zeros elsewhere."""
    found = np.zeros((segments, part.shape[1]))
    found[rows] = part
    return found


def code_descriptions(codebook: Codebook) -> list[list[str]]:
    """By code: its name, definition, what it includes, and its examples."""
    return [
        [code.name, code.definition, *code.include, *code.examples.hit, *code.examples.near_hit]
        for code in codebook.codes
    ]
