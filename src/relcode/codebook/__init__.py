"""Codebooks: the definitions of the codes, and the cues by which they are suggested."""

from relcode.codebook.belonging import OwnLabels, split_labels
from relcode.codebook.load import (
    codebook_faults,
    compose_codebooks,
    list_codebooks,
    load_codebook,
    load_codebooks,
    part_of_reference,
    split_reference,
)
from relcode.codebook.schema import Code, Codebook, Condition, Cue, Examples, Rule

__all__ = [
    "Code",
    "Codebook",
    "Condition",
    "Cue",
    "Examples",
    "OwnLabels",
    "Rule",
    "codebook_faults",
    "compose_codebooks",
    "list_codebooks",
    "load_codebook",
    "load_codebooks",
    "part_of_reference",
    "split_labels",
    "split_reference",
]
