"""Capitalised words, judged by the lists and by what stands around them: person, place or organisation."""

from __future__ import annotations

from collections.abc import Sequence

from relcode.deid import cues
from relcode.deid.churches import SAINTS
from relcode.deid.evidence import Around, Judged
from relcode.deid.lexicon import NEVER, Known, family_of, know
from relcode.deid.lists import levels, word_set
from relcode.deid.tokens import Token, contracted
from relcode.deid.words import like_a_place

_MONTHS = word_set("march april may june july august")
_BEFORE_MONTHS = word_set(
    "in since last next this until till by of early late mid through from to every all during for or and"
)
_OWNERS = word_set("my our his her your their")
_FELLOWS = word_set("i me my you he she his her")
_DETERMINERS = word_set(
    "the a an my your his her our their this that these those and but so or if when while because as what where "
    "who why how is are was were do does did can could would should with without to of in on at by for from about "
    "like i you we they he she it"
)
# What is watched, read and sung has names that are nobody's.
_WORKS = word_set(
    "watch watched watching watches read reading reads movie film show book song novel series episode musical "
    "play album sang sings singing sing game poem chapter"
)
_THERE = word_set("there's there theres")
_CALENDAR = word_set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december christmas easter"
)
_WITH_FIRMS = word_set("with wi at from through")
_BEFORE_SOMEONE = word_set("by to from with and met know knew known named had was is")
_BEFORE_RIVERS = word_set(
    "in near into along across over on by fish fished paddled rafted crossed swam kayaked canoed floated"
)
_FREQUENT_SURNAME = 4  # so many half powers of ten: a hundred in a million people
_TOWN = "town in the list of places"


def judge_one(token: Token, around: Around, known: frozenset[str]) -> Judged | None:
    """Judge a capitalised word that stands alone."""
    what = know(token.plain)
    if token.plain in _MONTHS and (around.before in _BEFORE_MONTHS or (not around.introduced and what.odds < -3)):
        return None
    if token.plain in cues.CONTESTED and (around.perhaps_in_place or not around.of_a_person):
        return None
    if around.that_is_the_name and what.word < 5:
        return "NAME", 0.85, "introduced as a name"
    if around.surely_titled or (around.titled and not token.opens and what.word < 6):
        return "NAME", 0.96, "after a title"
    no_name = not what.name and not what.unknown
    only_opens = token.opens and (_auxiliary(token, around) or (no_name and not (around.does or around.set_off)))
    if token.plain in known and not only_opens:
        return "NAME", 0.92, "a name elsewhere in these sessions"
    introduced = None if token.opens else _introduced(token, what, around)
    if introduced is not None:
        return introduced
    if token.possessive and _title_follows(around):
        return "NAME", 0.35, "perhaps a title"
    return _opening(token, what, around) if token.opens else _inside(token, what, around)


def judge_several(run: Sequence[Token], around: Around, known: frozenset[str]) -> Judged | None:
    """Judge capitalised words that stand together and are not of a kind of place or organisation."""
    whats = [know(token.plain) for token in run]
    first = whats[0]
    if around.titled:
        return "NAME", 0.96, "after a title"
    if around.in_place and first.first < 4 and not around.introduced:
        return "LOCATION", 0.8, "after a word for being somewhere"
    work = bool({around.before, around.before2, around.before3} & _WORKS)
    if work and not any(what.clear and what.first > 2 for what in whats):
        return None
    if around.before == "at" and first.first < 4 and whats[-1].word != NEVER and not whats[-1].name:
        return "ORG", 0.7, "after at"
    if any(token.plain in known for token in run):
        return "NAME", 0.92, "a name elsewhere in these sessions"
    initial = any(len(token.text) == 1 for token in run[1:])
    if first.first != NEVER and (first.odds >= -3 or around.introduced or initial):
        rest = initial or all(what.name or what.unknown for what in whats[1:])
        return "NAME", 0.95 if rest else 0.85, "first name and surname"
    if around.at_work:
        return "ORG", 0.85, "after a word for working"
    if any(what.clear for what in whats):
        return "NAME", 0.85, "name among capitalised words"
    return _several_unlisted(run, whats, around)


def _several_unlisted(run: Sequence[Token], whats: Sequence[Known], around: Around) -> Judged:
    unknown = any(what.unknown for what in whats)
    if around.in_place or (around.perhaps_in_place and around.before != "at"):
        return "LOCATION", 0.8 if unknown else 0.65, "after a word for being somewhere"
    if around.before == "at":
        return "ORG", 0.7, "after at"
    if unknown:
        return "NAME", 0.7, "unlisted words with a capital"
    if around.introduced and any(what.last != NEVER for what in whats):
        return "NAME", 0.8, "introduced as a name"
    titled = around.first > 0 and around.words[around.first - 1].capital and around.before in _DETERMINERS
    opens = run[0].opens and len(run) < 3  # three capitals are not those of a sentence
    return "ORG", 0.35 if opens or titled else 0.55, "ordinary words with capitals"


