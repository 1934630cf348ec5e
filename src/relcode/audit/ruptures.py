"""Ruptures and repairs: episodes of markers, and the first repair after each, unanswered ones first."""

from __future__ import annotations

import numpy as np

from relcode.audit.exchange import Episode
from relcode.audit.intervals import Floats
from relcode.audit.material import Bools, Material

REPAIR_TURNS = 5
_INTERJECTION_WORDS = 3


def rupture_episodes(material: Material) -> tuple[Episode, ...]:
    """Merge adjacent rupture markers to episodes and find the first repair within five turns; unanswered ones first.

    Two marked turns of the same client are one episode when all that lies between them are turns of at most three
    words of others ("Yeah") that carry no repair. A repair may answer several episodes. Where the repairing turn
    carries both kinds, exploratory is named (coding manual, *REP.exploratory*).
    """
    ruptures = material.turns_carry("RUP") & ~material.turn_is_therapist
    repairs = material.turns_carry("REP") & material.turn_is_therapist
    speakers = [turn.speaker for session in material.sessions for turn in session.turns]
    runs: list[list[int]] = []
    latest: dict[str, list[int]] = {}
    for row in np.flatnonzero(ruptures):
        run = latest.get(speakers[row])
        if run is not None and _is_one_complaint(material, run[-1], int(row), speakers, repairs):
            run.append(int(row))
        else:
            latest[speakers[row]] = [int(row)]
            runs.append(latest[speakers[row]])
    episodes = [_episode(material, run, speakers, repairs) for run in runs]
    return tuple(sorted(episodes, key=lambda episode: episode.repair_turn is not None))


def _is_one_complaint(material: Material, last: int, row: int, speakers: list[str], repairs: Bools) -> bool:
    if material.turn_session[last] != material.turn_session[row]:
        return False
    between = range(last + 1, row)
    return all(
        material.turn_words[turn] <= _INTERJECTION_WORDS and not repairs[turn] and speakers[turn] != speakers[row]
        for turn in between
    )


def _episode(material: Material, run: list[int], speakers: list[str], repairs: Bools) -> Episode:
    last = run[-1]
    session = material.turn_session[last]
    after = [
        row
        for row in range(last + 1, min(last + 1 + REPAIR_TURNS, len(speakers)))
        if material.turn_session[row] == session
    ]
    answer = next((row for row in after if repairs[row]), None)
    return Episode(
        session_id=material.sessions[session].session_id,
        speaker=speakers[last],
        first_turn=int(material.turn_number[run[0]]),
        last_turn=int(material.turn_number[last]),
        markers=len(run),
        kinds=_codes_in(material, run, "RUP"),
        turns_after=len(after),
        repair_turn=None if answer is None else int(material.turn_number[answer]),
        repair_kind=None if answer is None else _codes_in(material, [answer], "REP")[0],
        latency_turns=None if answer is None else answer - last,
        latency_seconds=None if answer is None else _seconds_between(material.turn_times, last, answer),
        repair_kinds=() if answer is None else _codes_in(material, [answer], "REP"),
    )


def _seconds_between(times: Floats, last: int, answer: int) -> float | None:
    """From the end of one turn to the start of another (0 where they overlap); None where a time is not given."""
    seconds = float(times[answer, 0] - times[last, 1])
    return None if np.isnan(seconds) else max(seconds, 0.0)


def _codes_in(material: Material, rows: list[int], family: str) -> tuple[str, ...]:
    """The codes of a family that these turns carry; exploratory repair first, else in the codebook's order."""
    found = [material.codebook.code_ids[c] for c in material.columns(family) if material.turn_codes[rows, c].any()]
    return tuple(sorted(found, key=lambda code: not code.endswith(".exploratory")))
