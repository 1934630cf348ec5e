"""The reliability of a study as one HTML page that holds everything it shows: no script, no network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from relcode.codebook import Codebook
from relcode.pages import page_environment, report_style
from relcode.reliability import wording
from relcode.reliability.drift import Series
from relcode.reliability.page_charts import codes_chart, control_chart_svg
from relcode.reliability.plugins import sources_of
from relcode.reliability.results import Agreement, Group, Row
from relcode.version import VERSION

MOST_CONFUSIONS = 15
MOST_PLACES = 30
MOST_CHARTS = 12
_TEMPLATES = Path(__file__).parent / "templates"
_KINDS = {
    "rate": "given, of the units that may carry it",
    "balance": "given by this coder, of the labels not shared with the others",
    "agreement": "given by both, of the labels that this coder or another gave",
}


def render_page(result: Agreement, codebook: Codebook | None) -> str:
    """Render a result as one self-contained HTML document; words stand in it where the result holds them."""
    levels = [macro.level for macro in result.macro]
    main = next(level for level in ("turn", *levels) if level in levels)
    rows = [row for row in result.of_level(main) if row.given]
    series = _shown_series(result)
    chart = codes_chart(
        rows, "alpha", "Krippendorff's alpha", label=f"Alpha by code on {main}s; the table gives the numbers"
    )
    return (
        _environment()
        .get_template("reliability.html.j2")
        .render(
            result=result,
            names={code.id: code.name for code in codebook.codes} if codebook else {},
            title=f"Reliability of {', '.join(result.coders)}",
            main=main,
            levels={level: [row for row in result.of_level(level) if row.given] for level in levels},
            never=[row.code for row in result.of_level(main) if not row.given],
            further=sources_of(dict.fromkeys(name for macro in result.macro for name in macro.coefficients)),
            kappa="cohen_kappa" if len(result.coders) == 2 else "fleiss_kappa",
            chart=Markup(chart),
            people=[coded for coded in result.coded if coded.coder in result.coders],
            words=any(place.text is not None for each in result.confusions for place in each.places),
            confusions=result.confusions[:MOST_CONFUSIONS],
            more_confusions=result.confusions[MOST_CONFUSIONS:],
            most_places=MOST_PLACES,
            series=[(each, Markup(control_chart_svg(each, label=_chart_label(each)))) for each in series],
            kinds=_KINDS,
            drifting=[each for each in _all_series(result) if each.kind != "rate" and each.signals],
            undefined=_undefined(result),
            machine_rows=_machine_rows(result, main),
            paragraph=wording.methods_paragraph(result, VERSION),
            version=VERSION,
            style=report_style(),
        )
    )


def _all_series(result: Agreement) -> Sequence[Series]:
    return result.drift.series if result.drift else ()


def _shown_series(result: Agreement) -> list[Series]:
    """The charts: agreement of each coder with the others, then the balances that gave a signal."""
    every = _all_series(result)
    agreed = [each for each in every if each.kind == "agreement"]
    signals = sorted((each for each in every if each.kind == "balance" and each.signals), key=lambda s: -len(s.signals))
    return [*agreed, *signals][:MOST_CHARTS]


def _chart_label(series: Series) -> str:
    outside = ", ".join(point.window for point in series.signals) or "none"
    return f"{series.coder}, {series.code}: share {_KINDS[series.kind]}; outside the limits: {outside}"


def _undefined(result: Agreement) -> list[tuple[str, list[str]]]:
    """Reason -> the figures without value or interval, the reason with most figures first."""
    found: dict[str, list[str]] = {}
    for row in result.rows:
        for name, value in row.coefficients.items():
            structural = value.reason is None or value.reason.startswith(
                ("Cohen's kappa compares", "no interval: not res")
            )
            if not structural and row.given:
                shown = f"{wording.NAMES.get(name, name)} of {row.code} on {row.level}s"
                few = str(value.reason).startswith("no interval: undefined in")
                reason = "no interval: undefined in over 10 % of the resamples" if few else str(value.reason)
                found.setdefault(reason, []).append(shown)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def _machine_rows(result: Agreement, level: str) -> list[dict[str, Any]]:
    """By machine and code: the mean positive agreement and alpha over pairs of people, and over the machine's with people."""
    pairs = result.of_kind("pair")
    machines = {name for group in pairs for name in group.coders} - set(result.coders)
    lines = []
    for machine in sorted(machines):
        own = [group for group in pairs if machine in group.coders and set(group.coders) & set(result.coders)]
        people = [group for group in pairs if set(group.coders) <= set(result.coders)]
        codes = [
            {
                "code": row.code,
                "given": row.instances[machine],
                **{f"people_{name}": _mean(people, level, row.code, name) for name in ("alpha", "positive_agreement")},
                **{f"machine_{name}": _mean(own, level, row.code, name) for name in ("alpha", "positive_agreement")},
            }
            for row in _rows_of(own[0], level)
            if any(each.given for group in (*own, *people) for each in _rows_of(group, level) if each.code == row.code)
        ]
        lines.append({"machine": machine, "codes": codes, "of_people": len(people), "own": own})
    return lines


def _rows_of(group: Group, level: str) -> list[Row]:
    return [row for row in group.rows if row.level == level]


def _mean(groups: Sequence[Group], level: str, code: str, name: str) -> float | None:
    values = [
        value
        for group in groups
        for row in _rows_of(group, level)
        if row.code == code and (value := row.coefficients[name].value) is not None
    ]
    return sum(values) / len(values) if values else None


@cache
def _environment() -> Environment:
    environment = page_environment(_TEMPLATES)
    environment.filters.update(
        number=wording.number,
        percent=wording.percent,
        interval=wording.interval,
        limits=wording.limits,
        prevalence=wording.prevalence,
    )
    environment.globals["figure_names"] = wording.NAMES
    return environment
