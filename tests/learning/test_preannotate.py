"""`relcode preannotate` in a project: the promoted model suggests, with the cues as its reasons."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relcode.codebook import Codebook
from relcode.codebook.write import write_codebook
from relcode.errors import ModelError
from relcode.learning.model import Model
from relcode.learning.model_store import ModelStore
from relcode.learning.promoting import promote
from relcode.learning.save import put_model
from relcode.learning.suitability import check_suits
from relcode.project import Project
from relcode.records import Session, Span, Turn
from relcode.spans import read_spans
from relcode.transcripts import write_session

Run = Callable[..., Any]
NEW = Session("N1", (Turn(1, "T", "I'm moved by what you say."), Turn(2, "T", "You drove by what you say.")))


@pytest.fixture(scope="module")
def made(small_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project.create(tmp_path_factory.mktemp("made") / "study", codebook="small")
    write_codebook(small_model.codebook, project.codebooks / "small.yaml")
    write_session(NEW, project.transcripts)
    store = ModelStore(project.models)
    promote(store, put_model(store, small_model).name)
    return project.folder


@pytest.fixture
def study(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a promoted model, the current folder."""
    folder = Path(shutil.copytree(made, tmp_path / "study"))
    monkeypatch.chdir(folder)
    return Project.load(folder)


def suggested(relcode: Run, *options: str) -> tuple[list[Span], str]:
    done = relcode("preannotate", "transcripts", "--out", "suggestions/new.jsonl", *options)
    assert done.status == 0, done.err
    return read_spans(Path("suggestions/new.jsonl")), done.err


def test_the_promoted_model_suggests_and_says_so(relcode: Run, study: Project, small_model: Model) -> None:
    spans, said = suggested(relcode)
    assert {span.source for span in spans} == {f"model:{small_model.id}"}
    assert f"by the model {small_model.id}, with the cues as its reasons (--cues: the cues alone)" in said


def test_cues_are_the_reasons(relcode: Run, study: Project) -> None:
    spans, _ = suggested(relcode)
    assert [(span.turn, span.code, span.why) for span in spans] == [(1, "TSI", ("own-reaction",))]


@pytest.mark.parametrize("options", [("--cues",), ("--threshold", "0.5"), ("--cues", "--threshold", "0.5")])
def test_the_cues_alone_can_be_asked_for(relcode: Run, study: Project, options: tuple[str, ...]) -> None:
    spans, said = suggested(relcode, *options)
    assert {span.source for span in spans} == {"cues"}
    assert "by the cues of small@1.0.0" in said


def test_without_a_promoted_model_the_cues_suggest(relcode: Run, study: Project) -> None:
    (study.models / "small" / "promotions.jsonl").unlink()
    spans, said = suggested(relcode)
    assert {span.source for span in spans} == {"cues"}
    assert "by the cues of small@1.0.0" in said


def test_another_codebook_has_its_own_promotions(relcode: Run, study: Project, small: Codebook) -> None:
    write_codebook(msgspec.structs.replace(small, id="other"), study.codebooks / "other.yaml")
    spans, said = suggested(relcode, "--codebook", "other")
    assert {span.source for span in spans} == {"cues"}
    assert "by the cues of other@1.0.0" in said


def test_outside_of_the_project_nothing_is_taken_unasked(
    relcode: Run, study: Project, small: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    book = study.codebooks / "small.yaml"
    done = relcode("preannotate", str(study.transcripts), "--codebook", str(book), "--out", "new.jsonl", "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out)["by"] == "the cues of small@1.0.0"


def test_a_promoted_model_that_was_changed_is_refused_with_the_way_on(
    relcode: Run, study: Project, small_model: Model
) -> None:
    with (study.models / "small" / small_model.id / "card.md").open("a") as file:
        file.write(" ")
    done = relcode("preannotate", "transcripts", "--out", "suggestions/new.jsonl")
    assert done.status == 1
    assert "card.md" in done.err
    assert "With --cues the cues alone suggest." in done.err
    assert not (study.suggestions / "new.jsonl").exists()
    suggested(relcode, "--cues")


def test_a_model_of_another_codebook_is_refused(relcode: Run, study: Project, small_model: Model) -> None:
    options = ("--codebook", "ccrt", "--model", "promoted:small")
    done = relcode("preannotate", "transcripts", "--out", "suggestions/new.jsonl", *options)
    assert done.status == 1
    assert f"{small_model.id} is for the codebook small, not for ccrt" in done.err
    assert not (study.suggestions / "new.jsonl").exists()


def test_the_codebook_may_have_a_newer_version(relcode: Run, study: Project, small: Codebook) -> None:
    more = [*small.codes, msgspec.structs.replace(small.codes[2], id="NEW")]
    newer = msgspec.structs.replace(small, version="1.1.0", codes=more)
    write_codebook(newer, study.codebooks / "small.yaml")
    spans, said = suggested(relcode)
    assert {span.codebook for span in spans} == {"small@1.0.0"}
    assert "trained with small@1.0.0, and the codebook is small@1.1.0; it does not know NEW" in said


def test_what_does_not_suit_is_listed_together(small_model: Model, small: Codebook) -> None:
    fewer = msgspec.structs.replace(small, version="2.0.0", codes=small.codes[:2])
    sessions = [Session("G", (), {"language": "German"}), Session("E", (), {"language": "en-GB"}), Session("N", ())]
    with pytest.raises(ModelError) as caught:
        check_suits(small_model, fewer, sessions)
    assert caught.value.faults == (
        "WARM is not in small@2.0.0",
        "RARE.one is not in small@2.0.0",
        "session G: its header names another language than 'en'",
    )
    assert check_suits(small_model, small, sessions[1:]) == []


def test_a_model_asked_for_by_name_goes_before_the_promoted_one(
    relcode: Run, study: Project, small_model: Model
) -> None:
    other = replace(small_model, card={**small_model.card, "id": "small-other"})
    put_model(ModelStore(study.models), other)
    spans, _ = suggested(relcode, "--model", "small-other")
    assert {span.source for span in spans} == {"model:small-other"}


def test_cues_and_a_model_exclude_each_other(relcode: Run, study: Project) -> None:
    done = relcode("preannotate", "transcripts", "--out", "s.jsonl", "--cues", "--model", "promoted")
    assert done.status == 2
    assert "--cues goes without --model" in done.err
