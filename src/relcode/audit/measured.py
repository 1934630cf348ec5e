"""The measures that are followed from session to session and from client to client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from relcode.audit.blocks import balance_of_turns, share_of_turns
from relcode.audit.figure import Unit
from relcode.audit.intervals import LEAST_SEGMENTS, Estimate, Ints, without_value
from relcode.audit.material import Material
from relcode.audit.repairs import episode_rows
from relcode.audit.ruptures import rupture_episodes
from relcode.audit.shares import too_few, unknown_of
from relcode.records import Role


@dataclass(frozen=True)
class Measure:
    """One thing against another: segments that carry `first` against those that carry `second`.

    Without `second`: against all other segments of the speaker, as a rate per 100. `first` without any code (empty):
    the rupture episodes that meet a repair, against those that do not.
    """

    id: str
    label: str
    role: Role
    first: tuple[str, ...]
    second: tuple[str, ...] = ()

    @property
    def unit(self) -> Unit:
        return "per_100" if self.first and not self.second else "share"


MEASURES = (
    Measure("tsi_share", "TSI among TSI and TSD", "T", ("TSI",), ("TSD",)),
    Measure("int_rate", "Interpretations", "T", ("INT",)),
    Measure("int_share", "INT among INT and INQ", "T", ("INT",), ("INQ",)),
    Measure("refl_share", "REFL among REFL and questions", "T", ("REFL",), ("QUEST", "INQ")),
    Measure("here_and_now", "Therapist's HN or META", "T", ("HN", "META")),
    Measure("client_here_and_now", "Client's HN or META", "C", ("HN", "META")),
    Measure("rupture_rate", "Rupture markers", "C", ("RUP",)),
    Measure("ruptures_answered", "Rupture episodes that meet a repair", "C", ()),
)


def reason_against(material: Material, measure: Measure) -> str:
    """Why the measure cannot be had from this codebook or source at all; empty where it can."""
    families = [measure.first, measure.second] if measure.first else [("RUP",), ("REP",)]
    return unknown_of(material, *(names for names in families if names))


def sides(material: Material, measure: Measure) -> tuple[Ints, Ints]:
    """What counts for and what against, each thing as the row of its turn (a segment, or an episode's last turn)."""
    if not measure.first:
        episodes = rupture_episodes(material)
        return episode_rows(material, episodes, answered=True), episode_rows(material, episodes, answered=False)
    speaks = material.speaks(measure.role)
    first = material.carry(*measure.first)
    second = material.carry(*measure.second) if measure.second else ~first
    return material.segment_turn[first & speaks], material.segment_turn[second & speaks]


def estimate(material: Material, measure: Measure, *, seed: int = 0) -> Estimate:
    """The measure of all these sessions together, in its unit; by the rules of `blocks` and of least data."""
    n = int(material.speaks(measure.role).sum())
    reason = reason_against(material, measure) or (too_few(measure.role, n) if n < LEAST_SEGMENTS else "")
    if reason:
        return without_value(n, reason)
    first, second = sides(material, measure)
    if measure.unit == "per_100":
        return share_of_turns(material, first, np.concatenate([first, second]), seed=seed).scaled(100)
    if not measure.first and not len(first) + len(second):
        return without_value(0, "no rupture marker was coded")
    return balance_of_turns(material, first, second)


def counts_by(groups: Sequence[int] | Ints, rows: Ints, size: int) -> Ints:
    """How many of these things (rows of turns) lie in each of `size` groups of turns. `groups`: by turn."""
    return np.bincount(np.asarray(groups, dtype=np.int64)[rows], minlength=size).astype(np.int64)
