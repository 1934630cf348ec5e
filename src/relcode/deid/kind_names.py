"""The name before a kind in small letters (`mercy ridge hospital`): where it begins and ends, and how sure it is one."""

from __future__ import annotations

from collections.abc import Sequence

from relcode.deid.churches import is_congregation
from relcode.deid.cues import FUNCTION, PERSON_VERBS, WORKING
from relcode.deid.kinds import (
    AFTER_STREETS,
    AFTER_TOWNS,
    FIRM_ONLY,
    GENERIC,
    KINDS,
    LOOSE,
    NARROW,
    SMALL_KINDS,
    TRADES,
)
from relcode.deid.lexicon import NEVER, know
from relcode.deid.lists import word_set
from relcode.deid.signboards import OWNED
from relcode.deid.tokens import Token

_FIRM_PAIRS = {
    ("credit", "union"), ("medical", "center"), ("medical", "centre"), ("nursing", "home"),
    ("family", "practice"), ("dental", "practice"), ("law", "practice"),
    ("high", "school"), ("middle", "school"), ("psychiatric", "group"), ("dental", "group"),
    ("health", "plan"), ("memory", "care"), ("family", "medicine"), ("animal", "hospital"), ("medical", "group"),
    ("savings", "bank"), ("building", "society"),
    ("funeral", "home"), ("care", "home"), ("health", "center"), ("health", "centre"),
}  # fmt: skip
# "health insurance", "group therapy": after another kind these make no organisation.
_VAGUE_KINDS = word_set("insurance therapy care plan group program school services recovery homes society")
BEGINS = word_set("new old little first")
_BEFORE_TOLD = word_set("from to for with called through by near outside")
_BEFORE_PAIRS = word_set("at with from")
# Houses that people live in; without an article the words before are a name: "in acacia lodge".
_HOUSES = word_set("lodge manor")
_WENT = word_set(
    "go goes went going gone drove admitted referred sent taken took transferred moved walked came come back "
    "over applied"
)
_BEFORE = word_set("at for with from to called call calls calling near attend attended joined by of in since")
_REGIONS = word_set("western eastern northern southern central greater coastal midland north south east west")
_BEFORE_STREETS = word_set("north south east west old new upper lower great little saint st")
# The end of the name of a street or a rise: "north road surgery".
_STREETS = word_set(
    "road street lane avenue drive hill hills park springs ridge valley heights meadows lake creek river bridge grove "
    "field fields brook wood shore shores bay island square gate green hollow oaks pines point harbor harbour cross"
)
_NOUNS = word_set("building swimming rowing sailing running cycling bowling climbing angling")  # no verbs before a club
# What ends the walk back over the name of an organisation in small letters; "new", "little" may begin one.
_STOPS = (
    FUNCTION
    | word_set(
        "hows whats wheres whens whos whys theres uh um er erm maybe perhaps probably enjoy decide finish quit skip want need "
        "graduate course affects pressure"
    )
) - word_set("new old little big first second bank")
_WALK = 4
_CHURCHES = word_set("tabernacle ministries fellowship congregation pediatrics paediatrics dentistry orthopedics")


def by_kind(words: Sequence[Token], at: int, free: int) -> tuple[int, int, float] | None:
    """The name before a kind, back to a word that belongs to no name; `free` is the first word not yet taken."""
    end = _last_kind(words, at)
    start = at
    while start > free and at - start < _WALK and words[start].gap == " " and not stops(words[start - 1].plain):
        start -= 1
    start = _over_and(words, start, free) if start < at else start
    while start < at and generic(words[start].plain) and words[start].plain not in BEGINS:
        if words[start + 1].plain in _STREETS and start + 1 < at:
            return (start, end, 0.75) if words[end].plain in AFTER_STREETS else None
        start += 1
    start = _nearest(words, start, at, words[end].plain)
    named = [token.plain for token in words[start:at] if not generic(token.plain)]
    sure = _sure(words, start, end, named) if named else 0.0
    return (start, end, sure) if sure else None


def _nearest(words: Sequence[Token], start: int, at: int, kind: str) -> int:
    """Where the street or town before a kind begins: "my cousin runs | maple road dental", "every month | tarrant savings"."""
    first = start
    if at - start > 2 and words[at - 1].plain in _STREETS and kind in AFTER_STREETS:
        first = at - 2
        while first > start and (words[first - 1].plain in _BEFORE_STREETS or _town(words[first - 1].plain)):
            first -= 1
    elif kind in AFTER_TOWNS:
        first = next((n for n in range(start, at) if _town(words[n].plain)), start)
    return first


