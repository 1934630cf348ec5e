"""The example package, installed by itself with pip: each of its plug-ins does its work, and relcode says when it is gone."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from relcode.records import Session, Span, Turn
from relcode.spans import read_spans, write_spans
from relcode.transcripts import read_sessions, write_session

EXAMPLE_PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"
pytestmark = pytest.mark.slow
Run = Callable[..., subprocess.CompletedProcess[str]]
LOG = "%ROOMLOG S1\n@0-1.5 T Come on in.\n@4.5-6 C I was late again.\n@? T You seem sad. I wonder what that is like.\n"


def test_the_list_names_each_plugin_with_its_package(run: Run) -> None:
    done = run("plugins", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["plugins"]
    assert [(row["kind"], row["name"], row["package"], row["version"], row["fault"]) for row in rows] == [
        ("reader", "roomlog", "relcode-example", "0.1.0", None),
        ("feature", "after-silence", "relcode-example", "0.1.0", None),
        ("suggester", "phrases", "relcode-example", "0.1.0", None),
        ("exporter", "counts", "relcode-example", "0.1.0", None),
        ("exporter", "roomlog", "relcode-example", "0.1.0", None),
        ("coefficient", "yule_q", "relcode-example", "0.1.0", None),
    ]
    assert "roomlog" in run("plugins").stdout
    assert json.loads(run("plugins", "--json", installed=False).stdout) == {"plugins": []}


def test_the_reader_and_the_exporter_of_transcripts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "first.rlog").write_text(LOG)
    done = run("import", "raw", "--out", "read")
    assert done.returncode == 0, done.stderr
    (session,) = read_sessions([tmp_path / "read"])
    assert [(turn.speaker, turn.text, turn.t0, turn.t1) for turn in session] == [
        ("T", "Come on in.", 0.0, 1.5),
        ("C", "I was late again.", 4.5, 6.0),
        ("T", "You seem sad. I wonder what that is like.", None, None),
    ]
    done = run("export", "read", "--to", "roomlog", "--out", "back")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "back" / "S1.rlog").read_text() == LOG
    (tmp_path / "raw" / "second.rlog").write_text("%ROOMLOG S2\n@? T Hi.\nthen she left\n")
    done = run("import", "raw", "--out", "again")
    assert done.returncode == 1
    assert "raw/second.rlog:3: expected @start-end, speaker and words" in done.stderr
    assert "she left" not in done.stderr
    assert (tmp_path / "again" / "S1.jsonl").is_file()
    assert "expected one of" in run("import", "raw", "--out", "x", "--format", "roomlog", installed=False).stderr


def timed(session_id: str, dyad: str, silence: float) -> Session:
    turns = (
        Turn(1, "T", f"How was the week of {session_id}?", 0.0, 2.0),
        Turn(2, "C", "It was long. I worked.", 2.5, 5.0),
        Turn(3, "T", "Go on.", 5.0 + silence, 6.0 + silence),
    )
    return Session(session_id, turns, {"dyad": dyad})


def test_the_feature_makes_a_cue_fire_in_suggestions(run: Run, tmp_path: Path) -> None:
    write_session(timed("S1", "D1", 4.0), tmp_path / "t")
    write_session(timed("S2", "D2", 2.9), tmp_path / "t")
    done = run("preannotate", "t", "--codebook", EXAMPLE_PLUGIN / "silence.yaml", "--out", "s.jsonl")
    assert done.returncode == 0, done.stderr
    found = read_spans(tmp_path / "s.jsonl")
    assert [(span.session_id, span.turn, span.text, span.why) for span in found] == [
        ("S1", 3, "Go on.", ("after-silence",))
    ]
    without = run(
        "preannotate", "t", "--codebook", EXAMPLE_PLUGIN / "silence.yaml", "--out", "x.jsonl", installed=False
    )
    assert without.returncode == 1
    assert "No installed package has a feature 'after-silence'" in without.stderr
    assert not (tmp_path / "x.jsonl").exists()


def test_a_model_with_the_feature_is_trained_names_it_scores_and_is_refused_without_it(
    run: Run, tmp_path: Path
) -> None:
    labels = []
    for number in range(12):
        session = timed(f"S{number}", f"D{number}", 4.0 if number % 2 else 1.0)
        write_session(session, tmp_path / "t")
        labels.append(Span(session.session_id, 3 if number % 2 else 2, 0, 6, session.turns[2 if number % 2 else 1].text[:6],
                           "RESUME", "silence@1.0.0", "accepted"))  # fmt: skip
    write_spans(tmp_path / "labels.jsonl", labels)
    done = run(
        "train", "--transcripts", "t", "--labels", "labels.jsonl", "--codebook", EXAMPLE_PLUGIN / "silence.yaml",
        "--out", "models/m",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "after-silence (relcode-example 0.1.0)" in (tmp_path / "models/m/card.md").read_text()
    done = run("score", "t", "--model", "models/m", "--out", "scores.parquet")
    assert done.returncode == 0, done.stderr
    refused = run("score", "t", "--model", "models/m", "--out", "other.parquet", installed=False)
    assert refused.returncode == 1
    assert "the feature after-silence of the package relcode-example 0.1.0" in refused.stderr
    assert not (tmp_path / "other.parquet").exists()


def test_the_suggester_marks_its_spans_and_is_compared_like_a_coder(run: Run, tmp_path: Path) -> None:
    for number in (1, 2):
        write_session(Session(f"S{number}", (
            Turn(1, "T", "I feel close to you right now."),
            Turn(2, "C", "I feel close to nobody."),
            Turn(3, "T", "Tell me more."),
        )), tmp_path / "t")  # fmt: skip
    (tmp_path / "list.csv").write_text("code,phrase\nTSI,i feel close\nNOPE,tell\n")
    done = run(
        "preannotate", "t", "--suggester", "phrases:list.csv", "--codebook", "relational-core", "--out", "p.jsonl"
    )
    assert done.returncode == 0, done.stderr
    found = read_spans(tmp_path / "p.jsonl", read_sessions([tmp_path / "t"]))
    assert [(span.session_id, span.turn, span.text, span.code, span.source) for span in found] == [
        ("S1", 1, "I feel close", "TSI", "suggester:phrases@0.1.0"),
        ("S2", 1, "I feel close", "TSI", "suggester:phrases@0.1.0"),
    ]
    assert found[0].codebook == "relational-core@1.1.0"
    assert "left out: 2 suggestion(s): no such code" in done.stderr
    assert "left out: 2 suggestion(s): the speaker may not carry the code" in done.stderr
    assert "close" not in done.stderr
    for coder in ("anna", "ben"):
        write_spans(tmp_path / f"{coder}.jsonl", [
            Span(f"S{number}", 1, 0, 12, "I feel close", "TSI", source=f"coder:{coder}") for number in (1, 2)
        ])  # fmt: skip
    done = run("agreement", "anna.jsonl", "ben.jsonl", "--transcripts", "t", "--suggestions", "p.jsonl", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["coders"] == ["anna", "ben"]
    pair = next(group for group in result["groups"] if group["coders"] == ["anna", "suggester:phrases@0.1.0"])
    (row,) = [row for row in pair["rows"] if row["level"] == "turn" and row["code"] == "TSI"]
    assert row["coefficients"]["alpha"]["value"] == 1.0
    assert row["coefficients"]["yule_q"]["value"] == 1.0
    wrong = run(
        "preannotate", "t", "--suggester", "phrases:none.csv", "--codebook", "relational-core", "--out", "q.jsonl"
    )
    assert (wrong.returncode, "phrases: expected the name of a CSV file" in wrong.stderr) == (2, True)


def test_the_exporter_of_labels_and_the_coefficient(run: Run, tmp_path: Path) -> None:
    turns = tuple(Turn(number, "T", f"I feel sad about it, {number}.") for number in range(1, 9))
    for name in ("S1", "S2"):
        write_session(Session(name, turns), tmp_path / "t")
    given = {"anna": {1, 2, 3, 4}, "ben": {1, 2, 3, 5}}
    for coder, numbers in given.items():
        write_spans(tmp_path / f"{coder}.jsonl", [
            Span(name, turn, 0, 6, "I feel", "TSI", source=f"coder:{coder}") for name in ("S1", "S2") for turn in sorted(numbers)
        ])  # fmt: skip
    done = run("export", "t", "--labels", "anna.jsonl", "--to", "counts", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "counts.csv").read_text() == "session_id,TSI\nS1,4\nS2,4\n"
    assert "writes labels, not transcripts" in run("export", "t", "--to", "counts", "--out", "out").stderr
    done = run("agreement", "anna.jsonl", "ben.jsonl", "--transcripts", "t", "--out", "rows.csv")
    assert done.returncode == 0, done.stderr
    assert "Coefficients of plug-ins: yule_q (relcode-example 0.1.0)." in done.stderr
    with (tmp_path / "rows.csv").open(newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if (row["level"], row["code"]) == ("turn", "TSI")]
    # by turn: a = 3, b = c = 1, d = 3 in each session: (9 - 1) / (9 + 1)
    assert float(row["yule_q"]) == pytest.approx(0.8)
    assert float(row["yule_q_low"]) == pytest.approx(0.8)
    assert "yule_q" in done.stdout


def cells(page: str, caption: str, code: str) -> dict[str, str]:
    """The line of a code in the page's table of a caption: heading -> text."""
    from lxml import html

    def text(node: html.HtmlElement) -> str:
        return " ".join(" ".join(node.itertext()).split())

    (table,) = [each for each in html.fromstring(page).iter("table") if text(each.find("caption")).startswith(caption)]
    heads, (line,) = (
        [text(head) for head in table.find("thead").iter("th")],
        [line for line in table.find("tbody").iter("tr") if text(line[0]).startswith(code)],
    )
    return dict(zip(heads, map(text, line), strict=True))


