"""Interpretations more closely: do they come in bursts, what stands beside them, do they go on after a "no"?"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from relcode.audit.blocks import SHARE_METHOD, share_of_turns
from relcode.audit.figure import Figure
from relcode.audit.intervals import (
    LEAST_SEGMENTS,
    Estimate,
    Floats,
    Ints,
    ratio_over_sessions,
    without_value,
)
from relcode.audit.material import Bools, Material
from relcode.audit.shares import too_few, unknown, unknown_of

LEAST_OCCASIONS = 5
SHUFFLES = 1000
NEGATIVE = ("RUP", "HOST")
PERSIST_TURNS = 5

_SHUFFLED = (
    f"By chance: the therapist's turns, whole, in any other order within their session, {SHUFFLES:,} times; mean and "
    f"range of 95 %. Only sessions with {LEAST_OCCASIONS} or more of them and {LEAST_SEGMENTS} therapist segments."
)
_BURST_CLAIM = (
    "What Schut et al. (2005) call concentration is the share of a therapist's interventions that are interpretations "
    "(the rate above), not their closeness in time, for which no study is known."
)
_PERSIST_CLAIM = (
    "In one study the last sessions of 22 clients who then dropped out showed resistance met with transference "
    "interpretation (Piper et al. 1999); no cause was shown."
)


def interpretation_figures(material: Material, *, seed: int = 0) -> tuple[Figure, ...]:
    """Concentration (densest tenth, evenness, runs), what else the interpreting turns carry, and persistence."""
    return (
        densest_tenth(material, seed=seed),
        unevenness(material, seed=seed),
        runs(material, seed=seed),
        persistence(material, seed=seed),
        *company(material, seed=seed),
    )


def densest_tenth(material: Material, *, seed: int = 0) -> Figure:
    """Share of the interpretations that lie in the densest stretch of a tenth of the therapist's segments.

    The stretch may begin anywhere, so that even a random order puts more than a tenth there: see `chance`.
    """

    def _densest(order: Bools) -> Floats:
        width = -(-order.shape[1] // 10)
        sums = np.cumsum(np.pad(order, ((0, 0), (1, 0))), axis=1)
        return np.asarray((sums[:, width:] - sums[:, :-width]).max(axis=1), dtype=np.float64)

    return _burst(
        material,
        "int_densest_tenth",
        "Interpretations in their densest tenth of the session",
        _segment_orders(material),
        _densest,
        seed,
    )


def unevenness(material: Material, *, seed: int = 0) -> Figure:
    """Gini's index of the interpretations in the ten tenths of the therapist's segments: 0 even, .9 all in one.

    Few interpretations cannot lie evenly in ten parts: five are at .5 or more. Read it against `chance`.

    Source: Gini 1912; computed from the ordered counts (Dixon et al. 1987, Ecology 68:1548-1551, equation 1).
    """

    def _weighted(order: Bools) -> Floats:
        edges = np.linspace(0, order.shape[1], 11).round().astype(np.int64)
        counts = np.sort(np.diff(np.cumsum(np.pad(order, ((0, 0), (1, 0))), axis=1)[:, edges], axis=1), axis=1)
        ranks = 2 * np.arange(1, 11) - 11
        return np.asarray((counts * ranks).sum(axis=1) / 10, dtype=np.float64)

    figure = _burst(
        material, "int_gini", "Unevenness of interpretations (Gini)", _segment_orders(material), _weighted, seed
    )
    return msgspec.structs.replace(figure, unit="index")


def runs(material: Material, *, seed: int = 0) -> Figure:
    """Share of the interpreting turns that have another one as the therapist's turn before or after."""

    def _in_runs(order: Bools) -> Floats:
        beside = np.zeros_like(order)
        beside[:, 1:] |= order[:, :-1]
        beside[:, :-1] |= order[:, 1:]
        return np.asarray((order & beside).sum(axis=1), dtype=np.float64)

    marks = material.turns_carry("INT")
    said = material.turn_is_therapist & (material.turn_words > 0)
    rows = [np.flatnonzero(said & (material.turn_session == session)) for session in range(len(material.sessions))]
    orders = [(marks[row], row) for row in rows]
    return _burst(material, "int_runs", "Interpreting turns in runs", orders, _in_runs, seed)


