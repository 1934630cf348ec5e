"""Figures that are shares: built in one place, with one order of the reasons why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from relcode.audit.blocks import BALANCE_METHOD, NEITHER, SHARE_METHOD, posterior_of_turns, share_of_turns
from relcode.audit.figure import Figure, Places, Unit
from relcode.audit.intervals import LEAST_SEGMENTS, Estimate, Ints, without_value
from relcode.audit.material import Bools, Material
from relcode.records import Role

SPEAKERS: dict[Role, str] = {"T": "therapist", "C": "client"}


@dataclass(frozen=True)
class Words:
    """What a figure is called and says. `short`, by default the label, stands in charts."""

    id: str
    label: str
    counted: str
    short: str = ""
    method: str = ""
    claim: str = ""


def rate_figure(
    material: Material, words: Words, role: Role, mask: Bools, *, reason: str = "", seed: int = 0
) -> Figure:
    """Segments of a speaker that are marked, per 100 segments of that speaker.

    Parameters
    ----------
    mask
        By segment; those of the other speaker do not count.
    reason
        Why there is no figure, whatever was counted.
    """
    own = mask & material.speaks(role)
    if reason:
        estimate = without_value(int(material.speaks(role).sum()), reason)
    else:
        estimate = share_of_segments(material, role, own, seed=seed).scaled(100)
    method = words.method or f"Per 100 segments. {SHARE_METHOD}"
    figure = _figure(words, "per_100", estimate, method, material.places(own))
    return msgspec.structs.replace(figure, tally=tally_of_segments(material, role, own))


def balance_figure(
    material: Material,
    words: Words,
    sides: tuple[Ints, Ints],
    *,
    role: Role = "T",
    reason: str = "",
    empty: str = NEITHER,
    places: Ints | None = None,
) -> Figure:
    """Share of the first among both: the two as a balance, by `blocks.posterior_of_turns`.

    Parameters
    ----------
    sides
        Things on either side, each as the row of its turn.
    role
        Whose segments must be enough.
    reason, empty
        Why there is no figure at all, and why there is none where nothing was counted.
    places
        Rows of the turns to read; by default those of both sides, in order.
    """
    count, said = len(sides[0]) + len(sides[1]), int(material.speaks(role).sum())
    why = reason or (too_few(role, said) if said < LEAST_SEGMENTS else "" if count else empty)
    rows = np.unique(np.concatenate(sides)) if places is None else places
    listed, method = material.turn_places(rows), words.method or BALANCE_METHOD
    if why:
        return _figure(words, "share", without_value(count, why), method, listed)
    by_session = tally_of_turns(material, *sides)
    shape = posterior_of_turns(material, *sides)
    figure = _figure(words, "share", shape.estimate(count), method, listed)
    mean = f"; the mean of the {len(by_session)} sessions that have any" if len(by_session) > 1 else ""
    return msgspec.structs.replace(figure, counted=f"{words.counted}{mean}", posterior=shape.drawn(), tally=by_session)


def share_of_segments(material: Material, role: Role, mask: Bools, *, seed: int = 0) -> Estimate:
    """Share of a speaker's segments that are marked; none from fewer than 20 segments of that speaker.

    Parameters
    ----------
    mask
        Axis: segment.
    """
    speaks = material.speaks(role)
    n = int(speaks.sum())
    if n < LEAST_SEGMENTS:
        return without_value(n, too_few(role, n))
    turns = material.segment_turn
    return share_of_turns(material, turns[mask & speaks], turns[speaks], seed=seed)


def tally_of_segments(material: Material, role: Role, own: Bools) -> tuple[tuple[str, int, int], ...]:
    """By session: how many of a speaker's segments are marked (`own`), and how many are not."""
    turns, speaks = material.segment_turn, material.speaks(role)
    return tally_of_turns(material, turns[own & speaks], turns[speaks & ~own])


def tally_of_turns(material: Material, first: Ints, second: Ints) -> tuple[tuple[str, int, int], ...]:
    """By session that has any: things on either side, each given as the row of its turn."""
    size = len(material.sessions)
    counts = [np.bincount(material.turn_session[rows], minlength=size) for rows in (first, second)]
    return tuple(
        (material.sessions[row].session_id, int(counts[0][row]), int(counts[1][row]))
        for row in np.flatnonzero(counts[0] + counts[1])
    )


def too_few(role: Role, n: int) -> str:
    """Why there is no figure: the rule of least data."""
    return f"{n} {SPEAKERS[role]} segment(s); a figure needs {LEAST_SEGMENTS}"


def unknown(material: Material, names: Sequence[str]) -> str:
    """Why there is no figure: the codebook, or the source of the codes, has none of these."""
    return f"{material.codebook.reference}, or what was scored with it, does not know {' or '.join(names)}"


def unknown_of(material: Material, *families: Sequence[str]) -> str:
    """The same of the first of several families that is not known; empty where all are."""
    missing = next((names for names in families if not material.columns(*names)), None)
    return "" if missing is None else unknown(material, missing)


def _figure(words: Words, unit: Unit, estimate: Estimate, method: str, places: Places) -> Figure:
    return Figure(
        id=words.id,
        label=words.label,
        short=words.short or words.label,
        unit=unit,
        estimate=estimate,
        counted=words.counted,
        method=method,
        claim=words.claim,
        places=places,
    )
