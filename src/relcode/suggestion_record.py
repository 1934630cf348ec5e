"""What a run of a suggester read and left out, in a file beside its suggestions (`llm.jsonl`, `llm.run.json`).

A file of suggestions alone does not say of a session without any whether it was read. The record does, so that the
suggester can be compared with coders like a coder: what it read and left without a code, it coded as absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from relcode.errors import LabelError
from relcode.provenance import hash_file, write_text


class SessionRead(msgspec.Struct, frozen=True):
    """A session that was read: the hash of its text, how many turns it has, and the numbers of those left unread."""

    session_id: str
    sha256: str
    turns: int
    unread: tuple[int, ...] = ()

    @property
    def covered(self) -> frozenset[int] | None:
        """The turns that were read; None: all of them."""
        return frozenset(range(1, self.turns + 1)) - set(self.unread) if self.unread else None


class SuggestionRecord(msgspec.Struct, frozen=True):
    """A run. `spans_sha256`: hash of the file of suggestions; `left_out`: reason -> how many suggestions; `settings`: what
    somebody needs to do it again. It holds no words of a transcript."""

    source: str
    relcode: str
    spans_sha256: str
    sessions: tuple[SessionRead, ...]
    left_out: Mapping[str, int] = {}
    settings: Mapping[str, Any] = {}


def record_path(spans: Path) -> Path:
    """Where the record of a file of suggestions lies."""
    return spans.with_suffix(".run.json")


def write_record(spans: Path, record: SuggestionRecord) -> Path:
    """Write the record of a file of suggestions that is already there; return its path."""
    path = record_path(spans)
    sealed = msgspec.structs.replace(record, spans_sha256=hash_file(spans))
    write_text(path, msgspec.json.format(msgspec.json.encode(sealed), indent=1).decode() + "\n")
    return path


def read_record(spans: Path) -> SuggestionRecord | None:
    """The record of a file of suggestions; None where there is none.

    Raises
    ------
    LabelError
        It is no record, or is of other suggestions than those in the file.
    """
    path = record_path(spans)
    if not path.is_file():
        return None
    try:
        record = msgspec.json.decode(path.read_bytes(), type=SuggestionRecord)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LabelError(f"{path} is no record of a run of suggestions. Make the suggestions again.") from error
    if record.spans_sha256 != hash_file(spans):
        raise LabelError(
            f"{path} is not the record of {spans}, which was changed since. Make the suggestions again, or delete the record: "
            "then sessions without a suggestion count as not read."
        )
    return record


def sessions_covered(sessions: Sequence[SessionRead]) -> dict[str, frozenset[int] | None]:
    """Session id -> the turns that were read, None for all of them."""
    return {each.session_id: each.covered for each in sessions}
