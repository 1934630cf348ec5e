"""What every verb prints: messages to stderr, data to stdout, progress on what lasts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

Item = TypeVar("Item")


def say(line: str) -> None:
    """A message for the person: one line on stderr."""
    print(line, file=sys.stderr, flush=True)


def emit_json(value: Any, *, compact: bool = False) -> None:
    """Machine-readable output: JSON on stdout, indented, or `compact` on one line where it is long."""
    encoded = msgspec.json.encode(value)
    sys.stdout.write((encoded if compact else msgspec.json.format(encoded, indent=2)).decode() + "\n")


def progress(items: Iterable[Item], *, what: str, total: int | None = None) -> Iterator[Item]:
    """Iterate with a progress bar on stderr that shows after half a second, on terminals only."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    if not console.is_terminal:
        yield from items
        return
    yield from track(items, description=what, total=total, console=console, transient=True)