def names_no_one(plain: str) -> bool:
    """Whether a word, even with a capital, belongs to no name: articles, kin, weekdays, countries, brands."""
    return plain not in SAINTS and (plain in _DETERMINERS or know(plain).word == 9)


def surname_only(plain: str) -> bool:
    """Whether a word that names no one alone is a surname after a first name: `Marta English`, but no `Marta Monday`."""
    return plain not in _CALENDAR and levels("last_names").get(plain, NEVER) >= _FREQUENT_SURNAME


def _introduced(token: Token, what: Known, around: Around) -> Judged | None:
    """A word inside a sentence for which the words before decide, whatever it is."""
    if around.named or around.related or (around.explained and what.name):
        return "NAME", 0.95 if what.word < 6 or what.name else 0.6, "introduced as a name"
    if around.at_work and (token.possessive or what.first < 3):
        return "ORG", 0.8, "after a word for working"
    article = around.before in ("a", "an") and not around.words[around.first - 1].capital
    if article and around.before2 not in _THERE:
        person = what.clear and what.first >= 4 and around.before2 in _BEFORE_SOMEONE
        return "NAME", 0.6 if person else 0.35, "after an article"
    family = family_of(token.plain) if around.before == "the" and not token.possessive else None
    if family is not None:
        return "NAME", 0.85 if family.odds >= 0 else 0.4, "family in the plural"
    return None


def _inside(token: Token, what: Known, around: Around) -> Judged | None:
    """A word inside a sentence, by the lists."""
    if around.before not in cues.FUNCTION and {around.before, around.before2} & _WORKS and what.first < 4:
        return None
    if what.place != NEVER and not what.name and around.before in cues.COLOURS:
        return "LOCATION", 0.35, _TOWN  # what is driven
    if what.place != NEVER and _is_town(what, around) and not (token.possessive and what.name):
        return "LOCATION", 0.88, _TOWN
    if what.first != NEVER:
        if what.odds >= -3:
            return "NAME", 0.95 if what.odds >= 2 else 0.88, "first name"
        return "NAME", 0.6 if what.first > 2 or around.spoken_to else 0.4, "first name that is a word"
    if around.before == "at" and token.possessive:
        return "ORG", 0.65, "possessive after at"
    if what.last != NEVER and what.odds >= 2:
        return "NAME", 0.88, "surname"
    if what.last != NEVER:
        return "NAME", 0.6 if around.spoken_to and what.odds > -6 else 0.4, "surname that is a word"
    if what.place != NEVER and what.word == NEVER:
        return "LOCATION", 0.85, _TOWN
    return _unlisted(token, what, around)


def _is_town(what: Known, around: Around) -> bool:
    """Whether a word that is a town names the town here, and not a person."""
    if what.first < 3:
        told = around.before in cues.SPEAKING_TO
        known_town = what.place >= 1 and what.last < 5 and what.word < 2 and not told
        there = around.perhaps_in_place and (what.word == NEVER or around.in_place)
        return known_town or there
    return around.in_place and (what.first < 6 or around.before2 in cues.LIVING or around.before == "in")


def _unlisted(token: Token, what: Known, around: Around) -> Judged | None:
    """A word inside a sentence that is in no list of names."""
    if len(token.text) < 6 and (token.text.isupper() or token.text[:-1].isupper()):
        return "ORG", 0.6 if len(token.text) > 2 and around.before == "at" else 0.3, "abbreviation"
    if what.word != NEVER and not what.guessed:
        return _ordinary(what, around)
    if around.before in cues.COLOURS:
        return "NAME", 0.35, "unlisted word for a thing"
    if around.in_place or (around.perhaps_in_place and like_a_place(token.plain)):
        return "LOCATION", 0.85, "after a word for being somewhere"
    if around.before == "at":
        return "ORG", 0.7, "after at"
    led = around.before2 == "to" and around.before3 in ("down", "up", "over", "out", "along", "back")
    if around.before == "the" and (led or around.before2 in _BEFORE_RIVERS):
        return "LOCATION", 0.6, "after a word for being somewhere"
    if contracted(token) and not know(token.plain.replace("'", "")).name:
        return "NAME", 0.35, "drawn together"
    if around.before == "the" and around.before2 in _WITH_FIRMS:
        return "ORG", 0.55, "unlisted word with a capital after an article"
    if around.before in ("the", "a", "an", "my", "some", "this", "on"):
        return "ORG", 0.35, "unlisted word with a capital after an article"
    if like_a_place(token.plain):
        return "LOCATION", 0.7, "ends as places do"
    return "NAME", 0.75, "unlisted word with a capital"


