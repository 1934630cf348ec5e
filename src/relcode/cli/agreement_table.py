"""What `relcode agreement` prints for reading: the turns' table, groups side by side, and what else was found in a line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from relcode.cli.output import say

if TYPE_CHECKING:
    from rich.table import Table

    from relcode.reliability import Agreement, Coefficient, Group

_CONFUSIONS = 8
_PAIR_COLUMNS = 6


def print_result(result: Agreement) -> None:
    """Tables on stdout, notes and single findings on stderr."""
    for note in result.notes:
        say(note)
    _print_codes(result)
    for kind in ("pair", "version", "window", "recode"):
        if groups := [group for group in result.groups if group.kind == kind]:
            _print_groups(kind, groups)
    _print_confusions(result)
    _say_drift(result)
    _say_anchoring(result)
    for machine in result.machines:
        if machine.seen or machine.seen_dyads:
            say(
                f"{machine.coder} was trained on {len(machine.seen)} of these {machine.sessions} session(s), and on others "
                f"of the dyads of {len(machine.seen_dyads)}: its figures are too good."
            )


def _print_codes(result: Agreement) -> None:
    """The turns' rows, else those of the first level."""
    from relcode.reliability.plugins import PLUGINS

    levels = [macro.level for macro in result.macro]
    level = "turn" if "turn" in levels else levels[0]
    macro = next(macro for macro in result.macro if macro.level == level)
    two = len(result.coders) == 2
    kappa = "cohen_kappa" if two else "fleiss_kappa"
    further = tuple(name for name in macro.coefficients if name in PLUGINS.names())
    table = _table(
        f"Agreement of {', '.join(result.coders)}: {level}s of {len(result.sessions)} session(s)",
        (
            "code",
            f"n ({'/'.join(result.coders)})",
            "% agreement",
            f"{'' if two else 'Fleiss '}kappa",
            "alpha",
            "AC1",
            *further,
        ),
        "\\[ ]: 95 % interval by session. -: undefined (see --json).",
    )
    shown = ("percent_agreement", kappa, "alpha", "ac1", *further)
    rows = result.of_level(level)
    given = [row for row in rows if row.given]
    for row in given:
        counts = "/".join(str(row.instances[coder]) for coder in result.coders)
        table.add_row(row.code, counts, *_cells(row.coefficients, shown))
    table.add_section()
    table.add_row(f"mean of {macro.codes}", f">= {macro.at_least} turns", *_cells(macro.coefficients, shown))
    _print(table)
    if len(given) < len(rows):
        say(f"{len(rows) - len(given)} row(s) of codes that nobody gave are left out of the table (see --out).")
    for each in result.macro:
        f1, alpha = each.coefficients.get("positive_agreement"), each.coefficients.get("alpha")
        if f1 is not None and alpha is not None:
            say(f"{each.level} level: mean alpha {_number(alpha)}, mean positive agreement (F1) {_number(f1)}")


def _print_groups(kind: str, groups: Sequence[Group]) -> None:
    """A line a group; of pairs also the alpha of each code, side by side."""
    level = "turn" if any(macro.level == "turn" for macro in groups[0].macro) else groups[0].macro[0].level
    titles = {"pair": "pair of coders", "version": "codebook version", "window": "window", "recode": "coder, re-coded"}
    table = _table(
        f"By {titles[kind]}, {level} level", (titles[kind], "sessions", "turns", "codes", "alpha", "F1"), None
    )
    for group in groups:
        macro = next(each for each in group.macro if each.level == level)
        name = group.name if group.days is None else f"{group.name} ({group.days:.0f} days later)"
        figures = [
            _number(macro.coefficients[each]) if macro.codes else "-" for each in ("alpha", "positive_agreement")
        ]
        table.add_row(name, str(len(group.sessions)), str(group.turns), str(macro.codes), *figures)
    _print(table)
    if kind != "pair" or len(groups) > _PAIR_COLUMNS:
        return
    table = _table(f"Alpha by code and pair, {level} level", ("code", *(group.name for group in groups)), None)
    for rows in zip(*(group.of_level(level) for group in groups), strict=True):
        if any(row.given for row in rows):
            table.add_row(rows[0].code, *(_number(row.coefficients["alpha"]) for row in rows))
    _print(table)


def _print_confusions(result: Agreement) -> None:
    if not result.confusions:
        return
    table = _table(
        "Codes given in each other's place",
        ("codes", "times", "by chance", "share", "rule"),
        "share: of the ratings with one of the two codes each, those that differ. The turns: --html, --json.",
    )
    for each in result.confusions[:_CONFUSIONS]:
        rule = "yes" if each.rules else "none"
        table.add_row(" / ".join(each.codes), str(each.count), f"{each.expected:.1f}", _number(each.share), rule)
    _print(table)


def _say_drift(result: Agreement) -> None:
    drift = result.drift
    if drift is None:
        return
    if drift.reason:
        say(f"drift: not charted, {drift.reason}.")
    for series in drift.series:
        if series.kind != "rate" and series.signals:
            windows = ", ".join(point.window for point in series.signals)
            what = {"balance": "gives it more or less than the others", "agreement": "agreement with the others"}
            say(f"drift: {series.coder}, {series.code}: {what[series.kind]} left its control limits in {windows}.")


def _say_anchoring(result: Agreement) -> None:
    anchoring = result.anchoring
    if anchoring is None:
        return
    if anchoring.reason:
        say(f"anchoring: not estimated, {anchoring.reason}.")
    elif anchoring.rows:
        total = anchoring.rows[0]
        say(
            f"anchoring: of the labels on pages with suggestions, {_number(total.because_shown)} exist only because these "
            f"were shown; with suggestions {_number(total.kept)} of them are kept, {_number(total.found_blind)} found without."
        )


def _table(title: str, columns: Sequence[str], caption: str | None) -> Table:
    from rich.table import Table

    table = Table(title=title, caption=caption, box=None)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    return table


def _print(table: Table) -> None:
    from rich.console import Console

    Console(width=None if Console().is_terminal else 120).print(table)


def _cells(coefficients: dict[str, Coefficient], shown: tuple[str, ...]) -> list[str]:
    cells = []
    for name in shown:
        value = coefficients[name]
        if name == "percent_agreement":
            cells.append("-" if value.value is None else f"{100 * value.value:.1f}")
        else:
            cells.append(_number(value, interval=name.endswith("kappa")))
    return cells


def _number(coefficient: Coefficient, *, interval: bool = True) -> str:
    if coefficient.value is None:
        return "-"
    text = f"{coefficient.value:.2f}"
    if interval and coefficient.low is not None and coefficient.high is not None:
        text += f" [{coefficient.low:.2f}, {coefficient.high:.2f}]"
    return text
