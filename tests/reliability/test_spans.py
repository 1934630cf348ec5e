"""From spans in turns to a row a code on where they lie."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.codebook import Code, Codebook
from relcode.records import Session, Span, Turn
from relcode.reliability import Coding, SpanRow, agreement
from relcode.reliability.continuum import merged
from relcode.reliability.spans import span_rows
from relcode.spans import write_spans
from relcode.transcripts.canonical import write_session
from relcode.transcripts.tokens import tokenize

LINES = (
    "T: I feel close to you now, and a bit sad. What is that like?",
    "C: It is strange. [pause]",
    "T: Mm.",
    "C: I want to leave. You never listen!",
)

MARKS = {
    "A": [("S1", "I feel close"), ("S2", "sad"), ("S4", "now"), ("S5", "What is"), ("S6", "a bit"), ("S8", "to you")],
    "B": [("S1", "I feel"), ("S2", "sad"), ("S3", "now"), ("S5", "is that like"), ("S6", "bit"), ("S8", "to you now")],
}


def session(session_id: str = "S1") -> Session:
    return Session(session_id, tuple(Turn(n, line[0], line[3:]) for n, line in enumerate(LINES, start=1)))


def span(turn: int, words: str, code: str = "TSI", session_id: str = "S1") -> Span:
    start = session().turns[turn - 1].text.index(words)
    return Span(session_id, turn, start, start + len(words), words, code)


def coding(coder: str, *spans: Span, covered: dict[str, frozenset[int] | None] | None = None) -> Coding:
    return Coding(coder, spans, covered if covered is not None else {"S1": None})


def rows(*codings: Coding, sessions: tuple[Session, ...] = (session(),), **more: Any) -> dict[str, SpanRow]:
    return {row.code: row for row in agreement(codings, sessions=sessions, draws=0, **more).spans}


def values(row: SpanRow) -> dict[str, float | None]:
    return {name: coefficient.value for name, coefficient in row.coefficients.items()}


def codebook() -> Codebook:
    codes = [
        Code(id="TSI", name="", speakers=["T"], definition="", prior=0.1),
        Code(id="RUP.w", name="", speakers=["C"], definition="", prior=0.1),
        Code(id="RUP.c", name="", speakers=["C"], definition="", prior=0.1),
    ]
    return Codebook(id="small", version="1.0.0", title="", authors=[], codes=codes)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("I feel close", " feel close to you now", False),
        ("sad", "sad.", True),
        ("sad", " sad. ", True),
        ("feel close", "eel clos", True),
        ("feel close", "feel close to", False),
    ],
)
def test_the_edges_of_a_span_are_words(one: str, other: str, same: bool) -> None:
    """Punctuation, spaces and parts of words at the edges are no disagreement; a word is."""
    found = rows(coding("A", span(1, one)), coding("B", span(1, other)))["TSI"]
    assert (found.coefficients["word_f1"].value == 1) == same
    assert (found.coefficients["unitizing_alpha"].value == 1) == same


def test_a_span_of_no_words_is_no_unit() -> None:
    found = rows(coding("A", span(2, "[pause]"), span(3, "Mm")), coding("B", span(2, "[pause]"), span(3, ".")))["TSI"]
    assert found.spans == {"A": 1, "B": 0}


def test_a_row_by_hand() -> None:
    a = coding("A", span(1, "I feel close to you now"), span(4, "You never listen"))
    b = coding("B", span(1, "feel close to you"), span(2, "strange"))
    found = rows(a, b)["TSI"]
    assert found.words == 25
    assert found.spans == {"A": 2, "B": 2}
    assert found.prevalence == {"A": 9 / 25, "B": 5 / 25}
    assert values(found) == pytest.approx(
        {
            "span_f1": 2 / 4,  # 4 of 6 words match; the other two match nothing
            "word_f1": 2 * 4 / (9 + 5),
            # 50 ratings, 14 of them marked; 6 of the 25 words differ; squared lengths 36 + 9 and 16 + 1
            "unitizing_alpha": 1 - 2 * 6 / (2 * 50 * 14 * 36 / (50**2 - 36 - 62)),
        }
    )


def test_overlapping_spans_of_one_coder_and_code_are_one_and_of_two_codes_are_rated_apart() -> None:
    a = coding("A", span(1, "I feel close"), span(1, "close to you"), span(1, "feel", "TSD"))
    b = coding("B", span(1, "I feel close to you"), span(1, "feel", "TSD"))
    found = rows(a, b)
    assert found["TSI"].spans == {"A": 1, "B": 1}
    assert values(found["TSI"]) == values(found["TSD"]) == {"span_f1": 1, "word_f1": 1, "unitizing_alpha": 1}


def test_spans_that_only_touch_stay_two() -> None:
    a = coding("A", span(1, "I feel"), span(1, "close to"))
    b = coding("B", span(1, "I feel close to"))
    found = rows(a, b)["TSI"]
    assert found.spans == {"A": 2, "B": 1}
    assert found.coefficients["word_f1"].value == 1
    assert found.coefficients["span_f1"].value == pytest.approx(2 / 3)


def test_a_family_is_one_code_in_a_row_of_its_own() -> None:
    a = coding("A", span(4, "You never listen", "RUP.c"), span(4, "I want", "RUP.c"))
    b = coding("B", span(4, "You never listen", "RUP.w"))
    found = rows(a, b)
    assert list(found) == ["RUP.c", "RUP.w", "RUP.*"]
    assert found["RUP.c"].coefficients["span_f1"].value == 0
    assert found["RUP.*"].coefficients["span_f1"].value == pytest.approx(2 / 3)
    assert found["RUP.*"].folded


def test_words_of_speakers_who_may_not_carry_the_code_are_no_part_of_the_continuum() -> None:
    a = coding("A", span(1, "I feel"), span(4, "I want"))
    b = coding("B", span(1, "I feel"))
    found = rows(a, b, codebook=codebook())
    assert (found["TSI"].words, found["RUP.w"].words) == (15, 10)
    assert found["TSI"].spans == {"A": 1, "B": 1}
    assert rows(a, b)["TSI"].words == 25


def test_turns_that_one_coder_was_not_shown_are_missing_not_absent() -> None:
    a = coding("A", span(1, "I feel"), span(4, "You never listen"))
    whole = coding("B", span(1, "I feel"))
    part = coding("B", span(1, "I feel"), covered={"S1": frozenset({1, 2})})
    assert rows(a, whole)["TSI"].spans == {"A": 2, "B": 1}
    shown = rows(a, part)["TSI"]
    assert (shown.words, shown.spans) == (17, {"A": 1, "B": 1})
    cut = Session("S1", session().turns[:2])
    assert values(rows(coding("A", span(1, "I feel")), whole, sessions=(cut,))["TSI"]) == values(shown)


def test_a_third_coder_of_some_turns_counts_where_they_coded() -> None:
    a, b = coding("A", span(1, "I feel"), span(4, "listen")), coding("B", span(1, "I feel"))
    third = coding("C", covered={"S1": frozenset({4})})
    found = rows(a, b, third)["TSI"]
    assert found.spans == {"A": 2, "B": 1, "C": 0}
    # turn 1: A and B, 2 of 2 marks agree (in 2 pairs); turn 4: A against B and C.
    assert found.coefficients["word_f1"].value == pytest.approx(4 / 6)
    assert found.coefficients["span_f1"].value == pytest.approx(2 / 4)
    assert found.prevalence["C"] == 0


def test_sessions_of_one_coder_are_not_drawn() -> None:
    both = [coding(name, *(span(1, words, session_id=each) for each, words in marks)) for name, marks in MARKS.items()]
    names = [f"S{n}" for n in range(1, 9)]
    alone = [Session(f"X{n}", session().turns) for n in range(8)]
    covered: dict[str, frozenset[int] | None] = dict.fromkeys(names)
    first = msgspec.structs.replace(both[0], covered=covered | dict.fromkeys(each.session_id for each in alone))
    second = msgspec.structs.replace(both[1], covered=covered)
    groups = [("TSI", ["TSI"])]
    shared = [session(name) for name in names]
    expected = span_rows([first, second], tokenize(shared), groups, None, draws=200)
    assert span_rows([first, second], tokenize([*alone, *shared]), groups, None, draws=200) == expected
    assert expected[0].sessions == 8
    assert expected[0].coefficients["word_f1"].low is not None


def test_without_transcripts_there_are_no_rows_of_spans() -> None:
    result = agreement([coding("A", span(1, "I feel")), coding("B", span(1, "I feel"))], draws=0)
    assert result.spans == []


def test_gamma_is_computed_on_demand() -> None:
    codings = [coding("A", span(1, "I feel close")), coding("B", span(1, "I feel"))]
    assert "gamma" not in rows(*codings)["TSI"].coefficients
    found = rows(*codings, gamma=True)["TSI"].coefficients["gamma"]
    assert found.value is not None
    assert 0 < found.value < 1


@pytest.mark.slow
def test_the_command_has_the_same_figures(tmp_path: Any) -> None:
    write_session(session(), tmp_path)
    for coder, words in (("A", "I feel close"), ("B", "I feel")):
        write_spans(tmp_path / f"{coder}.jsonl", [msgspec.structs.replace(span(1, words), source=f"coder:{coder}")])
    command = [sys.executable, "-m", "relcode", "agreement", str(tmp_path / "A.jsonl"), str(tmp_path / "B.jsonl")]
    options = ["--transcripts", str(tmp_path / "S1.jsonl"), "--bootstrap", "0", "--json", "--gamma"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    printed = json.loads(done.stdout)["spans"][0]["coefficients"]
    found = rows(coding("A", span(1, "I feel close")), coding("B", span(1, "I feel")), gamma=True)["TSI"]
    assert {name: coefficient["value"] for name, coefficient in printed.items()} == values(found)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=12))
def test_merged_units_cover_the_same_words_and_do_not_overlap(pairs: list[tuple[int, int]]) -> None:
    units = np.array([(start, start + length) for start, length in pairs], dtype=np.int64).reshape(-1, 2)
    found = merged(units)
    assert {n for start, end in units for n in range(start, end)} == {n for a, b in found for n in range(a, b)}
    assert (found[1:, 0] >= found[:-1, 1]).all()
    assert set(found[:, 0]) <= set(units[:, 0])
