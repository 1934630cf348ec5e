"""Find identifiers in speech: each finding with its label, place, probability and the rule that found it.

The labels are the classes of HIPAA Safe Harbor (45 CFR 164.514(b)(2)), as in `tests/data/deid/README.md`. Relational
words (Mom, my sister, the therapist) are no identifiers. Recognisers run only on turns that a cheap first look flags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from relcode.deid.lists import NAME_WORDS, NOT_NAMES, clear_first_names, words
from relcode.deid.patterns import STREET, TITLES
from relcode.deid.recognisers import find_patterns
from relcode.records import Session, Turn

_CAPITALISED = re.compile(r"(?<![\w'’@.#-])[A-ZÀ-ÖØ-Þ][\w]*(?:['’-][A-Za-zÀ-ÿ]+)*")
_LOWER_WORD = re.compile(r"(?<![\w'’-])[a-zà-ÿ]{3,}(?![\w-])")
_TAG = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_\d+\]")
_SENTENCE_START = re.compile(r"(?:^|[.?!…]['\"”’)\]]*|[\]:;—–\"“]|--|\n)\s*$")
_POSSESSIVE = re.compile(r"['’]s$")
_ORG_END = re.compile(
    r"(?:School|Elementary|High|College|University|Academy|Hospital|Clinic|Medical|Health|Center|Centre|Church|Chapel|"
    r"Temple|Mosque|Synagogue|Tabernacle|Bank|Union|Insurance|Mutual|Group|Associates|Partners|Systems|Analytics|Freight|"
    r"Foundation|Collective|Counseling|Counselling|Therapy|Care|Regional|House|Lodge|Kitchen|Spa|Nails|Industries|Inc|"
    r"Ltd|LLC|Company|Shield|Plan|Medicine|Surgery|Pharmacy|Trust|Society|Club|Library|Press|Times|Gazette|Motors|Foods)\b"
)
_PLACE_END = re.compile(
    r"(?:County|Park|Lake|River|Creek|Valley|Beach|Heights|Hills|Grove|Falls|Springs|City|Village|Township|Bay|Island|"
    r"Mountain|Forest|Foothills|Viejo|Rock|Station)$"
)
_PLACE_BEFORE = re.compile(r"\b(?:in|from|to|near|outside|around|of|over in|out in|up in|down in|back to)\s+$", re.I)
_INTRODUCED = re.compile(
    r"\b(?:name is|name's|named|called|call (?:me|him|her|them)|calls (?:me|him|her)|this is|i'm|i am|it's|sister|"
    r"brother|husband|wife|partner|friend|boyfriend|girlfriend|daughter|son|boss|supervisor|foreman|cousin|aunt|uncle|tía|tia|"
    r"neighbor|neighbour|and|with|to|for|told|asked|saw|met|miss|hi|hey|hello|thanks|okay|sorry|like)[,]?\s+$",
    re.I,
)
_TITLED = re.compile(rf"\b(?:{TITLES})\.?\s+$")
_MOST_TURN = 200_000
_ASKED = 200  # so many characters of the turns before are looked at: the question that a number answers
_AUXILIARIES = {"will", "may", "an", "in", "so", "see", "do", "my", "ha", "hope", "mark", "love"}
_FUNCTION_WORDS = {"the", "a", "an", "when", "you", "we", "this", "how", "what"}
_MONTHS = {"march", "may", "august", "june", "april"}


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


def detect(session: Session, *, names: frozenset[str] = frozenset()) -> list[Finding]:
    """Find identifiers in a session.

    Parameters
    ----------
    names
        Names (lower case, single words) known from other sessions of the same dyad: found here in any case.

    Returns
    -------
    Findings in order, without overlaps: where two compete, the surer and then the longer one stays.
    """
    found: list[Finding] = []
    before = ""
    for turn in session.turns:
        found += _resolve(_in_turn(session.session_id, turn, names, before))
        before = f"{before} {turn.text}"[-_ASKED:]
    return found


def known_names(findings: Iterable[Finding], *, least: float = 0.7) -> frozenset[str]:
    """Single names, in lower case, that were found at `least` this probability.

    Names that are words (`will`, `penny`) are among them: they count where they are written with a capital.
    """
    parts = {
        _POSSESSIVE.sub("", part).lower()
        for finding in findings
        if finding.label == "NAME" and finding.probability >= least
        for part in re.findall(r"[\wÀ-ÿ]+(?:['’-]\w+)*", finding.text)
    }
    parts = {part for part in parts if len(part) > 2} - NOT_NAMES
    return frozenset(part for part in parts if part in NAME_WORDS or part not in words("common_words"))


def _in_turn(session_id: str, turn: Turn, names: frozenset[str], before: str) -> Iterator[Finding]:
    text = turn.text[:_MOST_TURN]
    tags = [match.span() for match in _TAG.finditer(text)]
    for start, end, label, probability, reason in _raw(text, names, before):
        if any(start < tag_end and end > tag_start for tag_start, tag_end in tags):
            continue
        yield Finding(session_id, turn.turn, start, end, label, probability, reason, text[start:end])


def _raw(text: str, names: frozenset[str], before: str) -> Iterator[tuple[int, int, str, float, str]]:
    yield from find_patterns(text, text.lower(), before)
    yield from _capitalised_runs(text, names)
    yield from _known_in_any_case(text, names)


def _capitalised_runs(text: str, names: frozenset[str]) -> Iterator[tuple[int, int, str, float, str]]:
    """Runs of capitalised words, judged as one: person, place or organisation."""
    run: list[re.Match[str]] = []
    for match in _CAPITALISED.finditer(text):
        joined = run and re.fullmatch(r"\s|\s(?:&|of|and|the|de|la)\s|\.\s", text[run[-1].end() : match.start()])
        if run and not (joined and _joins(run[-1].group(), match.group(), text[run[-1].end() : match.start()])):
            yield from _judge(text, run, names)
            run = []
        run.append(match)
    if run:
        yield from _judge(text, run, names)


def _joins(before: str, after: str, between: str) -> bool:
    if between.strip() == ".":
        return before in ("St", "Mt", "Ft")
    if between.strip() in ("and", "the", "of", "de", "la", "&"):
        return _ORG_END.search(after) is not None or between.strip() == "&"
    return _plain(after) not in NOT_NAMES or _ORG_END.search(after) is not None


def _judge(text: str, run: list[re.Match[str]], names: frozenset[str]) -> Iterator[tuple[int, int, str, float, str]]:
    opens = _SENTENCE_START.search(text[max(0, run[0].start() - 12) : run[0].start()]) is not None
    while run and (_plain(run[0].group()) in NOT_NAMES or _is_ordinary(run[0].group(), opens, names)):
        if _plain(run[0].group()) not in NOT_NAMES and not opens:
            break
        run, opens = run[1:], False
    while run and _plain(run[-1].group()) in NOT_NAMES and not _ORG_END.search(run[-1].group()):
        run = run[:-1]
    if not run:
        return
    start, end = run[0].start(), run[-1].end()
    whole = text[start:end]
    possessive = _POSSESSIVE.search(whole)
    bare_end = end - len(possessive.group()) if possessive else end
    before = text[max(0, start - 24) : start]
    plain = [_plain(match.group()) for match in run]
    if len(run) > 1 and _ORG_END.search(text[run[1].start() : end]):
        yield start, end, "ORG", 0.85, "organisation-word"
    elif len(run) > 1 and re.search(STREET + r"$", whole):
        yield start, end, "LOCATION", 0.85, "street-word"
    elif _TITLED.search(before):
        yield start, bare_end, "NAME", 0.95, "title"
    elif len(run) > 1 and _PLACE_END.search(whole):
        yield start, bare_end, "LOCATION", 0.8, "place-word"
    elif " ".join(plain) in words("cities") and _PLACE_BEFORE.search(before):
        yield start, bare_end, "LOCATION", 0.85, "city"
    else:
        judged = _as_name(whole, plain, opens, before, names)
        if judged is not None:
            label, probability, reason = judged
            yield start, bare_end, label, probability, reason


def _as_name(
    whole: str, plain: list[str], opens: bool, before: str, names: frozenset[str]
) -> tuple[str, float, str] | None:
    first = plain[0]
    if first in _FUNCTION_WORDS and len(plain) > 1:
        return None  # a title of a book or film
    if any(part in names and not (opens and part in _AUXILIARIES) for part in plain):
        return "NAME", 0.9, "known-name"
    if any(part in clear_first_names() for part in plain):
        return "NAME", 0.9, "first-name"
    if first in NAME_WORDS or first in words("first_names"):
        if _INTRODUCED.search(before) or not opens:
            return "NAME", 0.75, "name-word"
        if len(plain) > 1:
            return "NAME", 0.8, "name-and-surname"
        return None
    if " ".join(plain) in words("cities") - words("common_words") - _MONTHS:
        return "LOCATION", 0.75, "city"
    if first in words("last_names") and first not in words("common_words"):
        return "NAME", 0.75, "surname"
    if opens and (len(plain) == 1 or first in words("common_words")):
        return None
    if first in words("common_words") and len(plain) == 1:
        return None
    if all(len(part) < 4 for part in plain) and whole.isupper():
        return None  # initials and abbreviations
    if _PLACE_BEFORE.search(before) and not re.search(r"\bof\s+$", before):
        return "LOCATION", 0.6, "unknown-place"
    return "NAME", 0.6, "unknown-capitalised"


def _known_in_any_case(text: str, names: frozenset[str]) -> Iterator[tuple[int, int, str, float, str]]:
    """Names in lower case: those known from the dyad; in text without any capital, clear first names too."""
    unmarked = text.islower() or not any(character.isupper() for character in text)
    clear = clear_first_names() - (words("last_names") & words("cities")) if unmarked else frozenset()
    for match in _LOWER_WORD.finditer(text):
        word = match.group()
        if word in names and word not in NAME_WORDS:
            yield match.start(), match.end(), "NAME", 0.85, "known-name"
        elif word in clear:
            yield match.start(), match.end(), "NAME", 0.7, "first-name-lower-case"


def _is_ordinary(word: str, opens: bool, names: frozenset[str]) -> bool:
    """Whether a word at the start of a sentence is just that: a word."""
    plain = _plain(word)
    known = plain in names or plain in clear_first_names()
    return opens and not known and plain in words("common_words") and plain not in NAME_WORDS


def _plain(word: str) -> str:
    plain = _POSSESSIVE.sub("", word).lower().replace("’", "'")
    *starts, whole = plain.split("-")
    stuttered = starts and all(whole.startswith(start) for start in starts)  # `I-I'll`, `W-What`
    return whole if stuttered else plain


def _resolve(findings: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (-f.probability, f.start - f.end, f.start)):
        if all(finding.end <= other.start or finding.start >= other.end for other in kept):
            kept.append(finding)
    return sorted(kept, key=lambda finding: finding.start)
