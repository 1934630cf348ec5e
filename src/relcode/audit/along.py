"""Lines along the session: here-and-now talk, past and present, the stages of the relational protocol."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relcode.audit.blocks import effect_in_session, effect_of_turns
from relcode.audit.intervals import (
    LEAST_SEGMENTS,
    Estimate,
    Floats,
    Ints,
    ratio_over_sessions,
    score_limits,
    without_value,
)
from relcode.audit.material import Bools, Material
from relcode.audit.measures import PAST, PRESENT, turn_positions
from relcode.audit.result import Along, AlongPoint
from relcode.audit.shares import SPEAKERS, unknown_of
from relcode.records import Role

BANDWIDTH = 0.1
POSITIONS = tuple(round(step / 20, 2) for step in range(21))


def lines_along(material: Material, *, seed: int = 0) -> tuple[Along, ...]:
    """Here-and-now talk of each speaker, the therapist's talk of past and present dyad, and the stages, as lines."""
    stages = [code for code in material.codebook.codes if code.id.startswith("STAGE.")]
    return (
        *(
            segments_along(material, f"here_and_now_{role}", f"{name}'s HN or META", role, ("HN", "META"), seed=seed)
            for role, name in SPEAKERS.items()
        ),
        segments_along(material, "past", "Past (INT.genetic)", "T", PAST, seed=seed),
        segments_along(material, "present", "Present dyad", "T", PRESENT, seed=seed),
        *(turns_along(material, stage.id, stage.name, seed=seed) for stage in stages),
        *([] if stages else [turns_along(material, "STAGE", "Stages of relational work", seed=seed)]),
    )


def segments_along(
    material: Material, key: str, label: str, role: Role, names: Sequence[str], *, seed: int = 0
) -> Along:
    """Segments of a speaker that carry any of `names`, per 100, around each place of the session."""
    speaks = material.speaks(role)
    mask = material.carry(*names) & speaks
    reason = unknown_of(material, names)
    turns = material.segment_turn
    effect = 1.0 if reason else effect_in_session(material, mask, speaks)
    points = () if reason else _line(material, turns[speaks], mask[speaks], effect, seed)
    return Along(key, label, role, int(mask.sum()), points, reason, places=material.places(mask))


def turns_along(material: Material, code: str, label: str, *, seed: int = 0) -> Along:
    """Turns of either speaker that carry a code, per 100, around each place: a stage is a property of a turn."""
    mask = material.turns_carry(code)
    said = np.flatnonzero(material.turn_words > 0)
    reason = unknown_of(material, (code,))
    effect = 1.0 if reason else effect_of_turns(material, said[mask[said]], said)
    points = () if reason else _line(material, said, mask[said], effect, seed)
    return Along(code, label, None, int(mask.sum()), points, reason, places=material.turn_places(np.flatnonzero(mask)))


def _line(material: Material, turns: Ints, marked: Bools, effect: float, seed: int) -> tuple[AlongPoint, ...]:
    """The line and its band: a local share with Gaussian weights of standard deviation a tenth of the session.

    The sessions are laid over each other. The weighted things count as (Σw)²/Σw² unweighted ones (`n`), and the band is
    Wilson's of so many, over several sessions never narrower than the session bootstrap; pointwise, not for the line
    as a whole. There is no value where fewer than 20 count. The line is smooth because of the weights: a single
    occurrence makes a hill two tenths wide.

    Parameters
    ----------
    turns, marked
        By thing (segment or turn): the row of its turn, and whether it bears the mark.

    Source: Nadaraya 1964, Theory Probab Appl 9:141-142; Watson 1964, Sankhya A 26:359-372; the effective number: Kish
    1965, *Survey Sampling*, section 11.7.
    """
    position = turn_positions(material)[turns]
    session = material.turn_session[turns]
    points = []
    for place in POSITIONS:
        weights = np.exp(-0.5 * ((position - place) / BANDWIDTH) ** 2)
        points.append(AlongPoint(place, _local(weights, marked, session, effect, seed).scaled(100)))
    return tuple(points)


def _local(weights: Floats, marked: Bools, session: Ints, effect: float, seed: int) -> Estimate:
    total = float(weights.sum())
    n = total**2 / float((weights**2).sum()) if total > 0 else 0.0
    if n < LEAST_SEGMENTS:
        return without_value(int(n), f"worth {n:.0f} here; a figure needs {LEAST_SEGMENTS}")
    share = float(weights[marked].sum()) / total
    low, high = score_limits(share, n / effect)
    totals = np.bincount(session, weights=weights)
    kept = totals > 0
    if kept.sum() > 1:
        counts = np.bincount(session, weights=weights * marked, minlength=len(totals))
        drawn = ratio_over_sessions(counts[kept], totals[kept], seed=seed)
        low, high = min(low, drawn[0]), max(high, drawn[1])
    return Estimate(share, low, high, int(n))
