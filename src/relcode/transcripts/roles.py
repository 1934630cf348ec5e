"""Who speaks: from the marks of a transcript to T, C, T2, C2 ..., never guessed silently."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.records import Turn

_THERAPIST = {"t", "th", "ther", "therapist", "counsellor", "counselor", "clinician", "psychologist", "interviewer"}
_CLIENT = {"c", "cl", "p", "pt", "client", "patient", "k", "interviewee"}
_NUMBERED = re.compile(r"([a-z]+)\s*[_ -]?\s*([0-9]*)")


@dataclass(frozen=True, repr=False)
class Utterance:
    """What a reader found: a speaker's mark as it stands in the file, words, and times in seconds where known."""

    mark: str
    text: str
    t0: float | None = None
    t1: float | None = None


@dataclass(frozen=True)
class Roles:
    """Marks that the user declares: names of therapists and of clients, as they stand in the file."""

    therapists: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()


def to_turns(utterances: Sequence[Utterance], roles: Roles, path: Path) -> tuple[Turn, ...]:
    """Give each utterance its speaker and join neighbouring utterances of one speaker into a turn.

    Raises
    ------
    TranscriptError
        Marks whose role is not known, by their order and number of utterances (never by name), and the option to give.
    """
    speakers = _speakers(utterances, roles, path)
    turns: list[Turn] = []
    for utterance in utterances:
        text = utterance.text.strip()
        if not text:
            continue
        speaker = speakers[_plain(utterance.mark)]
        if turns and turns[-1].speaker == speaker:
            last = turns[-1]
            t1 = utterance.t1 if utterance.t1 is not None else last.t1
            turns[-1] = Turn(last.turn, speaker, f"{last.text} {text}", last.t0, t1)
        else:
            turns.append(Turn(len(turns) + 1, speaker, text, utterance.t0, utterance.t1))
    return tuple(turns)


def _speakers(utterances: Sequence[Utterance], roles: Roles, path: Path) -> dict[str, str]:
    counts = Counter(_plain(utterance.mark) for utterance in utterances)
    therapists = {_plain(name) for name in roles.therapists}
    clients = {_plain(name) for name in roles.clients}
    found: dict[str, str] = {}
    unknown: list[str] = []
    used: set[str] = set()
    for order, mark in enumerate(counts, start=1):
        role, number = _role_of(mark)
        word_known = role is not None
        if mark in therapists:
            role, number = "T", ""
        elif mark in clients or (role is None and therapists and not clients):
            role, number = "C", ""  # with the therapist named, the others are clients
        if role is None:
            unknown.append(f"the {_ordinal(order)} speaker mark in the file ({counts[mark]} utterances)")
            continue
        speaker = f"{role}{number if number not in ('', '0', '1') else ''}"
        step = 2
        while speaker in used and not word_known:  # `T` and `Therapist` are one; two names are two people
            speaker, step = f"{role}{step}", step + 1
        used.add(speaker)
        found[mark] = speaker
    if unknown:
        raise TranscriptError(
            f"{path}: who is the therapist? Name the mark with --therapist NAME (and others with --client NAME).",
            [f"{path}: no role is known for {what}" for what in unknown],
        )
    return found


def _role_of(mark: str) -> tuple[str | None, str]:
    match = _NUMBERED.fullmatch(mark)
    if match is None:
        return None, ""
    word, number = match.groups()
    if word in _THERAPIST:
        return "T", number
    if word in _CLIENT:
        return "C", number
    return None, ""


def _plain(mark: str) -> str:
    return " ".join(mark.strip().rstrip(":").lower().split())


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")
