"""Entities of a spaCy pipeline that the user has installed and names: an addition to the rules, never needed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from relcode.deid.evidence import Candidate
from relcode.errors import DeidError

if TYPE_CHECKING:
    from spacy.language import Language

LABELS = {"PERSON": "NAME", "PER": "NAME", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION", "ORG": "ORG"}
# spaCy's recogniser gives no probabilities. Over the threshold of replacement, under that of the gate.
ENTITY_PROBABILITY = 0.65


@cache
def pipeline(name: str) -> Language:
    """Load an installed pipeline, or one saved at a path.

    Raises
    ------
    DeidError
        If there is none of this name, or it recognises no entities.
    """
    import spacy  # a second, only for those who asked for it

    try:
        nlp = spacy.load(name)
    except OSError as error:
        raise DeidError(
            f"There is no spaCy pipeline {name!r}; expected the name of an installed one or a folder. "
            "Install it on this machine first, or leave --entities out."
        ) from error
    if not {"ner", "entity_ruler", "span_ruler"} & set(nlp.pipe_names):
        raise DeidError(f"The spaCy pipeline {name!r} recognises no entities; name one that has an `ner` component.")
    return nlp


def entities(nlp: Language, text: str) -> Iterator[Candidate]:
    """The people, places and organisations that the pipeline sees in a turn."""
    for entity in nlp(text).ents:
        label = LABELS.get(entity.label_)
        if label is not None:
            yield Candidate(entity.start_char, entity.end_char, label, ENTITY_PROBABILITY, "entity-model")
