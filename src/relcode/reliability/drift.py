"""Drift: how often each coder gives each code over time, and how far they go along with the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from relcode.reliability.coded_pages import window_of, windows_in_order
from relcode.reliability.coefficients import Floats
from relcode.reliability.control import Point, control_chart
from relcode.reliability.material import Material
from relcode.reliability.ratings import Ints

ANY = "any code"
ALL = "all codes"
LEAST = 10
SeriesKind = Literal["rate", "balance", "agreement"]


class Series(msgspec.Struct, frozen=True):
    """One chart of a coder's share over time, for one code.

    `kind`: what the share is.
    `rate`: of the units that may carry the code, those to which the coder gave it. It moves with the sessions, too.
    `balance`: of the labels that the coder and another one, on the same units, do not share, those that this coder gave. It
    does not move with the sessions: a signal here is drift of this coder or of the others.
    `agreement`: of the labels that the coder or another one gave to the same units, those that both gave.

    `code`: a code; `any code` of rates, `all codes` of balance and agreement.
    """

    coder: str
    kind: SeriesKind
    code: str
    centre: float
    dispersion: float
    points: list[Point]

    @property
    def signals(self) -> list[Point]:
        """The windows in which the share or its weighted mean left its limits."""
        return [point for point in self.points if point.signals]


class Drift(msgspec.Struct, frozen=True):
    """`window`: what a window is; `windows`: their names in order; `reason`: why there is no series."""

    window: str
    windows: list[str]
    series: list[Series]
    reason: str | None = None


def find_drift(material: Material, *, window: str = "week") -> Drift:
    """Each coder's control charts over the windows in which they confirmed pages.

    Units are segments, turns where there are no transcripts, whose speaker may carry the code. Codes that a coder gave to
    fewer than ten units have no chart of their own; they count in those of all codes.
    """
    coders = [row for row in material.people if material.codings[row].pages]
    windows = windows_in_order([page for row in coders for page in material.codings[row].pages], window)
    if not coders:
        return Drift(window, [], [], "the labels are from files, which do not say when they were made")
    if len(windows) < 2:
        return Drift(window, windows, [], f"all pages were confirmed in one {window}")
    ratings = {code: material.finest.of_codes([code], material.codebook) for code in material.code_ids}
    lines = [_Timeline(material, row, windows, window) for row in coders]
    return Drift(window, windows, [each for line in lines for each in line.charts(ratings)])


class _Timeline:
    """One coder's units in the order of time."""

    def __init__(self, material: Material, row: int, windows: Sequence[str], window: str) -> None:
        coding = material.codings[row]
        self._coder, self._row, self._windows = coding.coder, row, windows
        self._others = [other for other in material.people if other != row]
        self._covered = material.finest.covered
        page = material.page_rows(material.finest)[row]
        self._units = np.flatnonzero(page >= 0)
        self._page = page[self._units]
        self._window_of_page = np.array(
            [windows.index(window_of(each, window)) for each in coding.pages], dtype=np.int64
        )

    def charts(self, ratings: Mapping[str, Floats]) -> Iterator[Series]:
        """Those of all codes, then those of each code that is not rare."""
        own = {code: table[self._row] for code, table in ratings.items()}
        against = {code: self._against_others(table) for code, table in ratings.items()}
        both, own_alone, theirs_alone = (np.sum(each, axis=0) for each in zip(*against.values(), strict=True))
        given = np.any([line == 1 for line in own.values()], axis=0)
        rated = ~np.all([np.isnan(line) for line in own.values()], axis=0)
        yield from self._series("agreement", ALL, both, both + own_alone + theirs_alone)
        yield from self._series("balance", ALL, own_alone, own_alone + theirs_alone)
        yield from self._series("rate", ANY, given, rated)
        for code, line in own.items():
            if (line[self._units] == 1).sum() >= LEAST:
                _, alone, others_alone = against[code]
                if (alone + others_alone)[self._units].sum() >= LEAST:
                    yield from self._series("balance", code, alone, alone + others_alone)
                yield from self._series("rate", code, line == 1, ~np.isnan(line))

    def _series(
        self, kind: SeriesKind, code: str, counts: npt.NDArray[Any], units: npt.NDArray[Any]
    ) -> Iterator[Series]:
        if chart := control_chart(self._windows, self._by_page(counts), self._by_page(units)):
            yield Series(self._coder, kind, code, chart.centre, chart.dispersion, chart.points)

    def _against_others(self, table: Floats) -> tuple[Ints, Ints, Ints]:
        """By unit, summed over the others who coded it: labels that both gave, this coder alone, the other alone."""
        mine, theirs = table[self._row] == 1, table[self._others] == 1
        shared = self._covered[self._row] & self._covered[self._others]
        sums = (each.sum(axis=0) for each in (shared & mine & theirs, shared & mine & ~theirs, shared & ~mine & theirs))
        both, own_alone, theirs_alone = sums
        return both, own_alone, theirs_alone

    def _by_page(self, amounts: npt.NDArray[Any]) -> list[list[int]]:
        """By window, the sum of a unit's amounts in each of its pages."""
        sums = np.bincount(self._page, weights=amounts[self._units], minlength=len(self._window_of_page))
        return [[int(each) for each in sums[self._window_of_page == number]] for number in range(len(self._windows))]