def _segment_orders(material: Material) -> list[tuple[Bools, Ints]]:
    """By session: whether each of the therapist's segments, in order, is an interpretation, and the row of its turn."""
    mask, speaks, session = material.carry("INT"), material.speaks("T"), material.segment_session
    own = [speaks & (session == number) for number in range(len(material.sessions))]
    return [(mask[chosen], material.segment_turn[chosen]) for chosen in own]


def _shuffled(marks: Bools, turns: Ints, generator: np.random.Generator) -> Bools:
    """The marks with whole turns in other orders: axes (shuffle, segment)."""
    _, turn = np.unique(turns, return_inverse=True)
    keys = generator.random((SHUFFLES, int(turn.max()) + 1))
    return np.asarray(marks[np.argsort(keys[:, turn], axis=1, kind="stable")], dtype=np.bool_)


def _burst(
    material: Material,
    key: str,
    label: str,
    orders: list[tuple[Bools, Ints]],
    measure: Callable[[Bools], Floats],
    seed: int,
) -> Figure:
    """Sum `measure` over the sessions, divided by the interpretations there; the same of shuffled sessions as chance."""
    speaks = material.by_session(material.speaks("T"))
    enough = [
        marks.sum() >= LEAST_OCCASIONS and n >= LEAST_SEGMENTS for (marks, _), n in zip(orders, speaks, strict=True)
    ]
    kept = [order for order, has_enough in zip(orders, enough, strict=True) if has_enough]
    totals = np.array([marks.sum() for marks, _ in kept], dtype=np.int64)
    chance = None
    if not material.columns("INT"):
        estimate = without_value(0, unknown(material, ("INT",)))
    elif not kept:
        estimate = without_value(0, f"no session has {LEAST_OCCASIONS} interpretations and {LEAST_SEGMENTS} segments")
    else:
        generator = np.random.default_rng(seed)
        found = np.array([measure(marks[None, :])[0] for marks, _ in kept])
        drawn = sum(measure(_shuffled(marks, turns, generator)) for marks, turns in kept)
        n = int(totals.sum())
        ends = ratio_over_sessions(found, totals, seed=seed) if len(kept) > 1 else (None, None)
        estimate = Estimate(float(found.sum()) / n, ends[0], ends[1], n)
        low, high = np.quantile(drawn, [0.025, 0.975]) / n
        chance = Estimate(float(np.mean(drawn)) / n, float(low), float(high), SHUFFLES)
    rows = np.flatnonzero(material.turns_carry("INT") & np.array(enough, dtype=np.bool_)[material.turn_session])
    places = material.turn_places(rows)
    return Figure(
        id=key,
        label=label,
        short=label,
        unit="share",
        estimate=estimate,
        counted=f"{int(totals.sum())} in {len(kept)} of {len(orders)} session(s)",
        method=f"Counted in full; over several sessions with the session bootstrap. {_SHUFFLED}",
        claim=_BURST_CLAIM,
        places=places,
        chance=chance,
    )


