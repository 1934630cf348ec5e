"""Find transcripts and read them: the reader is chosen by content, then by suffix."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from relcode.errors import TranscriptError
from relcode.records import Session, Span
from relcode.transcripts.canonical import read_canonical
from relcode.transcripts.chat import read_chat
from relcode.transcripts.elan import read_elan
from relcode.transcripts.jefferson import is_jefferson, read_jefferson
from relcode.transcripts.plaintext import read_text
from relcode.transcripts.recogniser import is_recognisers_json, read_recogniser
from relcode.transcripts.refiqda_archive import is_project
from relcode.transcripts.roles import Roles, Utterance, to_turns
from relcode.transcripts.salt import is_salt, read_salt
from relcode.transcripts.subrip import read_subrip
from relcode.transcripts.tables import csv_rows, read_table
from relcode.transcripts.tei import ROOT as TEI_ROOT
from relcode.transcripts.tei import read_tei
from relcode.transcripts.webvtt import read_webvtt
from relcode.transcripts.word import office_parts, read_word

FORMATS = (
    "jsonl",
    "vtt",
    "docx",
    "csv",
    "xlsx",
    "srt",
    "txt",
    "json",
    "cha",
    "eaf",
    "jefferson",
    "salt",
    "tei",
    "qdpx",
)
SUFFIXES = {
    ".jsonl": "jsonl",
    ".vtt": "vtt",
    ".docx": "docx",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".srt": "srt",
    ".txt": "txt",
    ".json": "json",
    ".cha": "cha",
    ".eaf": "eaf",
    ".slt": "salt",
    ".tei": "tei",
    ".xml": "tei",
    ".qdpx": "qdpx",
}
ALSO_NOTES = (".txt", ".json", ".xml", ".qdpx")  # what else than transcripts lies in folders: read me's, keys, reports
_NO_ROLES = Roles()
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
# what a file begins with, and what to say of it
_NOT_READ = {
    rb"\xd0\xcf\x11\xe0": "an old Word or Excel file, or one with a password; save it as .docx or .xlsx without one",
    rb"%PDF": "a PDF; export the transcript as .docx or .vtt",
    rb"\{\\rtf": "an RTF document; save it as .docx",
}
_SUBRIP = re.compile(rb"(?:\d+\s+)?\d+:\d\d:\d\d(?:[,.]\d+)?[ \t]*-->")


def find_files(sources: Iterable[str | Path], *, with_notes: bool = False) -> list[Path]:
    """The transcript files that files, folders and globs name, each once, sorted within a folder.

    Parameters
    ----------
    with_notes
        Take `.txt` and `.json` from folders too, which may be no transcripts; by name they are always taken.

    Raises
    ------
    TranscriptError
        Naming every source that does not exist or holds no file in a known format.
    """
    suffixes = [suffix for suffix in SUFFIXES if with_notes or suffix not in ALSO_NOTES]
    files: dict[Path, Path] = {}
    faults: list[str] = []
    for source in sources:
        if not str(source):
            faults.append("an empty name stands among the sources; name a file or folder")
            continue
        path = Path(source)
        if path.is_file():
            found = [path]
        elif path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in suffixes and not _is_hidden(p, path))
        else:
            found = sorted(Path(name) for name in glob.glob(str(source), recursive=True) if Path(name).is_file())
        if not found:
            known = ", ".join(suffixes)
            fault = f"no file in it ends in {known}" if path.is_dir() else "there is no such file or folder"
            faults.append(f"{source}: {fault}")
        for file in found:
            files.setdefault(file.resolve(), file)
    if faults:
        raise TranscriptError("Some sources cannot be used:", faults)
    return list(files.values())


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
    faults: list[str] | None = None,
) -> list[Session]:
    """Read the sessions of one file (tables and projects may hold several).

    Parameters
    ----------
    notes
        What the reader passed over is appended to it, a line each.
    labels
        Codings that a project brings are appended to it.
    faults
        The faults of single texts of a project are appended to it, and the good ones read; without it they are raised.

    Raises
    ------
    TranscriptError
        With all faults of the file.
    """
    path = Path(path)
    data = _read_bytes(path)
    chosen = file_format or detect_format(path, data)
    if chosen == "jsonl":
        return [read_canonical(path, _decode(path, data))]
    if chosen in ("csv", "xlsx"):
        table = read_table(path, None if chosen == "xlsx" else _decode(path, data))
        names = {key: key if key and not key.isdigit() else f"{path.stem}-{key}" if key else path.stem for key in table}
        return [_session(names[key], utterances, roles, path) for key, utterances in table.items()]
    if chosen == "qdpx":
        return _project_sessions(path, data, roles, notes, labels, faults)
    if chosen == "json":
        return [_session(path.stem, read_recogniser(path, _decode(path, data)), roles, path)]
    if chosen == "cha":
        return [_session(path.stem, read_chat(path, _decode(path, data), roles), roles, path)]
    if chosen == "eaf":
        return [_session(path.stem, read_elan(path, data, roles), roles, path)]
    if chosen == "tei":
        return [_session(path.stem, read_tei(path, data, roles), roles, path)]
    if chosen == "srt":
        return [_session(path.stem, read_subrip(path, _decode(path, data)), roles, path)]
    if chosen in ("txt", "jefferson", "salt"):
        text = _decode(path, data)
        if chosen == "salt":
            utterances, passed_over = read_salt(path, text, roles)
        else:
            utterances, passed_over = (read_jefferson if chosen == "jefferson" else read_text)(path, text)
        session = _session(path.stem, utterances, roles, path)
        if notes is not None:
            notes += passed_over
        return [session]
    utterances = read_webvtt(path, _decode(path, data)) if chosen == "vtt" else read_word(path)
    return [_session(path.stem, utterances, roles, path)]


def detect_format(path: Path, data: bytes) -> str:
    """Tell the format from the content, else from the suffix.

    Raises
    ------
    TranscriptError
        Nothing that relcode reads; says what was seen.
    """
    start = data[:4096]
    if start[:2] in _BYTE_ORDER_MARKS:
        start = start.decode("utf-16", "ignore").encode("utf-8", "ignore")
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise TranscriptError(f"{path} is empty; expected a transcript.")
    if start.startswith(b"WEBVTT"):
        return "vtt"
    if _SUBRIP.match(start):
        return "srt"
    if start.startswith(b"PK\x03\x04"):
        return "qdpx" if is_project(data) else _office_format(path, data)
    refused = next((what for begin, what in _NOT_READ.items() if re.match(begin, start)), None)
    if refused:
        raise TranscriptError(f"{path} is {refused}.")
    if b"\x00" in start:
        raise TranscriptError(
            f"{path} is a binary file, or text that is not UTF-8, in no format that relcode reads ({', '.join(FORMATS)})."
        )
    if start.startswith(b"@") and b"@Begin" in start:
        return "cha"
    if start.startswith(b"<") and b"<ANNOTATION_DOCUMENT" in start:
        return "eaf"
    if start.startswith(b"<") and TEI_ROOT.search(start):
        return "tei"
    suffixed = path.suffix.lower()
    if start.startswith(b"{") or re.match(rb"\[\s*\{", start) or (start.startswith(b"[") and suffixed == ".json"):
        return "json" if is_recognisers_json(_leniently(data), suffixed) else "jsonl"
    suffix = SUFFIXES.get(path.suffix.lower())
    if suffix in ("salt", "txt") and is_salt(_leniently(data)):
        return "salt"
    if suffix == "txt" and is_jefferson(_leniently(data)):
        return "jefferson"
    if suffix in ("csv", "srt", "txt"):
        return suffix
    if suffix:
        expected = {
            "vtt": ": it does not begin with WEBVTT",
            "cha": ": it does not begin with @Begin (or @UTF8 and @Begin)",
            "eaf": ": it does not begin with <ANNOTATION_DOCUMENT>",
            "tei": ": it does not begin with <TEI>",
            "salt": ": it does not begin with $ and its speakers ($ Client, Therapist)",
            "jsonl": ': expected {"session_id": ...} in its first line',
        }
        why = expected.get(suffix, "")
        raise TranscriptError(f"{path} ends in {path.suffix}, but its content is no {suffix}{why}.")
    raise TranscriptError(f"{path} is in no format that relcode reads ({', '.join(FORMATS)}); name one with --format.")


def read_metadata(path: Path) -> dict[str, dict[str, Any]]:
    """Read a table of metadata: session id -> the other columns that are not empty.

    Raises
    ------
    TranscriptError
        The file cannot be read or has no column `session_id`; every row without a session, or with one named before.
    """
    header, *rows = csv_rows(path, _decode(path, _read_bytes(path))) or [[]]
    names = [name.strip() for name in header]
    if "session_id" not in names:
        raise TranscriptError(f"{path}: expected a table with a column session_id.")
    found: dict[str, dict[str, Any]] = {}
    faults: list[str] = []
    for number, row in enumerate(rows, start=2):
        if not any(row):
            continue
        values: dict[str, Any] = {name: cell for name, cell in zip(names, row, strict=False) if name and cell}
        session_id = values.pop("session_id", "").strip()
        if not session_id or session_id in found or any(row[len(names) :]):
            what = "has more cells than the header" if session_id and session_id not in found else None
            what = what or ("names a session that stands there before" if session_id else "names no session")
            faults.append(f"{path}: row {number} {what}; expected a row a session")
            continue
        if re.fullmatch(r"[0-9]+", values.get("session_number", "")):
            values["session_number"] = int(values["session_number"])
        found[session_id] = values
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} row(s) that cannot be used:", faults)
    return found


def with_metadata(session: Session, extra: dict[str, dict[str, Any]]) -> Session:
    """The session with what a table of metadata says of it; the file's own header wins."""
    added = extra.get(session.session_id)
    return Session(session.session_id, session.turns, {**added, **session.metadata}) if added else session


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)


