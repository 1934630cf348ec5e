"""Likely label errors: turns where the labels contradict a model that did not see them, by confident learning.

The labels of one code are two classes: turns that bear it, and turns that do not. Confident learning (Northcutt, Jiang &
Chuang 2021) estimates from out-of-fold probabilities how many turns of each class belong to the other, and names as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from scipy import sparse

from relcode.cues import CueEngine
from relcode.learning.turns import by_turn, by_turn_highest
from relcode.provenance import written_beside
from relcode.transcripts.tokens import Bools, Floats, TokenTable

LEAST_TURNS = 10


class LikelyError(msgspec.Struct, frozen=True):
    """A turn and a code on which the labels and the model disagree.

    `labelled`: what the labels say. `score`: the model's probability (0 to 1) that the turn bears the code; the model saw
    no session of the dyad. `why`: the cues of the code in that turn. No word of the turn stands here.
    """

    session_id: str
    turn: int
    code: str
    codebook: str
    labelled: bool
    score: float
    why: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """The model's probability of what the labels say; the lower, the likelier it is an error."""
        return self.score if self.labelled else 1 - self.score


def find_label_errors(
    table: TokenTable,
    engine: CueEngine,
    probability: Floats,
    marks: Bools,
    learned: Bools,
    *,
    rows: Bools | None = None,
    fired: sparse.csr_matrix | None = None,
) -> list[LikelyError]:
    """List the likely errors among the labels of the learned codes, the likeliest first.

    A code needs ten turns that bear it and ten that do not, among the turns whose speaker may bear it.

    Parameters
    ----------
    probability
        Calibrated, of segments that the fit did not see; axes (segment, code).
    marks
        The labels; axes (segment, code).
    learned
        By code: whether the probabilities are the model's.
    rows
        The segments that were coded (axis: segment); all by default.
    fired
        The cues of `engine.fire(table)`, where they are there already.
    """
    fired = engine.fire(table) if fired is None else fired
    allowed = engine.allowed(table) if rows is None else engine.allowed(table) & rows[:, None]
    spoken, labelled = by_turn(table, allowed), by_turn(table, marks & allowed)
    likely = by_turn_highest(table, probability)
    found = []
    for code in np.flatnonzero(learned):
        turns = np.flatnonzero(spoken[:, code])
        for turn in turns[contradicted(labelled[turns, code], likely[turns, code])]:
            found.append(_error(table, engine, fired, int(turn), int(code), labelled, likely))
    return sorted(found, key=lambda error: (error.confidence, error.code, error.session_id, error.turn))


def contradicted(labelled: Bools, probability: Floats) -> Bools:
    """Which labels of one code are likely errors, by cleanlab's `prune_by_noise_rate`; none of fewer than ten a class.

    Parameters
    ----------
    labelled, probability
        By turn: whether it is labelled with the code; the probability that it bears it.

    Source: Northcutt, Jiang & Chuang (2021), eqs. 1 to 3 and section 3.3, method 4.
    """
    if min(labelled.sum(), (~labelled).sum()) < LEAST_TURNS:
        return np.zeros(len(labelled), dtype=np.bool_)
    from cleanlab.filter import find_label_issues

    issues: Bools = find_label_issues(
        labelled.astype(np.int64),
        np.stack([1 - probability, probability], axis=1),
        filter_by="prune_by_noise_rate",
        n_jobs=1,  # else it forks processes
    )
    return issues


def write_label_errors(path: Path, errors: Sequence[LikelyError]) -> None:
    """Write a line of JSON each, beside and then renamed: `relcode batch --chosen` gives these turns to coders again."""
    with written_beside(path) as beside:
        beside.write_bytes(b"".join(msgspec.json.encode(error) + b"\n" for error in errors))


def _error(
    table: TokenTable,
    engine: CueEngine,
    fired: sparse.csr_matrix,
    turn: int,
    code: int,
    labelled: Bools,
    likely: Floats,
) -> LikelyError:
    name = engine.codebook.code_ids[code]
    segments = np.flatnonzero(table.segment_turn == turn)
    cues = [cue for segment in segments for cue in engine.reasons(fired, int(segment), code)]
    return LikelyError(
        session_id=table.sessions[int(table.turn_session[turn])].session_id,
        turn=int(table.turn_number[turn]),
        code=name,
        codebook=engine.codebook.reference_of(name),
        labelled=bool(labelled[turn, code]),
        score=round(float(likely[turn, code]), 4),
        why=tuple(dict.fromkeys(cues)),
    )
