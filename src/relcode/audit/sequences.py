"""What follows what: rupture markers and their repairs, and what clients do next to an intervention."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from relcode.audit.intervals import (
    LEAST_SEGMENTS,
    RESAMPLES,
    Estimate,
    balance_over_sessions,
    share_over_sessions,
    without_value,
)
from relcode.audit.material import Bools, Ints, Material
from relcode.audit.measures import BALANCE_METHOD, too_few
from relcode.audit.result import EXCERPTS, Episode, Figure, Place, Response

Step = Literal[-1, 1]

REPAIR_TURNS = 5
INTERVENTIONS = ("TSI", "TSD", "INT", "INQ")
CLIENT_CODES = ("COOP", "MCOG", "WARM", "HOST", "RUP")
LEAST_OCCASIONS = 5
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


def client_responses(material: Material, *, seed: int = 0) -> tuple[Response, ...]:
    """What clients do in the turn right before and right after TSI, TSD, INT and INQ, against their base rates.

    The base is every client turn that stands next to a therapist turn on that side. Chance is a permutation of those
    client turns among the therapist turns of the same session, 2,000 times. For one intervention and one client code
    the permuted count in a session is hypergeometric, so it is drawn as such: the same distribution, without
    shuffling. `p` is two-sided with 1 added to both counts; `q` is adjusted over all cells of the same side.

    A share needs at least five occasions, and 20 client segments.

    Source: within-session permutation for sparse cells: Bakeman & Quera 2011, *Sequential Analysis and Observational
    Methods*, chapter 8; p: Phipson & Smyth 2010, Stat Appl Genet Mol Biol 9:39; q: Benjamini & Hochberg 1995.
    """
    generator = np.random.default_rng(seed)
    steps: tuple[Step, Step] = (1, -1)
    return tuple(response for step in steps for response in _responses(material, step, generator, seed))


def _responses(material: Material, step: Step, generator: np.random.Generator, seed: int) -> list[Response]:
    therapist, client = _neighbours(material, step)
    session = material.turn_session[therapist]
    too_short = int(material.speaks("C").sum()) < LEAST_SEGMENTS
    cells: list[Response] = []
    for intervention in INTERVENTIONS:
        done = material.turns_carry(intervention)[therapist]
        for code in CLIENT_CODES:
            if not material.columns(intervention) or not material.columns(code):
                continue
            shown = material.turns_carry(code)[client]
            both = done & shown
            occasions, count = int(done.sum()), int(both.sum())
            expected, p = _permute(session, done, shown, generator)
            if too_short:
                share = without_value(occasions, too_few("C", int(material.speaks("C").sum())))
            elif occasions < LEAST_OCCASIONS:
                share = without_value(occasions, f"{occasions} occasion(s); a share needs {LEAST_OCCASIONS}")
            else:
                share = _session_share(material, session[done], both[done], seed)
            has_value = share.value is not None
            places, total = material.turn_places(client[both])
            cells.append(
                Response(
                    step=step,
                    intervention=intervention,
                    client_code=code,
                    count=count,
                    occasions=occasions,
                    share=share,
                    base=_base_share(material, session, shown, too_short, seed),
                    expected=expected,
                    p=p if has_value else None,
                    q=None,
                    places=places,
                    places_total=total,
                )
            )
    return _adjusted(cells)


def _neighbours(material: Material, step: Step) -> tuple[Ints, Ints]:
    """Rows of therapist turns with a client turn right after (+1) or before (-1) them, and of those client turns."""
    therapist = np.flatnonzero(material.turn_is_therapist)
    client = therapist + step
    inside = (client >= 0) & (client < len(material.turn_session))
    therapist, client = therapist[inside], client[inside]
    kept = (material.turn_session[client] == material.turn_session[therapist]) & ~material.turn_is_therapist[client]
    return therapist[kept].astype(np.int64), client[kept].astype(np.int64)


def _base_share(material: Material, session: Ints, shown: Bools, too_short: bool, seed: int) -> Estimate:
    if too_short:
        return without_value(len(shown), too_few("C", int(material.speaks("C").sum())))
    return _session_share(material, session, shown, seed)


def _session_share(material: Material, session: Ints, shown: Bools, seed: int) -> Estimate:
    """Share of these turns that show a code. Axis: turn; `session` is the row of its session."""
    size = len(material.sessions)
    counts = np.bincount(session[shown], minlength=size).astype(np.int64)
    return share_over_sessions(counts, np.bincount(session, minlength=size).astype(np.int64), seed=seed)


def _permute(session: Ints, done: Bools, shown: Bools, generator: np.random.Generator) -> tuple[float, float | None]:
    """Expected count under permutation within sessions, and the two-sided p of the observed count."""
    if not len(session):
        return 0.0, None
    turns = np.bincount(session)
    occasions = np.bincount(session[done], minlength=len(turns))
    hits = np.bincount(session[shown], minlength=len(turns))
    expected = float((occasions * hits / np.maximum(turns, 1)).sum())
    if not done.any():
        return expected, None
    drawn: npt.NDArray[np.int64] = np.zeros(RESAMPLES, dtype=np.int64)
    for n_hits, n_turns, n_occasions in zip(hits, turns, occasions, strict=True):
        if n_hits and n_occasions:
            drawn += generator.hypergeometric(n_hits, n_turns - n_hits, n_occasions, size=RESAMPLES)
    observed = int((done & shown).sum())
    as_far = np.abs(drawn - expected) >= abs(observed - expected) - 1e-9
    return expected, float((1 + as_far.sum()) / (1 + RESAMPLES))


def _adjusted(cells: list[Response]) -> list[Response]:
    """Fill `q`: the step-up adjustment of Benjamini and Hochberg over the cells that have a `p`."""
    tested = sorted((cell.p, index) for index, cell in enumerate(cells) if cell.p is not None)
    smallest = 1.0
    for rank in range(len(tested), 0, -1):
        p, index = tested[rank - 1]
        smallest = min(smallest, p * len(tested) / rank)
        cells[index] = msgspec.structs.replace(cells[index], q=smallest)
    return cells
