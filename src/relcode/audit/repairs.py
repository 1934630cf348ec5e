"""Figures of ruptures and repairs: how many meet a repair, how soon, of which kind, and repairs that nothing called for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy import stats

from relcode.audit.blocks import BALANCE_METHOD, balance_of_turns
from relcode.audit.exchange import Episode
from relcode.audit.figure import Figure, Place
from relcode.audit.intervals import LEAST_SEGMENTS, Estimate, Ints, without_value
from relcode.audit.material import Material
from relcode.audit.measures import too_few, unknown
from relcode.audit.ruptures import REPAIR_TURNS

_LEAST_LATENCIES = 6

_REPAIR_CLAIM = (
    "Over 11 studies with 1,314 clients, sessions or treatments with repaired ruptures went with better outcome "
    "(r = .29; Eubanks, Muran & Safran 2018); no single episode can be judged from this."
)


def answered_figure(material: Material, episodes: Sequence[Episode], *, seed: int = 0) -> Figure:
    """Share of rupture episodes that meet a repair within five turns (`blocks.balance_of_turns`)."""
    answered, left = (episode_rows(material, episodes, answered=done) for done in (True, False))
    cut_off = sum(episode.repair_turn is None and episode.turns_after < REPAIR_TURNS for episode in episodes)
    figure = _balance(
        material,
        "ruptures_answered",
        "Rupture episodes that meet a repair within five turns",
        (answered, left),
        f"{len(answered)} of {len(episodes)} episodes"
        + (f" ({cut_off} of the others had fewer than five turns left)" if cut_off else ""),
        "no rupture marker was coded",
        seed,
        places=(*left, *answered),
    )
    return msgspec.structs.replace(
        figure,
        short="ruptures that meet a repair",
        method=f"Adjacent markers are one episode. {BALANCE_METHOD}",
        claim=_REPAIR_CLAIM,
    )


def rupture_figures(material: Material, episodes: Sequence[Episode], *, seed: int = 0) -> tuple[Figure, ...]:
    """Answered by kind of marker, latency, kind of repair, and repairs that follow no marker."""
    kinds = [material.codebook.code_ids[column] for column in material.columns("RUP")]
    return (
        *(answered_kind(material, kind, episodes, seed=seed) for kind in kinds if len(kinds) > 1),
        latency(material, episodes),
        exploratory_share(material, episodes, seed=seed),
        unprompted_repairs(material, episodes, seed=seed),
    )


def answered_kind(material: Material, kind: str, episodes: Sequence[Episode], *, seed: int = 0) -> Figure:
    """Of the episodes that hold a marker of this kind, the share that meets a repair; an episode may hold both."""
    own = [episode for episode in episodes if kind in episode.kinds]
    answered, open_ = (episode_rows(material, own, answered=done) for done in (True, False))
    return _balance(
        material,
        f"answered_{kind}",
        f"Episodes with {kind} that meet a repair within five turns",
        (answered, open_),
        f"{len(answered)} of {len(own)} episodes with {kind}",
        "no such marker was coded",
        seed,
        places=(*open_, *answered),
    )


def latency(material: Material, episodes: Sequence[Episode]) -> Figure:
    """Median number of turns from an episode's last turn to the first repair, among those that meet one (1 to 5).

    The interval is that of the order statistics of independent episodes, from six on. Episodes without a repair
    within five turns do not enter: read the median beside the share that meets one.

    Source: Conover 1999, *Practical Nonparametric Statistics*, section 3.2 (confidence interval of a quantile).
    """
    found = sorted(episode.latency_turns for episode in episodes if episode.latency_turns is not None)
    answered = [episode for episode in episodes if episode.repair_turn is not None]
    seconds = [episode.latency_seconds for episode in answered if episode.latency_seconds is not None]
    spread = ", ".join(f"{found.count(turns)} after {turns}" for turns in sorted(set(found)))
    return Figure(
        id="repair_latency",
        label="Turns to the first repair (median)",
        short="turns to repair",
        unit="turns",
        estimate=median_of(found) if found else without_value(0, _lacking(material) or "no episode meets a repair"),
        counted=(f"{len(found)} repairs: {spread} turn(s)" if found else "0 repairs")
        + (f"; median of {len(seconds)} with times {np.median(seconds):.0f} seconds" if seconds else ""),
        method=f"Median; the interval takes episodes as independent and needs {_LEAST_LATENCIES} of them.",
        places=tuple(Place(episode.session_id, episode.repair_turn or 0) for episode in answered),
        places_total=len(answered),
    )


def median_of(values: Sequence[int]) -> Estimate:
    """The median of ordered values, with the order statistics that hold it in at least 95 of 100 cases."""
    n = len(values)
    value = float(np.median(values))
    if n < _LEAST_LATENCIES:
        return Estimate(value, None, None, n)
    rank = int(stats.binom.ppf(0.025, n, 0.5))
    return Estimate(value, float(values[rank - 1]), float(values[n - rank]), n)


def exploratory_share(material: Material, episodes: Sequence[Episode], *, seed: int = 0) -> Figure:
    """Of the repairs that answer an episode, the share that explores the strain; the manual's precedence decides."""
    answered = [episode for episode in episodes if episode.repair_turn is not None]
    explored = [episode for episode in answered if str(episode.repair_kind).endswith(".exploratory")]
    others = [episode for episode in answered if episode not in explored]
    first, second = (episode_rows(material, part, answered=True) for part in (explored, others))
    return _balance(
        material,
        "exploratory_share",
        "Exploratory among the repairs that answer an episode",
        (first, second),
        f"{len(first)} of {len(answered)} repairs explore the strain",
        "no episode meets a repair",
        seed,
        places=(*first, *second),
    )


