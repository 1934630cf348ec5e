"""Codebooks: the definitions of the codes, and the cues by which they are suggested."""

from relcode.codebook.load import (
    codebook_faults,
    compose_codebooks,
    list_codebooks,
    load_codebook,
    split_reference,
)
from relcode.codebook.schema import Code, Codebook, Condition, Cue, Examples, Rule

__all__ = [
    "Code",
    "Codebook",
    "Condition",
    "Cue",
    "Examples",
    "Rule",
    "codebook_faults",
    "compose_codebooks",
    "list_codebooks",
    "load_codebook",
    "split_reference",
]
