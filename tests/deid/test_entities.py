"""Entities of an installed spaCy pipeline as findings: an addition that the user asks for by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy

from relcode.deid import detect
from relcode.errors import DeidError
from relcode.project import Project
from relcode.records import Session, Turn
from relcode.transcripts import read_sessions, write_session


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
    with pytest.raises(DeidError, match="There is no spaCy pipeline"):
        found("Hm.", tmp_path / "none")


def test_a_pipeline_without_entities_is_refused(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(DeidError, match="recognises no entities"):
        found("Hm.", tmp_path / "blank")


def test_the_command_uses_the_pipeline_that_is_named_or_that_the_project_names(
    tmp_path: Path, pipeline: Path, relcode: Callable[..., Any], session_of: Callable[..., Session]
) -> None:
    write_session(session_of("C: I saw the tall one.", "T: Who?"), tmp_path / "raw")
    project = Project.create(tmp_path / "study")

    def out_of(*options: object) -> str:
        out = project.transcripts
        done = relcode("deid", tmp_path / "raw", "--out", out, *options)
        assert done.status == 0, done.err
        return read_sessions([out])[0].turns[0].text

    assert out_of() == "I saw the tall one."
    assert out_of("--entities", pipeline) == "I saw [NAME_1]."
    configuration = project.folder / "relcode.toml"
    text = configuration.read_text(encoding="utf-8")
    configuration.write_text(
        text.replace('# entities = "en_core_web_sm"', f'entities = "{pipeline}"'), encoding="utf-8"
    )
    assert out_of() == "I saw [NAME_1]."
    page = relcode("deid", "review", tmp_path / "raw", "--html", tmp_path / "r.html", "--entities", pipeline)
    assert "1 finding(s)" in page.err
    broken = text.replace('# entities = "en_core_web_sm"', "entities = 3")
    configuration.write_text(broken, encoding="utf-8")
    assert "deid.entities: expected the name" in relcode("deid", tmp_path / "raw", "--out", project.transcripts).err
