"""The ledger as tables: every event, what stands now, and no words unless they may leave."""

from __future__ import annotations

import csv
import stat
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from relcode.ledger import RECODE, Ledger, NewEvent
from relcode.ledger.tables import TABLES, write_tables
from relcode.ledger.words import not_on_record

WORDS = 'Come, on \n"in"'


def span(start: int, code: str = "TSI") -> dict[str, Any]:
    return {"session_id": "S1", "turn": 2, "start": start, "end": start + 9, "text": WORDS, "code": code}


def page(name: str, sha: str = "aa", **further: Any) -> NewEvent:
    payload = {
        "page": name,
        "batch": "b1",
        "coder": "A",
        "session_id": "S1",
        "session_sha256": sha,
        "first_turn": 1,
        "last_turn": 9,
        "text_sha256": "1",
        "codebook": "relational-core@1.0.0",
        "suggestions": [span(0)],
        "shown": True,
    }
    return NewEvent("page", "push", {**payload, **further})


def label(kind: str, name: str, start: int) -> NewEvent:
    return NewEvent(
        kind, "pull", {"page": name, "batch": "b1", "coder": "A", "span": span(start), "provenance": "added"}
    )


def tick(kind: str, name: str) -> NewEvent:
    return NewEvent(kind, "pull", {"page": name, "batch": "b1", "coder": "A"})


def decision(kind: str, start: int) -> NewEvent:
    payload = {"span": span(start), "decision": "kept", "reason": "rule 3", "coders": ["A", "B"]}
    return NewEvent(kind, "adjudicate", payload)


@pytest.fixture
def ledger(ledger_url: str) -> Ledger:
    ledger = Ledger(ledger_url)
    deid = {"session_id": "S1", "session_sha256": "aa", "findings": 2, "mode": "tag"}
    ledger.append([NewEvent("deid", "x", deid), page("p1"), page("p2", role=RECODE)])
    ledger.append(
        [label("label", "p1", 0), label("label", "p1", 5), label("unlabel", "p1", 5), label("label", "p2", 7)]
    )
    ledger.append([tick("confirm", "p1"), tick("confirm", "p2"), tick("unconfirm", "p2")])
    ledger.append([decision("accept", 0), decision("accept", 5), decision("unaccept", 5)])
    return ledger


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_tables_say_what_stands_and_who_said_it(ledger: Ledger, tmp_path: Path) -> None:
    counts = write_tables(ledger, tmp_path / "t")
    assert counts.pop("quarantine") == counts.pop("certificates") == counts.pop("reviews") == 0
    assert counts == {"events": 13, "pages": 2, "labels": 2, "confirmations": 3, "decisions": 3, "deid": 1}
    labels = read(tmp_path / "t", "labels")
    wanted = ("seq", "actor", "coder", "batch", "page", "role", "confirmed", "provenance", "turn", "span_start", "text")
    assert [tuple(row[key] for key in wanted) for row in labels] == [
        ("4", "pull", "A", "b1", "p1", "code", "true", "added", "2", "0", WORDS),
        ("7", "pull", "A", "b1", "p2", "recode", "false", "added", "2", "7", WORDS),
    ]
    pages = read(tmp_path / "t", "pages")
    assert [(row["page"], row["role"], row["confirmed"], row["shown"]) for row in pages] == [
        ("p1", "code", "true", "true"),
        ("p2", "recode", "false", "true"),
    ]
    ticks = read(tmp_path / "t", "confirmations")
    assert [(row["kind"], row["page"], row["standing"]) for row in ticks] == [
        ("confirm", "p1", "true"),
        ("confirm", "p2", "false"),
        ("unconfirm", "p2", "false"),
    ]
    decisions = read(tmp_path / "t", "decisions")
    assert [(row["kind"], row["span_start"], row["standing"], row["reason"], row["coders"]) for row in decisions] == [
        ("accept", "0", "true", "rule 3", '["A","B"]'),
        ("accept", "5", "false", "rule 3", '["A","B"]'),
        ("unaccept", "5", "false", "rule 3", '["A","B"]'),
    ]
    assert [(row["session_id"], row["findings"], row["mode"]) for row in read(tmp_path / "t", "deid")] == [
        ("S1", "2", "tag")
    ]
    assert [row["hash"] for row in read(tmp_path / "t", "events")] == [row.hash for row in ledger.rows()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "t").iterdir()} == {0o600}


