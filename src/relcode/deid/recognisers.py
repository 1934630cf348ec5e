"""All recognisers of identifiers with a form of their own, run over a turn that a cheap first look flags.

Each recogniser is a flag, which looks at the turn in lower case and is cheap, and a finder. Competing findings are
settled here: the surer stays, then the longer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from relcode.deid.addresses import find_addresses
from relcode.deid.ages import find_ages, has_ages
from relcode.deid.codes import find_codes, has_numbers
from relcode.deid.dates import find_dates
from relcode.deid.online import find_online
from relcode.deid.patterns import SPELLED_NAME
from relcode.deid.presidio import find_forms, may_hold_forms

Found = tuple[int, int, str, float, str]


@dataclass(frozen=True)
class Turn:
    """What a recogniser sees: the words, the words in lower case, and what was said just before."""

    text: str
    lower: str
    before: str = ""


@dataclass(frozen=True)
class Recogniser:
    """`flag` is the cheap first look at the turn in lower case; `find` yields (start, end, label, probability, reason)."""

    name: str
    flag: Callable[[str], object]
    find: Callable[[Turn], Iterable[Found]]


def _always(lower: str) -> object:
    return True


_SURE = 0.8  # what our recognisers find with this probability, Presidio is not asked about again
RECOGNISERS = (
    Recogniser("dates", _always, lambda turn: find_dates(turn.text, turn.lower, turn.before)),
    Recogniser("ages", has_ages, lambda turn: find_ages(turn.text, turn.before)),
    Recogniser("addresses", _always, lambda turn: find_addresses(turn.text, turn.lower)),
    Recogniser("online", _always, lambda turn: find_online(turn.text, turn.lower)),
    Recogniser("spelled-name", lambda lower: "-" in lower or "," in lower, lambda turn: _spelled(turn.text)),
    Recogniser("codes", has_numbers, lambda turn: find_codes(turn.text, turn.before)),
)


def find_patterns(text: str, lower: str, before: str = "") -> Iterator[Found]:
    """Identifiers with a form of their own, in order and without overlaps.

    Parameters
    ----------
    lower
        `text` in lower case.
    before
        What was said just before this turn: often the question that a number answers.

    Yields
    ------
    Start, end (code points), label, probability (0 to 1), and a reason that a person understands.
    """
    turn = Turn(text, lower, before)
    found = [finding for one in RECOGNISERS if one.flag(lower) for finding in one.find(turn)]
    if may_hold_forms(lower):
        sure = [finding for finding in found if finding[3] >= _SURE and finding[2] != "OTHER_ID"]
        found += find_forms(text, sure)
    yield from surest(found)


def surest(found: Iterable[Found]) -> list[Found]:
    """Findings in order, without overlaps: where two compete, the surer and then the longer one stays."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda found: (-found[3], found[0] - found[1], found[0])):
        place = bisect_left(kept, one)
        if (place == 0 or kept[place - 1][1] <= one[0]) and (place == len(kept) or one[1] <= kept[place][0]):
            kept.insert(place, one)
    return kept


def _spelled(text: str) -> Iterator[Found]:
    for match in SPELLED_NAME.finditer(text):
        yield *match.span(), "NAME", 0.92, "spelled name"
