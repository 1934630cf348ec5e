"""Codebooks: the definitions of the codes, and the cues by which they are suggested."""

from relcode.codebook.load import list_codebooks, load_codebook
from relcode.codebook.schema import Code, Codebook, Condition, Cue, Examples, Rule

__all__ = ["Code", "Codebook", "Condition", "Cue", "Examples", "Rule", "list_codebooks", "load_codebook"]
