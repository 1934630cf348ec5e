"""The charts of the reliability page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from relcode.charts import as_svg
from relcode.reliability.drift import Series
from relcode.reliability.results import Row

_INK, _SOFT, _SIGNAL, _BAND = "#1f2933", "#7b8794", "#a32020", "#dbe4ee"


def codes_chart(rows: Sequence[Row], name: str, title: str, *, label: str) -> str:
    """One coefficient with its interval, a line a code; empty where it has no value."""
    import altair as alt

    values = [
        {"code": row.code, "value": found.value, "low": found.low, "high": found.high}
        for row in rows
        if (found := row.coefficients[name]).value is not None
    ]
    if not values:
        return ""
    scale = alt.Scale(domain=[min(0.0, *(each["low"] or each["value"] or 0 for each in values)), 1])
    order = [each["code"] for each in values]
    base = alt.Chart(alt.Data(values=values), width=560, height=alt.Step(18)).encode(
        y=alt.Y(
            "code:N",
            sort=order,
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelPadding=10),
        )
    )
    line = base.mark_rule(color=_INK, strokeWidth=2).encode(
        x=alt.X("low:Q", title=title, scale=scale, axis=alt.Axis(grid=True, gridColor="#e3e7eb")), x2="high:Q"
    )
    point = base.mark_point(color=_INK, filled=True, size=60, opacity=1).encode(x=alt.X("value:Q", scale=scale))
    return as_svg(line + point, label)


def control_chart_svg(series: Series, *, label: str) -> str:
    """A control chart: shares as points, their limits as a band, the weighted mean as a line; signals are red and square."""
    import altair as alt

    values: list[dict[str, Any]] = [
        {
            "window": point.window,
            "share": point.share,
            "low": point.low,
            "high": point.high,
            "mean": point.mean,
            "signal": "outside" if point.signals else "inside",
        }
        for point in series.points
        if point.share is not None
    ]
    base = alt.Chart(alt.Data(values=values), width=300, height=130).encode(
        x=alt.X("window:O", sort=None, title=None, axis=alt.Axis(labelAngle=-50))
    )
    axis = alt.Axis(format="%", grid=False, tickCount=4)
    band = base.mark_area(color=_BAND, interpolate="step", opacity=1).encode(
        y=alt.Y("low:Q", title=None, axis=axis), y2="high:Q"
    )
    centre = (
        alt.Chart(alt.Data(values=[{}])).mark_rule(color=_SOFT, strokeDash=[4, 3]).encode(y=alt.datum(series.centre))
    )
    mean = base.mark_line(color=_SOFT, strokeWidth=2).encode(y="mean:Q")
    point = base.mark_point(filled=True, size=55, opacity=1).encode(
        y="share:Q",
        color=alt.Color("signal:N", legend=None, scale=alt.Scale(domain=["inside", "outside"], range=[_INK, _SIGNAL])),
        shape=alt.Shape(
            "signal:N", legend=None, scale=alt.Scale(domain=["inside", "outside"], range=["circle", "square"])
        ),
    )
    return as_svg(band + centre + mean + point, label)