def company(material: Material, *, seed: int = 0) -> tuple[Figure, ...]:
    """What else the interpreting turns carry: for each other code of the therapist's, the share of them that has it.

    `chance` is the share among the therapist's other turns. Ordinary modes are left out, as are codes that stand in no
    interpreting turn. No share from fewer than five interpreting turns.
    """
    said = material.turn_is_therapist & (material.turn_words > 0)
    interpreting = material.turns_carry("INT") & said
    others = said & ~interpreting
    figures = []
    for column, code in enumerate(material.codebook.codes):
        both = interpreting & material.turn_codes[:, column]
        if code.id.startswith("INT.") or code.id == "INT" or code.mode or not both.any():
            continue
        n = int(interpreting.sum())
        places = material.turn_places(np.flatnonzero(both))
        figures.append(
            Figure(
                id=f"int_with_{code.id}",
                label=f"Interpreting turns that also carry {code.id}",
                short=f"INT with {code.id}",
                unit="share",
                estimate=_turn_share(material, both, interpreting, seed),
                counted=f"{int(both.sum())} of {n} interpreting turns",
                method=f"By comparison: the therapist's other turns. {SHARE_METHOD}",
                places=places,
                chance=_turn_share(material, others & material.turn_codes[:, column], others, seed),
            )
        )
    return tuple(figures)


def persistence(material: Material, *, seed: int = 0) -> Figure:
    """After an interpretation that the client answers with a rupture marker or hostility: does another one follow?

    An occasion is an interpreting turn whose very next turn is a client's and carries RUP or HOST; it is persisted in
    when a therapist's turn among the five after that answer interprets again. `chance` is the same share after all
    other answers. Occasions without a turn left, and shares of fewer than five, have no value. Mild disagreement is
    COOP by the manual and no negative response.
    """
    interpreting = material.turns_carry("INT") & material.turn_is_therapist
    negative = material.turns_carry(*NEGATIVE) & ~material.turn_is_therapist
    answers = _answers(material, np.flatnonzero(interpreting))
    again = _follows(material, answers, interpreting)
    bad = negative[answers]
    places = material.turn_places(answers[bad])
    lacking = unknown_of(material, ("INT",), NEGATIVE)
    clients = int(material.speaks("C").sum())
    if lacking:
        estimate, chance = without_value(0, lacking), None
    elif clients < LEAST_SEGMENTS:
        estimate, chance = without_value(int(bad.sum()), too_few("C", clients)), None
    else:
        estimate = _occasion_share(material, answers[bad & again], answers[bad], seed)
        chance = _occasion_share(material, answers[~bad & again], answers[~bad], seed)
    return Figure(
        id="int_persistence",
        label="Interpretation goes on after a negative response",
        short="INT again after RUP or HOST",
        unit="share",
        estimate=estimate,
        counted=f"{int((bad & again).sum())} of {int(bad.sum())} negative responses to an interpretation were followed "
        f"by another within {PERSIST_TURNS} turns; of the {int((~bad).sum())} other responses, {int((~bad & again).sum())}",
        method=f"By comparison: the share after other responses. {SHARE_METHOD}",
        claim=_PERSIST_CLAIM,
        places=places,
        chance=chance,
    )


def _answers(material: Material, rows: Ints) -> Ints:
    """The client's turns right after these, where one stands there and the session goes on after it."""
    session, size = material.turn_session, len(material.turn_session)
    kept = [
        row + 1
        for row in rows
        if row + 2 < size and session[row + 2] == session[row] and not material.turn_is_therapist[row + 1]
    ]
    return np.array(kept, dtype=np.int64)


def _follows(material: Material, rows: Ints, marks: Bools) -> Bools:
    """By row: whether one of the five turns after it, in its session, is marked."""
    session = material.turn_session
    ends = [range(row + 1, min(row + 1 + PERSIST_TURNS, len(session))) for row in rows]
    return np.array(
        [any(marks[j] and session[j] == session[row] for j in after) for row, after in zip(rows, ends, strict=True)],
        dtype=np.bool_,
    )


def _turn_share(material: Material, marked: Bools, among: Bools, seed: int) -> Estimate:
    return _occasion_share(material, np.flatnonzero(marked), np.flatnonzero(among), seed)


def _occasion_share(material: Material, marked: Ints, among: Ints, seed: int) -> Estimate:
    if len(among) < LEAST_OCCASIONS:
        return without_value(len(among), f"{len(among)} occasion(s); a share needs {LEAST_OCCASIONS}")
    return share_of_turns(material, marked, among, seed=seed)
