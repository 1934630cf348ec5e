"""What an import has done, in the folder of its output: a second run reads only what is new or changed.

The manifest holds hashes, session ids and numbers of turns: no words, no names of source files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import msgspec

from relcode.provenance import hash_bytes, hash_file, hash_text, write_text
from relcode.transcripts.readers import PLUGINS
from relcode.version import VERSION

NAME = ".import.json"


class Output(msgspec.Struct, frozen=True):
    """A session that was written: the hash of its file, and its number of turns."""

    hash: str
    turns: int


@dataclass(repr=False)
class Manifest:
    """Entries: key of a source (its bytes, name, options, the readers' code) -> session id -> what was written."""

    path: Path
    entries: dict[str, dict[str, Output]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)  # session id -> key
    changed: bool = False

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest in `folder`; one that is not there or cannot be read is empty: all is imported again."""
        path = folder / NAME
        try:
            stored = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Output]])
        except (OSError, msgspec.MsgspecError, RecursionError):
            return cls(path)
        return cls(path, stored)

    def put(self, key: str, outputs: Mapping[str, Output]) -> None:
        """Note what a source gave; what earlier sources gave under the same session ids is no longer there."""
        if not self.sources:
            self.sources.update((session, known) for known, old in self.entries.items() for session in old)
        for session in outputs:
            self.entries.get(self.sources.get(session, ""), {}).pop(session, None)
            self.sources[session] = key
        self.entries[key] = dict(outputs)
        self.changed = True

    def write(self) -> None:
        """Write the manifest, if it has changed.

        Raises
        ------
        DataError
            The folder cannot be written.
        """
        if self.changed:
            kept = {key: outputs for key, outputs in self.entries.items() if outputs}
            write_text(self.path, msgspec.json.encode(kept, order="sorted").decode() + "\n")
            self.changed = False


def key_of(path: Path, data: bytes, options: str) -> str:
    """What the result of a file depends on, as one hash: bytes, stem and suffix, options, and the readers themselves;
    of those of plug-ins, package and version."""
    plugins = [str(plugin) for plugin in PLUGINS.plugins()]
    said = json.dumps([path.stem, path.suffix.lower(), options, VERSION, _readers(), *plugins])
    return hash_text(f"{hash_bytes(data)} {said}")


@lru_cache(1)
def _readers() -> str:
    """A hash of the code that reads: a mended reader reads again, also between two versions."""
    return hash_text(" ".join(hash_file(file) for file in sorted(Path(__file__).parent.glob("*.py"))))
