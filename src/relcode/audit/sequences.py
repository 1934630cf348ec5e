"""What follows what: what clients do next to an intervention."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from relcode.audit.intervals import (
    LEAST_SEGMENTS,
    RESAMPLES,
    Estimate,
    share_over_sessions,
    without_value,
)
from relcode.audit.material import Bools, Ints, Material
from relcode.audit.measures import too_few
from relcode.audit.result import Response

Step = Literal[-1, 1]

INTERVENTIONS = ("TSI", "TSD", "INT", "INQ")
CLIENT_CODES = ("COOP", "MCOG", "WARM", "HOST", "RUP")
LEAST_OCCASIONS = 5


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
