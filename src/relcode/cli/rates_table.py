"""The table of `relcode rates`, on a terminal and as CSV."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relcode.rates import Figure, RateRow, Rates

_SPEAKERS = {"T": "therapist", "C": "client", "TC": "all"}
_FIGURES = ("raw", "labels", "adjusted", "powered")


def print_rates(rates: Rates) -> None:
    """Rates per 100 units with their intervals; reasons stand below as numbered notes."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if Console().is_terminal else 200)
    contrast = rates.rows[0].contrast if rates.rows else None
    what = f"Difference where {contrast}, less where not, per" if contrast else "Per"
    title = f"{what} 100 {rates.unit}s, with 95 % intervals {_judged_by(rates)}. {rates.model}, {rates.codebook}"
    table = Table(title=title, title_justify="left", box=None)
    keys = list(rates.rows[0].group) if rates.rows else []
    for head in (*keys, "code", "of", "raw: UNCORRECTED", "hand-coded alone", "adjusted count", "PREDICTION-POWERED"):
        table.add_column(head, justify="left" if head in (*keys, "code", "of") else "right", no_wrap=True)
    for head in ("coded", "to halve"):
        table.add_column(head, justify="right", no_wrap=True)
    reasons: dict[str, int] = {}
    for row in rates.rows:
        figures = [_shown(getattr(row, name), reasons) for name in _FIGURES]
        coded = f"{row.coded_sessions} of {row.sessions} s., {row.instances}{_alone(row, reasons)}"
        table.add_row(*row.group.values(), row.code, _SPEAKERS[row.speakers], *figures, coded, _halved(row, reasons))
    console.print(table)
    for reason, number in reasons.items():
        console.print(f"({number}) {reason}", highlight=False)
    sample = rates.sample or "none"
    console.print(
        f"Hand-coded sample: {sample}. coded: sessions, and instances on them. to halve: sessions to be coded beside, to "
        "make the prediction-powered interval half as wide.",
        highlight=False,
    )


def _judged_by(rates: Rates) -> str:
    keys = sorted({row.cluster for row in rates.rows})
    return f"by {' or '.join(keys)}"


def _alone(row: RateRow, reasons: dict[str, int]) -> str:
    if row.these_alone is None:
        return ""
    whom = "this one" if row.these_alone == 1 else f"these {row.these_alone}"
    reason = (
        f"by session, since those with coded sessions are too few: the interval is for {whom} alone, not for others"
    )
    return f" ({reasons.setdefault(reason, len(reasons) + 1)})"


def write_rates(path: Path, rates: Rates) -> None:
    """Write shares (0 to 1) as CSV, beside and then renamed; `raw` is named as what it is."""
    from relcode.provenance import written_beside

    keys = list(rates.rows[0].group) if rates.rows else []
    counts = ("sessions", "units", "coded_sessions", "coded_units", "instances", "cluster", "these_alone")
    known = ("power", "sensitivity", "specificity", "more_sessions", "more_units", "more_reason")
    names = [
        f"{'raw_uncorrected' if name == 'raw' else name}{part}"
        for name in _FIGURES
        for part in ("", "_low", "_high", "_reason")
    ]
    with written_beside(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*keys, "contrast", "code", "speakers", "unit", *counts, *names, *known])
        for row in rates.rows:
            figures = [value for name in _FIGURES for value in _parts(getattr(row, name))]
            own = [row.contrast, row.code, row.speakers, rates.unit]
            rest = [[getattr(row, name) for name in of] for of in (counts, known)]
            table.writerow([*row.group.values(), *own, *rest[0], *figures, *rest[1]])


def _parts(figure: Figure) -> tuple[float | str | None, ...]:
    return figure.value, figure.low, figure.high, figure.reason


def _shown(figure: Figure, reasons: dict[str, int]) -> str:
    mark = "" if not figure.reason else f" ({reasons.setdefault(figure.reason, len(reasons) + 1)})"
    if figure.value is None:
        return f"–{mark}"
    if figure.low is None or figure.high is None:
        return f"{100 * figure.value:.2f}{mark}"
    return f"{100 * figure.value:.2f} [{100 * figure.low:.2f}, {100 * figure.high:.2f}]{mark}"


def _halved(row: RateRow, reasons: dict[str, int]) -> str:
    if row.more_sessions is not None:
        return f"+{row.more_sessions} ({row.more_units} {'units' if row.more_units != 1 else 'unit'})"
    return f"– ({reasons.setdefault(row.more_reason, len(reasons) + 1)})" if row.more_reason else ""
