"""`manifest.json` of a folder of scores: what made it, and where each session stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from relcode.errors import ModelError
from relcode.provenance import write_text
from relcode.scoring.score import TEXT
from relcode.scoring.shards import Entries, Form

NAME = "manifest.json"
FORMAT = "relcode-scores@1"


class SessionLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A session: the hash of its text, the shard with its rows and how many; see `shards.Entry` for the others."""

    sha256: str
    shard: str
    segments: int
    distance: float | None = None
    unlike: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True):
    """What a folder of scores holds.

    `complete` is false from the beginning of a run to its end; then shards alone say what is finished. `faults`: what the
    last run could not read or score.
    """

    model_id: str
    codebook: str
    codebook_version: str
    relcode_version: str
    with_text: bool
    complete: bool
    segments: int
    shards: tuple[str, ...]
    sessions: dict[str, SessionLine]
    faults: tuple[str, ...] = ()
    format: str = FORMAT


def write_manifest(
    folder: Path, form: Form, shards: Mapping[str, Entries], *, complete: bool, faults: Sequence[str] = ()
) -> None:
    """Write the manifest of a folder whose shards hold these sessions."""
    sessions = {
        session_id: SessionLine(entry.sha256, shard, entry.segments, entry.distance, entry.unlike)
        for shard, entries in shards.items()
        for session_id, entry in entries.items()
    }
    manifest = Manifest(
        **form.made_by,
        with_text=TEXT in form.schema.names,
        complete=complete,
        segments=sum(line.segments for line in sessions.values()),
        shards=tuple(sorted(shards)),
        sessions=dict(sorted(sessions.items())),
        faults=tuple(faults),
    )
    write_text(folder / NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=1).decode() + "\n")


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder; None where it has none.

    Raises
    ------
    ModelError
        It is there and cannot be read.
    """
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ModelError(
            f"{folder / NAME} cannot be read as the manifest of a folder of scores. Remove this one file: the shards "
            "say themselves what they hold, and the next run writes it again."
        ) from error
