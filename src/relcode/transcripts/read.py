"""Find transcripts and read them: the reader is chosen by content, then by suffix."""

from __future__ import annotations

import csv
import glob
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from relcode.errors import TranscriptError
from relcode.records import Session
from relcode.transcripts.canonical import read_canonical
from relcode.transcripts.roles import Roles, Utterance, to_turns
from relcode.transcripts.tables import read_table
from relcode.transcripts.webvtt import read_webvtt
from relcode.transcripts.word import read_word

FORMATS = ("jsonl", "vtt", "docx", "csv", "xlsx")
SUFFIXES = {".jsonl": "jsonl", ".vtt": "vtt", ".docx": "docx", ".csv": "csv", ".tsv": "csv", ".xlsx": "xlsx"}
_NO_ROLES = Roles()


def find_files(sources: Iterable[str | Path]) -> list[Path]:
    """The transcript files that files, folders and globs name, each once, sorted within a folder.

    Raises
    ------
    TranscriptError
        Naming every source that does not exist or holds no file in a known format.
    """
    files: dict[Path, None] = {}
    faults: list[str] = []
    for source in sources:
        path = Path(source)
        if path.is_file():
            found = [path]
        elif path.is_dir():
            found = sorted(
                p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~$"))
            )
        else:
            found = sorted(Path(name) for name in glob.glob(str(source), recursive=True) if Path(name).is_file())
        if not found:
            known = ", ".join(SUFFIXES)
            faults.append(f"{source}: {'no file in it ends in ' + known if path.is_dir() else 'there is no such file'}")
        files.update(dict.fromkeys(found))
    if faults:
        raise TranscriptError("Some sources cannot be used:", faults)
    return list(files)


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


def read_file(path: Path, *, roles: Roles = _NO_ROLES, file_format: str | None = None) -> list[Session]:
    """Read the sessions of one file (tables may hold several).

    Raises
    ------
    TranscriptError
        With all faults of the file.
    """
    data = _read_bytes(path)
    chosen = file_format or detect_format(path, data)
    if chosen == "jsonl":
        return [read_canonical(path, _decode(path, data))]
    if chosen in ("csv", "xlsx"):
        table = read_table(path, None if chosen == "xlsx" else _decode(path, data))
        names = {key: key if key and not key.isdigit() else f"{path.stem}-{key}" if key else path.stem for key in table}
        return [_session(names[key], utterances, roles, path) for key, utterances in table.items()]
    utterances = read_webvtt(path, _decode(path, data)) if chosen == "vtt" else read_word(path)
    return [_session(path.stem, utterances, roles, path)]


def detect_format(path: Path, data: bytes) -> str:
    """Tell the format from the content, else from the suffix.

    Raises
    ------
    TranscriptError
        Nothing that relcode reads; says what was seen.
    """
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise TranscriptError(f"{path} is empty; expected a transcript.")
    if start.startswith(b"WEBVTT"):
        return "vtt"
    if start.startswith(b"PK\x03\x04"):
        if b"xl/" in data:
            return "xlsx"
        return "docx"
    if start.startswith(b"{"):
        return "jsonl"
    suffix = SUFFIXES.get(path.suffix.lower())
    if suffix in ("csv",):
        return suffix
    if b"\x00" in start:
        raise TranscriptError(f"{path} is a binary file in no format that relcode reads ({', '.join(FORMATS)}).")
    if suffix:
        raise TranscriptError(f"{path} ends in {path.suffix}, but its content is no {suffix}.")
    raise TranscriptError(f"{path} is in no format that relcode reads ({', '.join(FORMATS)}); name one with --format.")


def read_metadata(path: Path) -> dict[str, dict[str, Any]]:
    """Read a table of metadata: session id -> the other columns that are not empty.

    Raises
    ------
    TranscriptError
        The file cannot be read or has no column `session_id`.
    """
    rows = list(csv.DictReader(_decode(path, _read_bytes(path)).splitlines()))
    if not rows or "session_id" not in rows[0]:
        raise TranscriptError(f"{path}: expected a table with a column session_id.")
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        values: dict[str, Any] = {key: value for key, value in row.items() if key and key != "session_id" and value}
        number = values.get("session_number")
        if isinstance(number, str) and number.isdigit():
            values["session_number"] = int(number)
        found[row["session_id"]] = values
    return found


def with_metadata(session: Session, extra: dict[str, dict[str, Any]]) -> Session:
    """The session with what a table of metadata says of it; the file's own header wins."""
    added = extra.get(session.session_id)
    return Session(session.session_id, session.turns, {**added, **session.metadata}) if added else session


def _session(session_id: str, utterances: list[Utterance], roles: Roles, path: Path) -> Session:
    turns = to_turns(utterances, roles, path)
    if not turns:
        raise TranscriptError(f"{path}: session {session_id} has no turn with words.")
    return Session(session_id, turns)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TranscriptError(f"Cannot read {path}: {error.strerror}.") from error


def _decode(path: Path, data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TranscriptError(f"{path}:{line}: not valid UTF-8; save the file as UTF-8 and try again.") from error
