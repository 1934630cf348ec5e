"""From files of labels, or the ledger, to a row a code and level."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relcode.codebook import Code, Codebook
from relcode.errors import LabelError, UsageError
from relcode.ledger import Ledger, NewEvent
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session, Span, Turn
from relcode.reliability import Agreement, Coding, agreement, ledger_codings, read_codings, write_agreement
from relcode.spans import write_spans

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"


def session(session_id: str = "S1") -> Session:
    lines = [
        "T: I feel close to you now. What is that like?",
        "C: It is strange. [pause]",
        "T: Mm.",
        "C: I want to leave. You never listen!",
    ]
    turns = [Turn(n, line[0], line[3:]) for n, line in enumerate(lines, start=1)]
    return Session(session_id, tuple(turns))


def span(turn: int, words: str, code: str, *, session_id: str = "S1", source: str = "coder:A", **more: Any) -> Span:
    text = session().turns[turn - 1].text
    start = text.index(words)
    return Span(session_id, turn, start, start + len(words), words, code, source=source, **more)


def coding(coder: str, *spans: Span, covered: dict[str, frozenset[int] | None] | None = None) -> Coding:
    return Coding(coder, spans, covered if covered is not None else {"S1": None})


def codebook() -> Codebook:
    codes = [
        Code(id="TSI", name="", speakers=["T"], definition="", prior=0.1),
        Code(id="RUP.w", name="", speakers=["C"], definition="", prior=0.1),
        Code(id="RUP.c", name="", speakers=["C"], definition="", prior=0.1),
    ]
    return Codebook(id="small", version="1.0.0", title="", authors=[], codes=codes)


def row(result: Agreement, level: str, code: str) -> Any:
    return next(row for row in result.rows if (row.level, row.code) == (level, code))


def test_a_segment_carries_a_code_when_a_span_covers_a_word_of_it() -> None:
    a = coding("A", span(1, "I feel close to you now. What", "TSI"), span(2, "[pause]", "TSI"))
    b = coding("B", span(1, "I feel", "TSI"), span(1, ".", "TSI"))
    result = agreement([a, b], sessions=[session()], draws=0)
    # A's span touches both segments of turn 1, B's the first alone; a note and a full stop are no words.
    assert row(result, "segment", "TSI").instances == {"A": 2, "B": 1}
    assert row(result, "segment", "TSI").units == 6
    assert row(result, "turn", "TSI").instances == {"A": 2, "B": 1}
    assert row(result, "turn", "TSI").units == 4
    assert row(result, "session", "TSI").instances == {"A": 1, "B": 1}


def test_a_code_is_rated_on_units_of_speakers_who_may_carry_it() -> None:
    a = coding("A", span(1, "I feel", "TSI"), span(4, "You never listen", "RUP.c"), span(1, "What is", "RUP.w"))
    b = coding("B", span(1, "I feel", "TSI"), span(4, "I want to leave", "RUP.w"))
    result = agreement([a, b], sessions=[session()], codebook=codebook(), draws=0)
    assert row(result, "turn", "TSI").units == 2
    assert row(result, "turn", "RUP.w").instances == {"A": 0, "B": 1}
    assert [note for note in result.notes if note.startswith("RUP.w: left out on 1 turn")]
    without_rule = agreement([a, b], sessions=[session()], draws=0)
    assert row(without_rule, "turn", "TSI").units == 4
    assert row(without_rule, "turn", "RUP.w").instances == {"A": 1, "B": 1}


def test_a_family_is_folded_into_a_row_of_its_own() -> None:
    a = coding("A", span(4, "You never listen", "RUP.c"))
    b = coding("B", span(4, "I want to leave", "RUP.w"))
    result = agreement([a, b], sessions=[session()], draws=0)
    assert [each.code for each in result.of_level("turn")] == ["RUP.c", "RUP.w", "RUP.*"]
    assert row(result, "turn", "RUP.c").coefficients["positive_agreement"].value == 0
    assert row(result, "turn", "RUP.*").coefficients["positive_agreement"].value == 1
    assert row(result, "segment", "RUP.*").coefficients["positive_agreement"].value == 0
    assert row(result, "turn", "RUP.*").folded


def test_a_code_with_its_sub_codes_is_a_family_and_a_lone_sub_code_is_none() -> None:
    a = coding("A", span(1, "I feel", "TSI"), span(4, "leave", "X.y"))
    b = coding("B", span(1, "close", "TSI.impact"), span(4, "leave", "X.y"))
    result = agreement([a, b], sessions=[session()], draws=0)
    assert [each.code for each in result.of_level("turn")] == ["TSI", "TSI.impact", "TSI.*", "X.y"]
    assert row(result, "turn", "TSI.*").instances == {"A": 1, "B": 1}


def test_a_session_of_one_coder_is_missing_not_absent() -> None:
    a = coding("A", span(1, "I feel", "TSI"), covered={"S1": None, "S2": None})
    b = coding("B", span(1, "I feel", "TSI"))
    result = agreement([a, b], sessions=[session(), session("S2")], draws=0)
    assert result.sessions == ("S1",)
    assert row(result, "turn", "TSI").units == 4
    assert "S2: left out, coded by A alone." in result.notes


def test_three_coders_may_share_sessions_in_pairs() -> None:
    whole = {"S1": None, "S2": None}
    mark = span(1, "I feel", "TSI")
    codings = [coding("A", mark, covered=dict(whole)), coding("B", mark), coding("C", covered={"S2": None})]
    result = agreement(codings, sessions=[session(), session("S2")], draws=0)
    found = row(result, "turn", "TSI")
    assert (found.units, found.sessions) == (8, 2)
    assert found.prevalence == {"A": 1 / 8, "B": 1 / 4, "C": 0}
    assert found.coefficients["cohen_kappa"].value is None
    assert found.coefficients["alpha"].value == pytest.approx(1)


def test_turns_that_a_coder_did_not_cover_are_missing() -> None:
    a = coding("A", span(1, "I feel", "TSI"))
    b = coding("B", span(1, "I feel", "TSI"), covered={"S1": frozenset({1, 2})})
    result = agreement([a, b], sessions=[session()], draws=0)
    assert row(result, "turn", "TSI").units == 2
    assert row(result, "session", "TSI").units == 0


def test_without_transcripts_turns_up_to_the_last_label_are_compared_and_it_says_so() -> None:
    a = coding("A", span(1, "I feel", "TSI"))
    b = coding("B", span(3, "Mm", "TSI"))
    result = agreement([a, b], codebook=codebook(), draws=0)
    assert {each.level for each in result.rows} == {"turn", "session"}
    assert row(result, "turn", "TSI").units == 3
    assert any("No transcripts" in note for note in result.notes)
    with pytest.raises(UsageError, match="--transcripts"):
        agreement([a, b], levels=["segment"])


def test_levels_and_draws_can_be_chosen() -> None:
    a, b = coding("A", span(1, "I feel", "TSI")), coding("B", span(1, "close", "TSI"))
    result = agreement([a, b], sessions=[session()], levels=["turn"], draws=0)
    assert {each.level for each in result.rows} == {"turn"}
    assert row(result, "turn", "TSI").coefficients["alpha"].reason == "no interval: not resampled"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"turn": 9}, "there is no turn 9"),
        ({"end": 400}, "lie outside the turn"),
        ({"text": "something secret"}, "not those in the span"),
        ({"code": "TSX"}, "has no code 'TSX'"),
    ],
)
def test_labels_that_do_not_fit_are_refused_without_their_words(change: dict[str, Any], fault: str) -> None:
    good = span(1, "I feel", "TSI")
    bad = msgspec.structs.replace(good, **change)
    with pytest.raises(LabelError, match=fault) as caught:
        agreement([coding("A", good), coding("B", bad)], sessions=[session()], codebook=codebook())
    assert "secret" not in str(caught.value)
    assert "I feel" not in str(caught.value)


def test_labels_of_other_codebooks_are_left_out_and_noted() -> None:
    a = coding("A", span(1, "I feel", "TSI", codebook="small@1.0.0"), span(2, "It", "CHANGE", codebook="misc@1.0.0"))
    b = coding("B", span(1, "I feel", "TSI"))
    result = agreement([a, b], sessions=[session()], codebook=codebook(), draws=0)
    assert "A: 1 label(s) of other codebooks (misc 1) left out." in result.notes


def test_nothing_in_common_is_an_error_that_says_why() -> None:
    with pytest.raises(LabelError, match="coded by A alone"):
        agreement([coding("A", covered={"S1": None}), coding("B", covered={"S2": None})], draws=0)


# --- files ------------------------------------------------------------------------------------------------------------


def write(path: Path, *spans: Span) -> Path:
    write_spans(path, spans)
    return path


def test_a_coder_is_called_as_the_spans_say_or_like_the_file(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", span(1, "I feel", "TSI", source="coder:Ada"))
    two = write(tmp_path / "two.jsonl", span(1, "I feel", "TSI", source=""))
    assert [each.coder for each in read_codings([one, two])] == ["Ada", "two"]


def test_files_of_one_coder_are_joined_unless_they_name_a_session_twice(tmp_path: Path) -> None:
    first = write(tmp_path / "first.jsonl", span(1, "I feel", "TSI"))
    more = write(tmp_path / "more.jsonl", span(1, "I feel", "TSI", session_id="S2"))
    again = write(tmp_path / "again.jsonl", span(1, "close", "TSI"))
    other = write(tmp_path / "other.jsonl", span(1, "close", "TSI", source="coder:B"))
    joined = read_codings([first, more, other])
    assert [(each.coder, sorted(each.covered)) for each in joined] == [("A", ["S1", "S2"]), ("B", ["S1"])]
    assert [each.coder for each in read_codings([first, again])] == ["first", "again"]
    with pytest.raises(UsageError, match="two coders"):
        read_codings([first, more])


def test_results_are_written_whole(tmp_path: Path) -> None:
    a, b = coding("A", span(1, "I feel", "TSI")), coding("B", span(1, "close", "TSI"))
    result = agreement([a, b], sessions=[session()], draws=0)
    write_agreement(tmp_path / "r.json", result)
    write_agreement(tmp_path / "r.csv", result)
    assert json.loads((tmp_path / "r.json").read_text())["coders"] == ["A", "B"]
    with (tmp_path / "r.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["level"], line["code"], line["n_A"]) for line in lines] == [
        ("segment", "TSI", "1"),
        ("turn", "TSI", "1"),
        ("session", "TSI", "1"),
    ]
    assert lines[1]["alpha"] == "1.0"
    assert lines[2]["alpha_reason"].startswith("all ratings are the same")
    with pytest.raises(UsageError, match=r"\.csv or \.json"):
        write_agreement(tmp_path / "r.html", result)


# --- the ledger -------------------------------------------------------------------------------------------------------


def page(coder: str, first: int, last: int, text_hash: str) -> NewEvent:
    payload = {"page": f"{coder}{first}", "batch": "b", "coder": coder, "session_id": "S1"}
    payload |= {"session_sha256": text_hash, "text_sha256": "", "codebook": "small@1.0.0"}
    return NewEvent("page", "t", payload | {"first_turn": first, "last_turn": last, "suggestions": [], "shown": True})


def label(coder: str, each: Span) -> NewEvent:
    payload = {"page": f"{coder}1", "batch": "b", "coder": coder, "provenance": "added", "at": None}
    return NewEvent("label", "t", payload | {"span": msgspec.to_builtins(each)})


def confirm(coder: str, first: int) -> NewEvent:
    return NewEvent("confirm", "t", {"page": f"{coder}{first}", "batch": "b", "coder": coder, "at": None})


def test_the_ledgers_coders_are_compared_on_the_pages_that_both_confirmed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    text = hash_session(session())
    ledger.append([page(coder, first, first + 1, text) for coder in "AB" for first in (1, 3)])
    ledger.append([label(coder, span(1, "I feel", "TSI")) for coder in "AB"])
    ledger.append([confirm("A", 1), confirm("A", 3)])
    with pytest.raises(LabelError, match=r"1 coder\(s\)"):
        ledger_codings(ledger)
    ledger.append([confirm("B", 1)])
    result = agreement(ledger_codings(ledger), sessions=[session()], draws=0)
    assert row(result, "turn", "TSI").units == 2
    assert row(result, "turn", "TSI").coefficients["positive_agreement"].value == 1


def test_a_session_whose_text_has_changed_since_is_left_out(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.append([page(coder, 1, 4, "another text") for coder in "AB"])
    ledger.append([confirm(coder, 1) for coder in "AB"])
    codings = ledger_codings(ledger)
    assert agreement(codings, draws=0).sessions == ("S1",)
    with pytest.raises(LabelError, match="another text"):
        agreement(codings, sessions=[session()], draws=0)


# --- the example corpus and the command -------------------------------------------------------------------------------


def test_the_example_corpus_has_the_agreement_that_its_readme_states() -> None:
    result = agreement(read_codings([CORPUS / "labels" / f"coder_{coder}.jsonl" for coder in "AB"]))
    macro = next(each for each in result.macro if each.level == "turn").coefficients
    assert macro["positive_agreement"].value == pytest.approx(0.90, abs=0.01)
    assert macro["alpha"].value == pytest.approx(0.89, abs=0.01)


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "relcode", "agreement", *arguments], cwd=cwd, capture_output=True, text=True
    )


@pytest.mark.slow
def test_the_command_prints_a_table_and_writes_all_rows(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", span(1, "I feel", "TSI"))
    write(tmp_path / "b.jsonl", span(2, "It", "TSI", source="coder:B"))
    shown = run("a.jsonl", "b.jsonl", "--out", "r.csv", "--level", "turn", "--bootstrap", "0", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "TSI" in shown.stdout
    assert "No transcripts" in shown.stderr
    assert (tmp_path / "r.csv").read_text().count("\n") == 2
    as_json = run("a.jsonl", "b.jsonl", "--json", "--seed", "7", cwd=tmp_path)
    assert json.loads(as_json.stdout)["seed"] == 7


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["a.jsonl"], 2, "two coders"),
        (["a.jsonl", "missing.jsonl"], 1, "Cannot read"),
        ([], 1, "relcode init"),
        (["a.jsonl", "a.jsonl", "--level", "page"], 2, "expected segment"),
        (["a.jsonl", "a.jsonl", "--out", "r.html"], 2, ".csv or .json"),
        (["a.jsonl", "b.jsonl", "--level", "segment"], 2, "--transcripts"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path: Path, arguments: list[str], code: int, words: str) -> None:
    write(tmp_path / "a.jsonl", span(1, "I feel", "TSI"))
    write(tmp_path / "b.jsonl", span(1, "I feel", "TSI", source="coder:B"))
    result = run(*arguments, cwd=tmp_path)
    assert (result.returncode, "Traceback" in result.stderr) == (code, False)
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_in_a_project_without_files_the_ledger_is_compared(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    result = run(cwd=project.folder)
    assert result.returncode == 1
    assert "0 coder(s)" in result.stderr
