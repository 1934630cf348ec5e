"""What the page shows of codes: the spans that were counted, the plain sentences, the lists of turns."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from itertools import accumulate

import msgspec
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.audit import audit
from relcode.audit.figure import Place
from relcode.audit.intervals import Estimate
from relcode.audit.numbers import count, interval, number
from relcode.audit.page_data import PlaceLists
from relcode.audit.shown import spans_of_labels, spans_of_scores
from relcode.audit.summary import sentences, title
from relcode.codebook import Codebook
from relcode.records import Session, Span, Turn

Coded = Callable[..., tuple[Session, list[Span]]]


def test_labels_that_the_audit_left_out_are_not_shown(codebook: Codebook, coded: Coded) -> None:
    session, (right, wrong_speaker, unknown) = coded("T: Hm. | TSI COOP NO.SUCH")
    elsewhere = msgspec.structs.replace(right, session_id="S9")
    assert spans_of_labels([session], codebook, [right, wrong_speaker, unknown, elsewhere]) == [right]


def test_scores_are_shown_as_the_segments_decided_for_with_their_probability(codebook: Codebook, coded: Coded) -> None:
    session, _ = coded("T: I am moved. Yes?", "C: No.")
    rows = [
        ("S1", 1, 1, "T", 0, 11, 0.91234, True),
        ("S1", 1, 2, "T", 12, 16, 0.2, False),
        ("S1", 2, 1, "C", 0, 3, 0, False),
    ]
    names = ["session_id", "turn", "segment", "speaker", "start", "end", "p_TSI", "y_TSI"]
    scores = pd.DataFrame([*rows, ("S9", 1, 1, "T", 0, 2, 0.9, True)], columns=names)
    scores.attrs["model_id"] = "m-1"
    (span,) = spans_of_scores([session], codebook, scores)
    assert (span.turn, span.text, span.code, span.source, span.score) == (1, "I am moved.", "TSI", "model:m-1", 0.912)


@given(st.lists(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), max_size=12), max_size=8))
def test_a_list_of_turns_is_kept_once_and_read_back_in_order(asked: list[list[tuple[int, int]]]) -> None:
    sessions = [Session(f"S{n}", tuple(Turn(t, "T", "Hm.") for t in range(1, 6))) for n in range(3)]
    lists = PlaceLists(sessions)
    numbers = [lists.number([Place(f"S{session}", turn) for session, turn in places]) for places in asked]
    packed = json.loads(zlib.decompress(base64.b64decode(lists.data())))
    for places, row in zip(asked, numbers, strict=True):
        assert list(accumulate(packed[row])) == sorted({5 * session + turn - 1 for session, turn in places})
    assert len(packed) == len({tuple(sorted(set(places))) for places in asked})


def test_numbers_do_not_break_over_lines() -> None:
    estimate = Estimate(0.34, 0.2, 0.5, 30)
    assert number(0.34, "share") == "34\u00a0%"
    assert interval(estimate, "share") == "20\u00a0to\u00a050\u00a0%"
    assert count(1, "turn") == "1\u00a0turn"
    assert count(1200, "turn") == "1,200\u00a0turns"


@pytest.mark.slow
def test_the_first_sentences_say_who_how_much_what_and_what_became_of_ruptures(
    codebook: Codebook, coded: Coded
) -> None:
    lines = ["T: I am moved. | TSI QUEST", "C: You push me. | RUP.confrontation", "T: I pushed. | REP.immediate"] * 10
    made = [coded(*lines, session_id=f"S{n}", dyad="D1", therapist="T01", session_number=n) for n in (3, 9)]
    one = audit([made[0][0]], codebook, labels=made[0][1], source="x")
    told = [line.replace("\u00a0", " ") for line in sentences(one)]
    assert title(one) == "Audit of session S3"
    assert told[0] == "Session 3 of dyad D1, with therapist T01."
    assert told[1].startswith("30 turns and 80 words; the therapist says 62 % of them")
    assert (
        told[2]
        == "Segments of the therapist carry most often: name of TSI (TSI, 10), name of REP.immediate (REP.immediate, 10)."
    )
    assert told[-1] == "10 rupture episodes; 10 met a repair within five turns."
    both = audit([s for s, _ in made], codebook, labels=[x for _, spans in made for x in spans], source="x")
    assert title(both) == "Audit of the course of D1"
    assert sentences(both)[0] == "2 sessions of dyad D1, numbers 3 to 9, with therapist T01; all of them coded."
    turns = tuple(
        msgspec.structs.replace(turn, t0=9.0 * turn.turn, t1=9.0 * turn.turn + 8) for turn in made[0][0].turns
    )
    timed = msgspec.structs.replace(made[0][0], turns=turns)
    some = audit([timed, made[1][0]], codebook, labels=[], source="x")
    assert "; 1 of 2\u00a0sessions have times (4\u00a0minutes)." in sentences(some)[1]
    assert "words in 4\u00a0minutes;" in sentences(audit([timed], codebook, labels=[], source="x"))[1]
    nothing = audit([made[0][0]], codebook, labels=[], source="x")
    assert "no codes were given for it" in sentences(nothing)[0]
    assert len(sentences(nothing)) == 2
