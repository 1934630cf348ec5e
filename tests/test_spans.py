"""Files of spans: what is read is what was written; every faulty line is named; words never stand in a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.errors import DataError, LabelError
from relcode.provenance import hash_session, write_text, written_beside
from relcode.records import Session, Span, Turn
from relcode.spans import read_spans, write_spans

SPAN = st.builds(
    lambda turn, text, code, score, why: Span("S1", turn, 3, 3 + len(text), text, code, "b@1.0.0", "cues", score, why),
    st.integers(1, 50),
    st.text(min_size=1, max_size=20),
    st.sampled_from(["TSI", "INT.genetic"]),
    st.none() | st.floats(0, 1),
    st.lists(st.text(max_size=5), max_size=3).map(tuple),
)


@given(st.lists(SPAN, max_size=5))
def test_spans_survive_writing_and_reading(tmp_path_factory: pytest.TempPathFactory, spans: list[Span]) -> None:
    path = tmp_path_factory.mktemp("spans") / "spans.jsonl"
    assert write_spans(path, spans) == len(spans)
    assert read_spans(path) == spans


def test_every_faulty_line_is_named_without_its_words(tmp_path: Path, session_of: Callable[..., Session]) -> None:
    session = session_of("T: I felt my secret.")
    path = tmp_path / "labels.jsonl"
    path.write_text(
        "\n".join(
            [
                '{"session_id":"S1","turn":1,"start":0,"end":6,"text":"I felt","code":"TSI"}',
                '{"session_id":"S1","turn":1,"start":0,"end":99,"text":"my secret","code":"TSI"}',
                '{"session_id":"S1","turn":9,"start":0,"end":6,"text":"my secret","code":"TSI"}',
                '{"session_id":"S1","turn":1,"start":1,"end":7,"text":"my secret","code":"TSI"}',
                '{"session_id":"S1","turn":"one","start":1,"end":7,"text":"my secret","code":"TSI"}',
                "secret",
                '{"session_id":"other","turn":1,"start":1,"end":3,"text":"ab","code":"TSI"}',
                '{"session_id":"other","turn":1,"start":3,"end":1,"text":"ab","code":"TSI"}',
            ]
        ),
        encoding="utf-8",
    )
    with pytest.raises(LabelError) as caught:
        read_spans(path, [session])
    assert [fault.split(":")[1] for fault in caught.value.faults] == ["2", "3", "4", "5", "6", "8"]
    assert "secret" not in str(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="Cannot read the labels"):
        read_spans(tmp_path / "none.jsonl")


def test_nothing_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    write_text(path, "old")

    def write_and_fail() -> None:
        with written_beside(path) as beside:
            beside.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["out.txt"]


def test_a_file_in_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("")
    with pytest.raises(DataError, match="Cannot write"):
        write_text(tmp_path / "folder" / "out.txt", "x")


def test_records_never_show_words() -> None:
    session = Session("S1", (Turn(1, "T", "my secret"),))
    span = Span("S1", 1, 0, 2, "my", "TSI")
    assert "secret" not in repr(session) + repr(session.turns[0])
    assert "my" not in repr(span)
    assert "secret" not in repr(Session)


def test_the_hash_of_a_session_is_of_what_was_said_and_by_whom(session_of: Callable[..., Session]) -> None:
    one = session_of("T: a", "C: b", dyad="D1")
    assert hash_session(one) == hash_session(session_of("T: a", "C: b", dyad="D2"))
    assert hash_session(one) != hash_session(session_of("T: a", "T: b"))
    assert hash_session(session_of("T: ab", "C: c")) != hash_session(session_of("T: a", "C: bc"))
