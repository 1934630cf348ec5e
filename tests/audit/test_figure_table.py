"""Figures as rows: all that the JSON has, nothing else, and marked alike."""

from __future__ import annotations

import csv
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relcode.audit import AuditResult, CorrectedRate, Corrections, Estimate, Target, audit
from relcode.audit.figure_table import Row, figure_rows, write_figures
from relcode.codebook import Codebook
from relcode.codebook.write import write_codebook
from relcode.records import Session, Span
from relcode.spans import write_spans
from relcode.transcripts import write_session

Coded = Callable[..., tuple[Session, list[Span]]]
ROUND = [
    "T: I am moved by zebras. | TSI HN",
    "C: Thanks, marmalade. | WARM",
    "T: What is that like? | INQ META",
    "C: You push me. | RUP.confrontation",
    "T: I pushed. | REP.immediate",
    "C: It is hard. | COOP",
    "T: You hide it. | INT.dynamic",
    "C: No. | RUP.withdrawal",
]
# numbers that say where something is or how it was made, and are no figures
NO_FIGURES = {"seed", "position", "tenth", "lag", "turn", "first_turn", "last_turn", "repair_turn", "turns_after"}
NO_FIGURES |= {"session_number", "markers", "mass"}


@pytest.fixture(scope="module")
def result(codebook: Codebook, coded: Coded) -> AuditResult:
    made = [
        coded(*ROUND * (3 + n), session_id=f"S{n}", dyad=f"D{n % 3}", therapist=f"T{n % 2}", session_number=n)
        for n in range(8)
    ]
    machine = [msgspec.structs.replace(x, source="cues") for _, spans in made for x in spans]
    rates = (CorrectedRate(Target("T", ("INT",)), None, Estimate(0.2, 0.1, 0.3, 9), "powered"),)
    sample = Corrections("four sessions", rates)
    return audit([s for s, _ in made], codebook, labels=machine, source="x", corrections=sample)


def numbers(value: Any, name: str = "") -> Iterator[tuple[float | None, ...]]:
    """Every figure of the JSON: an object with a value and an interval, or a number of its own."""
    if isinstance(value, dict) and {"value", "low", "high", "n"} <= value.keys():
        yield value["value"], value["low"], value["high"], value["n"]
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in NO_FIGURES | {"places", "tally", "sessions" if isinstance(each, list) else ""}:
                yield from numbers(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from numbers(each, name)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value, None, None, None


def test_json_and_rows_have_the_same_figures(result: AuditResult) -> None:
    in_json = Counter(numbers(msgspec.json.decode(msgspec.json.encode(result))))
    in_rows = Counter(
        (row.value, row.low, row.high, row.n)
        for row in figure_rows(result)
        if row.n is not None or row.value is not None
    )
    assert in_json.total() > 1000
    assert in_json == in_rows


def test_no_two_rows_are_of_the_same_figure(result: AuditResult) -> None:
    keys = Counter(
        (
            r.section,
            r.measure,
            r.code,
            r.second_code,
            r.speaker,
            r.of,
            r.therapist,
            r.dyad,
            r.client,
            r.session,
            r.at,
            r.statistic,
            r.unit,
        )
        for r in figure_rows(result)
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_a_row_without_a_value_says_why(result: AuditResult) -> None:
    assert [row for row in figure_rows(result) if row.value is None and not row.reason] == []


def test_rows_say_where_they_come_from_and_whether_they_were_corrected(result: AuditResult) -> None:
    rows = figure_rows(result)
    assert {(row.source, row.mark) for row in rows} == {
        ("transcript", ""),
        ("machine", "uncorrected"),
        ("machine", "corrected"),
    }
    (whole,) = (
        row for row in rows if row.section == "headline" and row.measure == "int_rate" and row.statistic == "value"
    )
    assert (whole.value, whole.mark, whole.how) == (20, "corrected", "powered")
    assert {row.mark for row in rows if row.section in ("responses", "episodes", "course")} == {"uncorrected"}


def test_the_file_is_private_and_a_name_that_looks_like_a_formula_is_none(
    tmp_path: Path, codebook: Codebook, coded: Coded
) -> None:
    made = [coded(*ROUND * 3, session_id=name, therapist="=cmd()") for name in ("=1+1", "S2")]
    found = audit([s for s, _ in made], codebook, labels=[x for _, spans in made for x in spans], source="x")
    path = tmp_path / "figures.csv"
    write_figures(path, found)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert tuple(lines[0]) == Row.__struct_fields__
    assert len(lines) == len(figure_rows(found))
    assert {line["session"] for line in lines} == {"", "'=1+1", "S2"}
    assert {line["source"] for line in lines} == {"coders", "transcript"}
    assert "zebras" not in path.read_text(encoding="utf-8")
    (tsi,) = (x for x in lines if (x["section"], x["measure"], x["statistic"]) == ("headline", "tsi_share", "value"))
    assert float(tsi["value"]) == pytest.approx(found.headline[0].estimate.value)


def test_the_command_writes_the_same_figures_as_rows_and_as_json(
    tmp_path: Path, codebook: Codebook, coded: Coded, relcode: Callable[..., Any]
) -> None:
    session, labels = coded(*ROUND * 4)
    write_spans(tmp_path / "labels.jsonl", labels)
    write_codebook(codebook, tmp_path / "small.yaml")
    source = write_session(session, tmp_path)
    done = relcode(
        *("audit", source, "--labels", tmp_path / "labels.jsonl", "--codebook", tmp_path / "small.yaml"),
        *("--csv", tmp_path / "figures.csv", "--json"),
    )
    assert done.status == 0, done.err
    assert "figures.csv: every figure as a row" in done.err
    found = msgspec.json.decode(done.out, type=AuditResult)
    with (tmp_path / "figures.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    expected = ["" if row.value is None else str(row.value) for row in figure_rows(found)]
    assert [line["value"] for line in lines] == expected
