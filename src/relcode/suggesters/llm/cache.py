"""Answers that a model gave, so that asking the same again costs nothing. They quote transcripts: mode 0600."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from platformdirs import user_cache_path

from relcode.errors import DataError
from relcode.provenance import hash_bytes, write_text

FOLDER = ".llm"  # in a project's folder


class AnswerCache:
    """A folder of answers, by the hash of model and prompt; it can be deleted at any time."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or user_cache_path("relcode") / "llm"

    def read(self, request: Mapping[str, Any]) -> str | None:
        """The answer to this request, if it is there."""
        try:
            return self._path(request).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def write(self, request: Mapping[str, Any], content: str) -> None:
        """Keep an answer; where the folder cannot be written (a full disk), it is not kept."""
        with contextlib.suppress(DataError, OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_text(self._path(request), content, mode=0o600)

    def _path(self, request: Mapping[str, Any]) -> Path:
        return self.folder / f"{hash_bytes(msgspec.json.encode(request, order='deterministic'))}.json"
