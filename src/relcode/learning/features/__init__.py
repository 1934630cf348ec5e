"""What a classifier sees of segments: relcode's own scikit-learn transformers, from `Segments` to sparse matrices.

All of them work on the token arrays that exist already: no second tokenization, and no loop over segments. None learns
anything, so that a segment's features are the same whatever other sessions are in the table, in every process; `fit` is
there for pipelines. Each can be read of the segment or of its whole turn (`unit`), and of a turn nearby (`Neighbour`).
"""

from relcode.learning.features.base import SegmentFeatures, stacked
from relcode.learning.features.characters import CharacterGrams
from relcode.learning.features.classes import CLASS_COLUMNS, ClassGrams
from relcode.learning.features.context import ContextFeatures
from relcode.learning.features.cues import CueEvidence, CueFeatures
from relcode.learning.features.grams import GRAM_COLUMNS, TokenGrams, gram_features
from relcode.learning.features.neighbours import Neighbour, turns_nearby

__all__ = [
    "CLASS_COLUMNS",
    "GRAM_COLUMNS",
    "CharacterGrams",
    "ClassGrams",
    "ContextFeatures",
    "CueEvidence",
    "CueFeatures",
    "Neighbour",
    "SegmentFeatures",
    "TokenGrams",
    "gram_features",
    "stacked",
    "turns_nearby",
]
