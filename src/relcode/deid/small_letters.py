"""Names, places and organisations where case says nothing: by the lists and the words around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relcode.deid import cues
from relcode.deid.evidence import Around, Candidate
from relcode.deid.lexicon import NEVER, Known, know
from relcode.deid.organisations import KINDS, organisation_in_small_letters
from relcode.deid.places import like_a_place, long_place, long_places
from relcode.deid.tokens import Token

_ARTICLES = frozenset("the a an my your his her our their this that some no any".split())


def in_small_letters(words: Sequence[Token], known: frozenset[str], *, mixed: bool) -> Iterator[Candidate]:
    """Judge the words one by one.

    Parameters
    ----------
    mixed
        Whether the text has capitals: then only clear names and those `known` from elsewhere count.
    """
    at, last = 0, len(words)
    while at < last:
        token = words[at]
        if mixed and token.capital:
            at += 1
            continue
        plain = token.plain
        if not mixed and plain in KINDS and (plain != "elementary" or at + 1 == last or words[at + 1].plain not in KINDS):
            end = at
            while end + 1 < last and words[end + 1].plain in KINDS and words[end + 1].gap == " ":
                end += 1
            start = organisation_in_small_letters(words, at)
            if start is not None:
                yield Candidate(words[start].start, words[end].full_end, "ORG", 0.75, "word for a kind of organisation")
                at = end + 1
                continue
        if not mixed and plain in long_places():
            count = long_place(words, at)
            if count and _is_long_place(words, at, count):
                yield Candidate(token.start, words[at + count - 1].end, "LOCATION", 0.8, "town in the list of places")
                at += count
                continue
        what = know(plain)
        if what.word == 9 or (what.odds < -6 and what.place == NEVER and not what.unknown and not _after_title(words, at)):
            at += 1
            continue
        judged = _judge(words, at, what, known, mixed=mixed)
        if judged is None:
            at += 1
            continue
        label, probability, reason = judged
        end = _surname(words, at) if label == "NAME" and probability >= 0.5 and not mixed else at
        yield Candidate(token.start, words[end].end, label, probability, reason)
        at = end + 1


def _after_title(words: Sequence[Token], at: int) -> bool:
    return at > 0 and words[at - 1].plain in cues.SURE_TITLES and words[at].gap in (" ", ". ")


def _judge(
    words: Sequence[Token], at: int, what: Known, known: frozenset[str], *, mixed: bool
) -> tuple[str, float, str] | None:
    token = words[at]
    if token.plain in known and what.odds >= -1 and token.plain not in cues.AUXILIARIES:
        return "NAME", 0.88, "a name elsewhere in these sessions"
    if mixed:
        return ("NAME", 0.75, "first name in small letters") if what.first >= 1 and what.odds >= 3 and what.word == NEVER else None
    around = Around(words, at, at)
    place = _as_place(what, around)
    if place is not None:
        return place
    return _as_name(token, what, around)


def _as_place(what: Known, around: Around) -> tuple[str, float, str] | None:
    if what.place == NEVER:
        return None
    living = around.before in ("in", "near", "to", "from", "outside", "around") and around.before2 in cues.LIVING
    if what.word == NEVER and not what.name:
        return "LOCATION", 0.85 if around.perhaps_in_place else 0.7, "town in the list of places"
    if what.word == NEVER and (living or around.before in ("in", "near")) and (what.first < 7 or living):
        return "LOCATION", 0.8, "town in the list of places"
    settled = around.before2 in ("live", "lives", "lived", "living", "moved", "born", "up", "from", "move", "drove", "flew", "went", "out", "down")
    if what.place >= 1 and living and settled and around.before in ("in", "to", "from") and what.word < 5:
        return "LOCATION", 0.55, "town in the list of places that is a word"
    return None


def _as_name(token: Token, what: Known, around: Around) -> tuple[str, float, str] | None:
    if what.unknown:
        return _unlisted(token, around)
    introduced = around.surely_titled or around.named or around.related or (around.titled and what.odds >= -5)
    if what.clear:
        if introduced:
            return "NAME", 0.95, "introduced as a name"
        if what.first != NEVER:
            return "NAME", 0.85 if what.first > 0 or len(token.plain) > 4 else 0.6, "first name in small letters"
        return "NAME", 0.78 if what.last > 2 or len(token.plain) > 6 else 0.6, "surname in small letters"
    if token.plain in cues.FUNCTION or not what.name:
        return ("NAME", 0.6, "after a title") if around.surely_titled and token.plain not in cues.FUNCTION else None
    auxiliary = token.plain in ("will", "may", "can", "in", "so", "do", "see", "an")
    if around.surely_titled or (around.named and (what.first != NEVER)):
        return "NAME", 0.85, "introduced as a name"
    if auxiliary or around.before in _ARTICLES:
        return None
    if introduced and what.odds >= -5 and what.first >= 2:
        return "NAME", 0.75, "introduced as a name"
    if what.odds >= -1 and what.first >= 4:
        if around.spoken_to and around.before not in ("i", "it", "its", "i'm", "im", "it's", "for", "by", "or", "like", "at", "from", "about", "without"):
            return "NAME", 0.65, "name that is a word, after words that people follow"
        return ("NAME", 0.55, "name that is a word, before what people do") if around.acts and around.after not in ("and", "or", "just") else (
            "NAME", 0.35, "name that is a word")
    return None


def _unlisted(token: Token, around: Around) -> tuple[str, float, str] | None:
    plain = token.plain
    base = know(plain[:-1]) if plain.endswith("s") else None
    if base is not None and base.clear and base.first != NEVER:
        return "NAME", 0.8, "first name with a possessive ending"
    if len(plain) < 4:
        return ("NAME", 0.6, "introduced as a name") if around.surely_titled or around.named else None
    if around.introduced:
        return "NAME", 0.85, "introduced as a name"
    if around.in_place:
        return "LOCATION", 0.7, "unlisted word after a word for being somewhere"
    if like_a_place(plain) and around.perhaps_in_place:
        return "LOCATION", 0.65, "ends as places do"
    if around.at_work:
        return "ORG", 0.65, "after a word for working"
    if around.spoken_to or around.acts:
        return "NAME", 0.6, "unlisted word among words for people"
    return "NAME", 0.45, "unlisted word"


def _is_long_place(words: Sequence[Token], at: int, count: int) -> bool:
    parts = [know(token.plain) for token in words[at : at + count]]
    around = Around(words, at, at + count - 1)
    if any(part.word == NEVER for part in parts):
        return True
    return around.in_place


def _surname(words: Sequence[Token], at: int) -> int:
    """The last word of a name: on over surnames that follow a first name."""
    end = at
    while end + 1 < len(words) and end - at < 2 and words[end + 1].gap == " " and words[end].end == words[end].full_end:
        plain = words[end + 1].plain
        what = know(plain)
        if what.word == 9 or plain in cues.FUNCTION or plain in cues.PERSON_VERBS:
            break
        surname = what.last != NEVER and (what.odds >= -2 or what.last >= 6)
        if not (surname or (what.unknown and len(plain) > 3)):
            break
        end += 1
    return end