def _last_kind(words: Sequence[Token], at: int) -> int:
    """The last of the kinds that stand together: "medical center", "health cash plan"."""
    end = at
    while end + 1 < len(words) and words[end + 1].gap == " ":
        plain = words[end + 1].plain
        after = words[end + 2].plain if end + 2 < len(words) and words[end + 2].gap == " " else ""
        if plain in KINDS:
            end += 1
        elif plain in GENERIC and after in KINDS and after not in GENERIC:
            end += 2
        else:
            break
    return end


def _over_and(words: Sequence[Token], start: int, free: int) -> int:
    """Back over "and" to a first name of an organisation: "at farmers and drovers bank"."""
    first = start - 2
    if first <= free or words[start - 1].plain != "and":
        return start
    both = words[first - 1].plain == "the" and _town(words[first].plain) and _town(words[start].plain)
    if words[first - 1].plain not in _BEFORE_PAIRS and not both:
        return start
    joined = words[first].plain
    return start if joined in FUNCTION or know(joined).word == 9 else first


def _sure(words: Sequence[Token], start: int, end: int, named: Sequence[str]) -> float:
    """How surely the words before a kind are its name; 0 where they are not."""
    before = words[start - 1].plain if start and words[start].gap == " " else ""
    kind, pair = words[end].plain, (words[end - 1].plain, words[end].plain)
    firm_pair = pair in _FIRM_PAIRS
    tight = kind not in LOOSE or firm_pair
    if _after_a_street(named, kind) and before not in OWNED:
        return 0.75
    if kind in FIRM_ONLY and before not in OWNED and before != "the":
        return 0.6
    if kind in AFTER_TOWNS and _town(named[0]) and before not in OWNED:
        return 0.75
    if (
        named[0] in _REGIONS
        and len(named) > 1
        and kind in AFTER_TOWNS | {"medical", "medicine"}
        and before not in OWNED
    ):
        return 0.7
    if kind in TRADES and start == 0 and len(named) > 1:
        return 0.5  # all that is answered, or how an answer begins
    if kind in NARROW:
        return 0.0
    if len(named) == 1 and is_congregation(named[0], kind) and before not in OWNED:
        return 0.6
    proper = any(_proper(p) or (tight and know(p).word <= 0) for p in named)
    if before in OWNED and not (proper and kind not in LOOSE):
        return 0.0
    if proper and (tight or before in _BEFORE or before == "the"):
        return 0.86
    if kind in ("house", "home", "place", "apartment") and named[-1].endswith("s"):
        return 0.0
    if know(named[0]).unknown and end - start > 1 and kind not in _VAGUE_KINDS:
        return 0.7
    if know(named[0]).guessed and end - start > 1 and kind not in _VAGUE_KINDS:
        return 0.5  # "northlight benefit trust"
    two_kinds = words[end - 1].plain in KINDS and kind not in _VAGUE_KINDS
    if before in ("i", "you", "we", "they") and len(named) == 1:
        return 0.0  # "i skip church"
    firm = kind in SMALL_KINDS or kind in _CHURCHES or firm_pair or two_kinds
    if firm and before not in OWNED and (len(named) > 1 or before != "the"):
        return 0.55
    if before == "in" and kind in _HOUSES:
        return 0.6
    told = before in _BEFORE_TOLD and _told_of(words, start, named, kind)
    return 0.6 if before == "at" or told else 0.0


def _after_a_street(named: Sequence[str], kind: str) -> bool:
    return len(named) > 1 and named[-1] in _STREETS and kind in AFTER_STREETS


def _town(plain: str) -> bool:
    """Whether a word is in no list or a town, and no first name: those have a voice, a health, a hearing."""
    what = know(plain)
    return what.word == NEVER and what.first < 2 and (what.unknown or what.place != NEVER or what.last >= 3)


def _proper(plain: str) -> bool:
    what = know(plain)
    return what.clear or what.unknown or (what.place != NEVER and what.word == NEVER)


def stops(plain: str) -> bool:
    return (
        plain in _STOPS
        or plain in PERSON_VERBS
        or (
            plain.endswith(("ed", "ing")) and plain not in _NOUNS and know(plain).word != NEVER and not know(plain).name
        )
    )


def _told_of(words: Sequence[Token], start: int, named: Sequence[str], kind: str) -> bool:
    """Whether ordinary words before a kind are its name: "went to mercy ridge hospital", not "want to change school"."""
    before2 = words[start - 2].plain if start > 1 else ""
    before3 = words[start - 3].plain if start > 2 else ""
    carried = before2 in ("him", "her", "them", "me", "us") and before3 in _WENT
    if words[start - 1].plain == "to" and before2 not in _WENT and not carried:
        return False
    if words[start - 1].plain == "for":
        return before2 in WORKING
    return len(named) > 1 or kind not in LOOSE or words[start - 1].plain == "from"


def generic(plain: str) -> bool:
    return plain in GENERIC or plain in KINDS
