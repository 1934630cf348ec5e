"""Which model of a codebook is the promoted one, and how it came to be: a file of lines that is only ever added to.

Each line names the hash of the one before, and the hash of the model's checksums, so that neither the past nor a promoted
model can be changed without being noticed. Lines cut off at the end, and a file forged as a whole, are not noticed.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from relcode.errors import ModelError
from relcode.learning.compared import Comparison
from relcode.provenance import hash_bytes, reason_of, written_beside

FILE = "promotions.jsonl"
Event = Literal["promoted", "kept aside", "rolled back"]


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a model.

    Attributes
    ----------
    model
        The model that was promoted or kept aside; of a rollback, the one that is promoted again ("" where none is).
    sums
        SHA-256 of the model's file of checksums.
    instead_of
        The model that was promoted until then.
    previous
        SHA-256 of the line before; "" in the first.
    """

    event: Event
    model: str
    sums: str
    codebook: str
    instead_of: str | None
    reason: str
    at: str
    previous: str = ""
    comparison: Comparison | None = None


class Promotions:
    """The promotions of one codebook, read from `promotions.jsonl` in its folder.

    Raises
    ------
    ModelError
        The file cannot be read, or a line is not as it was written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.events, self.head = _read(self.path)

    @property
    def stack(self) -> list[Promotion]:
        """What was promoted and not rolled back, the present one last."""
        found: list[Promotion] = []
        for event in self.events:
            if event.event == "promoted":
                found.append(event)
            elif event.event == "rolled back":
                found.pop()
        return found

    @property
    def present(self) -> Promotion | None:
        return self.stack[-1] if self.stack else None

    def standing(self, model: str) -> tuple[str, str]:
        """How a model stands ("promoted", "promoted before", "kept aside", "new"), and the reason on record."""
        if self.present is not None and self.present.model == model:
            return "promoted", self.present.reason
        for event in reversed(self.events):
            if event.model == model or (event.event == "rolled back" and event.instead_of == model):
                return ("kept aside" if event.event == "kept aside" else "promoted before"), event.reason
        return "new", ""

    def append(self, event: Promotion) -> Promotion:
        """Add an event, unless another process has added one since these were read.

        Raises
        ------
        ModelError
            It has, or the file cannot be written; it is then as it was.
        """
        with _alone(self.path.parent):
            _, head = _read(self.path)
            if head != self.head:
                raise ModelError(
                    f"Somebody else has just changed {self.path}: look at `relcode models list`, and try again."
                )
            event = msgspec.structs.replace(event, previous=head)
            line = msgspec.json.encode(event) + b"\n"
            before = self.path.read_bytes() if self.path.exists() else b""
            with written_beside(self.path) as beside:
                beside.write_bytes(before + line)
        self.events, self.head = [*self.events, event], hash_bytes(line)
        return event


def now() -> str:
    """The present time, UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _read(path: Path) -> tuple[list[Promotion], str]:
    """The events, and the hash of the last line."""
    try:
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    except OSError as error:
        raise ModelError(f"Cannot read {path}: {reason_of(error)}.") from error
    events: list[Promotion] = []
    head, promoted = "", 0
    for number, line in enumerate(lines, start=1):
        try:
            event = msgspec.json.decode(line, type=Promotion)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _changed(path, number) from error
        promoted += {"promoted": 1, "rolled back": -1}.get(event.event, 0)
        if event.previous != head or promoted < 0:
            raise _changed(path, number)
        events.append(event)
        head = hash_bytes(line)
    return events, head


def _changed(path: Path, number: int) -> ModelError:
    return ModelError(
        f"{path} is refused: line {number} does not follow from the line before. Restore a copy of the file."
    )


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only process that writes into a folder."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise ModelError(f"Cannot open {folder}: {reason_of(error)}.") from error
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError as error:
        raise ModelError(f"Cannot lock {folder}: {reason_of(error)}. Keep the models on a local disk.") from error
