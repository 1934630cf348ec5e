"""The charts of the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from relcode.audit.exchange import Response
from relcode.audit.figure import Figure
from relcode.audit.lags import INTERVENTIONS
from relcode.audit.result import AuditResult, Caseload, CodeRate, Course
from relcode.audit.sequence_charts import along_chart, course_chart, lags_chart, talk_chart
from relcode.charts import as_svg
from relcode.records import Role

MOST_CHARTS = 6  # of courses and of caseloads; the tables hold all

_INK = "#1f2933"
_THERAPIST, _CLIENT = "#1b5e8c", "#a14a0b"
_SPEAKER_NAMES: dict[Role, str] = {"T": "therapist", "C": "client"}


def all_charts(result: AuditResult, responses: Sequence[Response]) -> dict[str, Markup]:
    """Every chart of the page by name; the label of each says where the numbers are. `responses`: those to be drawn."""
    below = "the table below gives the numbers"
    talk = [line for line in result.client_talk if line.intervention in INTERVENTIONS]
    rates = {role: [rate for rate in result.rates if rate.speaker == role] for role in _SPEAKER_NAMES}
    drawn = {
        "balances": balances_chart([*result.headline, *result.figures], label=f"Shares with 95 % intervals; {below}"),
        "therapist": rates_chart(rates["T"], label=f"Therapist codes per 100 segments; {below}"),
        "client": rates_chart(rates["C"], label=f"Client codes per 100 segments; {below}"),
        "tenths": tenths_chart(result, label=f"Here-and-now talk in tenths of the session; {below}"),
        "along": along_chart(result.along, label=f"Talk along the session; {below}"),
        "lags": lags_chart(responses, label=f"Client codes around interventions; {below}"),
        "talk": talk_chart(talk, label=f"Client's talk after interventions; {below}"),
    }
    courses: dict[str, list[Course]] = {}
    for course in result.course:
        courses.setdefault(course.dyad, []).append(course)
    caseloads: dict[str, list[Caseload]] = {}
    for caseload in result.caseload:
        caseloads.setdefault(caseload.therapist, []).append(caseload)
    for dyad in list(courses)[:MOST_CHARTS]:
        drawn[f"course {dyad}"] = course_chart(courses[dyad], label=f"Course of {dyad}; {below}")
    for therapist in list(caseloads)[:MOST_CHARTS]:
        label = f"Clients of {therapist}; {below}"
        drawn[f"caseload {therapist}"] = caseload_chart(caseloads[therapist], label=label)
    return {name: Markup(svg) for name, svg in drawn.items()}


def rates_chart(rates: Sequence[CodeRate], *, label: str) -> str:
    """Rates per 100 segments with their intervals, a line a code; empty where no rate has a value."""
    import altair as alt

    rows = [
        {"code": rate.code, "value": rate.estimate.value, "low": rate.estimate.low, "high": rate.estimate.high}
        for rate in rates
        if rate.estimate.value is not None
    ]
    if not rows:
        return ""
    color = _THERAPIST if rates[0].speaker == "T" else _CLIENT
    return _interval_chart(
        rows, "code", f"per 100 {_SPEAKER_NAMES[rates[0].speaker]} segments", color, alt.Undefined, label
    )


def balances_chart(figures: Sequence[Figure], *, label: str) -> str:
    """Shares from 0 to 1 with their intervals, a line a figure; empty where no share has a value."""
    rows = [
        {
            "figure": figure.short,
            "value": figure.estimate.value,
            "low": figure.estimate.low,
            "high": figure.estimate.high,
        }
        for figure in figures
        if figure.unit == "share" and figure.estimate.value is not None
    ]
    return _interval_chart(rows, "figure", "share", _INK, [0, 1], label) if rows else ""


def tenths_chart(result: AuditResult, *, label: str) -> str:
    """Segments with here-and-now talk in each tenth of the session, therapist beside client."""
    import altair as alt

    rows = [
        {"tenth": line.tenth, "speaker": _SPEAKER_NAMES[line.speaker], "segments": line.count}
        for line in result.here_and_now
    ]
    if not any(row["segments"] for row in rows):
        return ""
    chart = (
        alt.Chart(alt.Data(values=rows), width=620, height=150)
        .mark_bar()
        .encode(
            x=alt.X("tenth:O", title="tenth of the session", axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("speaker:N", sort=["therapist", "client"]),
            y=alt.Y("segments:Q", title="segments with HN or META", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "speaker:N",
                scale=alt.Scale(domain=["therapist", "client"], range=[_THERAPIST, _CLIENT]),
                legend=alt.Legend(title=None, orient="top"),
            ),
        )
    )
    return as_svg(chart, label)


def caseload_chart(lines: Sequence[Caseload], *, label: str) -> str:
    """A small chart a measure: each client's figure with its interval, in the order of their names."""
    import altair as alt

    rows = []
    for line in lines:
        times = 100 if line.unit == "share" else 1
        for client in line.clients:
            shown = client.raw if client.shrunk.value is None else client.shrunk
            if shown.value is not None and shown.low is not None and shown.high is not None:
                values = {"value": times * shown.value, "low": times * shown.low, "high": times * shown.high}
                unit = ", per 100" if line.unit == "per_100" else ", %"
                rows.append({"measure": line.label + unit, "client": client.client, **values})
    if not rows:
        return ""
    base = alt.Chart().encode(y=alt.Y("client:N", title=None, axis=alt.Axis(ticks=False, domain=False)))
    rule = base.mark_rule(color=_INK, strokeWidth=2).encode(x=alt.X("low:Q", title=None), x2="high:Q")
    point = base.mark_point(color=_INK, filled=True, size=45, opacity=1).encode(x=alt.X("value:Q", title=None))
    header = alt.Header(title=None, labelAnchor="start", labelFontWeight="bold", labelLimit=260, labelFontSize=11)
    order = list(dict.fromkeys(row["measure"] for row in rows))
    chart = (rule + point).properties(width=190, height=alt.Step(18))
    facets = chart.facet(data=alt.Data(values=rows), facet=alt.Facet("measure:N", sort=order, header=header), columns=3)
    return as_svg(facets.resolve_scale(x="independent", y="independent"), label)


def _interval_chart(rows: list[dict[str, Any]], field: str, title: str, color: str, domain: Any, label: str) -> str:
    import altair as alt

    base = alt.Chart(alt.Data(values=rows), width=560, height=alt.Step(22)).encode(
        y=alt.Y(
            f"{field}:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelLimit=340, ticks=False, domain=False, labelPadding=10),
        )
    )
    scale = alt.Scale(domain=domain) if domain is not alt.Undefined else alt.Scale(zero=True)
    line = base.mark_rule(color=color, strokeWidth=2).encode(
        x=alt.X("low:Q", title=title, scale=scale, axis=alt.Axis(grid=True, gridColor="#e3e7eb")), x2="high:Q"
    )
    point = base.mark_point(color=color, filled=True, size=70, opacity=1).encode(x=alt.X("value:Q", scale=scale))
    return as_svg(line + point, label)
