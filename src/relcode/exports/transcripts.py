"""Write sessions in another format, and read each file back before it takes its name: what is lost is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from relcode.errors import PluginError, TranscriptError
from relcode.exports.captions import to_subrip, to_webvtt
from relcode.exports.chat import to_chat
from relcode.exports.elan import to_elan
from relcode.exports.errors import ExportError
from relcode.exports.office import to_excel, to_word
from relcode.exports.plugins import PLUGINS, TranscriptExporter, written_by
from relcode.exports.tei import to_tei
from relcode.exports.text import to_csv, to_json, to_text, to_tsv
from relcode.provenance import written_beside
from relcode.records import Session, Turn
from relcode.transcripts.canonical import canonical_text, session_path
from relcode.transcripts.read import read_file
from relcode.transcripts.roles import Roles, Utterance, cast_of
from relcode.transcripts.turns import turns_of
from relcode.transcripts.typed_notes import to_normal_form

# suffix of the file -> how a session is written, and the reader that reads it back
WRITERS: dict[str, tuple[Callable[[Session], bytes], str]] = {
    "jsonl": (lambda session: canonical_text(session).encode(), "jsonl"),
    "txt": (to_text, "txt"),
    "vtt": (to_webvtt, "vtt"),
    "srt": (to_subrip, "srt"),
    "csv": (to_csv, "csv"),
    "tsv": (to_tsv, "csv"),
    "xlsx": (to_excel, "xlsx"),
    "docx": (to_word, "docx"),
    "json": (to_json, "json"),
    "cha": (to_chat, "cha"),
    "eaf": (to_elan, "eaf"),
    "tei": (to_tei, "tei"),
}
_SHOWN = 8


@dataclass
class ExportReport:
    """What an export did. `exported`: (session id, file); `notes`: what a file does not keep; `faults`: a line each."""

    exported: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def export_transcripts(sessions: Iterable[Session], out: Path, *, to: str) -> ExportReport:
    """Write each session as a file of the format `to` in `out`, named after the session.

    Each file is read back before it takes its name. A session whose words or speakers would not be the same is a
    fault of the report and has no file; times and particulars that the format cannot hold are notes.

    Raises
    ------
    DataError
        `out` cannot be written.
    PluginError
        The format is a plug-in's, which is not here or failed.
    """
    suffix, write, reader = _writer(to)
    report = ExportReport()
    if reader is None:
        report.notes.append(f"{to}: its plug-in names no reader, so that no file was read back")
    for session in sessions:
        path = session_path(session, out).with_suffix(f".{suffix}")
        try:
            data = write(session if to == "jsonl" else _in_normal_form(session))
            with written_beside(path) as beside:
                beside.write_bytes(data)
                report.notes += [] if reader is None else _lost(session, beside, reader)
        except ExportError as error:
            report.faults += [f"session {session.session_id}: {fault}" for fault in error.faults]
            continue
        report.exported.append((session.session_id, str(path)))
    return report


def _writer(to: str) -> tuple[str, Callable[[Session], bytes], str | None]:
    """Suffix of the files, how a session is written, and the reader that reads it back (None: there is none)."""
    if to in WRITERS:
        return to, *WRITERS[to]
    exporter, plugin = PLUGINS.load(to), PLUGINS.plugin(to)
    if not isinstance(exporter, TranscriptExporter):
        raise PluginError(f"{plugin} writes labels, not transcripts.")
    return exporter.suffix, partial(written_by, plugin, exporter.write), exporter.reader


def _lost(session: Session, path: Path, reader: str) -> list[str]:
    """What the file does not keep, a line each.

    Raises
    ------
    ExportError
        Words or speakers are not those of the session.
    """
    try:
        (read,) = read_file(path, file_format=reader)
    except TranscriptError as error:
        raise ExportError(
            "", [f"it cannot be written so that it is read again ({len(error.faults)} place(s))"]
        ) from None
    if reader == "jsonl":
        return []
    wanted = as_read(session)
    if [(turn.speaker, turn.text) for turn in read.turns] != [(turn.speaker, turn.text) for turn in wanted]:
        pairs = zip(_first_turns(session), wanted, read.turns, strict=False)
        wrong = [turn for turn, a, b in pairs if (a.speaker, a.text) != (b.speaker, b.text)]
        where = ", ".join(map(str, wrong[:_SHOWN])) or "the last"
        raise ExportError("", [f"turn {where}: its words or their order would not be the same when read again"])
    lost = []
    if any((a.t0, a.t1) != (b.t0, b.t1) for a, b in zip(wanted, read.turns, strict=True)):
        lost.append("times" if all(turn.t0 is None for turn in read.turns) else "some times")
    if len(wanted) != len(session.turns):
        lost.append("the bounds of neighbouring turns of one speaker")
    if session.metadata:
        lost.append("the header's particulars")
    return [f"session {session.session_id}: not kept: {', '.join(lost)}"] if lost else []


def _first_turns(session: Session) -> list[int]:
    """The number of the first turn of each run of turns of one speaker."""
    spoken = [turn for turn in session.turns if turn.text.strip()]
    speakers = [None, *(turn.speaker for turn in spoken)]
    return [turn.turn for before, turn in zip(speakers, spoken, strict=False) if turn.speaker != before]


def _in_normal_form(session: Session) -> Session:
    turns = tuple(msgspec.structs.replace(turn, text=to_normal_form(turn.text)) for turn in session.turns)
    return msgspec.structs.replace(session, turns=turns)


def as_read(session: Session) -> tuple[Turn, ...]:
    """The turns as every reader gives them: neighbours of one speaker joined, notes in the normal form."""
    spoken = [Utterance(turn.speaker, turn.text, turn.t0, turn.t1) for turn in session.turns]
    path = Path(session.session_id)
    return turns_of(spoken, cast_of(spoken, Roles(), path, session.session_id), path)
