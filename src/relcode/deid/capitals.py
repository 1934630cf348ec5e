"""Runs of capitalised words, judged as one: person, place or organisation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relcode.deid import cues
from relcode.deid.evidence import Around, Candidate
from relcode.deid.lexicon import NEVER, Known, know
from relcode.deid.lists import ORGANISATIONS, PUBLIC_FIGURES, word_set
from relcode.deid.organisations import HEADS, KINDS, SAINTS, SMALL_KINDS, is_organisation
from relcode.deid.places import is_place, long_place
from relcode.deid.tokens import Token
from relcode.deid.words import like_a_place

_PARTICLES = word_set(
    "van von der den de del della da di do dos das du la le el al bin binti ibn abu ter ten af av y e"
)
_MONTHS = word_set("march april may june july august")
_BEFORE_MONTHS = word_set(
    "in since last next this until till by of early late mid through from to every all during for or and"
)
_OWNERS = word_set("my our his her your their")
_FELLOWS = word_set("i me my you he she his her")
_LINKS = frozenset(("of", "the", "and"))
_ABBREVIATED = frozenset(("st", "mt", "ft"))
_DETERMINERS = word_set(
    "the a an my your his her our their this that these those and but so or if when while because as what where "
    "who why how "
    "is are was were do does did can could would should with without to of in on at by for from about like i "
    "you we they he she it"
)
_WORKS = word_set(
    "watch watched watching watches read reading reads movie film show book song novel series episode musical "
    "play album "
    "sang sings singing sing game poem chapter"
)


def in_capitals(words: Sequence[Token], known: frozenset[str]) -> Iterator[Candidate]:
    """Judge each run of capitalised words; `known` names are those found surely elsewhere."""
    at = 0
    while at < len(words):
        if not words[at].capital:
            at += 1
            continue
        end = _run_end(words, at)
        yield from _judge(words, at, end, known)
        at = end


def _run_end(words: Sequence[Token], at: int) -> int:
    end = at + 1
    while end < len(words):
        before, here = words[end - 1], words[end]
        if here.capital and _adjoins(before, here):
            end += 1
            continue
        if here.gap == " " and not before.possessive and (here.plain in _PARTICLES or here.plain in _LINKS):
            capital = next((n for n in range(end + 1, min(end + 4, len(words))) if words[n].capital), None)
            if capital is not None and _links(words, at, end, capital):
                end = capital + 1
                continue
        break
    return end


def _adjoins(before: Token, here: Token) -> bool:
    if here.gap == " ":
        return not before.possessive or here.plain in KINDS or here.plain == "high"
    if here.gap == ". ":
        return before.plain in _ABBREVIATED or (len(before.text) == 1 and before.text != "I" and not here.opens)
    return here.gap in (" & ", " + ")


def _links(words: Sequence[Token], start: int, end: int, capital: int) -> bool:
    """Whether small words join what they stand between: `van der`, `University of`, `and Sons`."""
    small = [token.plain for token in words[end:capital]]
    if any(token.gap != " " for token in words[end : capital + 1]):
        return False
    if all(plain in _PARTICLES for plain in small):
        return know(words[end - 1].plain).word != 9 or words[end - 1].plain in SAINTS
    if small[0] == "of" and len(small) <= 2 and all(plain in ("of", "the", "our") for plain in small):
        return (
            words[end - 1].plain in HEADS
            or words[end - 1].plain in ("lady", "isle", "church", "sisters", "house")
            or end - start > 1
        )
    return small == ["and"] and words[capital].plain in (
        "sons",
        "daughters",
        "co",
        "company",
        "partners",
        "associates",
        "brothers",
    )


def _judge(words: Sequence[Token], start: int, end: int, known: frozenset[str]) -> Iterator[Candidate]:
    if _public(words, start, end):
        return
    if words[start].plain in ORGANISATIONS or "_".join(token.plain for token in words[start:end]) in ORGANISATIONS:
        around = Around(words, start, end - 1)
        if around.at_work or (know(words[start].plain).word != 9 and not words[start].opens):
            yield Candidate(
                words[start].start, words[end - 1].end, "ORG", 0.75, "insurer, bank or employer in the list"
            )
            return
    lady = words[start].plain == "our" and end - start > 1 and words[start + 1].plain == "lady"
    while start < end and not lady and _no_name(words[start].plain):
        start += 1
    if start == end:
        return
    run = words[start:end]
    saint = run[0].plain in SAINTS and len(run) > 1
    called = not run[0].opens and words[start - 1].plain in ("with", "at", "for", "from", "by", "to", "called")
    if called and len(run) > 1 and run[-1].plain in KINDS and not is_organisation(run):
        yield Candidate(run[0].start, run[-1].end, "ORG", 0.65, "word for a kind of organisation")
        return
    if is_organisation(run) or (saint and run[-1].full_end > run[-1].end):
        yield Candidate(
            run[0].start, run[-1].full_end if saint else run[-1].end, "ORG", 0.88, "word for a kind of organisation"
        )
        return
    if is_place(run) and not all(_plain_word(token.plain) for token in run[:-1]):
        yield Candidate(run[0].start, run[-1].end, "LOCATION", 0.85, "word for a kind of place")
        return
    if end < len(words) and words[end].plain in SMALL_KINDS and words[end].gap == " " and not run[-1].possessive:
        kinds = Around(words, start, end - 1)
        if kinds.before in ("the", "at", "from", "to") and not _ordinary_all(run):
            yield Candidate(run[0].start, words[end].end, "ORG", 0.8, "name before a kind of organisation")
            return
    yield from _parts(words, start, end, known)


def _parts(words: Sequence[Token], start: int, end: int, known: frozenset[str]) -> Iterator[Candidate]:
    """Cut a run at words that name no one (`Will Grace`, `Tell Dr. Wu`), and judge what is left."""
    at = start
    while at < end:
        token = words[at]
        if _no_name(token.plain) and not (token.plain in SAINTS and at + 1 < end):
            at += 1
            continue
        count = long_place(words, at)
        if count and at + count <= end:
            yield from _long_place(words, at, count)
            at += count
            continue
        stop = at + 1
        while stop < end and (not _no_name(words[stop].plain) or words[stop].plain in _PARTICLES):
            stop += 1
        if token.opens and stop - at > 1 and _ordinary_opening(token, words[at + 1], known):
            at += 1
            continue
        yield from _judge_part(words, at, stop, known)
        at = stop


def _long_place(words: Sequence[Token], at: int, count: int) -> Iterator[Candidate]:
    around = Around(words, at, at + count - 1)
    all_words = _ordinary_all(words[at : at + count])
    if not all_words or around.perhaps_in_place:
        yield Candidate(words[at].start, words[at + count - 1].end, "LOCATION", 0.9, "town in the list of places")


def _judge_part(words: Sequence[Token], start: int, end: int, known: frozenset[str]) -> Iterator[Candidate]:
    run = words[start:end]
    around = Around(words, start, end - 1)
    if len(run) == 1 and end < len(words) and words[end].gap[:1] == "-" and not know(run[0].plain).clear:
        return  # a word broken off
    judged = _single(run[0], around, known) if len(run) == 1 else _several(run, around, known)
    if judged is None:
        return
    label, probability, reason = judged
    last = run[-1]
    stop = last.full_end if label == "ORG" and last.possessive else last.end
    yield Candidate(run[0].start, stop, label, probability, reason)


def _single(token: Token, around: Around, known: frozenset[str]) -> tuple[str, float, str] | None:
    what = know(token.plain)
    if token.plain in _MONTHS and (around.before in _BEFORE_MONTHS or (not around.introduced and what.odds < -3)):
        return None
    if token.plain in cues.CONTESTED and (around.perhaps_in_place or not around.of_a_person):
        return None
    if around.surely_titled or (around.titled and not token.opens and what.word < 6):
        return "NAME", 0.96, "after a title"
    if token.plain in known and not (token.opens and _auxiliary(token, around)):
        return "NAME", 0.92, "a name elsewhere in these sessions"
    return _opening(token, what, around) if token.opens else _inside(token, what, around)


def _inside(token: Token, what: Known, around: Around) -> tuple[str, float, str] | None:
    """A capitalised word inside a sentence."""
    if around.named or around.related:
        return (
            ("NAME", 0.95, "introduced as a name")
            if what.word < 6 or what.name
            else ("NAME", 0.6, "introduced as a name")
        )
    if around.at_work and (token.possessive or not what.first > 2):
        return "ORG", 0.8, "after a word for working"
    if token.possessive and _title_follows(around):
        return "NAME", 0.4, "perhaps a title"
    if around.before not in cues.FUNCTION and bool({around.before, around.before2} & _WORKS) and what.first < 4:
        return None
    if (
        around.before in ("a", "an")
        and not around.words[around.first - 1].capital
        and around.before2 not in ("there's", "there", "theres")
    ):
        return "NAME", 0.45, "after an article"
    family = token.plain[:-1] if token.plain.endswith("s") else ""
    if around.before == "the" and family and know(family).last != NEVER and not token.possessive:
        return "NAME", 0.85 if know(family).odds >= 0 else 0.4, "family in the plural"
    if what.place >= 1 and what.first < 3 and what.last < 5 and what.word < 2 and around.before not in cues.SPEAKING_TO:
        return "LOCATION", 0.8, "town in the list of places"
    if what.place != NEVER and what.first < 3 and around.perhaps_in_place and (what.word == NEVER or around.in_place):
        return "LOCATION", 0.85, "town in the list of places"
    if (
        what.place != NEVER
        and around.in_place
        and not (what.first >= 6 and around.before2 not in cues.LIVING and around.before != "in")
    ):
        return "LOCATION", 0.9, "town in the list of places"
    if what.first != NEVER:
        if what.odds >= -3:
            return "NAME", 0.95 if what.odds >= 2 else 0.88, "first name"
        return "NAME", 0.6 if what.first > 2 or around.spoken_to else 0.4, "first name that is a word"
    if around.before == "at" and token.possessive:
        return "ORG", 0.65, "possessive after at"
    if what.last != NEVER:
        if what.odds >= 2:
            return "NAME", 0.88, "surname"
        return (
            ("NAME", 0.6, "surname that is a word")
            if around.spoken_to and what.odds > -6
            else ("NAME", 0.4, "surname that is a word")
        )
    if what.place != NEVER and what.word == NEVER:
        return "LOCATION", 0.85, "town in the list of places"
    return _unlisted(token, what, around)


def _unlisted(token: Token, what: Known, around: Around) -> tuple[str, float, str] | None:
    """A capitalised word inside a sentence that is in no list of names."""
    if len(token.text) < 6 and (token.text.isupper() or token.text[:-1].isupper()):
        return "ORG", 0.6 if len(token.text) > 2 and around.before == "at" else 0.3, "abbreviation"
    ordinary = what.word != NEVER and not what.guessed
    if ordinary and around.set_off:
        return "NAME", 0.6, "spoken to by an ordinary word"
    if around.in_place or (around.perhaps_in_place and like_a_place(token.plain)):
        return "LOCATION", 0.55 if ordinary else 0.85, "after a word for being somewhere"
    if around.before == "at":
        return "ORG", 0.55 if ordinary else 0.7, "after at"
    if ordinary and around.before == "the" and around.before2 in ("at", "from", "down", "near", "behind", "outside"):
        return "ORG", 0.55, "after at"
    if ordinary:
        likely = what.word < 5 and (around.before in cues.TALK_TO or around.perhaps_in_place)
        return "NAME", 0.5 if likely else 0.35, "ordinary word with a capital"
    if around.before == "the" and around.before2 in ("in", "near", "into", "along", "across", "over", "on", "by"):
        return "LOCATION", 0.6, "after a word for being somewhere"
    if around.before in cues.FUNCTION and around.before in ("the", "a", "an", "my", "some", "this", "on"):
        return "ORG", 0.45, "unlisted word with a capital after an article"
    if like_a_place(token.plain):
        return "LOCATION", 0.7, "ends as places do"
    return "NAME", 0.75, "unlisted word with a capital"


def _opening(token: Token, what: Known, around: Around) -> tuple[str, float, str] | None:
    """A capitalised word that opens a sentence: the capital says nothing."""
    if token.possessive and _title_follows(around):
        return "NAME", 0.4, "perhaps a title"
    if what.clear:
        if what.place >= 1 and what.first < 3 and what.last < 5 and not around.set_off:
            return "LOCATION", 0.75, "town in the list of places"
        if what.first != NEVER:
            return "NAME", 0.93, "first name"
        return "NAME", 0.8 if what.last > 1 else 0.65, "surname"
    if what.name:
        return _word_or_name(token, what, around)
    if what.place != NEVER and what.word == NEVER:
        return "LOCATION", 0.75, "town in the list of places"
    if not (what.unknown or what.guessed) or len(token.plain) < 3 or token.text.isupper() or token.text[:-1].isupper():
        return None
    if like_a_place(token.plain):
        return "LOCATION", 0.6, "ends as places do"
    likely = around.acts or around.set_off or token.possessive
    return "NAME", (0.65 if likely else 0.55) - 0.15 * what.guessed, "unlisted word"


def _title_follows(around: Around) -> bool:
    """Before a capitalised word, as in "Grey's Anatomy"."""
    after = around.last + 1
    return (
        after < len(around.words)
        and around.words[after].gap == " "
        and around.words[after].capital
        and not _no_name(around.words[after].plain)
        and not know(around.words[after].plain).clear
    )


def _word_or_name(token: Token, what: Known, around: Around) -> tuple[str, float, str] | None:
    if around.after == "and" and around.ahead(2) in _FELLOWS and what.first >= 4:
        return "NAME", 0.7, "name that is a word, beside a person"
    if _auxiliary(token, around) or what.odds < -5 or what.first == NEVER:
        return None
    if around.explained:
        return "NAME", 0.85, "introduced as a name"
    if around.set_off:
        return "NAME", 0.75 if what.odds >= -2 else 0.4, "spoken to by a name that is a word"
    joined = around.after == "and" and around.words[around.last + 2 : around.last + 3]
    if joined and joined[0].capital and know(joined[0].plain).name and what.odds >= -4:
        return "NAME", 0.7, "name that is a word, beside another name"
    abstract = token.plain in cues.ABSTRACT
    if around.after in ("is", "was") and (around.ahead(2) in _OWNERS or (what.odds >= -1 and not abstract)):
        return "NAME", 0.7 if what.odds >= -1 else 0.55, "name that is a word, before what people are"
    if around.acts or (token.possessive and what.odds >= -2):
        return "NAME", 0.8 if what.odds >= -1 else 0.6, "name that is a word, before what people do"
    return ("NAME", 0.45, "name that is a word") if what.odds >= -2 else None


def _several(run: Sequence[Token], around: Around, known: frozenset[str]) -> tuple[str, float, str] | None:
    whats = [know(token.plain) for token in run]
    if around.titled:
        return "NAME", 0.96, "after a title"
    if (
        ((around.in_place and around.before != "to") or (around.in_place and not whats[0].first > 3))
        and not around.introduced
        and whats[0].first < 4
    ):
        return "LOCATION", 0.8, "after a word for being somewhere"
    work = bool({around.before, around.before2, around.before3} & _WORKS)
    if any(token.plain in known for token in run) and not (
        work and not any(what.clear and what.first > 2 for what in whats)
    ):
        return "NAME", 0.92, "a name elsewhere in these sessions"
    if whats[0].first != NEVER and (whats[0].odds >= -3 or around.introduced):
        if work and whats[0].odds < 2:
            return None
        rest = all(what.name or what.unknown for what in whats[1:])
        return "NAME", 0.95 if rest else 0.85, "first name and surname"
    if around.at_work:
        return "ORG", 0.85, "after a word for working"
    if any(what.clear for what in whats) and not (work and not any(what.first > 2 for what in whats)):
        return "NAME", 0.85, "name among capitalised words"
    if work:
        return None
    if around.in_place or (around.perhaps_in_place and around.before != "at"):
        return "LOCATION", 0.8 if any(what.unknown for what in whats) else 0.65, "after a word for being somewhere"
    if around.before == "at":
        return "ORG", 0.7, "after at"
    if any(what.unknown for what in whats):
        return "NAME", 0.7, "unlisted words with a capital"
    if any(what.last != NEVER for what in whats) and around.introduced:
        return "NAME", 0.8, "introduced as a name"
    titled = around.first > 0 and around.words[around.first - 1].capital and around.before in _DETERMINERS
    return "ORG", 0.35 if run[0].opens or titled else 0.55, "ordinary words with capitals"


def _public(words: Sequence[Token], start: int, end: int) -> bool:
    """Whether a run is, or ends with, a public figure or a person of fiction, perhaps with its title before it."""
    if start and words[start].gap in (" ", ". ") and not words[start].opens:
        start = start - 1
    plains = [token.plain for token in words[start:end]]
    return any("_".join(plains[at:]) in PUBLIC_FIGURES for at in range(len(plains) - 1))


def _no_name(plain: str) -> bool:
    return plain not in SAINTS and (plain in _DETERMINERS or know(plain).word == 9)


def _plain_word(plain: str) -> bool:
    what = know(plain)
    return plain in _DETERMINERS or (what.word == 9)


def _ordinary_all(run: Sequence[Token]) -> bool:
    return all(know(token.plain).word != NEVER and know(token.plain).odds < 0 for token in run)


def _ordinary_opening(token: Token, after: Token, known: frozenset[str]) -> bool:
    """Whether the word that opens a sentence is just that: `Will Grace come`."""
    what = know(token.plain)
    if token.plain in known:
        return False
    if what.word == NEVER or what.odds >= -1:
        return False
    return what.first == NEVER or know(after.plain).first != NEVER


def _auxiliary(token: Token, around: Around) -> bool:
    return token.plain in cues.AUXILIARIES and around.after in cues.AFTER_AUXILIARY
