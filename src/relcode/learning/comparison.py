"""Two models on the same held-out sessions: the difference of their macro-F1, paired by session, with an interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from relcode.codebook import split_labels
from relcode.errors import ModelError
from relcode.learning.compared import CodeDifference, Comparison
from relcode.learning.evaluate import (
    LEAST_INSTANCES,
    drawn_counts,
    f1_of,
    mean_of_defined,
    session_counts,
)
from relcode.learning.labels import known_sessions, label_faults, labelled_sessions
from relcode.learning.model import Model
from relcode.learning.segments import Segments
from relcode.learning.turns import by_turn
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.resampling import expanded_interval
from relcode.transcripts.tokens import Bools, TokenTable, segment_codes, tokenize

LEAST_SESSIONS = 5  # of fewer, chance alone favours one model in every session more often than once in twenty


def compare(
    present: Model, candidate: Model, sessions: Sequence[Session], gold: Iterable[Span], *, seed: int = 0
) -> Comparison:
    """Compare two models of a codebook on the labelled sessions that neither knows.

    A session is known to a model if it, another of its dyad, or the same text under another name was in its training, or
    the codebook's weights were fitted to it. Labels are checked against the candidate's codebook; where the models have
    different versions of it, the codes that both have are compared.

    Raises
    ------
    ModelError
        The models are of different codebooks, labels do not fit (all are listed), fewer than five sessions are held out
        (each other one is listed with its reason), or no code has ten turns in them.
    """
    if present.codebook.ids != candidate.codebook.ids:
        raise ModelError(
            f"{present.id} and {candidate.id} are models of different codebooks ({present.codebook.reference}, "
            f"{candidate.codebook.reference}): there is nothing to compare."
        )
    own = split_labels(gold, candidate.codebook)
    if not own.spans:
        raise ModelError("There is no gold label of the models' codebook to compare on; give --labels a file of spans.")
    if faults := label_faults(sessions, own, candidate.codebook):
        raise ModelError(f"The labels do not fit ({len(faults)} fault(s)):", faults)
    left_out = {
        session.session_id: why
        for session in labelled_sessions(sessions, own)
        if (why := _known_to(session, present, candidate))
    }
    kept = [session for session in labelled_sessions(sessions, own) if session.session_id not in left_out]
    if len(kept) < LEAST_SESSIONS:
        raise ModelError(
            f"{len(kept)} labelled session(s) are held out for both models, and {LEAST_SESSIONS} are needed: code sessions of "
            "dyads that neither was trained on.",
            [f"session {name}: {why}" for name, why in left_out.items()],
        )
    codes = tuple(code for code in candidate.codebook.code_ids if code in present.codebook.by_id)
    table = tokenize(kept)
    names = {session.session_id for session in kept}
    spans = [span for span in own.spans if span.session_id in names and span.code in codes]
    labels = by_turn(table, segment_codes(table, spans, codes))
    held = [by_turn(table, _held(model, table, codes)) for model in (present, candidate)]
    return _compared((present, candidate), table, codes, held, labels, left_out, seed)


def _known_to(session: Session, *models: Model) -> str | None:
    """Why a session is not held out for one of the models; None where it is."""
    for model in models:
        trained = known_sessions(model.card)
        digest = hash_session(session)
        if any(digest == entry["sha256"] for entry in trained):
            return f"{model.id} was trained on it"
        if any(session.dyad == entry["dyad"] for entry in trained):
            return f"{model.id} was trained on its dyad"
        if digest[:12] in model.codebook.fitted_to:
            return f"weights of the codebook of {model.id} were fitted to it"
    return None


def _held(model: Model, table: TokenTable, codes: Sequence[str]) -> Bools:
    places = [model.codebook.code_ids.index(code) for code in codes]
    return model.decide(model.probabilities(Segments(table)))[:, places]


def _compared(
    models: tuple[Model, Model],
    table: TokenTable,
    codes: Sequence[str],
    held: Sequence[Bools],
    labels: Bools,
    left_out: dict[str, str],
    seed: int,
) -> Comparison:
    instances = labels.sum(axis=0)
    often = instances >= LEAST_INSTANCES
    if not often.any():
        raise ModelError(
            f"No code is borne by {LEAST_INSTANCES} turns of the {len(table.sessions)} held-out sessions; code more sessions."
        )
    counts = [session_counts(table.turn_session, len(table.sessions), marks, labels) for marks in held]
    f1 = [f1_of(each.sum(axis=1)) for each in counts]
    draws = [f1_of(drawn_counts(each, seed)) for each in counts]
    apart = draws[1] - draws[0]  # undefined where either is, so that both are judged on the same codes
    low, high = expanded_interval(mean_of_defined(apart[:, often]), len(table.sessions))
    rows = []
    for number, code in enumerate(codes):
        bounds = expanded_interval(apart[:, number], len(table.sessions))
        values = [None if np.isnan(each[number]) else float(each[number]) for each in f1]
        between = None if values[0] is None or values[1] is None else values[1] - values[0]
        rows.append(CodeDifference(code, int(instances[number]), values[0], values[1], between, *bounds))
    macro = [float(each[often].mean()) for each in f1]
    return Comparison(
        present=models[0].id,
        present_codebook=models[0].codebook.reference,
        candidate=models[1].id,
        candidate_codebook=models[1].codebook.reference,
        sessions=[session.session_id for session in table.sessions],
        left_out=left_out,
        codes=rows,
        macro_codes=int(often.sum()),
        present_macro_f1=macro[0],
        candidate_macro_f1=macro[1],
        difference=macro[1] - macro[0],
        low=low,
        high=high,
    )
