"""Import: any supported format to canonical transcripts; the good files land, the broken ones are listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.records import Session, Span
from relcode.spans import write_spans
from relcode.transcripts.canonical import canonical_text, session_path, write_session
from relcode.transcripts.read import find_files, read_file, read_metadata, with_metadata
from relcode.transcripts.roles import Roles


@dataclass
class ImportReport:
    """What an import did.

    `imported`: (source, session id, turns, written anew); `faults`: a line each; `notes`; how many `labels`.
    """

    imported: list[tuple[str, str, int, bool]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    labels: int = 0


def import_transcripts(
    sources: Iterable[str | Path],
    out: Path,
    *,
    metadata: Path | None = None,
    therapists: Iterable[str] = (),
    clients: Iterable[str] = (),
    file_format: str | None = None,
    labels: Path | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Read transcripts and write each session as canonical JSON lines in `out`.

    A file with a fault is listed in the report and does not stop the others. A session whose output is there already
    and unchanged is not written again.

    Parameters
    ----------
    labels
        Where the codings that come with projects (`.qdpx`) are written, as spans in the imported turns.

    Raises
    ------
    TranscriptError
        A source that does not exist, or an unreadable table of metadata.
    DataError
        `out` or `labels` cannot be written.
    """
    extra = {} if metadata is None else read_metadata(metadata)
    roles = Roles(tuple(therapists), tuple(clients))
    report = ImportReport()
    places: dict[str, Path] = {}
    spans: list[Span] = []
    for path in find_files(sources, with_notes=True):
        brought: list[Span] | None = None if labels is None else []
        try:
            sessions = read_file(
                path, roles=roles, file_format=file_format, notes=report.notes, labels=brought, faults=report.faults
            )
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
        spans += [span for span in brought or [] if places.get(span.session_id) == path]
    report.labels = len(spans)
    if labels is not None and spans and not dry_run:
        write_spans(labels, spans)
    elif labels is not None and not spans:
        report.notes.append(f"{labels}: there are no labels to be written; projects (.qdpx) bring some")
    report.notes += [f"{metadata}: no transcript of session {name}" for name in extra if name not in places]
    return report


def _stands_there(session: Session, folder: Path) -> bool:
    try:
        return session_path(session, folder).read_bytes() == canonical_text(session).encode()
    except OSError:
        return False  # there is none, or writing will say what is wrong
