"""`relcode models list|compare|promote|rollback`, and what `--model` may be in the other commands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import skops.io

from relcode.codebook import Codebook
from relcode.codebook.write import write_codebook
from relcode.learning.model import Model
from relcode.learning.model_store import ModelStore
from relcode.learning.save import put_model, save_model
from relcode.project import Project
from relcode.provenance import hash_file
from relcode.spans import write_spans
from relcode.transcripts import write_session

pytestmark = pytest.mark.slow  # models are trained, or pages made

Run = Callable[..., Any]


def variant(model: Model, name: str, *deaf: str) -> Model:
    """The model under another id; it never finds the codes named."""
    thresholds = np.where(np.isin(model.codebook.code_ids, deaf), 2.0, model.thresholds)
    return replace(model, thresholds=thresholds, card={**model.card, "id": f"small-{name}"})


@pytest.fixture(scope="module")
def made(small_model: Model, small_study: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three models, transcripts of eight dyads, labels of the five that no model knows."""
    folder = tmp_path_factory.mktemp("made")
    store = ModelStore(folder / "models")
    for model in (variant(small_model, "bad", "TSI", "ASK"), variant(small_model, "fair", "TSI")):
        put_model(store, model)
    save_model(variant(small_model, "good"), folder / "elsewhere")
    study = small_study(8)
    for session in study.sessions:
        write_session(session, folder / "texts")
    write_spans(folder / "new.jsonl", study.only("S4", "S5", "S6", "S7", "S8").labels)
    write_spans(folder / "all.jsonl", study.labels)
    write_spans(folder / "old.jsonl", study.only("S1", "S2", "S3").labels)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, the current folder."""
    folder = Path(shutil.copytree(made, tmp_path / "place"))
    monkeypatch.chdir(folder)
    return folder


NEW = ("--transcripts", "texts", "--labels", "new.jsonl")


def test_list_shows_each_model_and_how_it_stands(relcode: Run, place: Path) -> None:
    relcode("models", "promote", "small-fair")
    relcode("models", "promote", "small-bad", *NEW)
    done = relcode("models", "list")
    assert done.status == 0
    assert "models: 2 model(s)" in done.err
    done = relcode("models", "list", "--json")
    found = {entry["model"]: entry for entry in json.loads(done.out)["models"]}
    assert (found["small-fair"]["standing"], found["small-bad"]["standing"]) == ("promoted", "kept aside")
    assert found["small-bad"]["reason"].startswith("worse than small-fair")
    assert (found["small-bad"]["sessions"], found["small-bad"]["macro_f1"]) == (3, 1.0)


def test_list_of_another_store(relcode: Run, place: Path) -> None:
    done = relcode("models", "list", "--store", "nowhere", "--json")
    assert (done.status, json.loads(done.out)["models"]) == (0, [])


def test_compare_records_nothing(relcode: Run, place: Path) -> None:
    done = relcode("models", "compare", "small-fair", "elsewhere", "--transcripts", "texts", "--labels", "all.jsonl")
    assert done.status == 0
    assert "small-good against small-fair: macro-F1 1.00 against 0.67, difference +0.33" in done.err
    assert "session S1 is left out: small-fair was trained on it" in done.err
    assert "turn level, 5 held-out session(s)" in done.out
    assert "RARE.one" in done.out
    assert not list(place.rglob("promotions.jsonl"))
    done = relcode("models", "compare", "elsewhere", "small-fair", *NEW, "--json")
    assert json.loads(done.out)["difference"] == pytest.approx(-1 / 3)


def test_compare_says_that_versions_of_the_codebook_differ(relcode: Run, place: Path, small_model: Model) -> None:
    newer = msgspec.structs.replace(small_model.codebook, version="1.1.0")
    model = variant(small_model, "newer")
    save_model(replace(model, codebook=newer, card={**model.card, "codebook": newer.reference}), place / "newer")
    done = relcode("models", "compare", "small-fair", "newer", *NEW)
    assert done.status == 0, done.err
    assert "different versions of the codebook (small@1.0.0, small@1.1.0); the 4 codes of both" in done.err
    assert "versions" not in relcode("models", "compare", "small-fair", "elsewhere", *NEW).err


def test_promote_takes_a_better_one_and_rollback_gives_it_back(relcode: Run, place: Path) -> None:
    done = relcode("models", "promote", "small-bad")
    assert done.status == 0
    assert "small-bad is promoted for small@1.0.0: the first of its codebook" in done.err
    done = relcode("models", "promote", "elsewhere", *NEW, "--json")
    assert done.status == 0
    assert "small-good: taken into the store" in done.err
    assert "small-good is promoted for small@1.0.0: better than small-bad" in done.err
    assert json.loads(done.out)["comparison"]["low"] > 0
    done = relcode("models", "rollback", "--json")
    assert (done.status, json.loads(done.out)["model"]) == (0, "small-bad")
    assert "small-bad is promoted again: asked to go back from small-good" in done.err


def test_one_that_is_not_better_is_kept_aside_with_exit_1(relcode: Run, place: Path) -> None:
    relcode("models", "promote", "small-fair")
    done = relcode("models", "promote", "small-bad", *NEW, "--json")
    assert done.status == 1
    assert "small-bad is kept aside, small-fair stays: worse than small-fair" in done.err
    assert json.loads(done.out)["event"] == "kept aside"


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("models", 2, ""),
        ("models promote", 2, ""),
        ("models compare small-bad small-fair --transcripts texts", 2, "give --labels"),
        ("models compare small-bad small-fair --labels new.jsonl", 2, "give --transcripts"),
        ("models compare small-bad nothing --transcripts texts --labels new.jsonl", 1, "There is no model nothing"),
        ("models compare promoted small-bad --transcripts texts --labels new.jsonl", 0, ""),
        ("models compare promoted:other small-bad --transcripts texts --labels new.jsonl", 1, "No model of other is"),
        ("models compare promoted:../x small-bad --transcripts texts --labels new.jsonl", 1, "no id of a codebook"),
        ("models promote small-fair", 1, "small-fair is the promoted model of small already"),
        ("models promote small-bad", 2, "small-fair is promoted for small: give --labels"),
        ("models promote small-bad --transcripts texts --labels old.jsonl", 1, "0 labelled session(s) are held out"),
        (
            "models promote small-none --transcripts texts --labels new.jsonl",
            1,
            "There is no model small-none in models",
        ),
        ("models promote texts --transcripts texts --labels new.jsonl", 1, "texts is no model folder"),
        ("models promote small-bad --transcripts texts --labels none.jsonl", 1, "none.jsonl"),
        ("models rollback", 1, "small-fair is the first promoted model of small: there is none before it"),
        ("models rollback other", 1, "No model of other is promoted"),
        ("models rollback --store nowhere", 1, "No model is promoted in nowhere"),
        ("score texts --model promoted:other --out s.parquet", 1, "No model of other is promoted"),
        ("score texts --model small-none --out s.parquet", 1, "There is no model small-none in models"),
    ],
)
def test_refusals(relcode: Run, place: Path, line: str, status: int, said: str) -> None:
    relcode("models", "promote", "small-fair")
    before = (place / "models" / "small" / "promotions.jsonl").read_bytes()
    done = relcode(*line.split())
    assert done.status == status, done.err
    assert said in done.err
    assert "moved" not in done.err
    assert (place / "models" / "small" / "promotions.jsonl").read_bytes() == before


@pytest.mark.parametrize("verb", ["promote small-fair", "score texts --out s.parquet --model small-fair"])
@pytest.mark.parametrize("how", ["changed", "types", "missing"])
def test_a_model_that_was_tampered_with_is_refused(relcode: Run, place: Path, verb: str, how: str) -> None:
    folder = place / "models" / "small" / "small-fair"
    if how == "types":
        old = hash_file(folder / "model.skops")
        skops.io.dump({"data": Project}, folder / "model.skops")
        sums = (folder / "SHA256SUMS").read_text()
        (folder / "SHA256SUMS").write_text(sums.replace(old, hash_file(folder / "model.skops")))
    elif how == "changed":
        with (folder / "card.html").open("a") as file:
            file.write(" ")
    else:
        (folder / "codebooks" / "small.yaml").unlink()
    words = verb.split()
    done = relcode(*(["models", *words] if words[0] == "promote" else words))
    said = {"changed": "not as written: card.html", "types": "types that are not arrays", "missing": "not as written"}
    assert (done.status, done.out) == (1, "")
    assert said[how] in done.err
    assert not list(place.rglob("promotions.jsonl"))


@pytest.mark.parametrize("name", ["promoted", "promoted:small", "small-fair", "models/small/small-fair"])
@pytest.mark.parametrize(
    "line",
    [
        "score texts --out scores.parquet",
        "preannotate texts --out suggestions.jsonl",
        "evaluate --transcripts texts --labels new.jsonl",
        "audit texts --out report.html",
    ],
)
def test_commands_take_a_folder_an_id_or_the_promoted_one(relcode: Run, place: Path, line: str, name: str) -> None:
    relcode("models", "promote", "small-fair")
    for session in (place / "texts").glob("S[5-8].jsonl"):
        if not line.startswith("evaluate"):
            session.unlink()
    done = relcode(*line.split(), "--model", name, "--json")
    assert done.status == 0, done.err
    if line.startswith("evaluate"):
        assert [row["f1"] for row in json.loads(done.out)["turn"]["codes"]] == [0.0, 1.0, 1.0, None]
    elif line.startswith("preannotate"):
        assert "model:small-fair" in (place / "suggestions.jsonl").read_text()
    else:
        assert "small-fair" in done.out + done.err


def test_agreement_takes_the_promoted_model_as_a_rater(relcode: Run, place: Path, small: Codebook) -> None:
    write_codebook(small, place / "small.yaml")
    relcode("models", "promote", "small-fair")
    done = relcode(
        "agreement", "new.jsonl", "--transcripts", "texts", "--codebook", "small.yaml", "--model", "promoted",
        "--bootstrap", 0, "--json",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert "model:small-fair" in json.loads(done.out)["coders"]


def test_in_a_project_its_store_and_its_codebook_are_meant(
    relcode: Run, made: Path, small: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.create(tmp_path / "study", codebook="small")
    write_codebook(small, project.codebooks / "small.yaml")
    shutil.copytree(made / "models", project.models, dirs_exist_ok=True)
    shutil.copytree(made / "texts", project.transcripts, dirs_exist_ok=True)
    monkeypatch.chdir(project.transcripts)
    done = relcode("score", project.transcripts, "--model", "promoted", "--out", "../reports/s.parquet")
    assert (done.status, done.out) == (1, "")
    assert "No model of small is promoted" in done.err
    assert relcode("models", "promote", "small-bad").status == 0
    assert relcode("models", "promote", made / "elsewhere", "--labels", made / "new.jsonl").status == 0
    assert (project.models / "small" / "small-good" / "card.html").is_file()
    assert "small-bad is promoted again" in relcode("models", "rollback").err
    done = relcode("models", "compare", "promoted", "small-fair", "--labels", made / "new.jsonl", "--json")
    assert json.loads(done.out)["present"] == "small-bad"


def test_train_without_out_writes_into_the_store(relcode: Run, place: Path, small: Codebook) -> None:
    write_codebook(small, place / "small.yaml")
    done = relcode(
        "train", "--transcripts", "texts", "--labels", "old.jsonl", "--codebook", "small.yaml", "--folds", 2, "--json"
    )
    assert done.status == 0, done.err
    card = json.loads(done.out)
    assert (place / "models" / "small" / card["id"] / "card.html").is_file()
    assert relcode("models", "promote", card["id"]).status == 0
