"""Names, places and organisations where case says nothing: by the lists and the words around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relcode.deid import cues
from relcode.deid.evidence import Around, Candidate
from relcode.deid.lexicon import NEVER, Known, know
from relcode.deid.lists import ORGANISATIONS, PUBLIC_FIGURES, word_set
from relcode.deid.organisations import organisations_in_small_letters
from relcode.deid.places import long_place, long_places, places_in_small_letters
from relcode.deid.tokens import Token
from relcode.deid.words import like_a_place

_ARTICLES = word_set("the a an my your his her our their this that some no any be so too very more")
# What stands before an ordinary word oftener than before a name: "at dawn", "every penny", "with grace".
_BEFORE_WORDS = word_set(
    "i you we they he she hes shes one not question theres like at every each with without of was is are to be "
    "by in for and or just get got pure good bad what much more "
    "little per"
)
_WRITTEN_TITLES = ("dr", "mr", "mrs", "ms", "mx")
_NO_WORKPLACES = cues.FUNCTION | word_set(
    "home night nights least all first last times school church college work lunch noon once present risk best most "
    "uni university day days weekends weekend christmas times dawn sea height which whom whatever two three "
    "four five six "
    "seven eight nine ten midnight dinner breakfast"
)
_SETTLED = word_set("live lives lived living moved born up from move drove flew went out down over")
_AUXILIARIES = word_set("will may can in so do see an")


def clear_in_small_letters(words: Sequence[Token], known: frozenset[str]) -> Iterator[Candidate]:
    """Clear names that a text with capitals writes small by mistake."""
    for token in words:
        what = know(token.plain)
        if token.capital or what.word != NEVER:
            continue
        if token.plain in known and what.odds >= 2:
            yield Candidate(token.start, token.end, "NAME", 0.85, "a name elsewhere in these sessions")
        elif what.first >= 1 and what.odds >= 3 and len(token.plain) > 2:
            yield Candidate(token.start, token.end, "NAME", 0.75, "first name in small letters")


def in_small_letters(words: Sequence[Token], known: frozenset[str]) -> Iterator[Candidate]:
    """Judge the words of a text without capitals; `known` names are those found surely elsewhere."""
    taken: set[int] = set()
    for first, last, sure in organisations_in_small_letters(words):
        yield Candidate(words[first].start, words[last].full_end, "ORG", sure, "word for a kind of organisation")
        taken.update(range(first, last + 1))
    for first, last in places_in_small_letters(words):
        if not taken & set(range(first, last + 1)):
            yield Candidate(words[first].start, words[last].end, "LOCATION", 0.75, "word for a kind of place")
            taken.update(range(first, last + 1))
    at = 0
    while at < len(words):
        if at in taken:
            at += 1
            continue
        end, candidate = _at(words, at, known)
        if candidate is not None:
            yield candidate
        at = end + 1


def _at(words: Sequence[Token], at: int, known: frozenset[str]) -> tuple[int, Candidate | None]:
    """What stands at a word: the last word of it, and the candidate if it is one."""
    token, what = words[at], know(words[at].plain)
    workplace = at > 1 and words[at - 1].plain == "at" and words[at - 2].plain in cues.WORKING
    if token.plain in long_places():
        count = long_place(words, at)
        if count and _is_long_place(words, at, count):
            end = at + count - 1
            return end, Candidate(token.start, words[end].end, "LOCATION", 0.85, "town in the list of places")
    if what.word == 9:
        return at, None
    if at + 1 < len(words) and f"{token.plain}_{words[at + 1].plain}" in PUBLIC_FIGURES:
        return at + 1, None
    if token.plain.endswith("s") and at and words[at - 1].plain == "the":
        family = know(token.plain[:-1])
        if family.clear and family.last >= 3:
            return at, Candidate(token.start, token.end, "NAME", 0.7, "family in the plural")
    possessive = token.plain.endswith("s") and know(token.plain[:-1]).clear
    if (
        what.odds < -6
        and not possessive
        and what.place == NEVER
        and not what.unknown
        and not workplace
        and not _after_title(words, at)
    ):
        return at, None
    around = Around(words, at, at)
    if token.plain in cues.CONTESTED and (around.perhaps_in_place or not around.of_a_person):
        return at, None
    if around.before_a_state and not what.word > 5:
        return at, Candidate(token.start, token.end, "LOCATION", 0.8, "before a state or country")
    if token.plain in ORGANISATIONS and (
        what.word == NEVER or around.at_work or around.before in ("have", "got", "its", "through")
    ):
        return at, Candidate(token.start, token.end, "ORG", 0.6, "insurer, bank or employer in the list")
    if around.after == "and" and around.ahead(2) in ("i", "me", "my") and not around.before and what.first >= 4:
        return at, Candidate(token.start, token.end, "NAME", 0.6, "name that is a word, beside a person")
    if around.at_work and around.before == "at" and what.word != NEVER and token.plain not in _NO_WORKPLACES:
        end = at
        while end - at < 2 and end + 1 < len(words) and _ordinary(words[end + 1].plain):
            end += 1
        return end, Candidate(token.start, words[end].end, "ORG", 0.55, "after a word for working")
    owner = know(token.plain[:-1]) if token.plain.endswith("s") and around.after in cues.OWNED else None
    if owner is not None and owner.first >= 4 and owner.odds >= -4:
        return at, Candidate(token.start, token.end, "NAME", 0.75, "first name with a possessive ending")
    base = know(token.plain[:-1]) if token.plain.endswith("s") and not what.clear else None
    if (
        base is not None
        and base.clear
        and base.first >= 3
        and what.word < 3
        and around.after != "of"
        and around.before not in _ARTICLES
    ):
        return at, Candidate(token.start, token.end, "NAME", 0.65, "first name with a possessive ending")
    judged = _as_place(what, around) or _as_known(token, what, around, known) or _as_name(token, what, around)
    if judged is None:
        return at, None
    label, probability, reason = judged
    end = _surname(words, at) if label == "NAME" and probability >= 0.5 else at
    if end > at:
        probability = max(probability, 0.85)
    return end, Candidate(token.start, words[end].end, label, probability, reason)


def _after_title(words: Sequence[Token], at: int) -> bool:
    return at > 0 and words[at - 1].plain in _WRITTEN_TITLES and words[at].gap in (" ", ". ")


def _as_place(what: Known, around: Around) -> tuple[str, float, str] | None:
    if what.place == NEVER:
        return None
    living = around.before in ("in", "near", "to", "from", "outside", "around") and around.in_place
    rare_word = what.word == NEVER or (what.word <= 1 and what.place >= 1)
    if rare_word and (not what.name or (what.place >= 1 and what.first < 3 and what.last < 4)):
        return "LOCATION", 0.85 if around.perhaps_in_place else 0.7, "town in the list of places"
    if rare_word and (living or around.before in ("in", "near")) and (what.first < 7 or around.before2 in cues.LIVING):
        return "LOCATION", 0.8, "town in the list of places"
    settled = around.before2 in _SETTLED and around.before in ("in", "to", "from")
    if (
        what.place >= 1
        and around.before == "in"
        and not what.name
        and what.word <= 2
        and (not around.after or around.after in cues.FUNCTION)
    ):
        return "LOCATION", 0.55, "town in the list of places that is a word"
    if what.place >= 1 and settled and what.word < 5:
        return "LOCATION", 0.55, "town in the list of places that is a word"
    return None


def _as_known(token: Token, what: Known, around: Around, known: frozenset[str]) -> tuple[str, float, str] | None:
    if token.plain not in known and not (token.plain.endswith("s") and token.plain[:-1] in known and what.word < 3):
        return None
    if token.plain in _AUXILIARIES or (around.before in _ARTICLES and not around.related):
        return None
    people = around.introduced or around.acts or around.before in cues.SPEAKING_TO or around.before in cues.GREETINGS
    wordy = around.before in _BEFORE_WORDS
    if what.unknown:
        return "NAME", 0.75, "a name elsewhere in these sessions"
    probability = 0.88 if what.odds >= 2 else 0.8 if people else 0.6 if what.odds >= -3 and not wordy else 0.4
    return "NAME", probability, "a name elsewhere in these sessions"


def _as_name(token: Token, what: Known, around: Around) -> tuple[str, float, str] | None:
    if what.unknown:
        return _unlisted(token, around)
    titled = around.surely_titled and (around.before in _WRITTEN_TITLES or what.odds >= -3)
    if what.clear:
        if titled or around.introduced:
            return "NAME", 0.95, "introduced as a name"
        if what.first != NEVER:
            return "NAME", 0.85 if what.first > 0 or len(token.plain) > 4 else 0.6, "first name in small letters"
        if what.last < 3 and len(token.plain) < 5:
            return "NAME", 0.45, "surname in small letters"
        return "NAME", 0.78 if what.last > 2 or len(token.plain) > 6 else 0.6, "surname in small letters"
    if around.named and what.first >= 2:
        return "NAME", 0.85, "introduced as a name"
    if token.plain in cues.FUNCTION:
        return None
    if titled and around.before in _WRITTEN_TITLES:
        return "NAME", 0.85 if what.name else 0.6, "after a title"
    if not what.name or token.plain in _AUXILIARIES or around.before in _ARTICLES:
        return None
    if (titled or around.introduced) and what.odds >= -5 and what.first >= 2:
        return "NAME", 0.75, "introduced as a name"
    return _word_or_name(token, what, around)


def _word_or_name(token: Token, what: Known, around: Around) -> tuple[str, float, str] | None:
    """A name that is a word, by what people do and what is done to them."""
    if what.first < 4 or what.odds < -3:
        return None
    surname = know(around.after) if around.after else None
    if surname is not None and surname.last != NEVER and surname.clear and surname.first < 5:
        return "NAME", 0.85, "first name and surname"
    if around.before in ("is", "was") and around.before2 in cues.RELATIONS and what.odds >= -1:
        return "NAME", 0.6, "name that is a word, of a relative"
    if around.before in cues.SPEAKING_TO or (
        around.before in ("hi", "hey", "hello", "thanks", "bye", "morning", "evening") and what.odds >= -2
    ):
        return "NAME", 0.7, "name that is a word, after words that people follow"
    if what.odds >= -3 and around.spoken_to_at_the_end:
        return "NAME", 0.6, "spoken to by a name that is a word"
    if not around.before and around.after in ("is", "was", "being", "has", *cues.PERSON_VERBS) and what.odds >= -2:
        return "NAME", 0.6, "name that is a word, before what people do"
    if around.acts and around.after not in ("does", "did", "has", "had", "never", "always") and what.odds >= -2:
        return "NAME", 0.55, "name that is a word, before what people do"
    doubtful = what.odds < -1 or around.before in _BEFORE_WORDS
    return "NAME", 0.35 if doubtful else 0.5, "name that is a word"


def _unlisted(token: Token, around: Around) -> tuple[str, float, str] | None:
    plain = token.plain
    after = around.last + 1
    if after < len(around.words) and around.words[after].gap.startswith("-"):
        return None  # a word broken off
    base = know(plain[:-1]) if plain.endswith("s") else None
    if base is not None and base.clear and base.first >= 1:
        return "NAME", 0.8, "first name with a possessive ending"
    if len(plain) < 4:
        told = around.surely_titled or around.named or around.before in cues.SPEAKING_TO or around.related
        return ("NAME", 0.6, "introduced as a name") if told else ("NAME", 0.35, "unlisted word")
    if around.introduced:
        return "NAME", 0.85, "introduced as a name"
    if around.in_place or (around.before == "the" and around.before2 in ("in", "near", "along", "across")):
        return "LOCATION", 0.7, "unlisted word after a word for being somewhere"
    if like_a_place(plain) and around.perhaps_in_place:
        return "LOCATION", 0.65, "ends as places do"
    if around.at_work or around.before == "at":
        return "ORG", 0.65 if around.at_work else 0.55, "after a word for working"
    people = around.before in cues.SPEAKING_TO or around.before in cues.GREETINGS
    if (
        people
        or around.before in ("with", "miss", "about", "saw", "im")
        or (around.acts and around.before not in _ARTICLES)
    ):
        return "NAME", 0.6, "unlisted word among words for people"
    return "NAME", 0.55, "unlisted word"


def _is_long_place(words: Sequence[Token], at: int, count: int) -> bool:
    parts = [know(token.plain) for token in words[at : at + count]]
    return any(part.word == NEVER for part in parts) or Around(words, at, at + count - 1).in_place


def _surname(words: Sequence[Token], at: int) -> int:
    """The last word of a name: on over surnames that follow a first name."""
    end = at
    while end + 1 < len(words) and end - at < 2 and words[end + 1].gap == " " and words[end].end == words[end].full_end:
        plain = words[end + 1].plain
        what = know(plain)
        if what.word == 9 or plain in cues.FUNCTION or plain in cues.PERSON_VERBS:
            break
        surname = what.clear or (what.last != NEVER and (what.odds >= -3 or what.last >= 6))
        if not (surname or ((what.unknown or what.guessed) and len(plain) > 3)):
            break
        end += 1
    return end


def _ordinary(plain: str) -> bool:
    what = know(plain)
    return plain not in cues.FUNCTION and what.word < 9 and not what.clear
