"""Files of what was chosen to be coded: a line a session, or a turn of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from relcode.batches.design import Chosen
from relcode.errors import DataError

_decoder = msgspec.json.Decoder(Chosen)
_EXPECTED = 'Expected a line a choice: {"session_id"}, with "turn" and "probability" where they are known.'


def read_chosen(path: Path) -> tuple[Chosen, ...]:
    """Read JSON lines of session_id[, turn][, probability]; other keys are passed over.

    Raises
    ------
    DataError
        The file cannot be read, chooses nothing, or has faulty lines: all are listed.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise DataError(f"Cannot read what was chosen in {path}: {error.strerror}.") from error
    chosen: list[Chosen] = []
    faults: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            choice = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            faults.append(f"{path}:{number}: {_without_words(error)}")
            continue
        if choice.probability is not None and not 0 < choice.probability <= 1:
            faults.append(f"{path}:{number}: the probability is no number above 0 and up to 1")
        else:
            chosen.append(choice)
    if faults:
        raise DataError(f"{path} holds {len(faults)} line(s) that cannot be used. {_EXPECTED}", faults)
    if not chosen:
        raise DataError(f"{path} chooses nothing. {_EXPECTED}")
    return tuple(chosen)


def _without_words(error: Exception) -> str:
    """A decoder's message; msgspec names fields and types, never values."""
    return str(error) if isinstance(error, msgspec.DecodeError) else "no line of JSON"
