"""The steps of a training as lines, and on a terminal beneath them how long the present one has been under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from relcode.cli.output import say


@contextmanager
def steps_shown() -> Iterator[Callable[[str], None]]:
    """A function that shows a line of progress."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda line: say(f"  {line}")
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("")

        def step(line: str) -> None:
            bar.console.print(f"  {line}", markup=False, highlight=False)
            bar.reset(task, description=line)

        yield step
