"""A feature for the conditions of cues that words do not show: the turn comes after a silence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from relcode.transcripts.tokens import TokenTable

SILENCE_SECONDS = 3.0


def after_silence(table: TokenTable) -> npt.NDArray[np.bool_]:
    """By segment: its turn begins three seconds or more after the turn before has ended; no, where times are not known."""
    by_turn = []
    for session in table.sessions:
        before = None
        for turn in session.turns:
            by_turn.append(before is not None and turn.t0 is not None and turn.t0 - before >= SILENCE_SECONDS)
            before = turn.t1
    return np.array(by_turn, dtype=np.bool_)[table.segment_turn]
