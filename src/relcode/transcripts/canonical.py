"""The canonical form (contract form 1): a header line, then a line a turn."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from relcode.errors import TranscriptError
from relcode.provenance import write_text
from relcode.records import Session, Turn

_SPEAKER = re.compile(r"[TC][0-9]*")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_header_decoder = msgspec.json.Decoder(dict[str, Any])
_turn_decoder = msgspec.json.Decoder(Turn)


def read_canonical(path: Path, text: str) -> Session:
    """Read canonical JSON lines; `text` is the decoded file.

    Raises
    ------
    TranscriptError
        Listing every faulty line: no header, not JSON, a field missing or of the wrong type, a speaker that is not
        `T`, `C`, `T2`, `C2` ..., turns that do not count 1, 2, 3 ..., the end of a turn before its start.
    """
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    faults: list[str] = []
    header: dict[str, Any] = {}
    if lines:
        header, fault = _read_header(lines[0][1])
        faults += [f"{path}:{lines[0][0]}: {fault}"] if fault else []
    turns: list[Turn] = []
    for expected, (number, line) in enumerate(lines[1:], start=1):
        try:
            turn = _turn_decoder.decode(line)
        except msgspec.DecodeError as error:
            faults.append(f"{path}:{number}: {error}; expected a turn with turn, speaker and text")
            continue
        fault = _turn_fault(turn, expected)
        if fault:
            faults.append(f"{path}:{number}: turn {turn.turn}: {fault}")
        turns.append(turn)
    if not turns and not faults:
        faults.append(f"{path}: there is no turn")
    if faults:
        raise TranscriptError(f"{path} cannot be read as a transcript:", faults)
    return Session(str(header.pop("session_id")), tuple(turns), header)


def write_session(session: Session, folder: Path) -> Path:
    """Write a session as `<session_id>.jsonl` in `folder`, beside and then renamed; return the file.

    Characters of the id that do not suit a file name become `_`.
    """
    path = folder / f"{_UNSAFE.sub('_', session.session_id)}.jsonl"
    write_text(path, canonical_text(session))
    return path


def canonical_text(session: Session) -> str:
    """The canonical form of a session as text."""
    lines = [msgspec.json.encode({"session_id": session.session_id, **session.metadata}).decode()]
    lines += [msgspec.json.encode(turn).decode() for turn in session.turns]
    return "\n".join(lines) + "\n"


def _read_header(line: str) -> tuple[dict[str, Any], str | None]:
    try:
        header = _header_decoder.decode(line)
    except msgspec.DecodeError as error:
        return {}, f"{error}; expected the header"
    if "turn" in header and "session_id" not in header:
        return {}, 'the header line is missing; expected {"session_id": ...} before the first turn'
    session_id = header.get("session_id")
    if not isinstance(session_id, str) or not session_id.strip():
        return {}, "the header has no session_id (a string)"
    return header, None


def _turn_fault(turn: Turn, expected: int) -> str | None:
    if turn.turn != expected:
        return f"expected turn number {expected}; turns count from 1 without gaps"
    if not _SPEAKER.fullmatch(turn.speaker):
        return "the speaker is none of T, C, T2, C2 ..."
    if turn.t0 is not None and turn.t1 is not None and turn.t1 < turn.t0:
        return "t1 lies before t0"
    return None
