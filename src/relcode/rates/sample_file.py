"""Files that say how likely each session, or each stretch of turns, was to be coded by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from relcode.errors import DataError

_EXPECTED = (
    'Expected a line a session: {"session_id", "probability"}; with "turn" and "last_turn" where only a stretch of it '
    "was coded."
)


class _Line(msgspec.Struct, frozen=True):
    session_id: str
    probability: float
    turn: int | None = None
    last_turn: int | None = None


_decoder = msgspec.json.Decoder(_Line)


def read_sample(path: Path, turns: Mapping[str, int]) -> dict[str, dict[int, float]]:
    """Read weights (1 / probability): session -> turn -> weight. Other keys are passed over.

    `turns`: how many turns each session has that is labelled; lines of other sessions are passed over.

    Raises
    ------
    DataError
        The file cannot be read; faulty lines, a labelled session without a line: all are listed.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise DataError(f"Cannot read the probabilities in {path}: {error.strerror}.") from error
    found: dict[str, dict[int, float]] = {}
    faults: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            said = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            faults.append(f"{path}:{number}: {error if isinstance(error, msgspec.DecodeError) else 'no line of JSON'}")
            continue
        if not 0 < said.probability <= 1:
            faults.append(f"{path}:{number}: the probability is no number above 0 and up to 1")
        elif said.session_id in turns:
            of_turn = found.setdefault(said.session_id, {})
            first = said.turn or 1
            last = said.last_turn or (turns[said.session_id] if said.turn is None else said.turn)
            of_turn.update(dict.fromkeys(range(first, last + 1), 1 / said.probability))
    faults += [
        f"session {name}: labelled, but {path.name} does not say how likely it was" for name in turns.keys() - found
    ]
    if faults:
        raise DataError(f"{path} cannot be used as the probabilities of the sample. {_EXPECTED}", sorted(faults))
    return found
