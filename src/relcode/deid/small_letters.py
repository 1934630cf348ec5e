"""Names, places and organisations where case says nothing: the walk over the words, and what takes several of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relcode.deid import cues
from relcode.deid.capitals import surname_only
from relcode.deid.evidence import Around, Candidate, broken_off
from relcode.deid.lexicon import NEVER, know
from relcode.deid.lists import ORGANISATIONS, PUBLIC_FIGURES, word_set
from relcode.deid.organisations import organisations_in_small_letters
from relcode.deid.places import ENDS, long_place, places_in_small_letters
from relcode.deid.small_names import WRITTEN_TITLES, judge_small
from relcode.deid.tokens import Token

_NO_WORKPLACES = cues.FUNCTION | word_set(
    "home night nights least all first last times school church college work lunch noon once present risk best most "
    "uni university day days weekends weekend christmas dawn sea height which whom whatever midnight dinner breakfast"
)
_AFTER_FIRMS = word_set(
    "hes shes theyre im its in on by off who they downtown near and for i he she we now its so but then since until till"
)
_BEFORE_INSURERS = word_set("have got its through at with from by for was")


def clear_in_small_letters(words: Sequence[Token], known: frozenset[str]) -> Iterator[Candidate]:
    """Clear names that a text with capitals writes small by mistake."""
    for token in words:
        if token.capital:
            continue
        what = know(token.plain)
        clear = what.odds >= 2 and what.word == NEVER
        if token.broken and not (clear and token.plain in known) and what.first < 4:
            continue
        if token.plain in known and (clear or what.unknown or what.guessed):
            yield Candidate(token.start, token.end, "NAME", 0.85, "a name elsewhere in these sessions")
        elif what.word == NEVER and what.first >= 1 and what.odds >= 3 and len(token.plain) > 2:
            yield Candidate(token.start, token.end, "NAME", 0.75, "first name in small letters")


def in_small_letters(words: Sequence[Token], known: frozenset[str]) -> Iterator[Candidate]:
    """Judge the words of a text without capitals; `known` names are those found surely elsewhere."""
    taken: set[int] = set()
    for first, last, sure in organisations_in_small_letters(words):
        yield Candidate(words[first].start, words[last].full_end, "ORG", sure, "word for a kind of organisation")
        taken.update(range(first, last + 1))
    for first, last in places_in_small_letters(words):
        if taken.isdisjoint(range(first, last + 1)):
            yield Candidate(words[first].start, words[last].end, "LOCATION", 0.75, "word for a kind of place")
            taken.update(range(first, last + 1))
    at = 0
    while at < len(words):
        end = at
        if at not in taken:
            end, candidate = _at(words, at, known)
            if candidate is not None:
                yield candidate
        at = end + 1


def _at(words: Sequence[Token], at: int, known: frozenset[str]) -> tuple[int, Candidate | None]:
    """What stands at a word: its last word, and the candidate if it is one."""
    token, what = words[at], know(words[at].plain)
    pair = f"{token.plain}_{words[at + 1].plain}" if at + 1 < len(words) else ""
    if pair in PUBLIC_FIGURES:
        return at + 1, None
    count = long_place(words, at)
    if count and _is_long_place(words, at, count):
        end = at + count - 1
        return end, Candidate(token.start, words[end].end, "LOCATION", 0.85, "town in the list of places")
    if token.plain in ORGANISATIONS or pair in ORGANISATIONS:
        end = at + (pair in ORGANISATIONS)
        around = Around(words, at, end)
        if around.at_work or (around.before in _BEFORE_INSURERS and what.word < 9):
            return end, Candidate(token.start, words[end].end, "ORG", 0.6, "insurer, bank or employer in the list")
    titled = len(token.plain) == 1 and at > 0 and words[at - 1].plain in WRITTEN_TITLES
    if titled and at + 1 < len(words) and (know(words[at + 1].plain).name or know(words[at + 1].plain).unknown):
        return at + 1, Candidate(token.start, words[at + 1].end, "NAME", 0.95, "after a title")
    if _called_before_a_surname(words, at):
        return at + 1, Candidate(token.start, words[at + 1].end, "NAME", 0.78, "surname in small letters")
    if what.word == 9 or _surely_a_word(words, at) or broken_off(words, at):
        return at, None
    around = Around(words, at, at)
    if around.at_work and around.before == "at" and what.word != NEVER and token.plain not in _NO_WORKPLACES:
        end = _workplace(words, at)
        return end, Candidate(token.start, words[end].end, "ORG", 0.55, "after a word for working")
    if (around.before == "at" or (around.before == "for" and around.at_work)) and _firm(words, at):
        return at + 1, Candidate(token.start, words[at + 1].end, "ORG", 0.6, "after at")
    judged = judge_small(token, around, known)
    if judged is None:
        return at, None
    label, probability, reason = judged
    end = _surname(words, at) if label == "NAME" and probability >= 0.5 else at
    if end > at:
        probability = max(probability, 0.85)
    return end, Candidate(token.start, words[end].end, label, probability, reason)


def _called_before_a_surname(words: Sequence[Token], at: int) -> bool:
    """A rare word that opens a turn, before a surname and a pronoun: "stumpy vanderlinde hes in perth"."""
    if at or len(words) < 3 or words[2].plain not in ("he", "she", "hes", "shes") or words[1].gap != " ":
        return False
    what, surname = know(words[0].plain), know(words[1].plain)
    return what.word <= 2 and not what.name and surname.clear and surname.first == NEVER and surname.last >= 1


def _surely_a_word(words: Sequence[Token], at: int) -> bool:
    """The cheap first look: a word that is no name, no town, and after nothing that makes it one."""
    plain = words[at].plain
    what = know(plain)
    if what.odds >= -6 or what.place != NEVER or what.unknown:
        return False
    before = words[at - 1].plain if at and words[at].gap in (" ", ". ") else ""
    if before in WRITTEN_TITLES or before == "at":
        return False
    if at + 3 < len(words) and words[at + 3].plain in ("name", "nickname"):
        return False
    return not (plain.endswith("s") and know(plain[:-1]).name)


def _is_long_place(words: Sequence[Token], at: int, count: int) -> bool:
    parts = [know(token.plain) for token in words[at : at + count]]
    around = Around(words, at, at + count - 1)
    if words[at].plain == "the":  # "in the meadows": a town with an article needs its capital
        return False
    from_a_town = around.before in ("from", "at") and words[at + count - 1].plain in ENDS
    near = around.in_place or around.before in ("by", "off", "past") or from_a_town
    return near or any(part.word == NEVER for part in parts)


def _firm(words: Sequence[Token], at: int) -> bool:
    """Whether a surname and a noun after "at" name a firm: "at jorgensen implement in viroqua"."""
    if at + 1 >= len(words) or words[at + 1].gap != " ":
        return False
    if at + 2 < len(words) and words[at + 2].plain not in _AFTER_FIRMS:
        return False
    name, noun = know(words[at].plain), words[at + 1].plain
    named = name.unknown or (name.last != NEVER and name.odds >= 0 and name.first < 4)
    ordinary = know(noun).word != NEVER and not know(noun).name
    return named and ordinary and noun not in cues.FUNCTION and noun not in cues.FINITE and know(noun).word < 9


def _workplace(words: Sequence[Token], at: int) -> int:
    """The last of the ordinary words that name where someone works: "a nurse at childrens mercy"."""
    end = at
    while end - at < 2 and end + 1 < len(words):
        plain = words[end + 1].plain
        if plain in cues.FUNCTION or know(plain).word == 9 or know(plain).clear:
            break
        end += 1
    return end


def _initial(words: Sequence[Token], at: int) -> bool:
    """A letter that stands in a name, and not in letters: "august p thorndike", "caleb z"."""
    if len(words[at].plain) != 1 or words[at].plain in ("i", "a", "u"):
        return False
    return at + 1 == len(words) or len(words[at + 1].plain) > 1


def _surname(words: Sequence[Token], at: int) -> int:
    """The last word of a name: on over surnames that follow a first name."""
    end = at
    while end + 1 < len(words) and end - at < 2 and words[end + 1].gap == " " and words[end].end == words[end].full_end:
        plain = words[end + 1].plain
        what = know(plain)
        if _initial(words, end + 1):
            end += 1
            continue
        if (
            what.word == 9
            and surname_only(plain)
            and know(words[end].plain).clear
            and know(words[end].plain).first >= 2
        ):
            end += 1
            break
        if what.word == 9 or plain in cues.FUNCTION or plain in cues.FINITE:
            break
        rare = what.word <= 1 and what.last >= 1 and not plain.endswith(("ed", "ing"))
        if rare and know(words[end].plain).word == NEVER and know(words[end].plain).first >= 3:
            end += 1
            continue
        surname = what.clear or (what.last != NEVER and (what.odds >= -3 or what.last >= 6))
        if not (surname or ((what.unknown or what.guessed) and len(plain) > 3)):
            break
        end += 1
    return end
