"""`relcode rates` and `relcode query`: files, the ledger, refusals, and that no words show unasked."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relcode.batches import Assignment, Plan, record_plan
from relcode.ledger import NewEvent
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.transcripts import write_session

Material = tuple[list[Session], list[Span]]


@pytest.fixture
def rates(relcode: Callable[..., Any], study: Path) -> Callable[..., Any]:
    """`relcode rates` on the study's scores."""

    def run(*arguments: object) -> Any:
        return relcode("rates", "--scores", study / "scores.parquet", "--codebook", study / "tiny.yaml", *arguments)

    return run


@pytest.fixture
def hand(study: Path) -> tuple[object, ...]:
    return ("--labels", study / "hand.jsonl", "--transcripts", study / "transcripts")


def test_the_table_marks_the_raw_count_and_says_what_it_rests_on(
    rates: Callable[..., Any], hand: tuple[object, ...]
) -> None:
    done = rates(*hand, "--sample", "random")
    assert done.status == 0, done.err
    assert "raw: UNCORRECTED" in done.out
    assert "PREDICTION-POWERED" in done.out
    assert "14 sessions, drawn at random as was said" in done.out
    assert "made-up" in done.out
    assert "the model that made the scores is not found" in done.err


def test_without_a_word_on_the_sample_nothing_is_corrected(rates: Callable[..., Any], hand: tuple[object, ...]) -> None:
    rows = json.loads(rates(*hand, "--json").out)["rows"]
    assert all(row["raw"]["value"] is not None for row in rows)
    assert all(row["powered"]["value"] is None for row in rows)
    assert "--sample random" in rows[0]["powered"]["reason"]


def test_without_labels_there_is_the_raw_count_alone(
    rates: Callable[..., Any], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    row = json.loads(rates("--code", "TSI", "--json").out)["rows"][0]
    assert row["raw"]["value"] is not None
    assert row["adjusted"] == {"value": None, "low": None, "high": None, "reason": row["powered"]["reason"]}


def test_probabilities_weigh_the_sessions(rates: Callable[..., Any], hand: tuple[object, ...], tmp_path: Path) -> None:
    def labels_alone(probability: Callable[[int], float]) -> float:
        path = tmp_path / "probabilities.jsonl"
        lines = [{"session_id": f"S{n:02}", "probability": probability(n)} for n in range(1, 15)]
        path.write_text("\n".join(map(json.dumps, lines)))
        done = rates(*hand, "--sample", path, "--code", "TSI", "--json")
        assert done.status == 0, done.err
        return float(json.loads(done.out)["rows"][0]["labels"]["value"])

    even = json.loads(rates(*hand, "--sample", "random", "--code", "TSI", "--json").out)["rows"][0]["labels"]["value"]
    assert labels_alone(lambda _: 0.5) == pytest.approx(even)
    assert labels_alone(lambda n: 0.1 if n == 1 else 0.9) != pytest.approx(even)


def test_groups_units_and_csv(rates: Callable[..., Any], hand: tuple[object, ...], tmp_path: Path) -> None:
    out = tmp_path / "rates.csv"
    done = rates(
        *hand, "--sample", "random", "--by", "therapist,third", "--unit", "turn", "--code", "INT", "--out", out
    )
    assert done.status == 0, done.err
    rows = list(csv.DictReader(out.open()))
    assert [(row["therapist"], row["third"]) for row in rows] == [(t, n) for t in ("T01", "T02") for n in "123"]
    assert {row["code"] for row in rows} == {"INT.genetic"}
    assert {row["unit"] for row in rows} == {"turn"}
    assert 0 <= float(rows[0]["raw_uncorrected"]) <= 1
    assert rows[0]["powered_low"] < rows[0]["powered"] < rows[0]["powered_high"]


def test_a_contrast_and_the_predictor_change_the_figures(rates: Callable[..., Any], hand: tuple[object, ...]) -> None:
    def row(*more: object) -> dict[str, Any]:
        done = rates(*hand, "--sample", "random", "--code", "TSI", *more, "--json")
        assert done.status == 0, done.err
        found: dict[str, Any] = json.loads(done.out)["rows"][0]
        return found

    assert row("--contrast", "session_number<8")["contrast"] == "session_number<8"
    assert row("--where", "session_number<8")["sessions"] == 7
    assert row("--predictor", "decision")["power"] != row()["power"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--sample", "random"], 2, "give --labels"),
        (["--unit", "word"], 2, "expected segment or turn"),
        (["--predictor", "x"], 2, "expected probability or decision"),
        (["--by", "clinic"], 2, "No session says clinic"),
        (["--where", "x"], 2, "is no condition"),
        (["--code", "XX"], 2, "the scores have TSI"),
        (["--model", "no/such"], 0, ""),  # without a sample no model is asked for
    ],
)
def test_wrong_use_is_named(rates: Callable[..., Any], arguments: list[str], status: int, said: str) -> None:
    done = rates(*arguments)
    assert done.status == status
    assert said in done.err


