"""One process at a time: a lock on a file or folder, which the system lets go with the process, however that ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from relcode.errors import DoccanoError
from relcode.provenance import reason_of


@contextlib.contextmanager
def exclusive(path: Path, *, seconds: float, busy: str) -> Iterator[None]:
    """Be the only one at work under a lock on what is there already; wait for another at most so many seconds.

    Raises
    ------
    DoccanoError
        Another holds it for longer (the message is `busy`), or it cannot be locked.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise DoccanoError(f"Cannot open {path}: {reason_of(error)}.") from error
    try:
        _lock(handle, path, time.monotonic() + seconds, busy)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, path: Path, deadline: float, busy: str) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise DoccanoError(busy) from error
        except OSError as error:
            raise DoccanoError(f"Cannot lock {path}: {reason_of(error)}. Keep the study on a local disk.") from error
        time.sleep(0.1)
