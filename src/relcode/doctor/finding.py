"""One thing that was looked at, how it stands, and how to mend it."""

from __future__ import annotations

from typing import Literal

import msgspec

Level = Literal["ok", "note", "problem"]


class Finding(msgspec.Struct, frozen=True):
    """`area`: where it belongs, such as "study". `mend`: what to do, empty where nothing is to be done.

    A problem keeps something from working or leaves confidential things open; a note is worth knowing.
    """

    area: str
    level: Level
    says: str
    mend: str = ""


def ok(area: str, says: str) -> Finding:
    return Finding(area, "ok", says)


def note(area: str, says: str, mend: str = "") -> Finding:
    return Finding(area, "note", says, mend)


def problem(area: str, says: str, mend: str) -> Finding:
    return Finding(area, "problem", says, mend)
