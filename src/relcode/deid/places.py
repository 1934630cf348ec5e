"""Places smaller than a state: towns of the list, invented ones by their endings, and words of their kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from relcode.deid.cues import FUNCTION
from relcode.deid.lexicon import NEVER, know
from relcode.deid.lists import levels, word_set
from relcode.deid.tokens import Token

# Capitalised, at the end of a name: "Tanner Park", "Coliseum Boulevard".
ENDS = word_set(
    "county parish borough park lake river creek valley beach heights hills hill grove falls springs city "
    "village township bay island "
    "isle key canal mountain mountains forest woods foothills rock station street avenue road boulevard lane drive court "
    "place terrace "
    "way circle close crescent square parkway highway bridge harbor harbour canyon ridge meadows gardens green "
    "common downs moor "
    "fell point cove landing junction crossing quay pier estate estates plaza mall dam weir tower towers building hall "
    "stadium arena "
    "airport cemetery reservoir pond hollow mills bend corner corners cross gap bluff bluffs butte prairie oaks "
    "pines acres sands strand docks wharf banks vista trail peninsula district quarter neighborhood "
    "neighbourhood st ave rd blvd apartments flats"
)
# Capitalised, at the beginning: "Lake Ormsby".
_BEGINNINGS = word_set("de la san santa el los las del saint st north south east west old new little")
_LONGEST = 4
SURE_STARTS = word_set("camp lake mount mt fort ft port loch lough cape")
_SMALL_ENDS = word_set(
    "county park lake river creek valley beach heights hills falls springs township bay island street avenue "
    "road boulevard "
    "bridge pier harbour harbor canal quay cemetery stadium key dam weir "
    "lane drive parkway highway square hollow way close court mills cove bluff gardens terrace crescent"
)

# Ends that belong to people's things as well ("sarahs key"): only after what is no first name.
_NARROW = word_set("bridge pier harbour harbor canal quay cemetery stadium key")
_STREETS = word_set("street avenue road boulevard lane drive")


def is_place(run: Sequence[Token]) -> bool:
    """Whether a run of capitalised words names a place by a word of its kind."""
    plains = [token.plain for token in run]
    lettered = len(run) > 2 and plains[-2] in ("road", "highway", "route") and len(plains[-1]) <= 2
    isle = plains[:2] == ["isle", "of"] and len(run) > 2
    return len(run) > 1 and (isle or plains[-1] in ENDS or plains[0] in SURE_STARTS or lettered)


@cache
def long_places() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Places of several words, by their first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for place in levels("places"):
        if " " in place or "-" in place:
            parts = tuple(place.replace(".", "").replace("'", "").replace("-", " ").split())
            found.setdefault(parts[0], []).append(parts)
    return {first: tuple(sorted(places, key=len, reverse=True)) for first, places in found.items()}


def long_place(words: Sequence[Token], at: int) -> int:
    """How many words from `at` on are a place of several words; 0 if they are none."""
    for parts in long_places().get(words[at].plain, ()):
        here = words[at : at + len(parts)]
        if len(here) == len(parts) and all(
            (token.plain == part or token.plain.replace("'", "") == part) and (n == 0 or token.gap in (" ", ". ", "-"))
            for n, (token, part) in enumerate(zip(here, parts, strict=True))
        ):
            return len(parts)
    return 0


def places_in_small_letters(words: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Places by a word of their kind beside a name, in text without capitals: their first and last word."""
    for at, token in enumerate(words):
        if token.plain in SURE_STARTS and at + 1 < len(words) and _proper(words[at + 1].plain):
            yield at, at + 1
        elif token.plain == "isle" and at + 2 < len(words) and words[at + 1].plain == "of":
            if _proper(words[at + 2].plain):
                yield at, at + 2
        elif token.plain in _SMALL_ENDS and at and token.gap == " " and _named(words, at - 1):
            start, end = at - 1, at
            while end + 1 < len(words) and words[end + 1].gap == " " and words[end + 1].plain in _SMALL_ENDS:
                end += 1
            while start and at - start < _LONGEST and words[start].gap == " " and _begins(words[start - 1].plain):
                start -= 1
            yield start, end
        elif token.plain == "county" and at + 1 < len(words) and words[at + 1].gap == " ":
            road = words[at + 1].plain in ("road", "highway") and at + 2 < len(words) and len(words[at + 2].plain) <= 2
            if road:
                yield at, at + 2
            elif at and words[at - 1].plain in ("in", "from", "to") and know(words[at + 1].plain).name:
                yield at, at + 1


def _begins(plain: str) -> bool:
    return plain in _BEGINNINGS or _proper(plain)


def _named(words: Sequence[Token], at: int) -> bool:
    """Whether a word before a kind of place is its name: a proper name, or any word after "on", "at", "past"."""
    beside = at > 0 and words[at - 1].plain in ("on", "at", "past", "near", "off")
    address = at > 1 and words[at - 1].plain in _STREETS  # "grosse avenue tarpon springs"
    if words[at + 1].plain in _NARROW:
        return _proper(words[at].plain) and (
            know(words[at].plain).first < 3 or (at > 0 and words[at - 1].plain == "the")
        )
    return _proper(words[at].plain) or (
        (beside or address) and know(words[at].plain).word < 9 and words[at].plain not in FUNCTION
    )


def _proper(plain: str) -> bool:
    what = know(plain)
    rare = what.word <= 0 and what.name
    return what.unknown or what.clear or rare or (what.place != NEVER and what.word == NEVER)
