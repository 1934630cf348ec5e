"""The page that puts two audits side by side: one HTML file, without a script and without words of sessions."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment

from relcode.audit.comparison import Comparison, Line
from relcode.audit.figure import Unit
from relcode.audit.intervals import Estimate
from relcode.audit.numbers import PERCENT, interval, number
from relcode.pages import page_environment, report_style
from relcode.provenance import written_beside

_TEMPLATES = Path(__file__).parent / "templates"
_PARTS = ("value", "low", "high", "n", "reason", "mark")
WIDTH = 150


class Strip(msgspec.Struct, frozen=True):
    """Where the two estimates of a line are drawn, from 0 to `WIDTH`: (low, value, high), None where there is no figure."""

    first: tuple[float, float, float] | None
    second: tuple[float, float, float] | None
    scale: str


def render_comparison(comparison: Comparison) -> str:
    """Render a comparison as one self-contained HTML document."""
    sections: dict[str, list[Line]] = {}
    for line in comparison.lines:
        sections.setdefault(line.section, []).append(line)
    return (
        _environment()
        .get_template("compare.html.j2")
        .render(
            comparison=comparison,
            style=report_style(),
            sections=sections,
        )
    )


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write a row a figure as CSV, beside and then renamed, readable for the owner alone."""
    sides = ("first", "second", "difference")
    with written_beside(path, mode=0o600) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        heads = [f"{side}_{part}" for side in sides for part in _PARTS]
        table.writerow(["section", "measure", "label", "unit", *heads, "how"])
        for line in comparison.lines:
            numbers = [getattr(getattr(line, side), part) for side in sides for part in _PARTS]
            table.writerow([line.section, line.measure, line.label, line.unit, *numbers, line.how])


def difference_shown(estimate: Estimate, unit: Unit) -> str:
    """`+4.1 (-2.0 to 9.3)`; of shares in percentage points."""
    if estimate.value is None:
        return ""
    numbers = [each for each in (estimate.value, estimate.low, estimate.high) if each is not None]
    factor, digits = (1, 2 if unit == "index" else 1)
    if unit == "share":
        factor, digits = 100, 0 if max(abs(each) for each in numbers) >= 0.01 else 2
    shown = [_signed(factor * each, digits) for each in numbers]
    return shown[0] if len(shown) < 3 else f"{shown[0]} ({shown[1]} to {shown[2]})"


def _signed(value: float, digits: int) -> str:
    """A number with its sign; what is rounded to 0 has none."""
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}".replace("-", "\u2212") if rounded else f"{0:.{digits}f}"


def strip_of(line: Line) -> Strip | None:
    """How a line is drawn: shares from 0 to 100 %, rates from 0 to the highest end of either."""
    ends = [of.high if of.high is not None else of.value for of in (line.first, line.second)]
    known = [end for end in ends if end is not None]
    if not known:
        return None
    most = 1.0 if line.unit == "share" else max(*known, 1e-9)

    def _at(of: Estimate) -> tuple[float, float, float] | None:
        if of.value is None:
            return None
        low, high = (of.value if end is None else end for end in (of.low, of.high))
        first, middle, last = (round(WIDTH * min(max(each / most, 0), 1), 1) for each in (low, of.value, high))
        return first, middle, last

    return Strip(_at(line.first), _at(line.second), f"0 to {number(most, line.unit)}")


def unit_words(unit: Unit) -> str:
    """The unit of a difference, in words."""
    return {"share": "points", "per_100": "per 100", "turns": "turns", "per_50_minutes": "per 50 min"}.get(unit, "")


@cache
def _environment() -> Environment:
    environment = page_environment(_TEMPLATES)
    environment.filters.update(
        number=number, interval=interval, difference=difference_shown, strip=strip_of, unit=unit_words
    )
    environment.globals.update(width=WIDTH, percent=PERCENT)
    return environment
