"""How far a scoring is: a bar with words a second and the time left on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from relcode.cli.output import say
from relcode.scoring.progress import Progress

_EVERY = 60.0  # seconds between lines
_UNITS = {"reading": "files", "scoring": "words", "waiting": "workers"}


@contextmanager
def progress_shown() -> Iterator[Progress]:
    """A function that shows how far the work is."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, rate="")
            speed = bars.tasks[tasks[stage]].speed
            rate = f"{speed:,.0f} {_UNITS[stage]}/s" if speed else ""
            bars.update(tasks[stage], completed=done, total=total, rate=rate)

        yield show


class _Lines:
    """A line a minute: what is done of what, how fast, and how long the rest will take."""

    def __init__(self) -> None:
        self._stage = ""
        self._begun = self._said = time.monotonic()
        self._at_begin = 0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._begun, self._at_begin = stage, now, done
        if now - self._said < _EVERY or now == self._begun:
            return
        self._said = now
        if stage == "waiting":
            say(f"waiting for workers: {done} of {total} have come")
            return
        rate = (done - self._at_begin) / (now - self._begun)
        left = f"{(total - done) / rate / 60:.0f} minute(s) left" if rate else "time left unknown"
        say(f"{stage}: {done:,} of {total:,} {_UNITS[stage]}, {rate:,.0f} a second, {left}")
