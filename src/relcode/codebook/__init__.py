"""Codebooks: the definitions of the codes, and the cues by which they are suggested."""

from relcode.codebook.belonging import OwnLabels, codebooks_named, codes_known, split_labels
from relcode.codebook.load import (
    codebook_faults,
    compose_codebooks,
    list_codebooks,
    load_codebook,
    load_codebooks,
    load_reference,
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
    "codebooks_named",
    "codes_known",
    "compose_codebooks",
    "list_codebooks",
    "load_codebook",
    "load_codebooks",
    "load_reference",
    "part_of_reference",
    "split_labels",
    "split_reference",
]
