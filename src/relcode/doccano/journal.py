"""What an upload that may break off leaves for its resumption; and that only one push is at work in a project folder.

The journal of a coder's batch names each attempt (a file of pages given to the server) before the file is sent, and
its task once there is one. It goes when everything was verified.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import msgspec

from relcode.configuration import CONFIGURATION
from relcode.doccano.locks import exclusive
from relcode.errors import DoccanoError
from relcode.project import Project
from relcode.provenance import hash_text, write_text

LOCK_SECONDS = 60.0
_FOLDER = ".doccano"
P = ParamSpec("P")
R = TypeVar("R")


class Attempt(msgspec.Struct):
    """A file of pages on its way. `whole`: the server said that it took in all of it."""

    attempt: str
    pages: list[str]
    task: str | None = None
    whole: bool = False


class Journal:
    """The attempts of one coder's batch, kept on disk.

    Raises
    ------
    DoccanoError
        The file is not what was written here.
    """

    def __init__(self, folder: Path, batch: str, coder: str) -> None:
        self.path = folder / _FOLDER / f"uploading-{hash_text(f'{batch}/{coder}')[:12]}.json"
        self.attempts: list[Attempt] = []
        if self.path.exists():
            try:
                self.attempts = msgspec.json.decode(self.path.read_bytes(), type=list[Attempt])
            except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
                raise DoccanoError(
                    f"{self.path}, which tells how far the last push came, cannot be read. Move it away and push "
                    "again: pages that came without labels or twice are then named, but not put right."
                ) from error

    def begin(self, attempt: str, pages: Sequence[str]) -> Attempt:
        """Note an attempt before its file is sent."""
        begun = Attempt(attempt, list(pages))
        self.attempts.append(begun)
        self.save()
        return begun

    def save(self) -> None:
        """Write all attempts, beside and then renamed."""
        write_text(self.path, msgspec.json.encode(self.attempts).decode())

    def close(self) -> None:
        """Forget the attempts: everything was verified."""
        self.path.unlink(missing_ok=True)
        self.attempts = []


def one_at_a_time(work: Callable[Concatenate[Project, P], R]) -> Callable[Concatenate[Project, P], R]:
    """Let one process at a time do `work` in a project's folder; another waits for `LOCK_SECONDS`, then is refused.

    The system lets the lock go with the process, however that ends. It lies on `relcode.toml`, which is always there.
    """

    @functools.wraps(work)
    def alone(project: Project, /, *arguments: P.args, **options: P.kwargs) -> R:
        busy = (
            f"Another push from {project.folder} is at work and did not end within {LOCK_SECONDS:.0f} seconds. "
            "Nothing was sent; push again when it is done."
        )
        with exclusive(project.folder / CONFIGURATION, seconds=LOCK_SECONDS, busy=busy):
            return work(project, *arguments, **options)

    return alone
