"""`relcode train` and `relcode evaluate`: exit status, what is printed where, what is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcode.codebook import Codebook
from relcode.codebook.write import write_codebook
from relcode.learning.load import load_model
from relcode.learning.model import Model
from relcode.learning.save import save_model
from relcode.spans import write_spans
from relcode.transcripts import write_session

pytestmark = pytest.mark.slow  # models are trained, or pages made

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path, small_study: Callable[..., Any], small: Codebook) -> Path:
    """A folder with transcripts of four dyads, labels of three, a codebook."""
    study = small_study(4)
    for session in study.sessions:
        write_session(session, tmp_path / "texts")
    write_spans(tmp_path / "labels.jsonl", study.only("S1", "S2", "S3").labels)
    write_spans(tmp_path / "new.jsonl", study.only("S4").labels)
    write_codebook(small, tmp_path / "small.yaml")
    return tmp_path


def training(place: Path, *more: object) -> list[object]:
    return [
        "train", "--transcripts", place / "texts", "--labels", place / "labels.jsonl",
        "--codebook", place / "small.yaml", "--out", place / "model", *more,
    ]  # fmt: skip


def test_train_writes_a_model_and_says_so_on_stderr(relcode: Run, place: Path) -> None:
    status, out, err = relcode(*training(place))
    assert (status, out) == (0, "")
    model = load_model(place / "model")
    assert f"model {model.id}, 3 of 4 codes learned." in err
    assert "macro-F1 1.00 [1.00, 1.00] over 3 codes" in err
    assert "1 of 4 transcript(s) have no label" in err
    assert "fold 1 of 3" in err


def test_train_gives_the_card_as_json_alone(relcode: Run, place: Path) -> None:
    status, out, _ = relcode(*training(place, "--json", "--folds", 2, "--seed", 5, "--ceiling", place / "labels.jsonl"))
    card = json.loads(out)
    assert status == 0
    assert card["training"]["seed"] == 5
    assert card["training"]["folds"] == 2
    assert card["coder_ceiling"]["turn"]["macro_f1"] == 1.0
    assert card == load_model(place / "model").card


def test_train_refuses_a_target_before_it_reads_anything(relcode: Run, place: Path) -> None:
    status, out, err = relcode(
        "train", "--transcripts", place / "nowhere", "--labels", place / "labels.jsonl",
        "--codebook", place / "small.yaml", "--out", place / "texts",
    )  # fmt: skip
    assert (status, out) == (1, "")
    assert "no model folder" in err
    assert len(list((place / "texts").iterdir())) == 4


def test_train_names_every_label_that_does_not_fit(relcode: Run, place: Path) -> None:
    lines = (place / "labels.jsonl").read_text().replace('"TSI"', '"NONE"').replace('"S3"', '"S7"')
    (place / "labels.jsonl").write_text(lines)
    status, out, err = relcode(*training(place))
    assert (status, out) == (1, "")
    assert "session S7: labelled, but no transcript of it is there" in err
    assert err.count("there is no code NONE") == 18
    assert "moved" not in err
    assert not (place / "model").exists()


@pytest.mark.parametrize(
    "arguments", [["train"], ["train", "--folds", "1"], ["evaluate"], ["evaluate", "--model", "m", "--nonsense"]]
)
def test_wrong_usage(relcode: Run, arguments: list[str]) -> None:
    status, out, _ = relcode(*arguments)
    assert (status, out) == (2, "")


@pytest.fixture
def evaluation(place: Path, small_model: Model) -> list[object]:
    save_model(small_model, place / "model")
    return ["evaluate", "--model", place / "model", "--transcripts", place / "texts", "--labels", place / "new.jsonl"]


def test_evaluate_prints_both_levels(relcode: Run, evaluation: list[object]) -> None:
    status, out, err = relcode(*evaluation)
    assert status == 0
    assert "segment level, 1 session(s)" in out
    assert "turn level, 1 session(s)" in out
    assert "RARE.one" in out
    assert "undefined" in out
    assert "3 of 4 transcript(s) have no label" in err


def test_evaluate_gives_json_alone(relcode: Run, evaluation: list[object]) -> None:
    status, out, _ = relcode(*evaluation, "--json")
    found = json.loads(out)
    assert (status, found["sessions"], found["seen"]) == (0, 1, [])
    assert [row["f1"] for row in found["turn"]["codes"]] == [1.0, 1.0, 1.0, None]


def test_evaluate_refuses_dyads_of_training_unless_allowed(relcode: Run, evaluation: list[object], place: Path) -> None:
    evaluation += ["--labels", place / "labels.jsonl", "--json"]
    status, out, err = relcode(*evaluation)
    assert (status, out) == (1, "")
    assert "3 of 4 session(s) are of dyads that the model was trained on" in err
    assert err.count("  - session S") == 3
    status, out, _ = relcode(*evaluation, "--allow-seen")
    assert (status, json.loads(out)["seen"]) == (0, ["S1", "S2", "S3"])


def test_evaluate_names_labels_without_a_transcript(relcode: Run, evaluation: list[object], place: Path) -> None:
    (place / "texts" / "S4.jsonl").unlink()
    status, out, err = relcode(*evaluation)
    assert (status, out) == (1, "")
    assert "session S4: labelled, but no transcript of it is there" in err


def test_evaluate_refuses_a_changed_model(relcode: Run, evaluation: list[object], place: Path) -> None:
    (place / "model" / "card.yaml").write_text("id: other\n")
    status, _, err = relcode(*evaluation)
    assert status == 1
    assert "not as written: card.yaml" in err
