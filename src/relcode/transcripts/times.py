"""Times of transcripts, in seconds: `hh:mm:ss`, `mm:ss`, `10:02:15 AM`, `0:01.5 - 0:07`, numbers with point or comma."""

from __future__ import annotations

import math
import re

AN_HOUR, A_DAY = 3600, 86400
AM_PM = r"(?:\s?[AaPp]\.?[Mm]\b\.?)"
_STAMP = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)(?:\s?(?P<half>[AaPp])\.?[Mm]\b)?")
_CLOCK = re.compile(rf"\d:\d\d(?::\d\d)?{AM_PM}")
_HOURS_AND_MINUTES = re.compile(rf"\s*\d{{1,2}}:\d\d{AM_PM}\s*")


def seconds(stamp: str | None) -> float | None:
    """A time in seconds from `hh:mm:ss`, `mm:ss`, a time of the day with AM or PM, or a number; None for others."""
    if not stamp:
        return None
    match = _STAMP.match(stamp.strip())
    if match:
        return _of_stamp(stamp, match)
    try:
        number = round(float(stamp.replace(",", ".")), 3)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def seconds_of_range(cell: str | None) -> tuple[float | None, float | None]:
    """Start and end of `0:00.0 - 0:12.3`; the end is None where the cell holds one time."""
    found = list(_STAMP.finditer(cell or ""))
    if len(found) == 2 and re.fullmatch(r"\s*(?:-->|[-–—]|to|bis)\s*", (cell or "")[found[0].end() : found[1].start()]):
        return seconds(found[0][0]), seconds(found[1][0])
    return seconds(cell), None


def is_clock(stamp: str) -> bool:
    """Whether a time is one of the day: AM or PM stands behind it."""
    return _CLOCK.search(stamp) is not None


def _of_stamp(stamp: str, match: re.Match[str]) -> float:
    hours, minutes, rest = int(match[1] or 0), int(match[2]), float(match[3].replace(",", "."))
    if match["half"] is None:
        return round(hours * 3600 + minutes * 60 + rest, 3)
    if _HOURS_AND_MINUTES.match(stamp):  # of the day: 10:02 AM has hours and minutes, no seconds
        hours, minutes, rest = minutes, int(rest), 0.0
    return round((hours % 12 + (12 if match["half"] in "pP" else 0)) * 3600 + minutes * 60 + rest, 3)
