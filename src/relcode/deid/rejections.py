"""Places that a person said hold no identifier, in the output: what the gate passes over, and on whose word."""

from __future__ import annotations

from collections.abc import Iterable

from relcode.deid.offsets import OffsetMap
from relcode.deid.replace import DeidResult

Place = tuple[int, int, int]  # turn, start, end in the output


def rejected_places(result: DeidResult) -> tuple[dict[str, set[Place]], dict[str, set[str]]]:
    """By session (its new id): the rejected places in the output, and who rejected them."""
    places: dict[str, set[Place]] = {}
    people: dict[str, set[str]] = {}
    unchanged = OffsetMap()
    for place in result.rejected:
        moved = result.offset_maps.get((place.session_id, place.turn), unchanged).move(place.start, place.end)
        session_id = result.session_ids.get(place.session_id, place.session_id)
        places.setdefault(session_id, set()).add((place.turn, *moved))
        people.setdefault(session_id, set()).add(place.who)
    return places, people


def is_rejected(place: Place, rejected: Iterable[Place]) -> bool:
    """Whether a place lies within one that a person rejected."""
    turn, start, end = place
    return any(turn == other and low <= start and end <= high for other, low, high in rejected)
