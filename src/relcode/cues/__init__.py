"""Cues: which of a codebook's reasons hold where, and what to suggest from them."""

from relcode.cues.engine import CueEngine
from relcode.cues.explain import explain
from relcode.cues.lint import lint_codebook, misjudged_examples
from relcode.cues.suggest import decide, joined_runs, offer_thresholds, preannotate, suggest

__all__ = [
    "CueEngine",
    "decide",
    "explain",
    "joined_runs",
    "lint_codebook",
    "misjudged_examples",
    "offer_thresholds",
    "preannotate",
    "suggest",
]
