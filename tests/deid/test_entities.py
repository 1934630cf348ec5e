"""Entities of an installed spaCy pipeline as findings: an addition that the user asks for by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from relcode.deid import detect
from relcode.errors import DeidError
from relcode.records import Session, Turn


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    patterns = [("PERSON", "the tall one"), ("GPE", "old quarter"), ("ORG", "the firm"), ("DATE", "last week")]
    ruler.add_patterns([{"label": label, "pattern": text} for label, text in patterns])  # type: ignore[attr-defined]
    nlp.to_disk(tmp_path / "pipeline")
    return tmp_path / "pipeline"


def found(text: str, entities: Path | None) -> list[tuple[str, str, str]]:
    session = Session("S", (Turn(1, "C", text),))
    return [(f.label, f.text, f.reason) for f in detect(session, entities=str(entities) if entities else None)]


def test_entities_of_a_named_pipeline_are_findings(pipeline: Path) -> None:
    text = "I saw the tall one of the firm in the old quarter last week."
    assert found(text, pipeline) == [
        ("NAME", "the tall one", "entity-model"),
        ("ORG", "the firm", "entity-model"),
        ("LOCATION", "old quarter", "entity-model"),
    ]
    assert found(text, None) == []


def test_surer_rules_win_over_entities(pipeline: Path) -> None:
    assert found("I told Casimir, the tall one.", pipeline)[0] == ("NAME", "Casimir", "first name")


def test_a_pipeline_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeidError, match="no spaCy pipeline"):
        found("Hm.", tmp_path / "none")


def test_a_pipeline_without_entities_is_refused(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(DeidError, match="recognises no entities"):
        found("Hm.", tmp_path / "blank")
