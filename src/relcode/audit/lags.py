"""What clients do before and after each intervention: lag-sequential analysis of turns, within sessions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from relcode.audit.association import (
    Association,
    PairCounts,
    adjusted_residuals,
    count_pairs,
    expected_within,
    permutation_p,
    session_z,
    yules_q,
    yules_q_within,
)
from relcode.audit.exchange import Response
from relcode.audit.intervals import LEAST_SEGMENTS, Estimate, share_over_sessions, without_value
from relcode.audit.material import Bools, Ints, Material
from relcode.audit.shares import too_few
from relcode.records import Role

LAGS = (-1, 1, 2, 3, 4, 5)
LEAST_OCCASIONS = 5
TESTED = 0.05
"""A cell that no count could bring to this p is not tested."""

# What the coding manual asks an audit to look at first.
INTERVENTIONS = ("TSI", "TSD", "INT", "INQ")
CLIENT_CODES = ("COOP", "MCOG", "WARM", "HOST", "RUP")


def client_responses(material: Material, *, seed: int = 0) -> tuple[Response, ...]:
    """What clients do at lags -1 and +1 to +5 of each therapist code, against their base rates, code by code.

    Families of codes (`INT` for `INT.genetic` ...) that the source knows. Lags count client turns: +1 is the turn right
    after the therapist's, which must be a client's; +2 the next client turn, and so on within the session; -1 the turn
    right before. The base is every client turn at that lag of a therapist turn.

    Figures, each with its source in `association`: adjusted residual and Yule's Q of the pooled table; their
    counterparts within sessions; the exact p of permutations within sessions; that p adjusted over the cells of the
    lag (Benjamini & Hochberg 1995), cells left out that could not have reached .05 (Tarone 1990, Biometrics
    46:515-522). Nothing is said from fewer than five occasions or 20 client segments; Yule's Q needs five client turns
    with the code too.
    """
    said = int(material.speaks("C").sum())
    reason = too_few("C", said) if said < LEAST_SEGMENTS else ""
    return tuple(cell for lag in LAGS for cell in _Lag(material, lag, reason, seed).responses())


def families(material: Material, role: Role) -> tuple[str, ...]:
    """The families of codes that a speaker may carry and the source knows, in the codebook's order."""
    names = (code.id.partition(".")[0] for code in material.codebook.codes if role in code.speakers)
    return tuple(name for name in dict.fromkeys(names) if material.columns(name))


def pairs_at(material: Material, lag: int) -> tuple[Ints, Ints]:
    """Rows of therapist turns with a client turn at a lag, and of those client turns (see `client_responses`)."""
    clients = np.flatnonzero(~material.turn_is_therapist)
    therapist = np.flatnonzero(material.turn_is_therapist)
    neighbour = therapist + (1 if lag > 0 else -1)
    inside = (neighbour >= 0) & (neighbour < len(material.turn_session))
    therapist, neighbour = therapist[inside], neighbour[inside]
    beside = ~material.turn_is_therapist[neighbour]
    therapist, neighbour = therapist[beside], neighbour[beside]
    place = np.searchsorted(clients, neighbour) + (lag - 1 if lag > 0 else lag + 1)
    reached = (place >= 0) & (place < len(clients))
    therapist, client = therapist[reached], clients[place[reached]]
    same = material.turn_session[client] == material.turn_session[therapist]
    return therapist[same].astype(np.int64), client[same].astype(np.int64)


