"""Rupture markers and the repairs that follow them."""

from __future__ import annotations

import numpy as np

from relcode.audit.intervals import LEAST_SEGMENTS, balance_over_sessions, without_value
from relcode.audit.material import Bools, Ints, Material
from relcode.audit.measures import BALANCE_METHOD, too_few
from relcode.audit.result import EXCERPTS, Episode, Figure, Place

REPAIR_TURNS = 5
_INTERJECTION_WORDS = 3

_REPAIR_CLAIM = (
    "Over 11 studies with 1,314 clients, sessions or treatments with repaired ruptures went with better outcome "
    "(r = .29; Eubanks, Muran & Safran 2018); no single episode can be judged from this."
)


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
    )


def _codes_in(material: Material, rows: list[int], family: str) -> tuple[str, ...]:
    """The codes of a family that these turns carry; exploratory repair first, else in the codebook's order."""
    found = [material.codebook.code_ids[c] for c in material.columns(family) if material.turn_codes[rows, c].any()]
    return tuple(sorted(found, key=lambda code: not code.endswith(".exploratory")))


def answered_figure(material: Material, episodes: tuple[Episode, ...], *, seed: int = 0) -> Figure:
    """Share of rupture episodes that meet a repair within five turns (`intervals.balance_over_sessions`)."""
    answered = sum(episode.repair_turn is not None for episode in episodes)
    clients = int(material.speaks("C").sum())
    if not material.columns("RUP") or not material.columns("REP"):
        estimate = without_value(0, f"{material.codebook.reference} or its source lacks RUP or REP codes")
    elif clients < LEAST_SEGMENTS:
        estimate = without_value(len(episodes), too_few("C", clients))
    elif not episodes:
        estimate = without_value(0, "no rupture marker was coded")
    else:
        estimate = balance_over_sessions(*_by_answer(material, episodes), seed=seed)
    cut_off = sum(episode.repair_turn is None and episode.turns_after < REPAIR_TURNS for episode in episodes)
    return Figure(
        id="ruptures_answered",
        label="Rupture episodes that meet a repair within five turns",
        short="ruptures that meet a repair",
        unit="share",
        estimate=estimate,
        counted=f"{answered} of {len(episodes)} episodes"
        + (f" ({cut_off} of the others had fewer than five turns left)" if cut_off else ""),
        method=f"Adjacent markers are one episode. {BALANCE_METHOD}",
        claim=_REPAIR_CLAIM,
        places=tuple(Place(episode.session_id, episode.last_turn) for episode in episodes[:EXCERPTS]),
        places_total=len(episodes),
    )


def _by_answer(material: Material, episodes: tuple[Episode, ...]) -> tuple[Ints, Ints]:
    """By session: episodes that meet a repair, and those that do not."""
    row = {session.session_id: number for number, session in enumerate(material.sessions)}
    counts = np.zeros((2, len(row)), dtype=np.int64)
    for episode in episodes:
        counts[int(episode.repair_turn is None), row[episode.session_id]] += 1
    return counts[0], counts[1]
