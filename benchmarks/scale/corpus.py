"""AnnoMI's utterances as canonical transcripts, as often as wanted."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from relcode.records import Session, Turn
from relcode.transcripts.canonical import write_session


def read_annomi(source: Path) -> list[Session]:
    """The sessions of AnnoMI-simple.csv."""
    rows: dict[str, list[dict[str, str]]] = {}
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["transcript_id"], []).append(row)
    sessions = []
    for name, of_session in rows.items():
        ordered = sorted(of_session, key=lambda row: int(row["utterance_id"]))
        texts = [("T" if row["interlocutor"] == "therapist" else "C", row["utterance_text"]) for row in ordered]
        sessions.append(Session(name, tuple(Turn(number, *each) for number, each in enumerate(texts, start=1))))
    return sessions


def repeated(sessions: list[Session], words: int) -> Iterator[Session]:
    """The sessions, and copies under other ids, until `words` have been said; all of them at least once."""
    done = 0
    for copy in count():
        for session in sessions:
            if copy and done >= words:
                return
            done += words_of(session)
            yield Session(f"{session.session_id}-{copy}", session.turns)


def words_of(session: Session) -> int:
    """Stretches between white space."""
    return sum(len(turn.text.split()) for turn in session.turns)


def write_corpus(sessions: Iterator[Session], folder: Path) -> None:
    """Write sessions as files, a thousand a folder."""
    for number, session in enumerate(sessions):
        write_session(session, folder / f"{number // 1000:03d}")