def test_labels_without_their_transcripts_or_of_a_machine_are_refused(
    rates: Callable[..., Any], study: Path, tmp_path: Path
) -> None:
    assert "--labels needs --transcripts" in rates("--labels", study / "hand.jsonl").err
    only = tmp_path / "some"
    only.mkdir()
    (only / "S01.jsonl").write_bytes((study / "transcripts" / "S01.jsonl").read_bytes())
    done = rates("--labels", study / "hand.jsonl", "--sample", "random", "--transcripts", only)
    assert done.status == 1
    assert "session S02: labelled, but no transcript of it is there" in done.err
    machine = tmp_path / "machine.jsonl"
    machine.write_text((study / "hand.jsonl").read_text().replace('"accepted"', '"model:m"'))
    done = rates("--labels", machine, "--sample", "random", "--transcripts", study / "transcripts")
    assert done.status == 1
    assert "no coder has confirmed" in done.err


def ledger_of(folder: Path, material: Material, *, probability: float | None, settled: int = 14) -> Project:
    """A project whose first sessions were given to a coder in one batch, and are settled."""
    project = Project.create(folder)
    sessions, spans = material
    for session in sessions:
        write_session(session, project.transcripts)
    ledger = project.open_ledger()
    given = [
        Assignment("ana", each.session_id, hash_session(each), 1, 12, 1, 1, probability=probability)
        for each in sessions[:14]
    ]
    record_plan(ledger, Plan("pilot", ("ana",), tuple(given)))
    events = []
    for session in sessions[:settled]:
        for span in (span for span in spans if span.session_id == session.session_id):
            said = {"span": msgspec.to_builtins(span), "decision": "agreed", "reason": "", "coders": ["ana"]}
            events.append(NewEvent("accept", "test", said))
        closed = {"session_id": session.session_id, "session_sha256": hash_session(session), "codebook": "tiny@1.0.0"}
        events.append(NewEvent("adjudicated", "test", closed))
    ledger.append(events)
    return project


def test_the_ledger_knows_which_batches_were_random(
    rates: Callable[..., Any], hand: tuple[object, ...], material: Material, tmp_path: Path
) -> None:
    project = ledger_of(tmp_path / "study", material, probability=14 / 24)
    done = rates("--project", project.folder, "--json")
    assert done.status == 0, done.err
    of_ledger, of_files = json.loads(done.out), json.loads(rates(*hand, "--sample", "random", "--json").out)
    assert of_ledger["sample"] == "the ledger's batches (random: pilot)"
    for ours, theirs in zip(of_ledger["rows"], of_files["rows"], strict=True):
        assert ours["powered"]["value"] == pytest.approx(theirs["powered"]["value"])


def test_what_was_chosen_by_hand_corrects_nothing(
    rates: Callable[..., Any], material: Material, tmp_path: Path
) -> None:
    project = ledger_of(tmp_path / "study", material, probability=None)
    found = json.loads(rates("--project", project.folder, "--json").out)
    assert found["rows"][0]["powered"]["reason"] == "no batch of the ledger was drawn with known probabilities"
    assert any("stand for nothing" in note for note in found["notes"])


def test_pages_that_are_not_settled_are_counted_in_a_note(
    rates: Callable[..., Any], material: Material, tmp_path: Path
) -> None:
    project = ledger_of(tmp_path / "study", material, probability=14 / 24, settled=10)
    found = json.loads(rates("--project", project.folder, "--json").out)
    assert found["rows"][0]["coded_sessions"] == 10
    nothing = ledger_of(tmp_path / "new", material, probability=14 / 24, settled=0)
    row = json.loads(rates("--project", nothing.folder, "--json").out)["rows"][0]
    assert row["powered"]["reason"] == "the ledger has accepted nothing of these transcripts"


def test_query_lists_the_segments_and_no_words(relcode: Callable[..., Any], study: Path, frame: Any) -> None:
    done = relcode("query", "--scores", study / "scores.parquet", "--code", "INT.genetic")
    assert done.status == 0, done.err
    head, *lines = done.out.splitlines()
    assert head.split("\t") == ["session_id", "turn", "segment", "speaker", "start", "end", "probability", "held"]
    assert len(lines) == frame["y_INT_genetic"].sum()
    assert "mother" not in done.out


def test_query_follows_conditions_and_shows_words_where_asked(
    relcode: Callable[..., Any], study: Path, frame: Any
) -> None:
    given = ("--scores", study / "scores.parquet", "--code", "TSI", "--transcripts", study / "transcripts")
    chosen = json.loads(relcode("query", *given, "--where", "therapist=T02", "--where", "third=1", "--json").out)
    own = frame[frame.y_TSI & (frame.session_id > "S12") & (frame.turn <= 4)]
    assert [(row["session_id"], row["turn"]) for row in chosen] == list(zip(own.session_id, own.turn, strict=True))
    shown = json.loads(relcode("query", *given, "--at-least", "0.5", "--limit", "3", "--words", "--json").out)
    assert len(shown) == 3
    assert all(row["words"] for row in shown)


def test_query_refuses_what_it_cannot_show(relcode: Callable[..., Any], study: Path) -> None:
    scores = ("query", "--scores", study / "scores.parquet", "--code")
    assert relcode(*scores, "TSI", "--words").status == 2
    assert "the scores have TSI, INT_genetic, RUPT" in relcode(*scores, "XX").err
    assert relcode(*scores, "TSI", "--where", "therapist=T01").status == 2
