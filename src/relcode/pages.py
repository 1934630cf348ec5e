"""HTML pages from templates: what is put in is escaped, what is missing is an error."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup


def page_environment(templates: Path) -> Environment:
    """The environment of the templates in a folder."""
    return Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def report_style() -> Markup:
    """The style that reports share, for screen and print, to stand in the page itself."""
    return Markup((Path(__file__).parent / "style.css").read_text(encoding="utf-8"))
