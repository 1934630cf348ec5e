"""Sessions with marked identifiers: a folder like `tests/data/deid`, the same as a recogniser gives it, or Presidio's set."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from relcode.records import Session, Turn
from relcode.transcripts import read_sessions

# The classes of the presidio set that are identifiers here (a state, country, nationality or title is none).
PRESIDIO_SYNTH = {
    "PERSON": "NAME", "STREET_ADDRESS": "LOCATION", "ORGANIZATION": "ORG", "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL", "CREDIT_CARD": "ACCOUNT", "IBAN_CODE": "ACCOUNT", "US_SSN": "SSN", "IP_ADDRESS": "IP",
    "DOMAIN_NAME": "URL", "US_DRIVER_LICENSE": "LICENSE", "ZIP_CODE": "LOCATION",
}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """A marked or found identifier. `counted` is False where it is of no class here: it harms neither figure."""

    session: str
    turn: int
    start: int
    end: int
    label: str
    counted: bool = True


@dataclass(frozen=True)
class Material:
    """Sessions and their marks."""

    sessions: list[Session]
    marks: list[Mark]

    @property
    def words(self) -> int:
        return sum(len(turn.text.split()) for session in self.sessions for turn in session.turns)


def from_folder(folder: Path) -> Material:
    """A folder with `transcripts/*.jsonl` and `gold.jsonl`."""
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines if line.strip()]
    marks = [Mark(e["session_id"], e["turn"], e["start"], e["end"], e["label"]) for e in entries]
    return Material(read_sessions([folder / "transcripts"]), marks)


def from_presidio_synth(path: Path) -> Material:
    """Each text of the set is a session of one turn."""
    sessions, marks = [], []
    for number, entry in enumerate(json.loads(path.read_text(encoding="utf-8"))):
        name = f"p{number}"
        sessions.append(Session(name, (Turn(1, "C", entry["full_text"]),)))
        for span in entry["spans"]:
            label = PRESIDIO_SYNTH.get(span["entity_type"], span["entity_type"])
            counted = span["entity_type"] in PRESIDIO_SYNTH
            marks.append(Mark(name, 1, span["start_position"], span["end_position"], label, counted))
    return Material(sessions, marks)


def as_recognised(material: Material) -> Material:
    """The same in lower case, without punctuation and apostrophes; marks move with their words."""
    sessions, places = [], {}
    for session in material.sessions:
        turns = []
        for turn in session.turns:
            text, places[session.session_id, turn.turn] = plain(turn.text)
            turns.append(Turn(turn.turn, turn.speaker, text, turn.t0, turn.t1))
        sessions.append(Session(session.session_id, tuple(turns), session.metadata))
    marks = []
    for mark in material.marks:
        place = places[mark.session, mark.turn]
        marks.append(Mark(mark.session, mark.turn, place[mark.start], place[mark.end], mark.label, mark.counted))
    return Material(sessions, marks)


def plain(text: str) -> tuple[str, list[int]]:
    """The text as a recogniser gives it, and for each place in `text` the place there.

    Marks stay inside addresses of the net (`a.b@c.org`): a recogniser that writes such an address writes it whole.
    """
    whole: set[int] = set()
    for match in re.finditer(r"\S+", text):
        word = match.group().strip(",.;:!?()\"'“”")
        if "@" in word or "//" in word or re.search(r"\w\.\w\w", word):
            start = match.start() + match.group().find(word)
            whole |= set(range(start, start + len(word)))
    out: list[str] = []
    places = []
    for index, character in enumerate(text):
        places.append(len(out))
        beside = text[max(0, index - 1) : index + 2]
        if index in whole or character.isalnum() or character == "_":
            out.append(character.lower()[0])
        elif character in "/:" and re.fullmatch(r"\w.\w", beside):
            out.append(character)
        elif character not in "'’,.;:!?()\"“”" and out and out[-1] != " ":
            out.append(" ")
    places.append(len(out))
    return "".join(out), places
