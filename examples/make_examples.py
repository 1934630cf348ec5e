"""Write `examples/sessions/` from the corpus: the ten double-coded sessions in formats that people have.

Run by hand: `python examples/make_examples.py`. The result is committed; the same input gives the same files.
"""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
import zipfile
from pathlib import Path

import docx

from relcode.provenance import write_text
from relcode.records import Session, Turn
from relcode.transcripts import read_sessions, write_session

HERE = Path(__file__).resolve().parent
OUT = HERE / "sessions"
WEBVTT, WORD, CSV = "D3-T01-s02", "D4-T03-s04", "D2-T02-s05"
COLUMNS = ("session_id", "dyad", "therapist", "client", "session_number", "orientation", "note")
SECONDS_A_WORD = 0.4


def main() -> None:
    sessions = {session.session_id: session for session in read_sessions([HERE / "corpus" / "transcripts"])}
    shutil.rmtree(OUT, ignore_errors=True)
    write_text(OUT / f"{WEBVTT}.vtt", as_webvtt(sessions[WEBVTT]))
    write_word(OUT / f"{WORD}.docx", sessions[WORD])
    write_text(OUT / "clinic-export.csv", as_csv(sessions[CSV]))
    for name, session in sessions.items():
        if name not in (WEBVTT, WORD, CSV):
            write_session(session, OUT)
    write_text(HERE / "sessions.csv", as_metadata(list(sessions.values())))
    (HERE / "labels").mkdir(exist_ok=True)
    for name in ("coder_A", "coder_B", "accepted", "adjudication"):
        shutil.copyfile(HERE / "corpus" / "labels" / f"{name}.jsonl", HERE / "labels" / f"{name}.jsonl")


def as_webvtt(session: Session) -> str:
    """Zoom's way: the speaker's name in the cue, a long turn in several cues, times invented from the words."""
    lines, clock, number = ["WEBVTT", ""], 0.0, 0
    for turn in session.turns:
        for piece in pieces(turn):
            number += 1
            end = clock + SECONDS_A_WORD * len(piece.split())
            name = "Therapist" if turn.role == "T" else "Client"
            lines += [str(number), f"{stamp(clock)} --> {stamp(end)}", f"{name}: {html.escape(piece, quote=False)}", ""]
            clock = end + 0.3
    return "\n".join(lines)


def pieces(turn: Turn) -> list[str]:
    """A turn's text cut after sentences, at single spaces, so that joining with a space gives it back."""
    return re.split(r"(?<=[.?!]) (?=[A-Z])", turn.text)


def stamp(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3600000:02d}:{whole // 60000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"


def write_word(path: Path, session: Session) -> None:
    """Paragraphs `T: words`; the archive's dates are fixed so that the file is the same at each run."""
    document = docx.Document()
    for turn in session.turns:
        document.add_paragraph(f"{turn.speaker}: {turn.text}")
    made = io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            target.writestr(zipfile.ZipInfo(info.filename, (2026, 1, 1, 0, 0, 0)), source.read(info.filename))


def as_csv(session: Session) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["session_id", "speaker", "utterance"])
    for turn in session.turns:
        writer.writerow([session.session_id, "therapist" if turn.role == "T" else "client", turn.text])
    return made.getvalue()


def as_metadata(sessions: list[Session]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(COLUMNS)
    for session in sessions:
        header = {"session_id": session.session_id, **session.metadata}
        writer.writerow([header.get(column, "") for column in COLUMNS])
    return made.getvalue()


if __name__ == "__main__":
    main()