def test_the_page_shows_a_coefficient_with_interval_and_source(run: Run, tmp_path: Path) -> None:
    given = {"S1": ({1, 2, 3, 4}, {1, 2, 3, 5}), "S2": ({1, 2, 3}, {1, 4, 5}), "S3": ({1, 2, 3, 4, 5}, {1, 2, 3, 4, 6})}
    for name in given:
        turns = tuple(Turn(number, "T", f"I feel sad about it, {number}.") for number in range(1, 9))
        write_session(Session(name, turns), tmp_path / "t")
    for row, coder in enumerate(("anna", "ben")):
        write_spans(tmp_path / f"{coder}.jsonl", [
            Span(name, turn, 0, 6, "I feel", "TSI", source=f"coder:{coder}")
            for name, turns in given.items() for turn in sorted(turns[row])
        ])  # fmt: skip
    done = run("agreement", "anna.jsonl", "ben.jsonl", "--transcripts", "t", "--html", "page.html", "--out", "rows.csv")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.html").read_text()
    with (tmp_path / "rows.csv").open(newline="") as file:
        rows = {row["level"]: row for row in csv.DictReader(file) if row["code"] == "TSI"}
    # by turn: a = 3 + 1 + 4, b = c = 1 + 2 + 1, d = 3 + 3 + 2: (64 - 16) / (64 + 16)
    assert float(rows["turn"]["yule_q"]) == pytest.approx(0.6)
    head = "yule_q relcode-example 0.1.0"
    for level in ("turn", "segment"):
        low, high = (float(rows[level][f"yule_q_{end}"]) for end in ("low", "high"))
        assert low < 0.6 < high
        assert cells(page, f"Codes on {level}s", "TSI")[head] == f"0.60 {low:.2f} to {high:.2f}"
    assert cells(page, "Means over the codes", "turn")[head] == cells(page, "Codes on turns", "TSI")[head]
    assert cells(page, "Codes on sessions", "TSI")[head] == "–"  # in every session: Q is undefined
    assert "yule_q of TSI on sessions" in page
    without = run("agreement", "anna.jsonl", "ben.jsonl", "--transcripts", "t", "--html", "p.html", installed=False)
    assert without.returncode == 0, without.stderr
    assert "yule_q" not in (tmp_path / "p.html").read_text()
