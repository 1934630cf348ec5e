"""Mutual influence: what therapist and client carry over to the next stretch, on their own and to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from relcode.audit.exchange import Influence, Level
from relcode.audit.figure import Places
from relcode.audit.intervals import Estimate, without_value
from relcode.audit.material import Bools, Ints, Material
from relcode.audit.partners import Effects, actor_partner_effects

Floats = npt.NDArray[np.float64]

WINDOW_TURNS = 12
LEAST_SAID = 5
LEAST_STEPS = 30
LEAST_MEAN_STEPS = 6
_AMONG = {"windows": "windows of a session", "sessions": "sessions of a dyad"}


@dataclass(frozen=True)
class Series:
    """What is followed in therapist and client: the share of their segments with one of the codes; without codes, length."""

    id: str
    label: str
    therapist: tuple[str, ...] = ()
    client: tuple[str, ...] = ()


SERIES = (
    Series("length", "length of turns (log of mean words), both"),
    Series("here_and_now", "here-and-now talk (HN, META), both", ("HN", "META"), ("HN", "META")),
    Series(
        "invitation_cooperation",
        "TSI, INQ, META, REP of the therapist; COOP, MCOG of the client",
        ("TSI", "INQ", "META", "REP"),
        ("COOP", "MCOG"),
    ),
    Series("interpretation_strain", "INT of the therapist; RUP, HOST of the client", ("INT",), ("RUP", "HOST")),
)


def influences(material: Material, *, seed: int = 0) -> tuple[Influence, ...]:
    """Actor and partner effects (`partners.actor_partner_effects`) of four pairs of series.

    *Within sessions* a step leads from one window of about twelve turns to the next, in deviation from the session's
    mean; *across sessions* from one session of a dyad to the next, in deviation from the dyad's mean. A window or session
    counts where each of the two says five segments. Figures for all sessions together and, within sessions, for each
    dyad where there are several. Nothing is said from fewer than 30 steps, or from fewer than six a session (a dyad) on
    average: the correction for short series fails there.

    An effect is not a cause, a window's share is a noisy measure, which pulls effects towards zero, and `likeness` puts the
    figures next to patterns of the literature without naming a dyad after them: these were found in the clients' and
    therapists' own ratings of the alliance after each session, as classes of 283 dyads.

    Source: Li 2022, J Couns Psychol 69:474-489 (dyadic independence and mutual influence).
    """
    dyads = np.array([session.dyad for session in material.sessions], dtype=object)
    lines: list[Influence] = []
    for series in SERIES:
        lacking = _lacking(material, series)
        window_values, session_values = _values(material, series, _windows(material)), _values(material, series, None)
        marked = _marked(material, series)
        places = material.turn_places(np.flatnonzero(marked))
        lines.append(_line(series, "windows", "", window_values, lacking, places, seed))
        lines.append(_line(series, "sessions", "", _by_dyad(material, session_values, dyads), lacking, places, seed))
        if len(set(dyads)) > 1:
            values, session, step = window_values
            for dyad in sorted(set(dyads)):
                theirs = dyads == dyad
                part = theirs[session]
                places = material.turn_places(np.flatnonzero(marked & theirs[material.turn_session]))
                of_dyad = values[part], session[part], step[part]
                lines.append(_line(series, "windows", dyad, of_dyad, lacking, places, seed))
    return tuple(lines)


def _line(
    series: Series,
    level: Level,
    dyad: str,
    values: tuple[Floats, Ints, Ints],
    lacking: str,
    places: Places,
    seed: int,
) -> Influence:
    effects = actor_partner_effects(*values, seed=seed)
    reason = lacking or _too_few(effects, level) or effects.fault
    cells = [[_estimate(effects, row, column, reason) for column in (0, 1)] for row in (0, 1)]
    return Influence(
        series=series.id,
        label=series.label,
        level=level,
        dyad=dyad or None,
        groups=effects.groups,
        therapist_actor=cells[0][0],
        client_actor=cells[1][1],
        therapist_to_client=cells[0][1],
        client_to_therapist=cells[1][0],
        likeness="" if reason else likeness(cells[0][0], cells[1][1], cells[0][1], cells[1][0]),
        places=places,
    )


def _estimate(effects: Effects, row: int, column: int, reason: str) -> Estimate:
    if reason:
        return without_value(effects.steps, reason)
    value, low, high = (float(part[row, column]) for part in (effects.value, effects.low, effects.high))
    return Estimate(value, low, high, effects.steps)


def likeness(therapist: Estimate, client: Estimate, to_client: Estimate, to_therapist: Estimate) -> str:
    """Which effects are clear of zero, next to the literature's words for it. It names no dyad after a pattern."""
    partners = [_is_clear(effect) for effect in (to_client, to_therapist)]
    if all(partners):
        return "both partner effects are clear of zero, as in mutual influence"
    if partners[0]:
        return "the therapist's effect on the client is clear of zero, the client's on the therapist is not"
    if partners[1]:
        return "the client's effect on the therapist is clear of zero, the therapist's on the client is not"
    if _is_clear(therapist) and _is_clear(client):
        return "actor effects are clear of zero and partner effects are not, as in dyadic independence; they may still exist"
    return "no partner effect is clear of zero; they may still exist"


