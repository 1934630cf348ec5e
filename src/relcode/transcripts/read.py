"""Read transcripts: files to sessions, with the doubts that a reader had on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.records import Session, Span
from relcode.transcripts.behaviour import Proposal
from relcode.transcripts.files import find_files, read_bytes
from relcode.transcripts.metadata import read_metadata, with_metadata
from relcode.transcripts.readers import FORMATS, Detected, detect, read_with
from relcode.transcripts.roles import Cast, Roles, UnknownRolesError, Utterance, cast_of
from relcode.transcripts.source import Column, Options, Source
from relcode.transcripts.turns import turns_of

__all__ = ["FORMATS", "FileRead", "SessionRead", "detect_format", "read_file", "read_sessions", "read_whole"]
_NO_ROLES = Roles()


@dataclass(frozen=True, repr=False)
class SessionRead:
    """A session with what it was made from: utterances under their marks, and who was taken for whom."""

    session: Session
    utterances: list[Utterance]
    cast: Cast


@dataclass(repr=False)
class FileRead:
    """A file, how it was read, and what it holds. `doubts` hold no words.

    `labels` are the codings of a project, `faults` those of its texts that cannot be read, `open_roles` the ones of these
    that wait for somebody to say who speaks.
    """

    path: Path
    detected: Detected
    encoding: str | None = None
    sessions: list[SessionRead] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    labels: list[Span] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    open_roles: UnknownRolesError | None = None
    proposals: dict[str, Proposal] = field(default_factory=dict)  # session -> roles that nobody has confirmed


def read_sessions(sources: Iterable[str | Path], *, metadata: Path | None = None) -> list[Session]:
    """Read all sessions of files, folders and globs.

    Parameters
    ----------
    metadata
        A table with a column `session_id`; its other columns become metadata of the sessions.

    Raises
    ------
    TranscriptError
        With the faults of all files, and session ids that stand in two files.
    """
    extra = {} if metadata is None else read_metadata(metadata)
    sessions: list[Session] = []
    faults: list[str] = []
    places: dict[str, Path] = {}
    for path in find_files(sources):
        try:
            found = read_file(path)
        except TranscriptError as error:
            faults += error.faults or (error.message,)
            continue
        for session in found:
            if session.session_id in places:
                faults.append(f"{path}: session {session.session_id} stands in {places[session.session_id]} too")
                continue
            places[session.session_id] = path
            sessions.append(with_metadata(session, extra))
    if faults:
        raise TranscriptError(f"{len(faults)} fault(s) in the transcripts:", faults)
    return sessions


def read_file(
    path: str | Path,
    *,
    roles: Roles = _NO_ROLES,
    file_format: str | None = None,
    notes: list[str] | None = None,
    labels: list[Span] | None = None,
) -> list[Session]:
    """Read the sessions of one file (tables and projects may hold several).

    Parameters
    ----------
    notes
        What the reader passed over, guessed or inferred is appended to it, a line each. Without it no encoding is guessed.
    labels
        Codings that a project brings are appended to it.

    Raises
    ------
    TranscriptError
        With all faults of the file.
    """
    options = Options(roles, file_format, guess_encoding=notes is not None)
    read = read_whole(Path(path), options)
    if read.faults:
        raise TranscriptError(f"{path} has {len(read.faults)} fault(s):", read.faults)
    if labels is not None:
        labels += read.labels
    if notes is not None:
        notes += [f"{path}: {doubt}" for doubt in read.doubts]
    return [found.session for found in read.sessions]


def read_whole(path: Path, options: Options) -> FileRead:
    """Read one file and tell how: its format and why, encoding, columns, and doubts.

    Raises
    ------
    UnknownRolesError, UnknownColumnsError
        What the user has to say first.
    TranscriptError
        With all faults of the file.
    """
    source = Source(path, read_bytes(path), options)
    detected = detect(source)
    reading = read_with(detected.reader, source)
    read = FileRead(path, detected, source.encoding, doubts=source.doubts + reading.doubts, columns=reading.columns)
    read.labels, read.faults, read.open_roles = reading.labels, reading.faults, reading.open_roles
    read.sessions = [SessionRead(session, [], Cast({})) for session in reading.sessions]
    casts = _casts(path, reading.utterances, options)
    several = len(casts) > 1
    faults: list[str] = []
    for name, utterances in reading.utterances.items():
        try:
            turns = turns_of(utterances, casts[name], path)
        except TranscriptError as error:
            faults += error.faults
            continue
        faults += [] if turns else [f"{path}: session {name} has no turn with words"]
        read.sessions.append(SessionRead(Session(name, turns), utterances, casts[name]))
        read.doubts += [f"session {name}: {note}" if several else note for note in casts[name].notes]
    if read.open_roles and not read.sessions:
        read.open_roles.faults += tuple(fault for fault in read.faults if fault not in read.open_roles.faults)
        raise read.open_roles
    if faults or not read.sessions:
        faults += read.faults
        raise TranscriptError(f"{path} cannot be read:", faults or [f"{path}: there is no row with words"])
    return read


def _casts(path: Path, sessions: Mapping[str, list[Utterance]], options: Options) -> dict[str, Cast]:
    """Who speaks in each session; the marks that are not known in any of them are one question."""
    casts: dict[str, Cast] = {}
    errors: list[UnknownRolesError] = []
    for name, utterances in sessions.items():
        try:
            casts[name] = cast_of(utterances, options.roles.in_session(name), path, name)
        except UnknownRolesError as error:
            errors.append(error)
    if errors:
        raise UnknownRolesError.of_all(errors)
    return casts


def detect_format(path: Path, data: bytes, options: Options | None = None) -> str:
    """Tell the format from the content, else from the suffix.

    Raises
    ------
    TranscriptError
        Nothing that relcode reads; says what was seen.
    """
    return detect(Source(path, data, options or Options())).reader.name