def test_parquet_holds_the_same_rows_with_types(ledger: Ledger, tmp_path: Path) -> None:
    assert write_tables(ledger, tmp_path / "c") == write_tables(ledger, tmp_path / "p", form="parquet")
    for name in TABLES:
        table = pq.read_table(tmp_path / "p" / f"{name}.parquet")
        rows = read(tmp_path / "c", name)
        for column in table.column_names:
            told = [
                "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)
                for cell in table[column].to_pylist()
            ]
            assert told == [row[column] for row in rows]
    labels = pq.read_table(tmp_path / "p" / "labels.parquet")
    assert labels["turn"].to_pylist() == [2, 2]
    assert labels["confirmed"].to_pylist() == [True, False]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_without_words_no_words_are_written(ledger: Ledger, tmp_path: Path, form: str) -> None:
    write_tables(ledger, tmp_path / "with", form=form)
    write_tables(ledger, tmp_path / "t", form=form, words=False)
    assert b"Come" in b"".join(path.read_bytes() for path in (tmp_path / "with").iterdir())
    assert b"Come" not in b"".join(path.read_bytes() for path in (tmp_path / "t").iterdir())
    if form == "csv":
        assert [row["span_start"] for row in read(tmp_path / "t", "labels")] == ["0", "7"]
        assert '"start":0' in read(tmp_path / "t", "events")[3]["payload"]


def test_an_empty_ledger_has_empty_tables(ledger_url: str, tmp_path: Path) -> None:
    for form in ("csv", "parquet"):
        assert set(write_tables(Ledger(ledger_url), tmp_path / "t", form=form).values()) == {0}
    assert len(list((tmp_path / "t").iterdir())) == 2 * len(TABLES)


def test_a_session_is_refused_where_a_text_that_was_coded_is_not_on_record(ledger: Ledger) -> None:
    assert not_on_record(ledger) == []
    ledger.append([page("p3", sha="bb", batch="b2")])
    assert [fault.partition(":")[0] for fault in not_on_record(ledger)] == ["session S1"]
    override = {"session_id": "S1", "session_sha256": "bb", "reason": "read"}
    ledger.append([NewEvent("deid_override", "x", override)])
    assert not_on_record(ledger) == []
    other = {**decision("accept", 0).payload, "span": {**span(0), "session_id": "S2"}}
    ledger.append([NewEvent("accept", "x", other)])
    assert [fault.partition(":")[0] for fault in not_on_record(ledger)] == ["session S2"]


def test_the_command_asks_the_gate_or_leaves_words_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relcode: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    Ledger(tmp_path / "ledger.db").append([page("p1"), label("label", "p1", 0)])
    for out in ("t", "all.csv"):
        refused = relcode("ledger", "export", "ledger.db", "--out", out)
        assert (refused.status, "session S1" in refused.err, "Come" in refused.err) == (1, True, False)
        assert not (tmp_path / out).exists()
        assert relcode("ledger", "export", "ledger.db", "--out", out, "--without-words").status == 0
    assert "Come" not in (tmp_path / "all.csv").read_text()
    deid = {"session_id": "S1", "session_sha256": "aa", "findings": 2, "mode": "tag"}
    Ledger(tmp_path / "ledger.db").append([NewEvent("deid", "x", deid)])
    done = relcode("ledger", "export", "ledger.db", "--out", "t", "--format", "parquet")
    assert (
        done.err
        == "t: events 3, pages 1, labels 1, confirmations 0, quarantine 0, decisions 0, reviews 0, certificates 0, deid 1.\n"
    )
    assert relcode("ledger", "export", "ledger.db", "--out", "all.csv", "--format", "csv").status == 2
    assert relcode("ledger", "export", "ledger.db", "--out", "tables.xlsx").status == 2
