"""Runs of capitalised words: where they begin and end, and what they name as a whole; the rest is judged in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relcode.deid.capitals import judge_one, judge_several, names_no_one, surname_only
from relcode.deid.churches import SAINTS
from relcode.deid.cues import RELATIONS, TITLES
from relcode.deid.evidence import Around, Candidate, broken_off
from relcode.deid.kinds import HEADS, KINDS, SMALL_KINDS
from relcode.deid.lexicon import NEVER, know
from relcode.deid.lists import ORGANISATIONS, PUBLIC_FIGURES, word_set
from relcode.deid.organisations import HOMES, is_organisation
from relcode.deid.places import is_place, long_place
from relcode.deid.tokens import Token

_PARTICLES = word_set(
    "van von der den de del della da di do dos das du la le el al bin binti ibn abu ter ten af av y e"
)
_LINKS = word_set("of the and")
_SMALL = _PARTICLES | _LINKS
_ABBREVIATED = word_set("st mt ft")
_NAMED_OF = HEADS | word_set("lady isle sisters")
_FIRMS = word_set("sons daughters co company partners associates brothers")
_BEFORE_ORGANISATIONS = word_set("with at for from by to called")
_ADDRESSES = TITLES | RELATIONS
# Regions in no list of names that firms are called after: "Pacific Crest Health Plan".
_OCEANS = word_set("pacific atlantic western eastern northern southern national united american")
_LONGEST_LINK = 3


def in_capitals(words: Sequence[Token], known: frozenset[str]) -> Iterator[Candidate]:
    """Judge each run of capitalised words; `known` names are those found surely elsewhere."""
    at = 0
    while at < len(words):
        if not words[at].capital:
            at += 1
            continue
        end = _run_end(words, at)
        if not _public(words, at, end):
            whole = _listed(words, at, end) or _whole(words, at, end)
            if whole is not None:
                yield whole
            else:
                yield from _parts(words, at, end, known)
        at = end


def _run_end(words: Sequence[Token], at: int) -> int:
    end = at + 1
    while end < len(words):
        before, here = words[end - 1], words[end]
        if here.capital and (_adjoins(before, here) or _owned_kind(words, end)):
            end += 1
            continue
        capital = _after_link(words, at, end)
        if capital is None:
            break
        end = capital + 1
    return end


def _adjoins(before: Token, here: Token) -> bool:
    if here.gap == " ":
        return not before.possessive or here.plain in KINDS
    if here.gap == ". ":
        return before.plain in _ABBREVIATED or (len(before.text) == 1 and before.text != "I" and not here.opens)
    return here.gap in (" & ", " + ")


def _owned_kind(words: Sequence[Token], at: int) -> bool:
    """Whether a word that says of what kind stands between a possessive and a kind: `Tamblyn's Garden Centre`."""
    what = know(words[at].plain)
    if at + 1 == len(words) or words[at].gap != " " or what.word == NEVER or what.clear:
        return False
    kind = words[at + 1]
    return kind.capital and kind.gap == " " and kind.plain in KINDS


def _after_link(words: Sequence[Token], start: int, end: int) -> int | None:
    """The capitalised word that small words join to a run: `van der Berg`, `University of Tennerly`, `and Sons`."""
    if words[end].plain not in _SMALL or words[end - 1].possessive:
        return None
    reach = range(end + 1, min(end + 1 + _LONGEST_LINK, len(words)))
    capital = next((n for n in reach if words[n].capital), None)
    if capital is None or any(token.gap != " " for token in words[end : capital + 1]):
        return None
    small = [token.plain for token in words[end:capital]]
    before = words[end - 1].plain
    if all(plain in _PARTICLES for plain in small):
        joins = know(before).word != 9 or before in SAINTS
    elif small in (["of"], ["of", "the"], ["of", "our"]):
        joins = before in _NAMED_OF or end - start > 1 or long_place(words, end - 1) > capital - end + 1
    else:
        kind = capital + 1 < len(words) and words[capital + 1].capital and words[capital + 1].plain in KINDS
        pair = kind and words[capital + 1].gap == " " and not know(before).name
        joins = small == ["and"] and (words[capital].plain in _FIRMS or pair)
    return capital if joins else None


def _public(words: Sequence[Token], start: int, end: int) -> bool:
    """Whether a run is, or ends with, a public figure or a person of fiction, perhaps with its title before it."""
    if start and words[start].gap in (" ", ". ") and not words[start].opens:
        start = start - 1
    plains = [token.plain for token in words[start:end]]
    return any("_".join(plains[at:]) in PUBLIC_FIGURES for at in range(len(plains) - 1))


def _listed(words: Sequence[Token], start: int, end: int) -> Candidate | None:
    """Insurers, banks and employers of the list; brands among them only where someone works."""
    first = words[start]
    if first.plain not in ORGANISATIONS and "_".join(t.plain for t in words[start:end]) not in ORGANISATIONS:
        return None
    brand = know(first.plain).word == 9 or first.opens
    if brand and not Around(words, start, end - 1).at_work:
        return None
    return Candidate(first.start, words[end - 1].end, "ORG", 0.75, "insurer, bank or employer in the list")


def _whole(words: Sequence[Token], start: int, end: int) -> Candidate | None:
    """What a run names by a word of its kind, without the words before that name no one."""
    lady = words[start].plain == "our" and end - start > 1 and words[start + 1].plain == "lady"
    while start < end and not lady and names_no_one(words[start].plain):
        if words[start].plain in _OCEANS and is_organisation(words[start:end]):
            break
        if know(words[start].plain).word == 9 and not words[start].opens and words[start].plain not in _ADDRESSES:
            state = words[start:end]  # "Washington Hospital", "Ohio State University"
            if is_organisation(state):
                return Candidate(state[0].start, state[-1].end, "ORG", 0.8, "word for a kind of organisation")
        start += 1
    if start == end:
        return None
    run = words[start:end]
    first, last = run[0], run[-1]
    if is_organisation(run):
        return Candidate(first.start, last.end, "ORG", 0.88, "word for a kind of organisation")
    if first.plain in SAINTS and len(run) > 1 and last.possessive:
        return Candidate(first.start, last.full_end, "ORG", 0.88, "saint with a possessive ending")
    called = start > 0 and not first.opens and words[start - 1].plain in _BEFORE_ORGANISATIONS
    home = called and words[start - 1].plain == "at" and last.plain in HOMES
    if called and len(run) > 1 and (last.plain in KINDS or home):
        return Candidate(first.start, last.end, "ORG", 0.65, "word for a kind of organisation")
    if is_place(run) and not all(names_no_one(token.plain) for token in run[:-1]):
        return Candidate(first.start, last.end, "LOCATION", 0.85, "word for a kind of place")
    if _before_kind(words, start, end):
        return Candidate(first.start, words[end].end, "ORG", 0.8, "name before a kind of organisation")
    return None


def _before_kind(words: Sequence[Token], start: int, end: int) -> bool:
    """Whether a kind written small follows: "the Thistledown clinic"."""
    if end == len(words) or words[end].plain not in SMALL_KINDS or words[end].gap != " ":
        return False
    run = words[start:end]
    before = Around(words, start, end - 1).before
    return before in ("the", "at", "from", "to") and not run[-1].possessive and not _ordinary(run)


def _parts(words: Sequence[Token], start: int, end: int, known: frozenset[str]) -> Iterator[Candidate]:
    """Cut a run at words that name no one (`Will Grace`, `Tell Dr. Wu`), and judge what is left."""
    at = start
    while at < end:
        count = long_place(words, at)
        if count and at + count <= end and not all(names_no_one(token.plain) for token in words[at : at + count]):
            saint = words[at].plain == "saint" and know(words[at + 1].plain).first >= 5  # "Saint Peter", not the town
            if saint and not Around(words, at, at + count - 1).perhaps_in_place:
                at += count
                continue
            if not _ordinary(words[at : at + count]) or Around(words, at, at + count - 1).perhaps_in_place:
                place = words[at].start, words[at + count - 1].end
                yield Candidate(*place, "LOCATION", 0.9, "town in the list of places")
            at += count
            continue
        if names_no_one(words[at].plain):
            at += 1
            continue
        stop = at + 1
        while stop < end and (not names_no_one(words[stop].plain) or _goes_on(words, at, stop, end)):
            stop += 1
        alone = stop == len(words) or words[stop].opens or words[stop].gap.startswith(",")
        if stop - at > 1 and _only_opens(words[at:stop], known, alone):
            at += 1
            continue
        candidate = _part(words, at, stop, known)
        if candidate is not None:
            yield candidate
        at = stop


def _part(words: Sequence[Token], start: int, end: int, known: frozenset[str]) -> Candidate | None:
    run, around = words[start:end], Around(words, start, end - 1)
    if len(run) == 1 and ((run[0].broken and not know(run[0].plain).clear) or broken_off(words, start)):
        return None
    judged = judge_one(run[0], around, known) if len(run) == 1 else judge_several(run, around, known)
    if judged is None:
        return None
    label, probability, reason = judged
    last = run[-1]
    stop = last.full_end if label == "ORG" and last.possessive else last.end
    return Candidate(run[0].start, stop, label, probability, reason)


def _goes_on(words: Sequence[Token], start: int, at: int, end: int) -> bool:
    """Whether a name goes on over a word that is none alone: a particle, an initial, a surname like `Pagan`."""
    token, first = words[at], know(words[start].plain)
    if token.plain in _PARTICLES:
        return True
    if not first.unknown and (first.first == NEVER or (first.odds < 0 and at + 1 == end)):
        return False
    if len(token.text) == 1:
        return token.text != "I"
    return at == start + 1 and first.clear and first.first >= 2 and surname_only(token.plain)


def _only_opens(run: Sequence[Token], known: frozenset[str], whole: bool) -> bool:
    """Whether a word that opens a sentence is just that: `Will Grace come`; `whole`: the run is all of the sentence."""
    token, after = run[0], run[1]
    what = know(token.plain)
    if not token.opens or token.plain in known or what.word == NEVER or what.odds >= -1:
        return False
    last = know(run[-1].plain)
    if what.first >= 3 and "-" in after.plain and know(after.plain).last >= 3:
        return False  # "Hope Lloyd-Parry"
    if what.first >= 3 and len(run) > 2 and (whole or len(after.text) == 1) and (last.odds >= -3 or last.unknown):
        return False
    surname = know(after.plain)
    if whole and len(run) == 2 and surname.clear and surname.last > max(surname.first, 0):
        return what.first < 3 and what.word > 2  # "Will Quarrie, thirty years here"; "Poor Quarrie."
    return what.first == NEVER or surname.first != NEVER


def _ordinary(run: Sequence[Token]) -> bool:
    return all(know(token.plain).word != NEVER and know(token.plain).odds < 0 for token in run)
