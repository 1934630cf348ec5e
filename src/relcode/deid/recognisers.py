"""All recognisers of identifiers with a form of their own: dates, ages, addresses, the net, numbers.

Each looks at the words of the turn first, which is cheap, and runs its patterns only where they may match. Competing
findings are settled here: the surer stays, then the longer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from relcode.deid.addresses import find_addresses
from relcode.deid.ages import find_ages
from relcode.deid.codes import find_codes
from relcode.deid.dates import find_dates
from relcode.deid.forms import MANY_DIGITS
from relcode.deid.handles import find_handles
from relcode.deid.heard import Heard
from relcode.deid.nicknames import find_nicknames
from relcode.deid.online import find_online
from relcode.deid.plates import find_plates
from relcode.deid.presidio import find_forms, may_hold_forms

Found = tuple[int, int, str, float, str]


@dataclass(frozen=True)
class Recogniser:
    """A name and a finder, which yields start, end, label, probability and reason."""

    name: str
    find: Callable[[Heard], Iterable[Found]]


RECOGNISERS = (
    Recogniser("dates", find_dates),
    Recogniser("ages", find_ages),
    Recogniser("addresses", find_addresses),
    Recogniser("online", find_online),
    Recogniser("nicknames", find_nicknames),
    Recogniser("handles", find_handles),
    Recogniser("plates", find_plates),
    Recogniser("codes", find_codes),
)
_SURE = 0.8  # what our recognisers find with this probability, Presidio's telephones are not asked about again


def find_patterns(text: str, lower: str, before: str = "", ages: frozenset[str] = frozenset()) -> Iterator[Found]:
    """Identifiers with a form of their own, in order and without overlaps.

    Parameters
    ----------
    lower
        `text` in lower case.
    before
        What was said just before this turn: often the question that a number answers.
    ages
        Ages of 90 and over that were said of somebody in this session (`ages.years`): said again, they are found again.

    Yields
    ------
    Start, end (code points), label, probability (0 to 1), and a reason that a person understands.
    """
    heard = Heard(text, lower, before, ages)
    found = [finding for one in RECOGNISERS for finding in one.find(heard)]
    if may_hold_forms(heard):
        sure = [finding for finding in found if finding[3] >= _SURE and finding[2] != "OTHER_ID"]
        forms = list(find_forms(text, sure))
        found = [*_without_telephones(found, forms), *forms]
    yield from surest(found)


def _without_telephones(found: list[Found], forms: list[Found]) -> Iterator[Found]:
    """Findings of ours; many digits of which Presidio knows that they are a telephone number are that."""
    telephones = [(start, end) for start, end, label, *_ in forms if label == "PHONE"]
    for start, end, label, probability, reason in found:
        dialled = reason == MANY_DIGITS and any(first <= start and end <= last for first, last in telephones)
        yield start, end, "PHONE" if dialled else label, probability, reason


def surest(found: Iterable[Found]) -> list[Found]:
    """Findings in order, without overlaps: where two compete, the surer and then the longer one stays."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda found: (-found[3], found[0] - found[1], found[0])):
        place = bisect_left(kept, one)
        if (place == 0 or kept[place - 1][1] <= one[0]) and (place == len(kept) or one[1] <= kept[place][0]):
            kept.insert(place, one)
    return kept
