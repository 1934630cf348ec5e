"""Who speaks: from the marks of a transcript to T, C, T2, C2 ..., never guessed silently."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from relcode.errors import TranscriptError

_THERAPIST = """t th ther therapist psychotherapist counsellor counselor clinician psychologist psychiatrist analyst
    interviewer"""
_CLIENT = "c cl p pt client patient interviewee"
_ROLES = dict.fromkeys(_THERAPIST.split(), "T") | dict.fromkeys(_CLIENT.split(), "C")
_NUMBERED = re.compile(r"([a-z]+)[ _-]*([1-9][0-9]?)?", re.ASCII)  # T02 is somebody's number, not the second therapist
_NAMES_NOBODY = re.compile(
    r"(?:(?:unknown )?speaker|spk|participant|person|voice|unknown|guest|user)(?:[ _-]*(?:[0-9]{1,3}|[a-z]))?"
)
_TIME = r"[\[(]?\d+:\d[\d:.,]*(?:\s?[AaPp]\.?[Mm]\b\.?)?[\])]?"
_MARK = re.compile(
    rf"\s*(?:\d+[.)]?\s+)?(?:{_TIME}\s+)?(?P<mark>[^:\s][^:\t]{{0,39}}?)(?:\s*{_TIME})?\s*(?P<end>[:\t]\s*)(?P<words>.*)",
    re.DOTALL,
)
_SPEAKER = re.compile(r"([TC])([1-9][0-9]?)?")
_MARKS_KEPT = 4096  # a session has few marks, and each stands before thousands of utterances
NOBODY = "none"  # the role of what is no speaker: a tier of notes, a row of the program's


@dataclass(frozen=True, repr=False, slots=True)
class Utterance:
    """What a reader found: a speaker's mark as it stands in the file, words, times in seconds, and where ("line 4")."""

    mark: str
    text: str
    t0: float | None = None
    t1: float | None = None
    place: str = ""


@dataclass(frozen=True, repr=False)
class Declared:
    """A row of a table of speakers: in a session (None: in all), the mark stands for a role.

    `role` is `T` or `C` (the next one free), `T1`, `C2` ... (this one, also for several marks), or `none`.
    """

    mark: str
    role: str
    session: str | None = None


@dataclass(frozen=True, repr=False)
class Roles:
    """What the user declares: marks of therapists and of clients as they stand in the file, and tables of speakers."""

    therapists: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    table: tuple[Declared, ...] = ()

    def declares(self, mark: str) -> bool:
        """Whether the user has declared this mark."""
        return self.role_of(mark) is not None

    def role_of(self, mark: str) -> str | None:
        """The role declared for a mark; `A` and `1` stand for `Speaker A` and `Speaker 1` too."""
        return next((role for name, role in self.declared() if _is_called(mark, name)), None)

    def declared(self) -> list[tuple[str, str]]:
        """Marks and roles in the order of declaration; rows for one session before those for all."""
        rows = sorted(self.table, key=lambda row: row.session is None)
        named = [(row.mark, row.role) for row in rows]
        return named + [(name, "T") for name in self.therapists] + [(name, "C") for name in self.clients]

    def in_session(self, session: str) -> Roles:
        """What is declared for this session: rows for others are left out."""
        if not any(row.session for row in self.table):
            return self
        rows = tuple(row for row in self.table if row.session in (None, session))
        return Roles(self.therapists, self.clients, rows)


@dataclass(frozen=True, repr=False)
class Cast:
    """The speaker of each mark (`plain` form; `none` where it is no speaker's), and notes on what was inferred."""

    speakers: Mapping[str, str]
    notes: tuple[str, ...] = ()


class UnknownRolesError(TranscriptError):
    """Marks whose role is not known, one a fault. `open_sessions`: session -> its marks (`plain`), in that order.

    They are for a question to the user; no message holds them.
    """

    def __init__(self, message: str, faults: Iterable[str], open_sessions: Mapping[str, Sequence[str]]) -> None:
        super().__init__(message, faults)
        self.open_sessions = dict(open_sessions)
        self.utterances: dict[str, Sequence[Utterance]] = {}

    @classmethod
    def of_all(cls, errors: Sequence[UnknownRolesError]) -> UnknownRolesError:
        """Those of several sessions as one question."""
        sessions = {name: marks for error in errors for name, marks in error.open_sessions.items()}
        question = cls(errors[0].message, [fault for error in errors for fault in error.faults], sessions)
        question.utterances = {name: said for error in errors for name, said in error.utterances.items()}
        return question


def split_mark(line: str) -> tuple[str | None, str]:
    """Part a line into the speaker's mark and the words; None where it begins with no mark.

    A number or a time may stand before the mark, a time behind it. A role word needs a colon or a tab behind it; any
    other mark (up to 40 characters) a colon and a space. Words such as `I thought: no` look like a mark and are
    given as one: an unknown mark is asked about, words under a wrong speaker would never be noticed.
    """
    match = _MARK.fullmatch(line)
    if match is None:
        return None, line.strip()
    mark, end, words = match["mark"], match["end"], match["words"].strip()
    looks_like_a_name = end[0] == ":" and (len(end) > 1 or not words) and re.search(r"[^\W\d_]", mark)
    if is_role_word(mark) or (looks_like_a_name and not re.search(r'[?!"“”]', mark)):
        return mark.strip(), words
    return None, line.strip()


