"""Who speaks: from the marks of a transcript to T, C, T2, C2 ..., never guessed silently."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.transcripts.typed_notes import to_normal_form

_THERAPIST = """t th ther therapist psychotherapist counsellor counselor clinician psychologist psychiatrist analyst
    interviewer"""
_CLIENT = "c cl p pt client patient interviewee"
_ROLES = dict.fromkeys(_THERAPIST.split(), "T") | dict.fromkeys(_CLIENT.split(), "C")
_NUMBERED = re.compile(r"([a-z]+)[ _-]*([1-9][0-9]?)?", re.ASCII)  # T02 is somebody's number, not the second therapist
_NAMES_NOBODY = re.compile(
    r"(?:(?:unknown )?speaker|spk|participant|person|voice|unknown|guest|user)(?:[ _-]*(?:[0-9]{1,3}|[a-z]))?"
)
_TIME = r"[\[(]?\d+:\d[\d:.,]*[\])]?"
_MARK = re.compile(
    rf"\s*(?:\d+[.)]?\s+)?(?:{_TIME}\s+)?(?P<mark>[^:\s][^:\t]{{0,39}}?)(?:\s*{_TIME})?\s*(?P<end>[:\t]\s*)(?P<words>.*)",
    re.DOTALL,
)
_BREAK = re.compile(r"[\n\r\v\f\u2028\u2029]")


@dataclass(frozen=True, repr=False)
class Utterance:
    """What a reader found: a speaker's mark as it stands in the file, words, times in seconds, and where ("line 4")."""

    mark: str
    text: str
    t0: float | None = None
    t1: float | None = None
    place: str = ""


@dataclass(frozen=True)
class Roles:
    """Marks that the user declares: names of therapists and of clients, as they stand in the file."""

    therapists: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()

    def declares(self, mark: str) -> bool:
        """Whether the user has declared this mark."""
        return plain(mark) in map(plain, self.therapists + self.clients)


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


def role_word(mark: str) -> str | None:
    """The speaker whom a role word means (`Client 2` is C2); None for any other mark."""
    return _role_of(plain(mark))


def names_nobody(mark: str) -> bool:
    """Whether a recogniser gave the mark (`Speaker 1`, `SPEAKER_00`)."""
    return _NAMES_NOBODY.fullmatch(plain(mark)) is not None


def to_turns(utterances: Sequence[Utterance], roles: Roles, path: Path) -> tuple[Turn, ...]:
    """Give each utterance its speaker and join neighbouring utterances of one speaker into a turn.

    Line breaks within an utterance become spaces, notes such as `(laughs)` take the normal form.

    Raises
    ------
    TranscriptError
        Marks whose role is not known, by their order and number of utterances (never by name), and the option to give;
        utterances that end before they start.
    """
    speakers = _speakers(utterances, roles, path)
    backwards = [u.place for u in utterances if u.t0 is not None and u.t1 is not None and u.t1 < u.t0]
    if backwards:
        faults = [f"{path}:{place.removeprefix('line ')}: it ends before it starts" for place in backwards]
        raise TranscriptError(f"{path}: some times run backwards:", faults)
    turns: list[Turn] = []
    for utterance in utterances:
        text = written(utterance)
        if not text:
            continue
        speaker = speakers[plain(utterance.mark)]
        if turns and turns[-1].speaker == speaker:
            last = turns[-1]
            turns[-1] = Turn(
                last.turn, speaker, f"{last.text} {text}", last.t0, _latest(last.t0, last.t1, utterance.t1)
            )
        else:
            turns.append(Turn(len(turns) + 1, speaker, text, utterance.t0, utterance.t1))
    return tuple(turns)


def written(utterance: Utterance) -> str:
    """The utterance as its turn holds it: on one line, notes in the normal form."""
    return to_normal_form(" ".join(filter(None, map(str.strip, _BREAK.split(utterance.text)))))


def plain(mark: str) -> str:
    """A mark as it is compared: without colon, surrounding spaces and square brackets, in lower case."""
    bare = mark.strip().rstrip(":").strip()
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1]
    return " ".join(bare.lower().split())


def _speakers(utterances: Sequence[Utterance], roles: Roles, path: Path) -> dict[str, str]:
    """Mark -> speaker: what the user declares first, then role words, then the one who is left beside the therapist."""
    counts = Counter(plain(utterance.mark) for utterance in utterances if utterance.text.strip())
    declared = {plain(name): role for role, names in (("T", roles.therapists), ("C", roles.clients)) for name in names}
    # role words: `T` and `Therapist` are one speaker, as `C2` and `Client 2` are
    found = {mark: speaker for mark in counts if mark not in declared and (speaker := _role_of(mark))}
    for mark, role in declared.items():  # two names are two people
        if mark in counts:
            found[mark] = _next_speaker(role, found.values())
    unknown = [mark for mark in counts if mark not in found]
    therapist_declared = any(declared.get(mark) == "T" for mark in counts)
    if len(unknown) == 1 and therapist_declared and not any(speaker[0] == "C" for speaker in found.values()):
        return {**found, unknown[0]: "C"}
    if unknown:
        first = {plain(utterance.mark): utterance.place for utterance in reversed(utterances) if utterance.text.strip()}
        order = {mark: number for number, mark in enumerate(counts, start=1)}
        raise TranscriptError(
            f"{path}: who is the therapist, who the client?",
            [
                f"{path}: no role is known for {_described(mark, order[mark], counts[mark], first[mark])}: "
                "give --therapist NAME or --client NAME, as it stands there"
                for mark in unknown
            ],
        )
    return found


def _role_of(mark: str) -> str | None:
    match = _NUMBERED.fullmatch(mark.strip(".[]()*"))
    role = _ROLES.get(match[1]) if match else None
    return f"{role}{match[2] if match[2] not in (None, '1') else ''}" if match and role else None


def _next_speaker(role: str, used: Iterable[str]) -> str:
    speaker, number = role, 2
    while speaker in set(used):
        speaker, number = f"{role}{number}", number + 1
    return speaker


def _described(mark: str, order: int, count: int, place: str) -> str:
    """A mark in a message: a person's name is confidential, so that it stands there as its ordinal."""
    shown = f' ("{mark.capitalize()}")' if names_nobody(mark) else ""
    where = f", first in {place}" if place else ""
    return (
        f"the {_ordinal(order)} speaker mark in the file ({count} utterance{'' if count == 1 else 's'}){shown}{where}"
    )


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _latest(start: float | None, *ends: float | None) -> float | None:
    known = [end for end in ends if end is not None]
    return max(known) if known and max(known) >= (start or 0) else None
