"""Charts as static SVG: drawn by Altair, rendered by vl-convert, free of scripts and of outside references."""

from __future__ import annotations

import re
from typing import Any


def as_svg(chart: Any, label: str) -> str:
    """An Altair chart as one `<svg>` element, an image with a name to screen readers, to stand inside HTML."""
    import altair as alt
    import vl_convert

    configured = chart.configure_view(stroke=None).configure(
        font="DejaVu Sans, Verdana, sans-serif", background="white"
    )
    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    svg = vl_convert.vegalite_to_svg(configured.to_dict(), vl_version=version)
    body = re.sub(r'\s(xmlns(:\w+)?|aria-\w+|role)="[^"]*"', "", svg)
    name = label.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return body.replace("<svg", f'<svg role="img" aria-label="{name}"', 1)