def is_role_word(mark: str) -> bool:
    return role_word(mark) is not None


@lru_cache(_MARKS_KEPT)
def role_word(mark: str) -> str | None:
    """The speaker whom a role word means (`Client 2` is C2); None for any other mark."""
    match = _NUMBERED.fullmatch(plain(mark).strip(".[]()*"))
    role = _ROLES.get(match[1]) if match else None
    return f"{role}{match[2] if match[2] not in (None, '1') else ''}" if match and role else None


@lru_cache(_MARKS_KEPT)
def names_nobody(mark: str) -> bool:
    """Whether a recogniser gave the mark (`Speaker 1`, `SPEAKER_00`)."""
    return _NAMES_NOBODY.fullmatch(plain(mark)) is not None


@lru_cache(_MARKS_KEPT)
def plain(mark: str) -> str:
    """A mark as it is compared: without colon, surrounding spaces and square brackets, in lower case."""
    bare = mark.strip().rstrip(":").strip()
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1]
    return " ".join(bare.lower().split())


def cast_of(utterances: Sequence[Utterance], roles: Roles, path: Path, session: str) -> Cast:
    """Who speaks: what the user declares first, then role words, then the one who is left beside a declared therapist.

    Names are numbered in the order of declaration, after the role words; `T` and `Therapist` are one speaker.

    Raises
    ------
    UnknownRolesError
        Marks whose role is not known, by their order and number of utterances (never by name), and the option to give.
    """
    counts = Counter(plain(utterance.mark) for utterance in utterances if utterance.text.strip())
    order = {mark: number for number, mark in enumerate(counts, start=1)}
    declared = _declared_marks(counts, roles)
    found = {mark: speaker for mark in counts if mark not in declared and (speaker := role_word(mark))}
    fixed = {mark: _exact(role) for mark, role in declared.items() if role not in ("T", "C")}
    found |= fixed
    for mark, role in declared.items():  # two names are two people
        if mark not in fixed:
            found[mark] = _next_speaker(role, found.values())
    unknown = [mark for mark in counts if mark not in found]
    therapist = any(speaker[0] == "T" and mark in declared for mark, speaker in found.items())
    if len(unknown) == 1 and therapist and not any(speaker[0] == "C" for speaker in found.values()):
        described = _described(unknown[0], order[unknown[0]], counts[unknown[0]], "")
        inferred = f"taken for the client, as the only one beside the therapist declared: {described}"
        return Cast({**found, unknown[0]: "C"}, (inferred,))
    if unknown:
        first = {plain(utterance.mark): utterance.place for utterance in reversed(utterances) if utterance.text.strip()}
        faults = [
            f"{path}: no role is known for {_described(mark, order[mark], counts[mark], first[mark])}: "
            "give --therapist NAME or --client NAME, as it stands there"
            for mark in unknown
        ]
        error = UnknownRolesError(f"{path}: who is the therapist, who the client?", faults, {session: unknown})
        error.utterances[session] = utterances
        raise error
    return Cast(found, _shared({mark: found[mark] for mark in fixed}, order))


def shown(mark: str, order: int) -> str:
    """A mark in a message: a person's name is confidential, so that it stands there as its ordinal."""
    named = f' ("{mark.capitalize()}")' if names_nobody(mark) else f' ("{mark}")' if is_role_word(mark) else ""
    return f"the {ordinal(order)} speaker mark{named}"


def ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _declared_marks(counts: Iterable[str], roles: Roles) -> dict[str, str]:
    """Mark -> role for marks of the file that the user declares, in the order of declaration."""
    found: dict[str, str] = {}
    for name, role in roles.declared():
        for mark in counts:
            if mark not in found and _is_called(mark, name):
                found[mark] = role
    return found


def _is_called(mark: str, name: str) -> bool:
    mark, name = plain(mark), plain(name)
    return mark == name or (names_nobody(mark) and len(name) < 4 and re.split(r"[ _-]+", mark)[-1] == name)


def _exact(role: str) -> str:
    """`T1` is `T`: the first of a role has no number."""
    match = _SPEAKER.fullmatch(role)
    return role if match is None else match[1] + ("" if match[2] in (None, "1") else match[2])


def _next_speaker(role: str, used: Iterable[str]) -> str:
    speaker, number = role, 2
    while speaker in set(used):
        speaker, number = f"{role}{number}", number + 1
    return speaker


def _shared(found: Mapping[str, str], order: Mapping[str, int]) -> tuple[str, ...]:
    """Notes on speakers who have several marks."""
    marks: dict[str, list[int]] = {}
    for mark, speaker in found.items():
        if speaker != NOBODY:
            marks.setdefault(speaker, []).append(order[mark])
    return tuple(
        f"{speaker} has {len(numbers)} marks (the {' and the '.join(ordinal(n) for n in sorted(numbers))}); one person?"
        for speaker, numbers in marks.items()
        if len(numbers) > 1
    )


def _described(mark: str, order: int, count: int, place: str) -> str:
    named = f' ("{mark.capitalize()}")' if names_nobody(mark) else ""
    where = f", first in {place}" if place else ""
    return f"the {ordinal(order)} speaker mark in the file ({count} utterance{'' if count == 1 else 's'}){named}{where}"
