"""`relcode status`: one screen that says where a study stands, also where much of it is not there yet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from relcode.learning.standing import CurvePoint, Gain, models_in
from relcode.ledger import NewEvent
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session, Span, Turn
from relcode.transcripts import write_session

Command = Callable[..., Any]
CARD = {
    "id": "relational-core-0123456789",
    "codebook": "relational-core@1.0.0",
    "training": {"sessions": [{"session_id": "S1"}, {"session_id": "S2"}]},
    "cross_validation": {"turn": {"macro_f1": 0.5, "macro_f1_low": 0.4, "macro_f1_high": 0.6}},
}


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        ((0.03, 0.01, 0.05), "more coding pays: 10 more sessions would add +0.030 [+0.010, +0.050] to macro-F1"),
        ((0.03, -0.01, 0.07), "more coding may pay or not: 10 more sessions would add +0.030 [-0.010, +0.070]"),
        ((0.009, 0.005, 0.02), "more coding may pay or not: "),  # less than it is worth, and perhaps more
        ((0.004, 0.001, 0.009), "more coding hardly pays: 10 more sessions would add +0.004 [+0.001, +0.009] to "),
        ((-0.02, -0.03, -0.01), "more coding hardly pays: 10 more sessions would add -0.020"),
        ((0.03, None, None), "more coding may pay or not: 10 more sessions would add +0.030 to macro-F1"),
    ],
)
def test_whether_more_coding_pays_depends_on_the_gain_and_its_interval(
    gain: tuple[float, float | None, float | None], said: str
) -> None:
    assert Gain(40, 10, *gain).in_words.startswith(said)


def test_a_gain_that_cannot_be_told_says_why() -> None:
    assert Gain(8, 10, reason="so few").in_words == "whether more coding pays cannot be told: so few"


def write_card(folder: Path, **changes: Any) -> None:
    folder.mkdir(parents=True)
    (folder / "card.yaml").write_text(yaml.safe_dump(CARD | changes))


def test_cards_are_read_and_those_that_are_none_are_named(tmp_path: Path) -> None:
    write_card(tmp_path / "book" / "one", learning_curve=[{"sessions": 20, "macro_f1": 0.4}])
    write_card(tmp_path / "two", cross_validation={})
    (tmp_path / "three").mkdir()
    (tmp_path / "three" / "card.yaml").write_bytes(b"\xff: [")
    found, faults = models_in(tmp_path)
    assert [(each.id, each.sessions, each.macro_f1, each.curve) for each in found] == [
        (CARD["id"], 2, 0.5, (CurvePoint(20, 0.4),))
    ]
    assert [Path(fault.split(" is no card")[0]).parent.name for fault in sorted(faults)] == ["three", "two"]
    assert models_in(tmp_path / "nowhere") == ([], [])


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project.create(tmp_path / "study", coders=["ana", "ben"])
    monkeypatch.chdir(project.folder)
    return project


def test_a_new_study_says_what_is_missing(relcode: Command, study: Project) -> None:
    done = relcode("status")
    assert done.status == 0, done.err
    assert [line.split()[0] for line in done.out.splitlines()] == [
        "study,", "Sessions", "Batches", "Labels", done.out.splitlines()[4].split()[0], "Agreement", "Models", "More?",
        "Next", "relcode",
    ]  # fmt: skip
    assert "none; plan one" in done.out
    assert "not known: there is no transcript" in done.out
    assert "cannot be told without a model" in done.out


def test_a_study_under_way_fits_one_screen(relcode: Command, study: Project) -> None:
    words = tuple(Turn(turn, "CT"[turn % 2], f"secret words {turn}") for turn in range(1, 31))
    session = Session("S1", words, {"dyad": "D1"})
    write_session(session, study.transcripts)
    write_card(study.models / "first")
    pages = [
        {
            "page": f"pilot/{coder}/1", "batch": "pilot", "coder": coder, "session_id": "S1",
            "session_sha256": hash_session(session), "first_turn": 1, "last_turn": 15, "text_sha256": "",
            "codebook": "relational-core@1.0.0", "suggestions": [], "shown": True, "session_turns": 30,
        }
        for coder in ("ana", "ben")
    ]  # fmt: skip
    span = Span("S1", 1, 0, 6, "secret", "TSI", "relational-core@1.0.0")
    ledger = study.open_ledger()
    ledger.append([NewEvent("page", "test", page) for page in pages])
    ticks = [{key: page[key] for key in ("page", "batch", "coder")} for page in pages]
    ledger.append([NewEvent("confirm", "test", tick) for tick in ticks])
    labels = [{**tick, "span": msgspec.to_builtins(span), "provenance": "added"} for tick in ticks]
    ledger.append([NewEvent("label", "test", label) for label in labels])
    agreed = {"span": msgspec.to_builtins(span), "decision": "agreed", "reason": "", "coders": ["ana", "ben"]}
    ledger.append([NewEvent("accept", "test", agreed)])
    done = relcode("status")
    assert done.status == 0, done.err
    assert "1 with 30 turns on 2 pages; given to no coder yet: 1 page(s) of 1 session(s)" in done.out
    assert "pilot: 2 coder(s), no plan, 2 pushed, 2 confirmed" in done.out
    assert "TSI 1\n" in done.out
    assert "macro-F1 of turns 0.50 [0.40, 0.60]" in done.out
    assert "was trained without a learning curve" in done.out
    assert "secret" not in done.out + done.err
    assert len(done.out.splitlines()) <= 24
    state = json.loads(relcode("status", "--json").out)
    assert state["sessions"]["pages_left"] == 1
    assert state["accepted"]["codes"]["TSI"] == 1
    assert state["agreement"]["sessions"] == 1


def test_it_says_whether_more_coding_pays(relcode: Command, study: Project) -> None:
    gain = {"sessions": 30, "more": 10, "gain": 0.03, "low": 0.01, "high": 0.05}
    write_card(study.models / "first", learning_curve=[{"sessions": 20, "macro_f1": 0.4}], gain_of_ten_sessions=gain)
    assert "More?      more coding pays: 10 more sessions would add +0.030 [+0.010, +0.050]" in relcode("status").out
    assert json.loads(relcode("status", "--json").out)["gain_of_ten_sessions"]["gain"] == 0.03


def test_transcripts_that_cannot_be_read_do_not_hide_the_rest(relcode: Command, study: Project) -> None:
    (study.transcripts / "S1.jsonl").write_text("{broken")
    done = relcode("status")
    assert done.status == 0
    assert "Note       The transcripts cannot be read:" in done.out
    assert "Models" in done.out
