"""`relcode codebook lint, manual, diff, migrate` as they are called."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcode.records import Session, Span
from relcode.spans import read_spans, write_spans
from relcode.transcripts import write_session

Run = Callable[..., Any]
OLD = """
id: small
version: 1.0.0
title: Small
authors: [A]
codes:
  - {id: TSI, name: a, speakers: [T], definition: An own reaction., prior: 0.1}
  - {id: INT, name: b, speakers: [T, C], definition: A meaning is supplied., prior: 0.1,
     cues: [{id: own, weight: 2, patterns: ["i feel"]}]}
  - {id: OUT, name: c, speakers: [T, C], definition: Leaves., prior: 0.1}
"""
NEW = """
id: small
version: 2.0.0
title: Small
authors: [A]
codes:
  - {id: OWN, was: [TSI], name: a, speakers: [T], definition: An own reaction to the client., prior: 0.1}
  - {id: INT.a, was: [INT], name: b, speakers: [T], definition: A., prior: 0.1}
  - {id: INT.b, was: [INT], name: b, speakers: [T], definition: B., prior: 0.1}
  - {id: OUT, name: c, speakers: [T], definition: Leaves., prior: 0.1}
"""


def run_line(relcode: Run, line: str) -> Any:
    return relcode(*line.split())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("old.yaml").write_text(OLD, encoding="utf-8")
    Path("new.yaml").write_text(NEW, encoding="utf-8")
    write_spans(
        Path("labels.jsonl"),
        [
            Span("S1", 1, 0, 6, "secret", "TSI", "small@1.0.0", "accepted"),
            Span("S1", 1, 0, 6, "secret", "INT", "small@1.0.0", "accepted"),
            Span("S1", 1, 0, 6, "secret", "OUT", None, "accepted"),
            Span("S1", 2, 0, 6, "secret", "OUT", None, "accepted"),
            Span("S1", 2, 0, 6, "secret", "HN", "relational-core@1.0.0", "accepted"),
        ],
    )
    return tmp_path


def test_diff_says_what_changed_and_what_follows(relcode: Run, folder: Path) -> None:
    done = relcode("codebook", "diff", "old.yaml", "new.yaml")
    assert done.status == 0
    lines = done.out.splitlines()
    assert "code anew    INT split into INT.a, INT.b" in lines
    assert "labels stand TSI renamed to OWN" in lines
    at = lines.index("see again    OWN: definition reworded (67% of the words kept)")
    assert lines[at + 1].strip() == "- An own reaction."
    assert lines[at + 2].strip() == "+ An own reaction to the client."
    assert "labels to see again: OWN" in done.err
    assert "to code anew: INT, OUT" in done.err


def test_diff_as_json(relcode: Run, folder: Path) -> None:
    done = relcode("codebook", "diff", "old.yaml", "new.yaml", "--json")
    found = json.loads(done.out)
    assert (found["old"], found["new"], found["carried"]) == (
        "small@1.0.0",
        "small@2.0.0",
        {"TSI": "OWN", "OUT": "OUT"},
    )
    assert done.err == ""
    assert relcode("codebook", "diff", "old.yaml", "old.yaml", "--json").out.count('"changes": []') == 1


@pytest.mark.parametrize(
    ("line", "status", "named"),
    [
        ("diff old.yaml", 2, "NEW"),
        ("diff old.yaml missing.yaml", 1, "missing.yaml"),
        ("manual nosuch", 1, "nosuch"),
        ("manual old.yaml --out manual.pdf", 2, ".html or .md"),
        ("migrate labels.jsonl --from old.yaml --to new.yaml", 2, "--out"),
        ("migrate labels.jsonl --from old.yaml --to new.yaml --out labels.jsonl", 2, "different files"),
        ("migrate labels.jsonl --from old.yaml --to new.yaml --out o.jsonl --recode ./o.jsonl", 2, "different files"),
        ("migrate old.yaml --from old.yaml --to new.yaml --out o.jsonl", 1, "no file of labels"),
        ("lint nosuch", 1, "nosuch"),
    ],
)
def test_wrong_use_and_wrong_data(relcode: Run, folder: Path, line: str, status: int, named: str) -> None:
    done = relcode("codebook", *line.split())
    assert (done.status, done.out) == (status, "")
    assert named in done.err
    assert not Path("o.jsonl").exists()


def test_migrate_writes_carries_over_and_lists(relcode: Run, folder: Path) -> None:
    before = Path("labels.jsonl").read_bytes()
    done = run_line(
        relcode, "codebook migrate labels.jsonl --from old.yaml --to new.yaml --out out.jsonl --recode anew.jsonl"
    )
    assert done.status == 0
    assert [(span.code, span.codebook) for span in read_spans(Path("out.jsonl"))] == [
        ("OWN", "small@2.0.0"),
        ("OUT", "small@2.0.0"),
        ("OUT", "small@2.0.0"),
        ("HN", "relational-core@1.0.0"),
    ]
    assert [span.code for span in read_spans(Path("anew.jsonl"))] == ["INT"]
    assert done.out.splitlines()[-1] == "code anew\tS1\t1\t0\t6\tINT\taccepted\tINT split into INT.a, INT.b"
    assert [line.split("\t")[5] for line in done.out.splitlines()] == ["OWN", "OUT", "OUT", "INT"]
    assert "of 5 label(s) 3 carried over to small@2.0.0, 3 of them to see again" in done.err
    assert "1 label(s) to code anew, in anew.jsonl" in done.err
    assert "(relational-core@1.0.0 1)" in done.err
    assert "secret" not in done.out + done.err
    assert Path("labels.jsonl").read_bytes() == before


def test_with_transcripts_migrate_knows_who_spoke(
    relcode: Run, folder: Path, session_of: Callable[..., Session]
) -> None:
    write_session(session_of("T: secret", "C: secret"), Path("S1.jsonl"))
    line = "codebook migrate labels.jsonl --from old.yaml --to new.yaml --out out.jsonl --transcripts S1.jsonl --json"
    done = relcode(*line.split())
    found = json.loads(done.out)
    assert (found["given"], found["carried"], found["others"]) == (5, 2, {"relational-core@1.0.0": 1})
    assert [(row["turn"], row["code"]) for row in found["recode"]] == [(1, "INT"), (2, "OUT")]
    assert [row["code"] for row in found["review"]] == ["OWN"]
    assert "left out (--recode FILE keeps them)" in done.err
    assert "secret" not in done.out + done.err


def test_migrate_names_fields_that_it_leaves_out(relcode: Run, folder: Path) -> None:
    line = (
        '{"session_id": "S1", "turn": 1, "start": 0, "end": 6, "text": "secret", "code": "OUT", "decision": "agreed"}\n'
    )
    Path("more.jsonl").write_text(line, encoding="utf-8")
    done = run_line(relcode, "codebook migrate more.jsonl --from old.yaml --to new.yaml --out out.jsonl")
    assert "left out: decision" in done.err
    assert (
        "left out"
        not in run_line(relcode, "codebook migrate out.jsonl --from new.yaml --to new.yaml --out o2.jsonl").err
    )


def test_manual_as_page_and_as_markdown(relcode: Run, folder: Path) -> None:
    done = relcode("codebook", "manual", "old.yaml", "--out", "manual.html")
    assert (done.status, done.out) == (0, "")
    assert "manual of small@1.0.0, 3 codes" in done.err
    assert Path("manual.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert relcode("codebook", "manual", "old.yaml", "--out", "manual.md", "--cues").status == 0
    printed = relcode("codebook", "manual", "old.yaml")
    assert printed.out.startswith("# Small")
    assert "Cues of INT" not in printed.out
    assert "Cues of INT" in Path("manual.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_lint_lists_faults_and_passes_what_is_right(relcode: Run, folder: Path) -> None:
    assert relcode("codebook", "lint", "client-process").status == 0
    Path("bad.yaml").write_text(OLD.replace("prior: 0.1}", "prior: 7}"), encoding="utf-8")
    done = relcode("codebook", "lint", "bad.yaml")
    assert done.status == 1
    assert "bad.yaml:7: code TSI: prior 7" in done.err


def test_an_import_takes_the_id_that_is_given_and_keeps_colours_where_that_is_asked(relcode: Run, folder: Path) -> None:
    run_line(relcode, "codebook export old.yaml --out small.qdc")
    path = Path("small.qdc")
    moved, count = re.subn(r'color="#[0-9A-F]{6}"', 'color="#123456"', path.read_text(encoding="utf-8"))
    assert count
    path.write_text(moved, encoding="utf-8")
    run_line(relcode, "codebook import small.qdc --out moved.yaml")
    run_line(relcode, "codebook import small.qdc --out kept.yaml --keep-colors")
    assert "123456" in Path("moved.yaml").read_text(encoding="utf-8")
    assert "123456" not in Path("kept.yaml").read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"<Description>.*?</Description>", "", moved, flags=re.S), encoding="utf-8"
    )  # another program's
    run_line(relcode, "codebook import small.qdc --id alliance --out named.yaml")
    assert Path("named.yaml").read_text(encoding="utf-8").startswith("id: alliance\n")