def unprompted_repairs(material: Material, episodes: Sequence[Episode], *, seed: int = 0) -> Figure:
    """Of the therapist's repairing turns, the share that follows no coded marker within five turns.

    A strain that only the therapist felt has no marker; or the marker was missed.
    """
    repairs = np.flatnonzero(material.turns_carry("REP") & material.turn_is_therapist)
    prompted = np.zeros(len(repairs), dtype=np.bool_)
    for last in _rows(material, episodes):
        close = (repairs > last) & (repairs <= last + REPAIR_TURNS)
        prompted |= close & (material.turn_session[repairs] == material.turn_session[last])
    first, second = repairs[~prompted], repairs[prompted]
    return _balance(
        material,
        "unprompted_repairs",
        "Repairs without a coded marker in the five turns before",
        (first, second),
        f"{len(first)} of {len(repairs)} repairing turns",
        "no repair was coded",
        seed,
        places=tuple(first),
    )


def _balance(
    material: Material,
    key: str,
    label: str,
    sides: tuple[Ints, Ints],
    counted: str,
    empty: str,
    seed: int,
    places: Sequence[int],
) -> Figure:
    n = len(sides[0]) + len(sides[1])
    clients = int(material.speaks("C").sum())
    if _lacking(material):
        estimate = without_value(n, _lacking(material))
    elif clients < LEAST_SEGMENTS:
        estimate = without_value(n, too_few("C", clients))
    elif n == 0:
        estimate = without_value(0, empty)
    else:
        estimate = balance_of_turns(material, *sides, seed=seed)
    listed, total = material.turn_places(np.array(places, dtype=np.int64))
    return Figure(
        id=key,
        label=label,
        short=label,
        unit="share",
        estimate=estimate,
        counted=counted,
        method=BALANCE_METHOD,
        places=listed,
        places_total=total,
    )


def _lacking(material: Material) -> str:
    """That the codebook or the source lacks one of the two families; empty where it has both."""
    missing = next((name for name in ("RUP", "REP") if not material.columns(name)), None)
    return "" if missing is None else unknown(material, (missing,))


def episode_rows(material: Material, episodes: Sequence[Episode], *, answered: bool) -> Ints:
    """Rows of the last turns of the episodes that meet a repair, or of those that do not."""
    return _rows(material, [episode for episode in episodes if (episode.repair_turn is not None) is answered])


def _rows(material: Material, episodes: Sequence[Episode]) -> Ints:
    """The row of the last turn of each episode."""
    row_of = {
        (material.sessions[session].session_id, int(number)): row
        for row, (session, number) in enumerate(zip(material.turn_session, material.turn_number, strict=True))
    }
    return np.array([row_of[episode.session_id, episode.last_turn] for episode in episodes], dtype=np.int64)