def _ordinary(what: Known, around: Around) -> Judged:
    """An ordinary word with a capital inside a sentence."""
    if around.set_off:
        return "NAME", 0.6, "spoken to by an ordinary word"
    if around.before == "been" and what.word <= 1:
        return "NAME", 0.55, "ordinary word with a capital"
    if around.in_place:
        return "LOCATION", 0.55, "after a word for being somewhere"
    the = around.before == "the" and around.before2 in ("at", "from", "down", "near", "behind", "outside")
    if around.before == "at" or the:
        return "ORG", 0.55, "after at"
    likely = what.word < 5 and (around.before in cues.TALK_TO or around.perhaps_in_place)
    return "NAME", 0.5 if likely else 0.35, "ordinary word with a capital"


def _opening(token: Token, what: Known, around: Around) -> Judged | None:
    """A word that opens a sentence: its capital says nothing."""
    if what.clear:
        if what.place >= 1 and what.first < 3 and what.last < 5 and not around.set_off:
            return "LOCATION", 0.75, _TOWN
        if what.first != NEVER:
            return "NAME", 0.93, "first name"
        return "NAME", 0.8 if what.last > 1 else 0.65, "surname"
    if what.name:
        return _word_or_name(token, what, around)
    if what.place != NEVER and what.word == NEVER:
        return "LOCATION", 0.75, _TOWN
    elided = token.gap.endswith(("'", "’"))  # "'Tis"
    if elided or not (what.unknown or what.guessed) or len(token.plain) < 3 or token.text[:-1].isupper():
        return None
    drawn = contracted(token, opens=True) and not know(token.plain.replace("'", "")).name
    if drawn and not (around.acts or around.set_off or token.possessive):
        return None
    if like_a_place(token.plain):
        return "LOCATION", 0.6, "ends as places do"
    likely = around.acts or around.set_off or token.possessive
    return "NAME", (0.65 if likely else 0.55) - 0.15 * what.guessed, "unlisted word"


def _word_or_name(token: Token, what: Known, around: Around) -> Judged | None:
    """A name that is a word and opens a sentence, by what follows."""
    if around.after == "and" and around.ahead(2) in _FELLOWS and what.first >= 4:
        return "NAME", 0.7, "name that is a word, beside a person"
    if token.plain in ("will", "may") and around.does:
        return "NAME", 0.85, "name that is a word, before what people do"
    if token.possessive and around.owns and what.first >= 2:
        return "NAME", 0.75, "name that is a word, with what belongs to someone"
    related = around.after in ("is", "was") and around.ahead(2) in _OWNERS and around.ahead(3) in cues.RELATIONS
    if related and what.first >= 3:
        return "NAME", 0.65, "name that is a word, before what people are"
    if _auxiliary(token, around) or what.odds < -5 or what.first == NEVER:
        return None
    if around.explained:
        return "NAME", 0.85, "introduced as a name"
    if around.set_off:
        doubtful = what.odds < -4 or token.plain in cues.ABSTRACT
        return "NAME", 0.75 if what.odds >= -2 else 0.35 if doubtful else 0.6, "spoken to by a name that is a word"
    joined = around.words[around.last + 2] if around.after == "and" and around.ahead(2) else None
    if joined is not None and joined.capital and know(joined.plain).name and what.odds >= -4:
        return "NAME", 0.7, "name that is a word, beside another name"
    likely = what.odds >= -1 and token.plain not in cues.ABSTRACT
    if around.does and (likely or (what.odds >= -2 and token.plain not in cues.ABSTRACT)):
        return "NAME", 0.75 if likely else 0.65, "name that is a word, before what people do"
    if around.acts_surely or (around.acts and what.odds >= -3) or (token.possessive and what.odds >= -2):
        return "NAME", 0.8 if what.odds >= -1 else 0.6, "name that is a word, before what people do"
    return ("NAME", 0.45, "name that is a word") if what.odds >= -2 else None


def _title_follows(around: Around) -> bool:
    """Before a capitalised word, as in "Grey's Anatomy"."""
    after = around.words[around.last + 1] if around.last + 1 < len(around.words) else None
    if after is None or after.gap != " " or not after.capital:
        return False
    return not names_no_one(after.plain) and not know(after.plain).clear


def _auxiliary(token: Token, around: Around) -> bool:
    return token.plain in cues.AUXILIARIES and around.after in cues.AFTER_AUXILIARY
