"""A reader and an exporter for an invented format: `%ROOMLOG` and the name of the session, then a line an utterance, with
start and end in seconds: `@0-1.5 T Come on in.` (`@? T Come on in.` where they are not known)."""

from __future__ import annotations

import re

from relcode.errors import TranscriptError
from relcode.exports import TranscriptExporter
from relcode.records import Session
from relcode.transcripts.readers import Reader
from relcode.transcripts.roles import Utterance
from relcode.transcripts.source import Reading, Source

_HEAD = re.compile(r"%ROOMLOG (\S+)")
_LINE = re.compile(r"@(?:\?|(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)) (\S+) (.+)")


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
            t0, t1 = (None if found[place] is None else float(found[place]) for place in (1, 2))
            utterances.append(Utterance(found[3], found[4], t0, t1, place=f"line {number}"))
        elif line.strip():
            faults.append(f"{source.path}:{number}: expected @start-end, speaker and words")
    if faults or head is None:
        raise TranscriptError(f"{source.path} cannot be read:", faults)
    return Reading({head[1]: utterances})


def write(session: Session) -> bytes:
    """A session as such a file."""
    lines = [f"%ROOMLOG {session.session_id}"]
    for turn in session.turns:
        times = "?" if turn.t0 is None or turn.t1 is None else f"{turn.t0:g}-{turn.t1:g}"
        lines.append(f"@{times} {turn.speaker} {' '.join(turn.text.split())}")
    return ("\n".join(lines) + "\n").encode()


READER = Reader("roomlog", "room log", (".rlog",), sniff, read, ": it does not begin with %ROOMLOG")
EXPORTER = TranscriptExporter("rlog", write, reader="roomlog")
