"""Rates as rows: a row a code and group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import numpy as np

from relcode.rates.cells import Cells, Unit
from relcode.rates.estimates import Figure
from relcode.rates.groups import Condition, Group, Metadata, check_keys, groups_of, sides_of
from relcode.rates.rules import LEAST_SESSIONS, Results, difference_of, figure_of, results_of
from relcode.rates.sums import Floats, Predictor, Sums


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
    rows = []
    for code in cells.codes:
        everywhere = cells.of(code)
        for group in groups:
            named = dict(zip(by, group.name, strict=True))
            maker = _Maker(cells, code, everywhere, named, unsampled, predictor)
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
    code: str
    everywhere: Sums
    group: dict[str, str]
    unsampled: str
    predictor: Predictor

    def rates(self, group: Group) -> RateRow:
        sums, found = self._results(group)
        return RateRow(
            **self._counts(sums, None),
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
        sums, our = self._results(ours)
        others, their = self._results(theirs)
        both = Sums(*(getattr(sums, each.name) + getattr(others, each.name) for each in fields(Sums)))
        return RateRow(
            **self._counts(both, contrast),
            raw=difference_of(our.raw, their.raw),
            labels=difference_of(our.labelled, their.labelled),
            adjusted=difference_of(our.adjusted, their.adjusted),
            powered=difference_of(our.powered, their.powered),
            sensitivity=our.sensitivity,
            specificity=our.specificity,
        )

    def _results(self, group: Group) -> tuple[Sums, Results]:
        """On the axis of the whole corpus only where the group is large enough to be adjusted: one a session is quick."""
        sums = self.cells.of(self.code, group.rows, group.thirds)
        everywhere = self.everywhere
        if len(group.rows) >= LEAST_SESSIONS:
            sums = Sums(*(self._spread(getattr(sums, each.name), group) for each in fields(Sums)))
        return sums, results_of(sums, everywhere, unsampled=self.unsampled, predictor=self.predictor)

    def _spread(self, values: Floats, group: Group) -> Floats:
        found = np.zeros(len(self.cells.sessions))
        found[group.rows] = values
        return found

    def _counts(self, sums: Sums, contrast: str | None) -> dict[str, Any]:
        return {
            "group": self.group,
            "code": self.code,
            "contrast": contrast,
            "speakers": "".join(sorted(self.cells.codebook.by_id[self.code].speakers, reverse=True)),
            "sessions": int((sums.units > 0).sum()),
            "units": int(sums.units.sum()),
            "coded_sessions": int((sums.coded > 0).sum()),
            "coded_units": int(sums.coded.sum()),
            "instances": int(sums.present.sum()),
        }
