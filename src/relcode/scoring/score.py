"""Score sessions: contract form 3 as a table, and the same decisions as spans with reasons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from relcode.cues import joined_runs
from relcode.learning.boundaries import Proposal
from relcode.learning.model import Model
from relcode.learning.segments import Segments, fired_cues, segments_of
from relcode.records import Session, Span
from relcode.transcripts.tokens import TokenTable, tokenize

if TYPE_CHECKING:
    import pandas as pd

TEXT = "text"
MODEL_ALONE = "model-alone"  # the reason of a span for which no cue speaks


def score_sessions(sessions: Iterable[Session], model: Model) -> pd.DataFrame:
    """Contract form 3: a row a segment, `p_<CODE>` (calibrated probability) and `y_<CODE>` (it holds) for each code."""
    frame: pd.DataFrame = score_table(sessions, model).to_pandas()
    return frame


def schema_of(model: Model, *, with_text: bool = False) -> pa.Schema:
    """The columns of contract form 3 for a model's codebook; with the segment's words as a last one where asked for."""
    fields = [("session_id", pa.string()), ("turn", pa.int32()), ("segment", pa.int32()), ("speaker", pa.string())]
    fields += [("start", pa.int32()), ("end", pa.int32())]
    for code in model.codebook.code_ids:
        fields += [(f"p_{column(code)}", pa.float32()), (f"y_{column(code)}", pa.bool_())]
    return pa.schema([*fields, (TEXT, pa.string())] if with_text else fields)


def column(code: str) -> str:
    """A code in the name of a column: dots become `_`."""
    return code.replace(".", "_")


def score_table(sessions: Iterable[Session], model: Model) -> pa.Table:
    """As `score_sessions`, as an Arrow table."""
    return scores_of(tokenize(sessions), model)


def scores_of(table: TokenTable, model: Model, *, with_text: bool = False) -> pa.Table:
    """As `score_table`, of sessions that are tokenized already."""
    probability = model.probabilities(Segments(table))
    holds = model.decide(probability)
    ids = pa.array([session.session_id for session in table.sessions], pa.string())
    speakers = pa.array([turn.speaker for session in table.sessions for turn in session.turns], pa.string())
    arrays = [
        ids.take(pa.array(table.segment_session)),
        pa.array(table.turn_number[table.segment_turn], pa.int32()),
        pa.array(table.segment_number, pa.int32()),
        speakers.take(pa.array(table.segment_turn)),
        pa.array(table.segment_start, pa.int32()),
        pa.array(table.segment_end, pa.int32()),
    ]
    by_code = np.ascontiguousarray(probability.T, dtype=np.float32), np.ascontiguousarray(holds.T)
    for chances, decisions in zip(*by_code, strict=True):
        arrays += [pa.array(chances), pa.array(decisions)]
    if with_text:
        arrays.append(pa.array(_texts(table), pa.string()))
    return pa.Table.from_arrays(arrays, schema=schema_of(model, with_text=with_text))


def _texts(table: TokenTable) -> list[str]:
    """By segment: its words."""
    turns = [turn.text for session in table.sessions for turn in session.turns]
    places = zip(table.segment_turn.tolist(), table.segment_start.tolist(), table.segment_end.tolist(), strict=True)
    return [turns[turn][start:end].encode("utf-8", "replace").decode() for turn, start, end in places]


def score_spans(sessions: Iterable[Session], model: Model) -> list[Span]:
    """What the model holds, as spans with source `model:<id>`: neighbouring segments with a code are one.

    The reasons are the codebook's cues that speak for the code there; without any, `MODEL_ALONE`. No words of the
    model's own: they would be those of other sessions.
    """
    segments = segments_of(sessions)
    probability = model.probabilities(segments)
    runs = joined_runs(segments.table, model.decide(probability))
    found = [Proposal(*run, float(probability[run[1] : run[2] + 1, run[0]].max())) for run in runs]
    return _as_spans(segments, model, found)


def suggest_spans(sessions: Iterable[Session], model: Model) -> list[Span]:
    """What is offered to coders, as `score_spans`: less than what holds, with the boundaries that coders are likely to
    leave as they are; `score` is how likely that is. Of a model that did not learn boundaries: what it holds."""
    if model.boundaries is None:
        return score_spans(sessions, model)
    segments = segments_of(sessions)
    return _as_spans(segments, model, model.boundaries.offer(segments.table, model.probabilities(segments)))


def _as_spans(segments: Segments, model: Model, found: Iterable[Proposal]) -> list[Span]:
    table = segments.table
    fired = fired_cues(segments, model.codebook)
    texts = [turn.text for session in table.sessions for turn in session.turns]
    spans = []
    for code, first, last, probability in found:
        start, end = int(table.segment_start[first]), int(table.segment_end[last])
        reasons = dict.fromkeys(
            reason for segment in range(first, last + 1) for reason in model.engine.reasons(fired, segment, code)
        )
        spans.append(
            Span(
                session_id=table.sessions[int(table.segment_session[first])].session_id,
                turn=int(table.turn_number[table.segment_turn[first]]),
                start=start,
                end=end,
                text=texts[int(table.segment_turn[first])][start:end],
                code=model.codebook.code_ids[code],
                codebook=model.codebook.reference_of(model.codebook.code_ids[code]),
                source=f"model:{model.id}",
                score=round(probability, 4),
                why=tuple(reasons) or (MODEL_ALONE,),
            )
        )
    return sorted(spans, key=lambda span: (span.session_id, span.turn, span.start, span.end, span.code))
