"""Organisations that ordinary words name: public houses, restaurants, nurseries, family firms ("the red lion")."""

from __future__ import annotations

from collections.abc import Sequence

from relcode.deid.cues import FUNCTION
from relcode.deid.lexicon import know
from relcode.deid.lists import word_set
from relcode.deid.tokens import Token

OWNED = word_set("a an my your his her our their this that some any no every each another which what")
# Public houses and restaurants: "the red lion", "the golden wok".
_PUB_FIRST = word_set(
    "red white black golden gold silver blue green royal copper jade lucky happy flying crooked three two queens "
    "queen's kings king's dog fox coach horse cross hare bull crown rising jolly brass"
)
_PUB_LAST = word_set(
    "lion bull horse swan hart bear stag fox dragon wok palace garden kettle crown anchor plough arms head oak ship bell "
    "bells cock goose boar eagle star sun horses tuns pheasant lantern spoon oven lotus bamboo panda phoenix hounds feathers "
    "keys barrel tap thistle"
)
_BEFORE_PUBS = word_set("at outside to in from down past behind opposite near by into for up over of across round")
# Nurseries: "little acorns", "bright horizons".
_NURSERY_FIRST = word_set(
    "little tiny bright happy busy sunny rainbow kids kiddie wee sweet golden clever jolly first wonder"
)
_NURSERY_LAST = word_set(
    "acorns stars steps horizons bees bears ducklings angels scholars learners explorers rascals sprouts feet beginnings "
    "lambs owls tots minds sparks treasures pandas monkeys fishes footsteps adventures wonders dragons tigers lions hands"
)
_BEFORE_NURSERIES = word_set("at to from called nursery daycare preschool playgroup kindergarten with")
_LOOKED = word_set("look looked looking looks point pointed pointing stare stared staring laughed shouted put threw")
_FIRMS = word_set("sons daughters")
_HOSPITALS = word_set("royal")


def is_signboard(plains: Sequence[str]) -> bool:
    """Whether two words name a public house, a restaurant or a nursery."""
    return _pub(plains) or _nursery(plains)


def on_a_signboard(words: Sequence[Token], at: int) -> tuple[int, int, float] | None:
    """The organisation of ordinary words that ends at a word, in text without capitals, and how sure."""
    plain = words[at].plain
    if plain in _PUB_LAST or plain in _HOSPITALS:
        pub = _pub_or_hospital(words, at)
        if pub is not None:
            return pub
    joined = plain in _NURSERY_LAST and at > 1 and words[at].gap == words[at - 1].gap == " "
    if joined and _nursery([words[at - 1].plain, plain]) and words[at - 2].plain in _BEFORE_NURSERIES:
        return at - 1, at, 0.6
    return _family_firm(words, at) if plain in _FIRMS else None


def _nursery(plains: Sequence[str]) -> bool:
    return plains[0] in _NURSERY_FIRST and plains[-1] in _NURSERY_LAST


def _pub(plains: Sequence[str]) -> bool:
    return plains[0] in _PUB_FIRST and plains[-1] in _PUB_LAST


def _pub_or_hospital(words: Sequence[Token], at: int) -> tuple[int, int, float] | None:
    """ "outside the red lion", "in the royal": after "the" and a word for being somewhere."""
    start = at if words[at].plain in _HOSPITALS else at - 1
    if start < 2 or words[start - 1].plain != "the" or words[start - 2].plain not in _BEFORE_PUBS:
        return None
    if start > 2 and words[start - 3].plain in _LOOKED:
        return None
    if start < at:
        return (start, at, 0.6) if words[at].gap == " " and _pub([words[start].plain, words[at].plain]) else None
    alone = at + 1 == len(words) or words[at + 1].plain in FUNCTION or words[at + 1].gap != " "
    return (start, at, 0.55) if alone else None


def _family_firm(words: Sequence[Token], at: int) -> tuple[int, int, float] | None:
    """ "iris and daughters"; not "my wife and daughters"."""
    if at < 2 or words[at - 1].plain != "and" or words[at].gap != " ":
        return None
    name = know(words[at - 2].plain)
    before = words[at - 3].plain if at > 2 else ""
    named = name.clear or name.unknown or ((name.first >= 3 or name.last >= 3) and name.odds >= -3)
    of = at + 1 < len(words) and words[at + 1].plain == "of"
    return (at - 2, at, 0.86) if named and not of and before not in OWNED | {"and", "wife"} else None
