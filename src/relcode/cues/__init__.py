"""Cues: which of a codebook's reasons hold where, and what to suggest from them."""

from relcode.cues.engine import CueEngine
from relcode.cues.suggest import decide, joined_runs, preannotate, suggest

__all__ = ["CueEngine", "decide", "joined_runs", "preannotate", "suggest"]
