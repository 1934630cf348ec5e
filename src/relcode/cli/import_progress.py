"""A progress bar that shows after two seconds, and steps aside while a question is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

Answer = TypeVar("Answer")
_AFTER_SECONDS = 2.0


class Progress:
    """Iterates over files with a bar on stderr, on terminals only."""

    def __init__(self, what: str) -> None:
        from rich.console import Console

        self.what = what
        self._console = Console(stderr=True)
        self._bar: Any = None

    def watch(self, files: Sequence[Path]) -> Iterable[Path]:
        return self._iterate(files) if self._console.is_terminal else files

    def paused(self, ask: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
        """`ask`, with the bar out of its way."""

        def asked(question: Any) -> Answer:
            if self._bar is not None:
                self._bar.stop()
            answer = ask(question)
            if self._bar is not None:
                self._bar.start()
            return answer

        return asked

    def _iterate(self, files: Sequence[Path]) -> Iterator[Path]:
        from rich.progress import Progress as Bar

        begun = time.monotonic()
        task = None
        try:
            for number, file in enumerate(files):
                if task is None and time.monotonic() - begun > _AFTER_SECONDS:
                    self._bar = Bar(console=self._console, transient=True)
                    self._bar.start()
                    task = self._bar.add_task(self.what, total=len(files))
                if task is not None:
                    self._bar.update(task, completed=number)
                yield file
        finally:
            if self._bar is not None:
                self._bar.stop()
                self._bar = None
