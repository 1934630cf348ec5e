"""The canonical form (contract form 1): a header line, then a line a turn."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from relcode.errors import TranscriptError
from relcode.provenance import hash_text, written_beside
from relcode.records import Session, Turn

_SPEAKER = re.compile(r"[TC](?:[2-9]|[1-9][0-9]+)?", re.ASCII)
_UNSAFE = re.compile(r"^[. ]+|[^\w. -]+|[. ]+$")
_LONGEST_NAME = 200  # bytes; file systems allow 255, and a temporary file beside needs some
_BROKEN = (msgspec.DecodeError, RecursionError)
_header_decoder = msgspec.json.Decoder(dict[str, Any])
_encoder = msgspec.json.Encoder()
_turn_decoder = msgspec.json.Decoder(Turn)


def read_canonical(path: Path, text: str) -> Session:
    """Read canonical JSON lines; `text` is the decoded file.

    Raises
    ------
    TranscriptError
        Listing every faulty line: no header, not JSON, a field missing or of the wrong type, a speaker that is not
        `T`, `C`, `T2`, `C2` ..., turns that do not count 1, 2, 3 ..., the end of a turn before its start.
    """
    session = _read_at_once(text)
    if session is not None:
        return session
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    faults: list[str] = []
    header: dict[str, Any] = {}
    if lines:
        header, fault = _read_header(lines[0][1])
        if {"code", "start", "end"} <= header.keys():
            raise TranscriptError(f"{path} holds labels, not a transcript; expected a header line and a line a turn.")
        faults += [f"{path}:{lines[0][0]}: {fault}"] if fault else []
    turns: list[Turn] = []
    expected = 1
    for number, line in lines if _is_turn(header) else lines[1:]:
        try:
            turn = _turn_decoder.decode(line)
        except _BROKEN as error:
            faults.append(
                f"{path}:{number}: {_what_is_broken(line, error)}; expected a turn with turn, speaker and text"
            )
            expected += 1
            continue
        faults += [f"{path}:{number}: turn {turn.turn}: {fault}" for fault in _turn_faults(turn, expected)]
        expected = turn.turn + 1  # one missing number is one fault, not one a line
        turns.append(turn)
    if not turns and not faults:
        faults.append(f"{path}: there is no turn")
    if faults:
        raise TranscriptError(f"{path} cannot be read as a transcript:", faults)
    return Session(str(header.pop("session_id")), tuple(turns), header)


def write_session(session: Session, folder: Path) -> Path:
    """Write a session as `<session_id>.jsonl` in `folder`, beside and then renamed; return the file."""
    path = session_path(session, folder)
    with written_beside(path) as beside:
        beside.write_bytes(canonical_bytes(session))
    return path


def session_path(session: Session, folder: Path) -> Path:
    """The file of a session in `folder`.

    Where the id does not suit a file name (or is too long for one), `_` stands for what does not, and a part of the
    id's hash keeps two such ids apart.
    """
    name = _UNSAFE.sub("_", session.session_id).encode()[:_LONGEST_NAME].decode(errors="ignore")
    if name != session.session_id:
        name = f"{name}-{hash_text(session.session_id)[:8]}"
    return folder / f"{name}.jsonl"


def canonical_text(session: Session) -> str:
    """The canonical form of a session as text."""
    return canonical_bytes(session).decode()


def canonical_bytes(session: Session) -> bytes:
    """The canonical form of a session in UTF-8, made without a second copy of the turns."""
    header = msgspec.json.encode({"session_id": session.session_id, **session.metadata})
    return header + b"\n" + _encoder.encode_lines(session.turns)


def _read_at_once(text: str) -> Session | None:
    """The session of a file without any fault; None where a line has one, to be looked for line by line."""
    first, _, rest = text.partition("\n")
    header, fault = _read_header(first)
    if fault or _is_turn(header):
        return None
    try:
        turns = _turn_decoder.decode_lines(rest)
    except _BROKEN:
        return None
    lines = rest.count("\n") + (not rest.endswith("\n"))  # the decoder takes two turns of one line, too
    whole = len(turns) == lines and not any(_turn_faults(turn, number) for number, turn in enumerate(turns, start=1))
    return Session(str(header.pop("session_id")), tuple(turns), header) if whole else None


def _read_header(line: str) -> tuple[dict[str, Any], str | None]:
    try:
        header = _header_decoder.decode(line)
    except _BROKEN as error:
        return {}, f"{_what_is_broken(line, error)}; expected the header"
    if _is_turn(header):
        return header, 'the header line is missing; expected {"session_id": ...} before the first turn'
    session_id = header.get("session_id")
    if not isinstance(session_id, str) or not session_id.strip():
        return {}, "the header has no session_id (a string)"
    return header, None


def _is_turn(header: dict[str, Any]) -> bool:
    return "turn" in header and "session_id" not in header


def _what_is_broken(line: str, error: Exception) -> str:
    """A decoder's message (it names fields and types, never values), or the likely cause."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return "a second header; a file holds one session" if '"session_id"' in line else str(error)


def _turn_faults(turn: Turn, expected: int) -> list[str]:
    faults: list[str] = []
    if turn.turn == expected and turn.speaker in ("T", "C") and turn.t0 is None and turn.t1 is None:
        return faults
    if turn.turn != expected:
        faults.append(f"expected turn number {expected}; turns count from 1 without gaps")
    if not _SPEAKER.fullmatch(turn.speaker):
        faults.append("the speaker is none of T, C, T2, C2 ...")
    if min(turn.t0 or 0, turn.t1 or 0) < 0:
        faults.append("a time is negative; t0 and t1 are seconds from the start")
    if turn.t0 is not None and turn.t1 is not None and turn.t1 < turn.t0:
        faults.append("t1 lies before t0")
    return faults