def _office_format(path: Path, data: bytes) -> str:
    parts = office_parts(path, data)
    if "word/document.xml" in parts:
        return "docx"
    if "xl/workbook.xml" in parts:
        return "xlsx"
    raise TranscriptError(
        f"{path} is a zip archive, but neither a Word document, an Excel workbook nor a REFI-QDA project."
    )


def _project_sessions(
    path: Path,
    data: bytes,
    roles: Roles,
    notes: list[str] | None,
    labels: list[Span] | None,
    faults: list[str] | None,
) -> list[Session]:
    from relcode.transcripts.refiqda import read_project  # it brings the codebooks along, which no other format needs

    project = read_project(path, data, roles)
    if project.faults and (faults is None or not project.sessions):
        raise TranscriptError(f"{path} has {len(project.faults)} fault(s):", project.faults)
    left_out = f"{path}: {len(project.labels)} label(s) were left out; --labels FILE writes them"
    if notes is not None:
        notes += project.notes + [left_out] * (labels is None and bool(project.labels))
    if labels is not None:
        labels += project.labels
    if faults is not None:
        faults += project.faults
    return project.sessions


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


def _leniently(data: bytes) -> str:
    return data.decode("utf-16" if data[:2] in _BYTE_ORDER_MARKS else "utf-8-sig", "ignore")


def _decode(path: Path, data: bytes) -> str:
    encoding = "utf-16" if data[:2] in _BYTE_ORDER_MARKS else "utf-8-sig"
    try:
        return data.decode(encoding).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TranscriptError(f"{path}:{line}: not valid UTF-8; save the file as UTF-8 and try again.") from error
