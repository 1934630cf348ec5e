"""The figures that go into a model's card: of held-out dyads, of sessions kept apart, of a coder beside the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from relcode.codebook import Codebook
from relcode.learning.evaluate import figures
from relcode.learning.held_out import Ground, Judged
from relcode.learning.learning_curve import LearningCurve
from relcode.learning.material import Ceiling, Material, coded_segments
from relcode.learning.model import Model
from relcode.learning.segments import allowed_codes, segments_of
from relcode.provenance import hash_session
from relcode.records import Session
from relcode.transcripts.tokens import segment_codes


def figures_of(judged: Judged, ground: Ground, curve: LearningCurve | None, *, seed: int) -> dict[str, Any]:
    """The figures of held-out dyads, and the learning curve where one was drawn."""
    codes = ground.codebook.code_ids
    cross = figures(ground.table, codes, judged.probability, judged.held, ground.marks, coded=ground.coded, seed=seed)
    found = {"cross_validation": msgspec.to_builtins(cross)}
    if curve is not None:
        found["learning_curve"] = msgspec.to_builtins(curve.points)
        found["gain_of_ten_sessions"] = msgspec.to_builtins(curve.gain)
    return found


def held_out_of(model: Model, material: Material, *, seed: int) -> dict[str, Any]:
    """Figures of the finished model on the sessions that were kept apart, and which these are."""
    segments = segments_of(material.held_out)
    table, codes = segments.table, model.codebook.code_ids
    coded = coded_segments(table, material.covered)
    marks = segment_codes(table, material.spans, codes) & allowed_codes(segments, model.codebook) & coded[:, None]
    probability = model.probabilities(segments)
    found = figures(table, codes, probability, model.decide(probability), marks, coded=coded, seed=seed)
    sessions = [
        {"session_id": session.session_id, "dyad": session.dyad, "sha256": hash_session(session)}
        for session in material.held_out
    ]
    return {**msgspec.to_builtins(found), "sessions": sessions, "sessions_judged": len(sessions)}


def ceiling_of(ceiling: Ceiling, sessions: Sequence[Session], codebook: Codebook, *, seed: int) -> dict[str, Any]:
    """Figures of one coder measured against another, or against the labels."""
    segments = segments_of(session for session in sessions if session.session_id in ceiling.covered)
    table, allowed = segments.table, allowed_codes(segments, codebook)
    coded = coded_segments(table, ceiling.covered)
    first, second = (
        segment_codes(table, spans, codebook.code_ids) & allowed & coded[:, None]
        for spans in (ceiling.first, ceiling.second)
    )
    found = figures(table, codebook.code_ids, second.astype(np.float64), second, first, coded=coded, seed=seed)
    return {"of": ceiling.of, **msgspec.to_builtins(found)}
