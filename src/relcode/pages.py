"""HTML pages from templates: what is put in is escaped, what is missing is an error."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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


def joined_script(folder: Path, files: Sequence[str]) -> Markup:
    """A page's script from its files (without `.js`), in this order and in one scope: what one declares, all know."""
    text = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in files)
    return Markup(f'"use strict";\n(() => {{\n{text}}})();\n')


def embedded_json(data: Any) -> Markup:
    """JSON that may stand in a script element: no character of it ends the element, a line or the file's encoding."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def packed_json(data: Any) -> Markup:
    """JSON, deflated (zlib) and in base64: a third of its size, for a script that unpacks it when it is asked for."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return Markup(base64.b64encode(zlib.compress(text.encode())).decode())


def source_hash(source: str) -> str:
    """A hash of an inline script or style for the page's Content-Security-Policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
