"""A figure of the audit in words and numbers, and where to read what it was counted from: never the words."""

from __future__ import annotations

from typing import Literal

import msgspec

from relcode.audit.intervals import Estimate

Unit = Literal["per_100", "share", "per_50_minutes", "turns", "index"]


class Place(msgspec.Struct, frozen=True):
    """Where to read what a figure was counted from."""

    session_id: str
    turn: int


class Figure(msgspec.Struct, frozen=True):
    """One figure in words and numbers.

    `short` is the label in a chart; `counted` says what was counted in plain words, `method` how; `claim` cites the
    evidence for looking at it, with its strength. `places` are the `places_total` turns behind it.
    `chance`: what there would be without any tie, of whatever kind `method` says, with the range of 95 %.
    """

    id: str
    label: str
    short: str
    unit: Unit
    estimate: Estimate
    counted: str
    method: str
    claim: str = ""
    places: tuple[Place, ...] = ()
    places_total: int = 0
    chance: Estimate | None = None
