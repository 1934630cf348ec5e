"""A reader and an exporter for an invented format: `%ROOMLOG` and the name of the session, then `@seconds speaker words`."""

from __future__ import annotations

import re

from relcode.errors import TranscriptError
from relcode.exports import TranscriptExporter
from relcode.records import Session
from relcode.transcripts.readers import Reader
from relcode.transcripts.roles import Utterance
from relcode.transcripts.source import Reading, Source

_HEAD = re.compile(r"%ROOMLOG (\S+)")
_LINE = re.compile(r"@(\d+(?:\.\d+)?) (\S+) (.+)")


def sniff(source: Source) -> str | None:
    """Why a file is of this format; None where it is not. `start()` is its beginning as text."""
    return "it begins with %ROOMLOG" if source.start().startswith("%ROOMLOG ") else None


def read(source: Source) -> Reading:
    """The utterances of a file. All faults are listed, by line, without the words that stand there."""
    lines = source.text().splitlines()
    head = _HEAD.fullmatch(lines[0].strip())
    faults = [] if head else [f"{source.path}:1: expected %ROOMLOG and the name of the session"]
    utterances = []
    for number, line in enumerate(lines[1:], start=2):
        found = _LINE.fullmatch(line.strip())
        if found:
            utterances.append(Utterance(found[2], found[3], float(found[1]), place=f"line {number}"))
        elif line.strip():
            faults.append(f"{source.path}:{number}: expected @seconds, speaker and words")
    if faults or head is None:
        raise TranscriptError(f"{source.path} cannot be read:", faults)
    return Reading({head[1]: utterances})


def write(session: Session) -> bytes:
    """A session as such a file; turns whose time is not known get that of the turn before."""
    lines = [f"%ROOMLOG {session.session_id}"]
    time = 0.0
    for turn in session.turns:
        time = time if turn.t0 is None else turn.t0
        lines.append(f"@{time:g} {turn.speaker} {' '.join(turn.text.split())}")
    return ("\n".join(lines) + "\n").encode()


READER = Reader("roomlog", "room log", (".rlog",), sniff, read, ": it does not begin with %ROOMLOG")
EXPORTER = TranscriptExporter("rlog", write, reader="roomlog")
