"""Why a code is offered in a turn, or is not: which cues fired, what they added, and which code gave way to which."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from relcode.codebook import Codebook
from relcode.cues.engine import CueEngine
from relcode.cues.suggest import decide, offer_thresholds, ordinary_modes
from relcode.errors import UsageError
from relcode.records import Segment, Session
from relcode.transcripts.tokens import tokenize


class CodeReading(msgspec.Struct, frozen=True):
    """One code in one segment. `prior`: log-odds before any cue. `cues`: (name, log-odds added), the strongest first.
    `outcome`: `offered`, `below its threshold`, or which rule took it out."""

    code: str
    probability: float
    offer_at: float
    prior: float
    cues: list[tuple[str, float]]
    outcome: str


class SegmentReading(Segment, frozen=True):
    """A segment and the codes about which its cues say anything."""

    codes: list[CodeReading]


def explain(session: Session, turn: int, codebook: Codebook) -> list[SegmentReading]:
    """Read one turn of a session with a codebook's cues: by segment, the codes in order of probability.

    Raises
    ------
    UsageError
        The session has no such turn.
    """
    if turn not in {each.turn for each in session.turns}:
        raise UsageError(f"Session {session.session_id} has no turn {turn}; it has {len(session.turns)}.")
    engine = CueEngine(codebook)
    table = tokenize([session])
    fired = engine.fire(table)
    probability = engine.probabilities(fired, engine.allowed(table))
    thresholds = offer_thresholds(codebook)
    holds = decide(codebook, probability, thresholds)
    readings = []
    for row in np.flatnonzero(table.turn_number[table.segment_turn] == turn):
        segment = int(row)
        speaker = session.turns[int(table.segment_turn[segment])].speaker
        codes = [
            CodeReading(
                code.id,
                round(float(probability[segment, column]), 4),
                float(thresholds[column]),
                round(float(engine.priors[column]), 2),
                [(name, round(value, 2)) for name, value in engine.contributions(fired, segment, column)],
                _outcome(codebook, column, probability[segment] >= thresholds, holds[segment]),
            )
            for column, code in enumerate(codebook.codes)
            if probability[segment, column] > 0
        ]
        told = [reading for reading in codes if reading.cues]
        readings.append(
            SegmentReading(
                session.session_id,
                turn,
                int(table.segment_number[segment]),
                speaker,
                int(table.segment_start[segment]),
                int(table.segment_end[segment]),
                sorted(told, key=lambda reading: -reading.probability),
            )
        )
    return readings


def _outcome(codebook: Codebook, column: int, reached: Sequence[bool], holds: Sequence[bool]) -> str:
    code = codebook.codes[column]
    if holds[column]:
        return "offered"
    if not reached[column]:
        return "below its threshold"
    for number, other in enumerate(codebook.codes):
        if code.id in other.beats and reached[number]:
            return f"gives way to {other.id} (precedence)"
    if any(column in modes and any(holds[number] for number in others) for modes, others in ordinary_modes(codebook)):
        return "gives way to a relational code (ordinary mode)"
    return "gives way to a more probable code of its group"
