"""Find identifiers in speech: each finding with its label, place, probability and the rule that found it.

The labels are the classes of HIPAA Safe Harbor (45 CFR 164.514(b)(2)), as in `tests/data/deid/README.md`. Relational
words (Mom, my sister, the therapist) are no identifiers. Recognisers run only on turns that a cheap first look flags.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate

import msgspec

from relcode.deid.ages import years
from relcode.deid.entities import entities as in_entities
from relcode.deid.entities import pipeline
from relcode.deid.evidence import Candidate
from relcode.deid.lexicon import know
from relcode.deid.nicknames import WITH_TITLE
from relcode.deid.recognisers import find_patterns, surest
from relcode.deid.runs import in_capitals
from relcode.deid.small_letters import clear_in_small_letters, in_small_letters
from relcode.deid.spelled import spelled
from relcode.deid.tokens import bare, small_sentences, tokens, without_capitals
from relcode.records import Session, Turn

_TAG = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_\d+\]")
_ENDING = re.compile(r"['’]s$")
_AGE_SEEN = re.compile(r"(?i:ninety|hundred)|\b(?:9[1-9]|1[01]\d)\b")
_PART = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MOST_TURN = 200_000
_ASKED = 200  # so many characters of the turns before are looked at: the question that a number answers
# A name found with this probability is looked for in the other turns of the session.
_SURE = 0.75
REPLACE_AT = 0.4  # a false alarm costs a word, a miss a person; docs/deid.md has both at this threshold
_WORDS = ("NAME", "LOCATION", "ORG")  # found word by word
_TOLD = frozenset(("introduced as a name", "a name elsewhere in these sessions"))
_COMMON_WORD = 5  # a word so frequent (half powers of ten) is no name elsewhere because it was one once


class Finding(msgspec.Struct, frozen=True):
    """An identifier: where, of which class, how sure (0 to 1), and by which rule. `repr` does not show the words."""

    session_id: str
    turn: int
    start: int
    end: int
    label: str
    probability: float
    reason: str
    text: str

    def __repr__(self) -> str:
        return f"Finding({self.session_id!r}, turn {self.turn}, {self.start}:{self.end}, {self.label}, {self.reason})"


def detect(session: Session, *, names: frozenset[str] = frozenset(), entities: str | None = None) -> list[Finding]:
    """Find identifiers in a session.

    Parameters
    ----------
    names
        Names (lower case, single words) known from other sessions of the same dyad: found here in any case.
    entities
        An installed spaCy pipeline, or the folder of one, whose entities are findings too; without it no model is read.

    Returns
    -------
    Findings in order, without overlaps: where two compete, the surer and then the longer one stays.

    Raises
    ------
    DeidError
        If the pipeline is not there or recognises no entities.
    """
    asked = _turns_before(session)
    nothing: frozenset[str] = frozenset()
    found = {t.turn: _in_turn(session.session_id, t, asked[t.turn], names, nothing, entities) for t in session.turns}
    sure = known_names(_sure(found.values())) - names
    ages = _known_ages(found.values())
    again = _any_of(name for name in sure if not know(name).clear)
    for turn in session.turns:
        if (again is not None and again.search(turn.text)) or (ages and _AGE_SEEN.search(turn.text)):
            found[turn.turn] = _in_turn(session.session_id, turn, asked[turn.turn], names | sure, ages, entities)
    return [finding for turn in session.turns for finding in found[turn.turn]]


def known_names(findings: Iterable[Finding], *, least: float = 0.7) -> frozenset[str]:
    """Single names, in lower case, that were found at `least` this probability.

    Names that are words (`will`, `penny`) are among them: they count where they are written with a capital. So do
    words that are no names ("They call me Deuce") where they were introduced as one, or added by a person.
    """
    known: set[str] = set()
    for finding in findings:
        if not (finding.label == "NAME" or finding.reason == WITH_TITLE) or finding.probability < least:
            continue
        parts = [bare(_ENDING.sub("", part)) for part in _PART.findall(finding.text)]
        told = len(parts) == 1 and (finding.probability == 1 or finding.reason in _TOLD)
        known |= {p for p in parts if len(p) > 2 and (_worth_knowing(p) or (told and know(p).word < _COMMON_WORD))}
    return frozenset(part for part in known if know(part).word < 9)


def _known_ages(found: Iterable[list[Finding]]) -> frozenset[str]:
    """Ages that were found surely; round ones are said of too much else."""
    ages = {years(one.text) for turn in found for one in turn if one.label == "AGE" and one.probability >= _SURE}
    return frozenset(ages - {"90", "100"})


def _sure(found: Iterable[list[Finding]]) -> list[Finding]:
    """The names found surely, or found twice."""
    all_found = [finding for turn in found for finding in turn]
    likely = [finding for finding in all_found if finding.label == "NAME" and finding.probability >= 0.5]
    times = Counter(bare(finding.text) for finding in likely)
    titled = [finding for finding in all_found if finding.reason == WITH_TITLE]
    return titled + [
        msgspec.structs.replace(finding, probability=max(finding.probability, _SURE))
        for finding in likely
        if finding.probability >= 0.85
        or (know(bare(finding.text)).name and (finding.probability >= _SURE or times[bare(finding.text)] > 1))
    ]


def _worth_knowing(part: str) -> bool:
    what = know(part)
    return (what.name and what.odds >= -7) or what.unknown


def _any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    alternatives = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(rf"\b(?:{alternatives})\b", re.IGNORECASE) if alternatives else None


def _turns_before(session: Session) -> dict[int, str]:
    """By turn: the end of what was said before it."""
    found, before = {}, ""
    for turn in session.turns:
        found[turn.turn] = before
        before = f"{before} {turn.text[-_ASKED:]}"[-_ASKED:]
    return found


def _in_turn(
    session_id: str, turn: Turn, before: str, names: frozenset[str], ages: frozenset[str], entities: str | None
) -> list[Finding]:
    text = turn.text[:_MOST_TURN]
    tags = [match.span() for match in _TAG.finditer(text)] if "[" in text else []
    candidates = _whole(_raw(text, before, names, ages, entities))
    kept = surest(c for c in candidates if all(c.end <= start or c.start >= end for start, end in tags))
    return [
        Finding(session_id, turn.turn, start, end, label, probability, reason, text[start:end])
        for start, end, label, probability, reason in kept
    ]


def _whole(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Without names that are a piece of a code or nickname: the surer piece would leave the rest in the text."""
    found = list(candidates)
    wholes = sorted(c[:2] for c in found if c.label not in (*_WORDS, "DATE") and c.probability >= REPLACE_AT)
    starts = [start for start, _ in wholes]
    reach = [0, *accumulate((end for _, end in wholes), max)]  # how far the first so many of them reach
    for one in found:
        earlier, as_early = bisect_left(starts, one.start), bisect_right(starts, one.start)
        if one.label in _WORDS and (reach[earlier] >= one.end or reach[as_early] > one.end):
            continue
        yield one


def _raw(
    text: str, before: str, names: frozenset[str], ages: frozenset[str], entities: str | None
) -> Iterator[Candidate]:
    for found in find_patterns(text, text.lower(), before, ages):
        yield Candidate(*found)
    words = tokens(text)
    if without_capitals(text):
        yield from in_small_letters(words, names)
    else:
        yield from in_capitals(words, names)
        yield from clear_in_small_letters(words, names)
        for sentence in small_sentences(words):
            yield from in_small_letters(sentence, names)
    yield from spelled(text)
    if entities is not None:
        yield from in_entities(pipeline(entities), text)
