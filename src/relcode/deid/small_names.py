"""A word in text without capitals, judged by the lists and by what stands around it: person, place or organisation."""

from __future__ import annotations

from relcode.deid import cues
from relcode.deid.evidence import Around, Judged
from relcode.deid.lexicon import NEVER, Known, family_of, know
from relcode.deid.lists import word_set
from relcode.deid.tokens import Token, contracted
from relcode.deid.word_names import (
    ARTICLES,
    BEFORE_WORDS,
    BEGINNINGS,
    LIKE,
    OBJECTS,
    TOLD,
    full_name,
    is_someone,
    of_a_relative,
    spoken_of,
    spoken_to_first,
    word_or_name,
)
from relcode.deid.words import like_a_place

WRITTEN_TITLES = word_set("dr mr mrs ms mx")
# A verb stands after these, and before these: "didnt skip", "skip the rest".
_VERBS_AFTER = word_set(
    "to not dont didnt doesnt cant couldnt wont wouldnt will would can could should might must lets never always "
    "had have has having like actual any all no"
)
_SETTLED = word_set("live lives lived living moved born up from move drove flew went out down over")
_AUXILIARIES = word_set("will may can in so do see an")
_AFTER_SAYING = word_set("i im ill ive you youre pick come get go stop listen look do dont what where why how its")
# Before what is owned, driven, watched: "the fonebox", "the red zastava".
_THINGS = word_set("the a an") | cues.COLOURS
_NEARBY = word_set("on at by from up down over to with wi about")
_WATCHED = word_set("movie play watch watching watched read game")
_NEGATED = word_set("amnt maynt mightnt mustnt neednt darent oughtnt shant usednt")
_PREFIXES = word_set("co re non pre un dis anti")
_TOWN = "town in the list of places"
_POSSESSIVE = "first name with a possessive ending"


def judge_small(token: Token, around: Around, known: frozenset[str]) -> Judged | None:
    """Judge a word of a text without capitals; `known` names are those found surely elsewhere."""
    what = know(token.plain)
    if token.plain in cues.CONTESTED and (around.perhaps_in_place or not around.of_a_person):
        return None
    if around.before == "saint" or (around.before in cues.COLOURS and what.place != NEVER and not what.name):
        return None  # Saint Peter, "a white tacoma"
    if around.that_is_the_name and what.word < 5:
        return "NAME", 0.85, "introduced as a name"
    if around.before_a_state and what.word <= 5:
        return "LOCATION", 0.8, "before a state or country"
    if around.after == "and" and around.ahead(2) in ("i", "me", "my") and not around.before and what.first >= 4:
        return "NAME", 0.6, "name that is a word, beside a person"
    return (
        (_with_an_s(token, what, around) if token.plain.endswith("s") else None)
        or _place(what, around)
        or _surer(_known(token, what, around, known), _unlisted_or_name(token, what, around))
    )


def _surer(known: Judged | None, other: Judged | None) -> Judged | None:
    """What is known of a word, unless what stands around says it more surely."""
    if known is None or other is None:
        return known or other
    return other if other[0] == known[0] and other[1] > known[1] else known


def _unlisted_or_name(token: Token, what: Known, around: Around) -> Judged | None:
    return _unlisted(token, around) if what.unknown else _name(token, what, around)


def _with_an_s(token: Token, what: Known, around: Around) -> Judged | None:
    """A name with an ending that lost its apostrophe ("destinys brother"), or a family ("the petersons")."""
    base = know(token.plain[:-1])
    family = family_of(token.plain) if around.before == "the" else None
    if family is not None and family.clear and family.last >= 3:
        return "NAME", 0.7, "family in the plural"
    if around.after in cues.OWNED and base.first >= 4 and (base.odds >= -4 or around.related) and not what.clear:
        return "NAME", 0.75, _POSSESSIVE
    if what.unknown and base.clear and base.first >= 1:
        return "NAME", 0.8, _POSSESSIVE
    rare = what.word < 3 and not what.clear and base.clear and base.first >= 3
    if rare and around.after != "of" and around.before not in ARTICLES:
        return "NAME", 0.65, _POSSESSIVE
    return None


def _place(what: Known, around: Around) -> Judged | None:
    if what.place == NEVER:
        return None
    rare_word = what.word == NEVER or (what.word <= 1 and what.place >= 1)
    if rare_word and (not what.name or (what.place >= 1 and what.first < 3 and what.last < 4)):
        return "LOCATION", 0.85 if around.perhaps_in_place else 0.7, _TOWN
    there = around.in_place or around.before in ("in", "near")
    if rare_word and there and (what.first < 7 or around.before2 in cues.LIVING):
        return "LOCATION", 0.8, _TOWN
    settled = around.before in ("in", "to", "from") and around.before2 in _SETTLED and what.word < 5
    nothing_follows = not around.after or around.after in cues.FUNCTION
    alone = around.before == "in" and nothing_follows and not what.name and what.word <= 2
    if what.place >= 1 and (settled or alone):
        return "LOCATION", 0.55, "town in the list of places that is a word"
    return None


def _known(token: Token, what: Known, around: Around, known: frozenset[str]) -> Judged | None:
    if token.plain not in known and not (token.plain.endswith("s") and token.plain[:-1] in known and what.word < 3):
        return None
    if token.plain in _AUXILIARIES or (around.before in ARTICLES and not around.related):
        return None
    if what.unknown:
        probability = 0.75
    elif what.odds >= 2:
        probability = 0.88
    elif around.introduced and not (token.plain in LIKE and around.before3 in ("is", "was")):
        probability = 0.9
    elif around.acts or around.before in TOLD:
        probability = 0.8
    else:
        object_follows = around.after in OBJECTS and around.words[around.last + 1].gap == " "
        ordinary = around.before in BEFORE_WORDS or around.before in _VERBS_AFTER or object_follows
        does = what.odds >= -6 and around.does and (not around.before or around.before in BEGINNINGS)
        if does and not object_follows:
            probability = 0.6
        elif (token.plain in LIKE and around.before) or (ordinary and token.plain in cues.ABSTRACT):
            probability = 0.35
        else:
            probability = 0.6 if what.odds >= -3 and not ordinary else 0.4
    return "NAME", probability, "a name elsewhere in these sessions"


