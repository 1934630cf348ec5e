"""Scores as a table (contract form 3) and as spans with reasons (form 2)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from relcode.cues import CueEngine
from relcode.learning.model import Model
from relcode.learning.segments import Segments
from relcode.records import Session, Turn
from relcode.scoring.score import MODEL_ALONE, column, schema_of, score_sessions, score_spans, score_table
from relcode.spans import span_fault, turn_texts
from relcode.transcripts import read_sessions
from relcode.transcripts.tokens import segment_codes, tokenize


@pytest.fixture(scope="module")
def sessions() -> list[Session]:
    folder = Path(__file__).parents[2] / "examples" / "corpus" / "transcripts2"
    return read_sessions([folder / "E6-Y06-s05.jsonl", folder / "E1-Y01-s06.jsonl"])


@pytest.fixture(scope="module")
def frame(sessions: list[Session], model: Model) -> pd.DataFrame:
    return score_sessions(sessions, model)


def test_columns_are_those_of_the_contract(model: Model) -> None:
    schema = schema_of(model)
    expected = [("session_id", "string"), ("turn", "int32"), ("segment", "int32"), ("speaker", "string")]
    expected += [("start", "int32"), ("end", "int32")]
    for code in model.codebook.code_ids:
        expected += [(f"p_{code.replace('.', '_')}", "float"), (f"y_{code.replace('.', '_')}", "bool")]
    assert [(field.name, str(field.type)) for field in schema] == expected
    assert "p_INT_genetic" in schema.names
    assert "y_TSI_impact" in schema.names
    assert len(set(schema.names)) == len(schema.names)


def test_a_row_is_a_segment_in_order(sessions: list[Session], frame: pd.DataFrame) -> None:
    segments = tokenize(sessions).segments
    rows = zip(frame.session_id, frame.turn, frame.segment, frame.speaker, frame.start, frame.end, strict=True)
    assert list(rows) == [(s.session_id, s.turn, s.segment, s.speaker, s.start, s.end) for s in segments]
    assert set(frame.speaker) >= {"T", "C", "C2"}


def test_values_are_the_models(sessions: list[Session], frame: pd.DataFrame, model: Model) -> None:
    probability = model.probabilities(Segments(tokenize(sessions)))
    for number, code in enumerate(model.codebook.code_ids):
        assert frame[f"p_{column(code)}"].to_numpy() == pytest.approx(probability[:, number], abs=1e-6)
        assert frame[f"y_{column(code)}"].tolist() == model.decide(probability)[:, number].tolist()


def test_a_code_that_the_speaker_may_not_carry_has_zero_and_false(frame: pd.DataFrame, model: Model) -> None:
    barred = 0
    for code in model.codebook.codes:
        rows = frame[~frame.speaker.str[0].isin(code.speakers)]
        barred += len(rows)
        assert (rows[f"p_{column(code.id)}"] == 0).all()
        assert not rows[f"y_{column(code.id)}"].any()
    assert barred > len(frame)


def with_thresholds(model: Model, thresholds: np.ndarray) -> Model:
    fields = {name: getattr(model, name) for name in Model.__dataclass_fields__}
    return Model(**{**fields, "thresholds": thresholds})


def test_an_ordinary_mode_never_stands_beside_a_relational_code(sessions: list[Session], model: Model) -> None:
    frame = score_sessions(sessions, with_thresholds(model, np.full(len(model.codebook.codes), 0.2)))
    modes = [f"y_{column(code.id)}" for code in model.codebook.codes if code.mode]
    others = [f"y_{column(code.id)}" for code in model.codebook.codes if not code.mode]
    assert frame[modes].sum(axis=1).max() == 1
    assert not (frame[modes].any(axis=1) & frame[others].any(axis=1)).any()


def test_a_session_has_the_same_scores_alone_and_among_others(
    sessions: list[Session], model: Model, frame: pd.DataFrame
) -> None:
    alone = score_sessions(sessions[1:], model)
    among = frame[frame.session_id == sessions[1].session_id].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among, check_exact=True)


@pytest.mark.parametrize("given", [[], [Session("S", ())], [Session("S", (Turn(1, "T", ""),))]])
def test_nothing_said_gives_an_empty_table(given: list[Session], model: Model) -> None:
    table = score_table(given, model)
    assert table.num_rows == 0
    assert table.schema == schema_of(model)
    assert isinstance(table, pa.Table)
    assert score_spans(given, model) == []


def test_spans_fit_their_turns_and_say_where_they_are_from(sessions: list[Session], model: Model) -> None:
    spans = score_spans(sessions, model)
    texts = turn_texts(sessions)
    speakers = {(s.session_id, turn.turn): turn.speaker for s in sessions for turn in s.turns}
    assert len(spans) > 20
    assert [span_fault(span, texts) for span in spans] == [None] * len(spans)
    assert len({span.key for span in spans}) == len(spans)
    for span in spans:
        assert span.source == f"model:{model.id}"
        assert span.codebook == "lean@1.2.3"
        assert span.score is not None
        assert 0 < span.score <= 1
        assert model.codebook.allows(span.code, speakers[span.session_id, span.turn])


def test_spans_mark_the_segments_that_the_table_marks(
    sessions: list[Session], model: Model, frame: pd.DataFrame
) -> None:
    marks = segment_codes(tokenize(sessions), score_spans(sessions, model), model.codebook.code_ids)
    held = frame[[f"y_{column(code)}" for code in model.codebook.code_ids]].to_numpy()
    assert np.array_equal(marks, held)


def test_reasons_are_the_cues_that_fire_in_the_span(sessions: list[Session], model: Model) -> None:
    spans = score_spans(sessions, model)
    assert {span.why == (MODEL_ALONE,) for span in spans} == {True, False}
    table, engine = tokenize(sessions), CueEngine(model.codebook)
    fired = engine.fire(table)
    for span in spans:
        code = model.codebook.code_ids.index(span.code)
        rows = [
            row
            for row, segment in enumerate(table.segments)
            if (segment.session_id, segment.turn) == (span.session_id, span.turn)
            and span.start <= segment.start < span.end
        ]
        cues = {reason for row in rows for reason in engine.reasons(fired, row, code)}
        assert set(span.why) == (cues or {MODEL_ALONE})


def test_neighbouring_segments_are_one_span(session_of: Callable[..., Session], model: Model) -> None:
    everything = with_thresholds(model, np.where(np.array(model.codebook.code_ids) == "TSI", 0.0, 1.1))
    session = session_of("T: I felt sad. I was moved.", "C: Hm.", "T: Yes.")
    assert [(span.turn, span.text) for span in score_spans([session], everything)] == [
        (1, "I felt sad. I was moved."),
        (3, "Yes."),
    ]
