"""The charts of a model's card."""

from __future__ import annotations

from typing import Any

from relcode.charts import as_svg

_INK, _SECOND, _BAND, _GRID = "#1f2933", "#a14a0b", "#dbe4ee", "#e3e7eb"


def codes_chart(rows: list[dict[str, Any]], second: dict[str, dict[str, Any]]) -> str:
    """F1 of each code with its interval, the best first; a second coder's F1 as a tick. Empty where none is defined."""
    import altair as alt

    values = [
        {
            "code": row["code"],
            "value": row["f1"],
            "low": row["f1"] if row["f1_low"] is None else row["f1_low"],
            "high": row["f1"] if row["f1_high"] is None else row["f1_high"],
            "second": second.get(row["code"], {}).get("f1"),
        }
        for row in sorted(rows, key=lambda row: -(row["f1"] or 0))
        if row["f1"] is not None
    ]
    if not values:
        return ""
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(alt.Data(values=values), width=560, height=alt.Step(17)).encode(
        y=alt.Y(
            "code:N",
            sort=[row["code"] for row in values],
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelPadding=10),
        )
    )
    line = base.mark_rule(color=_INK, strokeWidth=2).encode(
        x=alt.X("low:Q", title="F1 of turns, held-out dyads", scale=scale, axis=alt.Axis(grid=True, gridColor=_GRID)),
        x2="high:Q",
    )
    point = base.mark_point(color=_INK, filled=True, size=55, opacity=1).encode(x=alt.X("value:Q", scale=scale))
    tick = base.mark_tick(color=_SECOND, thickness=3, height=13).encode(x=alt.X("second:Q", scale=scale))
    layers = line + point + tick if any(row["second"] is not None for row in values) else line + point
    return as_svg(layers, "F1 of each code with its interval")


def curve_chart(points: list[dict[str, Any]]) -> str:
    """Macro-F1 by the number of sessions learned from, with its interval as a band. Empty without points."""
    import altair as alt

    if not points:
        return ""
    values = [
        {
            "sessions": point["sessions"],
            "value": point["macro_f1"],
            "low": point["macro_f1"] if point["macro_f1_low"] is None else point["macro_f1_low"],
            "high": point["macro_f1"] if point["macro_f1_high"] is None else point["macro_f1_high"],
        }
        for point in points
    ]
    x = alt.X("sessions:Q", title="sessions learned from", scale=alt.Scale(zero=True), axis=alt.Axis(grid=False))
    scale = alt.Scale(zero=False, padding=10)
    base = alt.Chart(alt.Data(values=values), width=420, height=190).encode(x=x)
    band = base.mark_area(color=_BAND, opacity=1).encode(
        y=alt.Y("low:Q", title="macro-F1 of turns", scale=scale, axis=alt.Axis(gridColor=_GRID, tickCount=6)),
        y2="high:Q",
    )
    line = base.mark_line(color=_INK, strokeWidth=2).encode(y=alt.Y("value:Q", scale=scale))
    point = base.mark_point(color=_INK, filled=True, size=55, opacity=1).encode(y=alt.Y("value:Q", scale=scale))
    return as_svg(band + line + point, "Learning curve: macro-F1 by sessions learned from")
