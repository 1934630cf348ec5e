"""Figures of ruptures and repairs: how many meet a repair, how soon, of which kind, and repairs that nothing called for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from relcode.audit.blocks import BALANCE_METHOD
from relcode.audit.exchange import Episode
from relcode.audit.figure import Figure, Place, Places
from relcode.audit.intervals import Estimate, Ints, without_value
from relcode.audit.material import Material
from relcode.audit.ruptures import REPAIR_TURNS
from relcode.audit.shares import Words, balance_figure, unknown_of

_LEAST_LATENCIES = 6

_REPAIR_CLAIM = (
    "Over 11 studies with 1,314 clients, sessions or treatments with repaired ruptures went with better outcome "
    "(r = .29; Eubanks, Muran & Safran 2018); no single episode can be judged from this."
)


def answered_figure(material: Material, episodes: Sequence[Episode]) -> Figure:
    """Share of rupture episodes that meet a repair within five turns (`blocks.posterior_of_turns`)."""
    answered, left = (episode_rows(material, episodes, answered=done) for done in (True, False))
    cut_off = sum(episode.repair_turn is None and episode.turns_after < REPAIR_TURNS for episode in episodes)
    words = Words(
        id="ruptures_answered",
        label="Rupture episodes that meet a repair within five turns",
        short="ruptures that meet a repair",
        counted=f"{len(answered)} of {len(episodes)} episodes"
        + (f" ({cut_off} of the others had fewer than five turns left)" if cut_off else ""),
        method=f"Adjacent markers are one episode. {BALANCE_METHOD}",
        claim=_REPAIR_CLAIM,
    )
    return _balance(material, words, (answered, left), "no rupture marker was coded", (*left, *answered))


def rupture_figures(material: Material, episodes: Sequence[Episode]) -> tuple[Figure, ...]:
    """Answered by kind of marker, latency, kind of repair, and repairs that follow no marker."""
    kinds = [material.codebook.code_ids[column] for column in material.columns("RUP")]
    return (
        *(answered_kind(material, kind, episodes) for kind in kinds if len(kinds) > 1),
        latency(material, episodes),
        exploratory_share(material, episodes),
        unprompted_repairs(material, episodes),
    )


def answered_kind(material: Material, kind: str, episodes: Sequence[Episode]) -> Figure:
    """Of the episodes that hold a marker of this kind, the share that meets a repair; an episode may hold both."""
    own = [episode for episode in episodes if kind in episode.kinds]
    answered, open_ = (episode_rows(material, own, answered=done) for done in (True, False))
    words = Words(
        id=f"answered_{kind}",
        label=f"Episodes with {kind} that meet a repair within five turns",
        counted=f"{len(answered)} of {len(own)} episodes with {kind}",
    )
    return _balance(material, words, (answered, open_), "no such marker was coded", (*open_, *answered))


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
        places=Places.of(Place(episode.session_id, episode.repair_turn or 0) for episode in answered),
    )


def median_of(values: Sequence[int]) -> Estimate:
    """The median of ordered values, with the order statistics that hold it in at least 95 of 100 cases."""
    n = len(values)
    value = float(np.median(values))
    if n < _LEAST_LATENCIES:
        return Estimate(value, None, None, n)
    rank = int(stats.binom.ppf(0.025, n, 0.5))
    return Estimate(value, float(values[rank - 1]), float(values[n - rank]), n)


def exploratory_share(material: Material, episodes: Sequence[Episode]) -> Figure:
    """Of the repairs that answer an episode, the share that explores the strain; the manual's precedence decides."""
    answered = [episode for episode in episodes if episode.repair_turn is not None]
    explored = [episode for episode in answered if str(episode.repair_kind).endswith(".exploratory")]
    others = [episode for episode in answered if episode not in explored]
    first, second = (episode_rows(material, part, answered=True) for part in (explored, others))
    words = Words(
        id="exploratory_share",
        label="Exploratory among the repairs that answer an episode",
        counted=f"{len(first)} of {len(answered)} repairs explore the strain",
    )
    return _balance(material, words, (first, second), "no episode meets a repair", (*first, *second))


def unprompted_repairs(material: Material, episodes: Sequence[Episode]) -> Figure:
    """Of the therapist's repairing turns, the share that follows no coded marker within five turns.

    A strain that only the therapist felt has no marker; or the marker was missed.
    """
    repairs = np.flatnonzero(material.turns_carry("REP") & material.turn_is_therapist)
    prompted = np.zeros(len(repairs), dtype=np.bool_)
    for last in _rows(material, episodes):
        close = (repairs > last) & (repairs <= last + REPAIR_TURNS)
        prompted |= close & (material.turn_session[repairs] == material.turn_session[last])
    first, second = repairs[~prompted], repairs[prompted]
    words = Words(
        id="unprompted_repairs",
        label="Repairs without a coded marker in the five turns before",
        counted=f"{len(first)} of {len(repairs)} repairing turns",
    )
    return _balance(material, words, (first, second), "no repair was coded", tuple(first))


def _balance(material: Material, words: Words, sides: tuple[Ints, Ints], empty: str, places: Sequence[int]) -> Figure:
    return balance_figure(
        material,
        words,
        sides,
        role="C",
        reason=_lacking(material),
        empty=empty,
        places=np.array(places, dtype=np.int64),
    )


def _lacking(material: Material) -> str:
    """That the codebook or the source lacks one of the two families; empty where it has both."""
    return unknown_of(material, ("RUP",), ("REP",))


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
