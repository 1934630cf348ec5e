"""Shards: parquet files of whole sessions, each named by the hash of its bytes, so that what is damaged is known by its name.

A shard says in its footer by what it was made and which sessions it holds in which text. A folder of shards can therefore be
taken up after a kill at any instant: what stands in it under its right name is finished.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from relcode.learning.model import Model
from relcode.provenance import hash_bytes, hash_file, written_beside
from relcode.scoring.score import TEXT, schema_of
from relcode.version import VERSION

ROW_GROUP = 100_000
_NAME = re.compile(r"shard-([0-9a-f]{16})\.parquet")
_BATCH = 20_000  # rows read at once


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A session in a file of scores: the hash of its text, its rows, and how far it is from the training material (with the
    measures by which it is too far); None where the model cannot tell."""

    sha256: str
    segments: int
    distance: float | None = None
    unlike: tuple[str, ...] = ()


Entries = dict[str, Entry]


class Form(NamedTuple):
    """What files of scores of one model look like: columns, and who made them."""

    schema: pa.Schema
    made_by: dict[str, str]

    @classmethod
    def of(cls, model: Model, *, with_text: bool) -> Form:
        made_by = {
            "model_id": model.id,
            "codebook": model.codebook.id,
            "codebook_version": model.codebook.version,
            "relcode_version": VERSION,
        }
        return cls(schema_of(model, with_text=with_text), made_by)

    @property
    def mode(self) -> int | None:
        """Who may read the files: their owner alone, where they hold words."""
        return 0o600 if TEXT in self.schema.names else None

    def is_of(self, path: Path) -> bool:
        """Whether a parquet file has these columns and makers."""
        noted = pq.read_metadata(path).metadata or {}  # a schema's own lacks what was added at the end
        made_by = {key: noted.get(key.encode(), b"").decode() for key in self.made_by}
        return bool(made_by == self.made_by and pq.read_schema(path).equals(self.schema))


class ScoreWriter:
    """A parquet file of scores. Its bytes depend on its rows alone, not on the tables in which they come."""

    def __init__(self, where: Any, form: Form) -> None:
        self._schema = form.schema.with_metadata(form.made_by)
        self._writer = pq.ParquetWriter(
            where, self._schema, compression="zstd", use_dictionary=["session_id", "speaker"], write_page_checksum=True
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def __enter__(self) -> ScoreWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def add(self, table: pa.Table) -> None:
        """Write rows, in groups of `ROW_GROUP`."""
        self._waiting.append(table.replace_schema_metadata(None).cast(self._schema))
        self._rows += table.num_rows
        while self._rows >= ROW_GROUP:
            self._write(ROW_GROUP)

    def finish(self, entries: Entries) -> None:
        """Write what waits, and which sessions the file holds."""
        if self._rows:
            self._write(self._rows)
        self._writer.add_key_value_metadata(_noted(entries))

    def _write(self, rows: int) -> None:
        whole = pa.concat_tables(self._waiting)
        # one chunk a column: the writer ends its pages at the ends of chunks
        self._writer.write_table(whole.slice(0, rows).combine_chunks(), row_group_size=ROW_GROUP)
        self._waiting, self._rows = [whole.slice(rows)], self._rows - rows


def write_shard(folder: Path, form: Form, tables: Iterable[pa.Table], entries: Entries) -> str:
    """Write a shard beside its place and rename it; its name.

    Raises
    ------
    DataError
        It cannot be written; nothing was changed.
    """
    name, data = shard_of(form, tables, entries)
    with written_beside(folder / name, mode=form.mode) as beside:
        beside.write_bytes(data)
    return name


def shard_of(form: Form, tables: Iterable[pa.Table], entries: Entries) -> tuple[str, bytes]:
    """The name and the bytes of a shard."""
    kept = pa.BufferOutputStream()
    with ScoreWriter(kept, form) as writer:
        for table in tables:
            writer.add(table)
        writer.finish(entries)
    data = kept.getvalue().to_pybytes()
    return f"shard-{hash_bytes(data)[:16]}.parquet", data


def shard_names(folder: Path) -> list[str]:
    """The names of shards in a folder, sorted."""
    return sorted(path.name for path in folder.glob("shard-*.parquet") if _NAME.fullmatch(path.name))


def is_whole(path: Path) -> bool:
    """Whether a shard holds the bytes that it was written with."""
    found = _NAME.fullmatch(path.name)
    try:
        return found is not None and hash_file(path)[:16] == found[1]
    except OSError:
        return False


def read_entries(path: Path) -> Entries:
    """The sessions that a file of scores says to hold; none where it is no such file."""
    noted = pq.read_metadata(path).metadata or {}
    hashes, segments, domain = (json.loads(noted.get(key, b"{}")) for key in (b"sessions", b"segments", b"domain"))
    return {
        name: Entry(sha256, segments[name], *_distance(domain.get(name)))
        for name, sha256 in hashes.items()
        if name in segments
    }


def read_by_session(path: Path, wanted: Iterable[str]) -> Iterator[tuple[str, pa.Table]]:
    """The rows of some sessions of a file that is sorted by session, a table each, in order."""
    chosen = frozenset(wanted)
    begun: list[pa.Table] = []
    name: str | None = None
    with pq.ParquetFile(path, pre_buffer=False, page_checksum_verification=True) as file:
        for batch in file.iter_batches(batch_size=_BATCH):
            table = pa.Table.from_batches([batch])
            for session_id, start, rows in _runs(batch.column("session_id")):
                if session_id != name and name is not None and name in chosen:
                    yield name, pa.concat_tables(begun)
                begun = [*(begun if session_id == name else []), table.slice(start, rows)]
                name = session_id
    if name is not None and name in chosen:
        yield name, pa.concat_tables(begun)


def count_rows(path: Path) -> dict[str, int] | None:
    """Rows by session of a file that is sorted by session; None where it is not sorted."""
    counts: dict[str, int] = {}
    last = ""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=ROW_GROUP, columns=["session_id"]):
            for session_id, _, rows in _runs(batch.column(0)):
                if session_id < last:
                    return None
                counts[session_id] = counts.get(session_id, 0) + rows
                last = session_id
    return counts


def _runs(column: pa.Array) -> Iterator[tuple[str, int, int]]:
    """Runs of one value in a column: value, start, length."""
    encoded = pc.run_end_encode(column)
    start = 0
    for value, end in zip(encoded.values.to_pylist(), encoded.run_ends.to_pylist(), strict=True):
        yield value, start, end - start
        start = end


def _noted(entries: Entries) -> dict[str, str]:
    parts: dict[str, dict[str, Any]] = {
        "sessions": {name: entry.sha256 for name, entry in entries.items()},
        "segments": {name: entry.segments for name, entry in entries.items()},
        "domain": {
            name: {"distance": entry.distance, "unlike": entry.unlike}
            for name, entry in entries.items()
            if entry.distance is not None
        },
    }
    return {key: json.dumps(value, sort_keys=True) for key, value in parts.items()}


def _distance(noted: dict[str, Any] | None) -> tuple[float | None, tuple[str, ...]]:
    return (None, ()) if noted is None else (noted["distance"], tuple(noted["unlike"]))