def _name(token: Token, what: Known, around: Around) -> Judged | None:
    titled = around.surely_titled and (around.before in WRITTEN_TITLES or what.odds >= -3)
    if what.clear:
        return ("NAME", 0.95, "introduced as a name") if titled or around.introduced else _clear(token, what, around)
    if around.titled and what.first == 1 and what.word <= 0:
        return "NAME", 0.7, "after a title"
    if what.first >= 2 and spoken_to_first(token, what, around):
        return "NAME", 0.6, "spoken to by a name that is a word"
    if what.first >= 2 and spoken_of(token, what, around):
        return "NAME", 0.65, "name that is a word, before what is said of a person"
    if around.named and what.first >= 2:
        return "NAME", 0.9, "introduced as a name"
    if token.plain in ("will", "may") and is_someone(token, around):
        return "NAME", 0.8, "name that is a word, before what people do"
    if what.first >= 4 and of_a_relative(token, around):
        return "NAME", 0.7, "introduced as a name"
    rare = what.last >= 3 and what.word <= 0
    if (rare or (what.first >= 2 and what.odds >= -6)) and full_name(around):
        return "NAME", 0.9 if what.first >= 4 else 0.85, "first name and surname"
    if around.before in WRITTEN_TITLES and what.last >= 3:
        return "NAME", 0.8, "after a title"
    if token.plain in cues.FUNCTION:
        return None
    if titled and around.before in WRITTEN_TITLES:
        return "NAME", 0.85 if what.name else 0.6, "after a title"
    if not what.name or token.plain in _AUXILIARIES or around.before in ARTICLES:
        return None
    if (titled or around.introduced) and what.odds >= -5 and what.first >= 2:
        return "NAME", 0.75, "introduced as a name"
    likely = what.odds >= -3 or (what.odds >= -5 and around.acts_surely)
    return word_or_name(token, what, around) if what.first >= 4 and likely else None


def _clear(token: Token, what: Known, around: Around) -> Judged:
    """A name that is hardly ever a word, where nothing introduces it."""
    if what.first == NEVER and around.before in ("a", "an"):
        return "NAME", 0.35, "after an article"
    object_of = around.before == "of" and around.before2 in ("bit", "piece", "kind", "sort", "lot")
    if what.word >= 2 and (object_of or (around.after in ("it", "that"))):
        return "NAME", 0.35, "name that is a word"
    said_of = around.after in ("shes", "hes")
    if around.before == "the" and what.first == 0 and what.last == NEVER and not said_of:
        return "NAME", 0.35, "after an article"
    judged = _by_lists(token, what)
    said = around.before in ("say", "said", "says") and what.last >= 2 and around.after in _AFTER_SAYING
    return ("NAME", 0.55, "spoken to by name") if said and judged[1] < 0.5 else judged


def _by_lists(token: Token, what: Known) -> Judged:
    if what.first != NEVER:
        return "NAME", 0.85 if what.first > 0 or len(token.plain) > 4 else 0.6, "first name in small letters"
    if what.last < 3 and len(token.plain) < 5:
        return "NAME", 0.35, "surname in small letters"
    return "NAME", 0.78 if what.last > 2 or len(token.plain) > 6 else 0.6, "surname in small letters"


def _beside_unlisted(around: Around) -> bool:
    """Joined by "and" to another word in no list: "olu and ife"."""
    other = around.before2 if around.before == "and" else around.ahead(2) if around.after == "and" else ""
    return know(other).unknown and len(other) > 2


def _unlisted(token: Token, around: Around) -> Judged | None:
    """A word in no list at all."""
    if token.plain in _NEGATED or token.broken or (contracted(token) and not know(token.plain.replace("'", "")).name):
        return None
    if around.before in _PREFIXES and know(around.before + token.plain).word != NEVER:
        return None
    if len(token.plain) < 4:
        joined = (around.before == "and" and around.before2 in ("me", "i", "him", "her")) or _beside_unlisted(around)
        if (around.acts or joined) and token.plain[0] != token.plain[1]:
            return "NAME", 0.6, "unlisted word among words for people"
        told = around.surely_titled or around.named or around.before in cues.SPEAKING_TO or around.related
        return ("NAME", 0.6, "introduced as a name") if told else ("NAME", 0.35, "unlisted word")
    if around.introduced:
        return "NAME", 0.85, "introduced as a name"
    if around.in_place or (around.before == "the" and around.before2 in ("in", "near", "along", "across")):
        return "LOCATION", 0.7, "unlisted word after a word for being somewhere"
    if like_a_place(token.plain) and around.perhaps_in_place:
        return "LOCATION", 0.65, "ends as places do"
    if around.at_work or around.before == "at":
        return "ORG", 0.65 if around.at_work else 0.55, "after a word for working"
    thing = around.before in _THINGS and around.before2 not in _NEARBY and around.after not in ("shes", "hes")
    if thing or (around.before not in cues.FUNCTION and around.before in _WATCHED):
        return "NAME", 0.35, "unlisted word for a thing"
    followed = around.before in TOLD or around.before in ("with", "miss", "about", "saw")
    if followed or (around.acts and around.before not in ARTICLES):
        return "NAME", 0.6, "unlisted word among words for people"
    return "NAME", 0.55, "unlisted word"
