"""Charts of what runs in time: along a session, before and after an intervention, from session to session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from relcode.audit.exchange import Response, TalkChange
from relcode.audit.result import Along, Course
from relcode.charts import as_svg

INK, SOFT, ACCENT = "#1f2933", "#52606d", "#1b5e8c"
TALK = {
    "words": "words a turn",
    "self_reference": "I, me, my, per 100 words",
    "present_tense": "present of present and past, %",
}
_MOST_COURSE_MEASURES = 8


def along_chart(lines: Sequence[Along], *, label: str) -> str:
    """A small chart a line: the rate per 100 along the session, with its band; empty where no line has a value."""
    import altair as alt

    rows: list[dict[str, Any]] = [
        {"line": line.label, "x": 100 * point.position, **_limits(point.estimate, 1)}
        for line in lines
        for point in line.points
        if point.estimate.value is not None
    ]
    if not rows:
        return ""
    shown = list(dict.fromkeys(row["line"] for row in rows))
    base = alt.Chart().encode(
        x=alt.X("x:Q", title="% of the session", axis=alt.Axis(values=[0, 50, 100], grid=False)),
    )
    band = base.mark_area(color=ACCENT, opacity=0.2).encode(y=alt.Y("low:Q", title="per 100"), y2="high:Q")
    line = base.mark_line(color=ACCENT, strokeWidth=2).encode(y=alt.Y("value:Q", title="per 100"))
    return as_svg(_small(alt, band + line, rows, "line", shown, columns=4, width=150, height=90), label)


def lags_chart(responses: Sequence[Response], *, label: str) -> str:
    """Intervention by client code: the share of client turns with the code at each lag, beside what chance would give."""
    import altair as alt

    rows: list[dict[str, Any]] = [
        {
            "pair": f"{cell.intervention} \u2192 {cell.client_code}",
            "lag": cell.lag,
            "chance": 100 * cell.expected / cell.occasions,
            **_limits(cell.share, 100),
        }
        for cell in responses
        if cell.share.value is not None and cell.occasions
    ]
    if not rows:
        return ""
    shown = list(dict.fromkeys(row["pair"] for row in rows))
    base = alt.Chart().encode(
        x=alt.X("lag:O", title=None, sort=[-1, 1, 2, 3, 4, 5], axis=alt.Axis(labelAngle=0, format="+d", ticks=False))
    )
    title = "% of turns"
    rule = base.mark_rule(color=ACCENT, strokeWidth=2).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    point = base.mark_point(color=ACCENT, filled=True, size=45, opacity=1).encode(y=alt.Y("value:Q", title=title))
    chance = base.mark_tick(color=INK, thickness=2, size=14).encode(y=alt.Y("chance:Q", title=title))
    return as_svg(_small(alt, rule + point + chance, rows, "pair", shown, columns=5, width=120, height=80), label)


def talk_chart(lines: Sequence[TalkChange], *, label: str) -> str:
    """How far the client's next turn differs from the client's other turns, after each intervention."""
    import altair as alt

    rows: list[dict[str, Any]] = [
        {"measure": TALK[line.measure], "after": line.intervention, **_limits(line.difference, 1)}
        for line in lines
        if line.difference.value is not None
    ]
    if not rows:
        return ""
    shown = list(dict.fromkeys(row["measure"] for row in rows))
    base = alt.Chart().encode(y=alt.Y("after:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False)))
    zero = alt.Chart().mark_rule(color=SOFT, strokeDash=[3, 3]).encode(x=alt.datum(0))
    rule = base.mark_rule(color=ACCENT, strokeWidth=2).encode(x=alt.X("low:Q", title="difference"), x2="high:Q")
    point = base.mark_point(color=ACCENT, filled=True, size=45, opacity=1).encode(
        x=alt.X("value:Q", title="difference")
    )
    chart = _small(alt, zero + rule + point, rows, "measure", shown, columns=3, width=190, height=alt.Step(20))
    return as_svg(chart.resolve_scale(x="independent"), label)


def course_chart(lines: Sequence[Course], *, label: str) -> str:
    """A small chart a measure: its value in each session of a dyad, with intervals, in the order of the sessions."""
    import altair as alt

    rows: list[dict[str, Any]] = [
        {
            "measure": line.label + (", per 100" if line.unit == "per_100" else ", %"),
            "place": place,
            "session": str(place if point.session_number is None else point.session_number),
            **_limits(point.estimate, 100 if line.unit == "share" else 1),
        }
        for line in lines[:_MOST_COURSE_MEASURES]
        for place, point in enumerate(line.points, start=1)
        if point.estimate.value is not None
    ]
    if not rows:
        return ""
    shown = list(dict.fromkeys(row["measure"] for row in rows))
    numbers = [row["session"] for row in sorted(rows, key=lambda row: row["place"])]
    base = alt.Chart().encode(
        x=alt.X("session:O", title="session", sort=list(dict.fromkeys(numbers)), axis=alt.Axis(labelAngle=0))
    )
    line = base.mark_line(color=ACCENT, strokeWidth=1, opacity=0.5).encode(y=alt.Y("value:Q", title=None))
    rule = base.mark_rule(color=ACCENT, strokeWidth=2).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    point = base.mark_point(color=ACCENT, filled=True, size=45, opacity=1).encode(y=alt.Y("value:Q", title=None))
    return as_svg(_small(alt, line + rule + point, rows, "measure", shown, columns=3, width=210, height=90), label)


def _limits(estimate: Any, times: float) -> dict[str, float | None]:
    limits = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if value is None else times * value for name, value in limits.items()}


def _small(
    alt: Any,
    layer: Any,
    rows: list[dict[str, Any]],
    field: str,
    order: list[str],
    *,
    columns: int,
    width: Any,
    height: Any,
) -> Any:
    """Small charts side by side, each with axes of its own, so that rare codes can be read too."""
    header = alt.Header(
        title=None, labelAnchor="start", labelFontWeight="bold", labelLimit=width + 60, labelFontSize=11
    )
    chart = layer.properties(width=width, height=height).facet(
        data=alt.Data(values=rows), facet=alt.Facet(f"{field}:N", sort=order, header=header), columns=columns
    )
    return chart.resolve_scale(y="independent").resolve_axis(x="independent")
