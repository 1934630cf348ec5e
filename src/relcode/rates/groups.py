"""Conditions on sessions, and groups of them, by what their headers say: therapist, client, session number, date ..."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from relcode.errors import UsageError
from relcode.rates.cells import THIRDS
from relcode.rates.sums import Bools, Ints

THIRD = "third"
SESSION = "session"
NOT_SAID = "not said"
Metadata = Mapping[str, Mapping[str, Any]]
_CONDITION = re.compile(r"\s*(\w[\w .-]*?)\s*(<=|>=|!=|=|<|>)\s*(.+?)\s*")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Condition:
    """Such as `session_number<9`, `date>=2024-05-01`, `therapist=T01`, `third=3`.

    Two numbers are compared as numbers, anything else as text (so dates as `2024-05-01`). Where a session does not say the
    key, no condition holds.
    """

    key: str
    sign: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read a condition.

        Raises
        ------
        UsageError
            It is none.
        """
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise UsageError(f"{text!r} is no condition; expected one such as therapist=T01 or session_number<9.")
        return cls(*found.groups())

    def __str__(self) -> str:
        return f"{self.key}{self.sign}{self.value}"

    def holds(self, said: Any) -> bool:
        """Whether it holds of what a session says."""
        if said is None:
            return False
        ours, theirs = _number(said), _number(self.value)
        if ours is None or theirs is None:
            return _OPERATORS[self.sign](str(said), self.value)
        return _OPERATORS[self.sign](ours, theirs)


@dataclass(frozen=True)
class Group:
    """Sessions with a name: their rows, and which of their thirds count, axes (session, third)."""

    name: tuple[str, ...]
    rows: Ints
    thirds: Bools


def groups_of(
    sessions: Sequence[str], metadata: Metadata, by: Sequence[str], where: Sequence[Condition]
) -> list[Group]:
    """The groups of sessions that have the same values of the keys `by`, sorted, without an order of merit.

    Raises
    ------
    UsageError
        A key is in no session's header.
    """
    check_keys(metadata, [*by, *(condition.key for condition in where)])
    kept = holding(sessions, metadata, where)
    by_name: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for row, third in zip(*np.nonzero(kept), strict=True):
        said = _said(sessions[row], metadata)
        name = tuple(str(third + 1) if key == THIRD else _text(said(key)) for key in by)
        by_name.setdefault(name, []).append((int(row), int(third)))
    return [_group(name, by_name[name]) for name in sorted(by_name, key=_natural)]


def holding(sessions: Sequence[str], metadata: Metadata, where: Sequence[Condition]) -> Bools:
    """Where all conditions hold, axes (session, third)."""
    kept = np.ones((len(sessions), THIRDS), dtype=np.bool_)
    for condition in where:
        if condition.key == THIRD:
            kept &= np.array([condition.holds(third) for third in range(1, THIRDS + 1)], dtype=np.bool_)
        else:
            kept &= np.array([condition.holds(_said(name, metadata)(condition.key)) for name in sessions])[:, None]
    return kept


def sides_of(sessions: Sequence[str], metadata: Metadata, condition: Condition) -> tuple[Bools, Bools]:
    """Where a condition holds, and where it does not though its key is said; axes (session, third)."""
    holds = holding(sessions, metadata, [condition])
    said = condition.key == THIRD or np.array([_said(name, metadata)(condition.key) is not None for name in sessions])
    return holds, ~holds & np.asarray(said).reshape(-1, 1)


def check_keys(metadata: Metadata, keys: Sequence[str]) -> None:
    """Refuse a key that no session's header has.

    Raises
    ------
    UsageError
        Naming the keys that there are.
    """
    known = {SESSION, "session_id", THIRD, *(key for said in metadata.values() for key in said)}
    if unknown := sorted(set(keys) - known):
        raise UsageError(
            f"No session says {', '.join(unknown)}; known are {', '.join(sorted(known))}. Headers of transcripts "
            "(--transcripts) and a table (--metadata) say more."
        )


def _group(name: tuple[str, ...], cells: Sequence[tuple[int, int]]) -> Group:
    rows = np.array(sorted({row for row, _ in cells}), dtype=np.int64)
    thirds = np.zeros((len(rows), THIRDS), dtype=np.bool_)
    place = {int(row): number for number, row in enumerate(rows)}
    for row, third in cells:
        thirds[place[row], third] = True
    return Group(name, rows, thirds)


def _said(session_id: str, metadata: Metadata) -> Callable[[str], Any]:
    said = metadata.get(session_id, {})
    return lambda key: session_id if key in (SESSION, "session_id") else said.get(key)


def _text(said: Any) -> str:
    return NOT_SAID if said is None or said == "" else str(said)


def _number(said: Any) -> float | None:
    try:
        return float(said)
    except (TypeError, ValueError):
        return None


def _natural(name: tuple[str, ...]) -> list[tuple[float, str]]:
    """Numbers by size, before text."""
    return [(float("inf") if (number := _number(part)) is None else number, part) for part in name]
