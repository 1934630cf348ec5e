"""Import: any supported format to canonical transcripts; the good files land, the broken ones are listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.records import Session
from relcode.transcripts.canonical import canonical_text, session_path, write_session
from relcode.transcripts.files import find_files
from relcode.transcripts.metadata import read_metadata, with_metadata
from relcode.transcripts.read import read_file
from relcode.transcripts.roles import Roles


@dataclass
class ImportReport:
    """What an import did. `imported`: (source, session id, turns, written anew); `faults`: a line each; `notes`."""

    imported: list[tuple[str, str, int, bool]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def import_transcripts(
    sources: Iterable[str | Path],
    out: Path,
    *,
    metadata: Path | None = None,
    therapists: Iterable[str] = (),
    clients: Iterable[str] = (),
    file_format: str | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Read transcripts and write each session as canonical JSON lines in `out`.

    A file with a fault is listed in the report and does not stop the others. A session whose output is there already
    and unchanged is not written again.

    Raises
    ------
    TranscriptError
        A source that does not exist, or an unreadable table of metadata.
    DataError
        `out` cannot be written.
    """
    extra = {} if metadata is None else read_metadata(metadata)
    roles = Roles(tuple(therapists), tuple(clients))
    report = ImportReport()
    places: dict[str, Path] = {}
    for path in find_files(sources, with_notes=True):
        try:
            sessions = read_file(path, roles=roles, file_format=file_format, notes=report.notes)
        except TranscriptError as error:
            report.faults += error.faults or (error.message,)
            continue
        for session in sessions:
            if session.session_id in places:
                first = places[session.session_id]
                report.faults.append(f"{path}: session {session.session_id} stands in {first} too; one was kept")
                continue
            places[session.session_id] = path
            session = with_metadata(session, extra)
            fresh = not _stands_there(session, out)
            if fresh and not dry_run:
                write_session(session, out)
            report.imported.append((str(path), session.session_id, len(session.turns), fresh))
    report.notes += [f"{metadata}: no transcript of session {name}" for name in extra if name not in places]
    return report


def _stands_there(session: Session, folder: Path) -> bool:
    try:
        return session_path(session, folder).read_bytes() == canonical_text(session).encode()
    except OSError:
        return False  # there is none, or writing will say what is wrong