@dataclass(frozen=True, repr=False)
class _Lag:
    """All cells of one lag. `too_short` says why the client's talk is too little for any figure, if it is."""

    material: Material
    lag: int
    too_short: str
    seed: int

    @cached_property
    def pairs(self) -> tuple[Ints, Ints]:
        return pairs_at(self.material, self.lag)

    @cached_property
    def first(self) -> tuple[str, ...]:
        return families(self.material, "T")

    @cached_property
    def second(self) -> tuple[str, ...]:
        return families(self.material, "C")

    @cached_property
    def marks(self) -> tuple[Bools, Bools]:
        """Which pairs carry which codes. Axes: (pair, therapist code), (pair, client code)."""
        return _marks(self.material, self.pairs[0], self.first), _marks(self.material, self.pairs[1], self.second)

    @cached_property
    def counts(self) -> PairCounts:
        session = self.material.turn_session[self.pairs[0]]
        return count_pairs(session, len(self.material.sessions), *self.marks)

    def responses(self) -> list[Response]:
        """A cell for each therapist code and each client code."""
        if not self.first or not self.second:
            return []
        residual, within = adjusted_residuals(self.counts), session_z(self.counts)
        expected = expected_within(self.counts)
        pooled, stratified = yules_q(self.counts, seed=self.seed), yules_q_within(self.counts, seed=self.seed)
        bases = [self._share(self.counts.second[:, h], self.counts.pairs) for h in range(len(self.second))]
        p, least = self._tested()
        adjusted = adjust(p, least)
        cells = []
        for g, h in np.ndindex(p.shape):
            why = self.too_short or self._few(g)
            reasons = {
                "residual": why or "a cell of the pooled table is expected under 5",
                "session_z": why or "no session leaves anything to chance",
                "p": why or "no session leaves anything to chance",
                "p_adjusted": why or "no count could have reached p = .05, so that it is not tested",
            }
            numbers: dict[str, Any] = {
                name: None if why or np.isnan(values[g, h]) else float(values[g, h])
                for name, values in (("residual", residual), ("session_z", within), ("p", p), ("p_adjusted", adjusted))
            }
            met = self.marks[0][:, g] & self.marks[1][:, h]
            cells.append(
                Response(
                    lag=self.lag,
                    intervention=self.first[g],
                    client_code=self.second[h],
                    count=int(met.sum()),
                    occasions=self._occasions(g),
                    share=self._share(self.counts.both[:, g, h], self.counts.first[:, g], why),
                    base=bases[h],
                    expected=float(expected[g, h]),
                    yules_q=self._q(pooled, g, h, why),
                    yules_q_within=self._q(stratified, g, h, why),
                    **numbers,
                    reasons={name: reasons[name] for name, value in numbers.items() if value is None},
                    places=self.material.turn_places(np.unique(self.pairs[1][met])),
                )
            )
        return cells

    def _occasions(self, g: int) -> int:
        return int(self.counts.first[:, g].sum())

    def _few(self, g: int) -> str:
        occasions = self._occasions(g)
        return "" if occasions >= LEAST_OCCASIONS else f"{occasions} occasion(s); a figure needs {LEAST_OCCASIONS}"

    def _share(self, counts: Ints, totals: Ints, why: str = "") -> Estimate:
        if why or self.too_short:
            return without_value(int(totals.sum()), why or self.too_short)
        return share_over_sessions(counts, totals, seed=self.seed)

    def _tested(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """p of each cell, and the least p that it could have had; NaN where there is none."""
        found = np.full((2, len(self.first), len(self.second)), np.nan)
        for g, h in np.ndindex(found.shape[1:]):
            if not (self.too_short or self._few(g)):
                counts = self.counts
                found[:, g, h] = permutation_p(
                    counts.pairs, counts.first[:, g], counts.second[:, h], counts.both[:, g, h]
                )
        return found[0], found[1]

    def _q(self, found: Association, g: int, h: int, why: str) -> Estimate:
        n, shown = int(self.counts.pairs.sum()), int(self.counts.second[:, h].sum())
        if not why and shown < LEAST_OCCASIONS:
            why = f"{shown} client turn(s) with {self.second[h]}; a figure needs {LEAST_OCCASIONS}"
        if not why and np.isnan(found.value[g, h]):
            why = "one of the two has nothing to differ from, or they are always or never together: the count says it"
        if why:
            return without_value(n, why)
        return Estimate(float(found.value[g, h]), float(found.low[g, h]), float(found.high[g, h]), n)


def adjust(p: npt.NDArray[np.float64], least: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """p after Benjamini and Hochberg, over those that could have reached .05 (`least` is the least possible p)."""
    tested = least <= TESTED
    adjusted = np.full(p.shape, np.nan)
    if tested.any():
        adjusted[tested] = stats.false_discovery_control(p[tested])
    return adjusted


def _marks(material: Material, rows: Ints, names: tuple[str, ...]) -> Bools:
    columns = [material.turn_codes[rows][:, material.columns(name)].any(axis=1) for name in names]
    return np.stack(columns, axis=1) if columns else np.zeros((len(rows), 0), dtype=np.bool_)
