"""Whether relcode itself reads a project as it was meant: what would be otherwise is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from relcode.exports.labels.gather import Labelled
from relcode.exports.labels.project import sources_of
from relcode.exports.text import one_line
from relcode.exports.transcripts import as_read
from relcode.records import Span
from relcode.transcripts.refiqda import read_project
from relcode.transcripts.roles import Roles
from relcode.transcripts.source import Options, Source


def read_back(labelled: Sequence[Labelled], path: Path) -> list[str]:
    """Notes on sessions whose turns or labels `relcode import` would read otherwise than they were.

    The project holds the words and positions as they are; only its reader takes a text for one typed by hand, and joins
    neighbouring turns of one speaker and writes notes in the normal form.
    """
    reading = read_project(Source(path, path.read_bytes(), Options(Roles())))
    read = {session.session_id: session for session in reading.sessions}
    coders = {source: f"coder:{number}" for number, source in enumerate(sources_of(labelled), start=1)}
    found = {session_id: Counter[tuple[str, str, str]]() for session_id in read}
    for span in reading.labels:
        found[span.session_id][_what(span, span.source)] += 1
    notes = []
    for each in labelled:
        session_id = each.session.session_id
        turns = [(turn.speaker, turn.text) for turn in read[session_id].turns] if session_id in read else []
        if turns != [(turn.speaker, turn.text) for turn in as_read(each.session)]:
            notes.append(f"session {session_id}: relcode import would not read this text, or read other turns in it")
            continue
        if len(turns) != len(each.session.turns):
            notes.append(f"session {session_id}: relcode import would join neighbouring turns of one speaker")
        elif turns != [(turn.speaker, turn.text) for turn in each.session.turns]:
            notes.append(f"session {session_id}: relcode import would write spaces and notes in its normal form")
        wanted = {_what(span, coders[span.source]) for span in each.spans}
        other = len(wanted - set(found[session_id]))
        if other:
            notes.append(f"session {session_id}: relcode import would read {other} label(s) on other words")
    return notes


def _what(span: Span, coder: str) -> tuple[str, str, str]:
    return span.code, coder, one_line(span.text)
