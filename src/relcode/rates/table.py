"""Rates as rows: a row a code and group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import numpy as np

from relcode.rates.cells import Cells, Unit
from relcode.rates.clusters import Clusters
from relcode.rates.estimates import Figure
from relcode.rates.groups import SESSION, Condition, Group, Metadata, check_keys, groups_of, sides_of
from relcode.rates.rules import Results, difference_of, figure_of, results_of
from relcode.rates.sums import Ints, Predictor, Sums


class RateRow(msgspec.Struct, frozen=True, kw_only=True):
    """The rates of one code in one group; of a contrast, their differences.

    Shares of units, 0 to 1 (differences -1 to 1). A *unit* is a segment or turn of the `speakers` who may carry the code.

    Attributes
    ----------
    group
        Key -> value of `--by`; empty: the whole corpus.
    contrast
        The condition that two groups differ in: the figures are those where it holds less those where it does not.
    sessions, units, coded_sessions, coded_units, instances
        What the figures are made from; `instances`: units with the code among those coded by hand.
    cluster
        What the intervals are judged by: `session`, or the key whose sessions are taken together (`dyad`).
    these_alone
        How many clients (clusters) the figures are for, and no others: there are too few to judge others by. None: for
        sessions and clients like these.
    raw
        The machine's decisions, counted: uncorrected, and no estimate of the rate.
    labels
        What was coded by hand, alone.
    adjusted
        The adjusted count (Rogan & Gladen).
    powered
        The prediction-powered estimate: what to report.
    power
        The weight of the predictions in `powered`, 0 to 1.
    sensitivity, specificity
        Of the machine's decisions in all that was coded by hand.
    more_sessions, more_units, more_reason
        What would have to be coded beside to make the interval of `powered` half as wide, or why that cannot be.
    """

    group: dict[str, str]
    code: str
    contrast: str | None
    speakers: str
    sessions: int
    units: int
    coded_sessions: int
    coded_units: int
    instances: int
    cluster: str
    these_alone: int | None
    raw: Figure
    labels: Figure
    adjusted: Figure
    powered: Figure
    power: float | None = None
    sensitivity: float | None = None
    specificity: float | None = None
    more_sessions: int | None = None
    more_units: int | None = None
    more_reason: str = ""


class Rates(msgspec.Struct, frozen=True):
    """Rates of a corpus. `sample`: in words, how the hand-coded sample came about. `notes`: what was left out."""

    model: str
    codebook: str
    unit: Unit
    predictor: Predictor
    sample: str
    rows: list[RateRow]
    notes: list[str]


def rate_rows(
    cells: Cells,
    metadata: Metadata,
    *,
    by: Sequence[str] = (),
    where: Sequence[Condition] = (),
    contrast: Condition | None = None,
    cluster: str | None = None,
    unsampled: str = "",
    predictor: Predictor = "probability",
) -> list[RateRow]:
    """The rates of every code in every group.

    Parameters
    ----------
    metadata
        Session -> what its header says.
    by
        Keys of headers, `session` or `third`; without one, the corpus is one group.
    where
        Only what fulfils these.
    contrast
        Compare, in each group, what fulfils this with what does not.
    cluster
        The key of headers whose sessions are judged together, such as `dyad`, `therapist` or `session`; by default
        `dyad` or `client`, where headers say it. In groups with fewer than `LEAST_CLUSTERS` of them, `session`.
    unsampled
        Why what was coded by hand is no sample that stands for others; empty where it is one.

    Raises
    ------
    UsageError
        A key is in no header.
    """
    check_keys(metadata, [] if contrast is None else [contrast.key])
    groups = groups_of(cells.sessions, metadata, by, where)
    sides = None if contrast is None else sides_of(cells.sessions, metadata, contrast)
    clusters = Clusters.by(cells.sessions, metadata, cluster)
    rows = []
    for code in cells.codes:
        for group in groups:
            named = dict(zip(by, group.name, strict=True))
            maker = _Maker(cells, clusters, code, named, unsampled, predictor)
            if sides is None:
                rows.append(maker.rates(group))
            else:
                ours, theirs = (Group(group.name, group.rows, group.thirds & side[group.rows]) for side in sides)
                rows.append(maker.difference(str(contrast), ours, theirs))
    return rows


@dataclass(frozen=True)
class _Maker:
    """Makes the rows of one code in one group."""

    cells: Cells
    clusters: Clusters
    code: str
    group: dict[str, str]
    unsampled: str
    predictor: Predictor

    def rates(self, group: Group) -> RateRow:
        (found,), counts = self._results([group], None)
        return RateRow(
            **counts,
            raw=figure_of(found.raw),
            labels=figure_of(found.labelled, note=found.note),
            adjusted=figure_of(found.adjusted, symmetrical=True),
            powered=figure_of(found.powered, note=found.note),
            power=found.power,
            sensitivity=found.sensitivity,
            specificity=found.specificity,
            more_sessions=found.halving.sessions,
            more_units=found.halving.units,
            more_reason=found.halving.reason,
        )

    def difference(self, contrast: str, ours: Group, theirs: Group) -> RateRow:
        (our, their), counts = self._results([ours, theirs], contrast)
        return RateRow(
            **counts,
            raw=difference_of(our.raw, their.raw),
            labels=difference_of(our.labelled, their.labelled),
            adjusted=difference_of(our.adjusted, their.adjusted),
            powered=difference_of(our.powered, their.powered),
            sensitivity=our.sensitivity,
            specificity=our.specificity,
        )

    def _results(self, groups: Sequence[Group], contrast: str | None) -> tuple[list[Results], dict[str, Any]]:
        """On one axis: the sessions of the groups, and those coded by hand anywhere; or clusters of them."""
        rows = np.unique(np.concatenate([self.cells.coded_rows, *(group.rows for group in groups)]))
        everywhere = self.cells.of(self.code, rows)
        sums = [self._of(group, rows) for group in groups]
        cluster = self.clusters.shared(rows, sums)
        found = [
            results_of(each, everywhere, cluster=cluster, unsampled=self.unsampled, predictor=self.predictor)
            for each in sums
        ]
        return found, self._counts(rows, sums, contrast, by_cluster=cluster is not None)

    def _of(self, group: Group, rows: Ints) -> Sums:
        sums = self.cells.of(self.code, group.rows, group.thirds)
        place = np.searchsorted(rows, group.rows)
        spread = (np.bincount(place, getattr(sums, each.name), len(rows)) for each in fields(Sums))
        return Sums(*(np.asarray(each, dtype=np.float64) for each in spread))

    def _counts(self, rows: Ints, groups: Sequence[Sums], contrast: str | None, *, by_cluster: bool) -> dict[str, Any]:
        sums = Sums(*(np.sum([getattr(group, each.name) for group in groups], axis=0) for each in fields(Sums)))
        there = rows[sums.units > 0]
        clusters = self.clusters.count(there)
        return {
            "group": self.group,
            "code": self.code,
            "contrast": contrast,
            "speakers": "".join(sorted(self.cells.codebook.by_id[self.code].speakers, reverse=True)),
            "sessions": len(there),
            "units": int(sums.units.sum()),
            "coded_sessions": int((sums.coded > 0).sum()),
            "coded_units": int(sums.coded.sum()),
            "instances": int(sums.present.sum()),
            "cluster": self.clusters.key if by_cluster else SESSION,
            "these_alone": None if by_cluster or clusters == len(there) else clusters,
        }
