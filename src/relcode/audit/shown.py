"""The codes that the page shows on the words: the spans of the labels or the segments of the scores that were counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from relcode.codebook import Codebook
from relcode.records import Session, Span


def spans_of_labels(sessions: Sequence[Session], codebook: Codebook, labels: Sequence[Span]) -> list[Span]:
    """The labels that the audit counted: of these sessions, of codes that the codebook has, of the right speaker."""
    speakers = {(session.session_id, turn.turn): turn.speaker for session in sessions for turn in session.turns}
    return [
        label
        for label in labels
        if (speaker := speakers.get((label.session_id, label.turn))) is not None
        and codebook.allows(label.code, speaker)
    ]


def spans_of_scores(sessions: Sequence[Session], codebook: Codebook, scores: pd.DataFrame) -> list[Span]:
    """A span for each segment and code that the model decided for, with its probability, in the order of the rows."""
    texts = {(session.session_id, turn.turn): turn.text for session in sessions for turn in session.turns}
    ids = {session.session_id for session in sessions}
    rows = scores[scores["session_id"].isin(ids)].drop_duplicates(["session_id", "turn", "segment"])
    places = list(zip(*(rows[name].tolist() for name in ("session_id", "turn", "start", "end")), strict=True))
    source = f"model:{scores.attrs.get('model_id', 'not named')}"
    found: list[tuple[int, Span]] = []
    for code in codebook.code_ids:
        column = code.replace(".", "_")
        if f"y_{column}" not in rows.columns:
            continue
        given = np.flatnonzero(rows[f"y_{column}"].to_numpy(np.bool_))
        probabilities = rows[f"p_{column}"].to_numpy() if f"p_{column}" in rows.columns else None
        for row in given:
            session_id, turn, start, end = places[row]
            words = texts[session_id, turn][start:end]
            score = None if probabilities is None else round(float(probabilities[row]), 3)
            span = Span(session_id, turn, start, end, words, code, codebook.reference_of(code), source, score)
            found.append((int(row), span))
    return [span for _, span in sorted(found, key=lambda pair: pair[0])]