def _is_clear(effect: Estimate) -> bool:
    return effect.low is not None and effect.high is not None and (effect.low > 0 or effect.high < 0)


def _too_few(effects: Effects, level: Level) -> str:
    if effects.steps < LEAST_STEPS:
        return f"{effects.steps} step(s) between {_AMONG[level]}; effects need {LEAST_STEPS}"
    if effects.steps < LEAST_MEAN_STEPS * effects.groups:
        mean = effects.steps / effects.groups
        return f"{_AMONG[level]} are too few: {mean:.1f} steps on average, {LEAST_MEAN_STEPS} are needed"
    return ""


def _lacking(material: Material, series: Series) -> str:
    if not series.therapist:
        return ""
    names = [
        who
        for who, codes in (("therapist", series.therapist), ("client", series.client))
        if not material.columns(*codes)
    ]
    return f"the source knows none of the codes of the {' and of the '.join(names)}" if names else ""


def _marked(material: Material, series: Series) -> Bools:
    """By turn: whether it carries a code of the speaker's series."""
    return np.where(
        material.turn_is_therapist, material.turns_carry(*series.therapist), material.turns_carry(*series.client)
    ).astype(np.bool_)


def _windows(material: Material) -> Ints:
    """By turn: its window in the session; windows are as equal as can be, of about twelve turns."""
    turns = np.bincount(material.turn_session, minlength=len(material.sessions))
    count = np.maximum(np.rint(turns / WINDOW_TURNS), 1).astype(np.int64)
    place = np.arange(len(material.turn_session)) - (np.cumsum(turns) - turns)[material.turn_session]
    return (place * count[material.turn_session] // turns[material.turn_session]).astype(np.int64)


def _values(material: Material, series: Series, window: Ints | None) -> tuple[Floats, Ints, Ints]:
    """The two series by window (by session, where `window` is None); session and place of each."""
    step = np.zeros(len(material.turn_session), dtype=np.int64) if window is None else window
    steps = int(step.max()) + 1 if len(step) else 1
    unit = material.turn_session * steps + step
    units = len(material.sessions) * steps
    columns = [
        _share(material, material.speaks("T"), series.therapist, unit, units),
        _share(material, material.speaks("C"), series.client, unit, units),
    ]
    return np.stack(columns, axis=1), np.arange(units) // steps, np.arange(units) % steps


def _share(material: Material, speaks: Bools, codes: tuple[str, ...], unit: Ints, units: int) -> Floats:
    """By unit: share of a speaker's segments with one of the codes, or the log of mean words a turn; NaN where little is said."""
    of_segment = unit[material.segment_turn]
    said = np.bincount(of_segment[speaks], minlength=units)
    with np.errstate(divide="ignore", invalid="ignore"):
        if codes:
            value = np.bincount(of_segment[speaks & material.carry(*codes)], minlength=units) / said
        else:
            turns = np.unique(material.segment_turn[speaks])
            words = np.bincount(unit[turns], weights=material.turn_words[turns], minlength=units)
            value = np.log1p(words / np.bincount(unit[turns], minlength=units))
    return np.where(said >= LEAST_SAID, value, np.nan)


def _by_dyad(
    material: Material, values: tuple[Floats, Ints, Ints], dyads: npt.NDArray[np.object_]
) -> tuple[Floats, Ints, Ints]:
    """Sessions in the order of their numbers within each dyad; those without a number are left out."""
    number = np.array([-1 if s.session_number is None else s.session_number for s in material.sessions], dtype=np.int64)
    kept = number >= 0
    _, dyad = np.unique(dyads[kept].astype(str), return_inverse=True)
    return values[0][kept], dyad.astype(np.int64), number[kept]
