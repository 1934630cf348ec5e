"""The file of decisions: a line a decision, only ever added to, each line on the disk before the next."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from relcode.deid.decisions import Decision
from relcode.errors import DeidError
from relcode.provenance import reason_of

_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_decoder = msgspec.json.Decoder(Decision)
_encoder = msgspec.json.Encoder()


def read_decisions(path: Path) -> tuple[list[Decision], list[str]]:
    """The decisions of a file in order, and a line for each line that is none, without its words.

    Raises
    ------
    DeidError
        The file cannot be read.
    """
    try:
        data = path.read_bytes().removeprefix(_BYTE_ORDER_MARK)
    except OSError as error:
        raise DeidError(f"Cannot read the decisions in {path}: {reason_of(error)}.") from error
    decisions: list[Decision] = []
    faults: list[str] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            decisions.append(_decoder.decode(line))
        except _BROKEN as error:
            faults.append(f"{path}:{number}: {_without_words(error)}; remove the line or review again")
    return decisions, faults


def append_decisions(path: Path, decisions: Sequence[Decision]) -> None:
    """Add decisions to a file (mode 0600), and wait until they are on the disk.

    Raises
    ------
    DeidError
        The file cannot be written.
    """
    data = b"".join(_encoder.encode(decision) + b"\n" for decision in decisions)
    try:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with open(handle, "r+b", buffering=0) as file:
            os.fchmod(handle, 0o600)
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                torn = file.read(1) != b"\n"  # a line that a crash has cut off stays a line of its own
                data = b"\n" + data if torn else data
            file.write(data)
            os.fsync(file.fileno())
    except OSError as error:
        raise DeidError(f"Cannot write the decisions to {path}: {reason_of(error)}.") from error


def _without_words(error: Exception) -> str:
    """A decoder's message; msgspec names fields and types, never values."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "not valid UTF-8"
    if "enum value" in str(error):  # the one message that would quote the file
        return "decision is accept, reject, add or withdraw; scope is here or client"
    return f"this is no decision: {error}"
