"""Score files of transcripts into one parquet file: in batches, over processes, taking up where an earlier run left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from relcode import __version__
from relcode.errors import ModelError, TranscriptError
from relcode.learning.model import Model
from relcode.learning.store import load_model
from relcode.provenance import hash_session, written_beside
from relcode.records import Session
from relcode.scoring.score import schema_of, score_table
from relcode.transcripts import find_files, read_file

BATCH = 64  # sessions tokenized at once; memory stays flat whatever the corpus
ROW_GROUP = 100_000
_worker_model: Model | None = None


@dataclass
class ScoreReport:
    """What was done: sessions scored now and kept from before, segments in the file, faults of files passed over."""

    model: str
    scored: int = 0
    kept: int = 0
    segments: int = 0
    faults: list[str] = field(default_factory=list)


def score(sources: Iterable[str | Path], model_folder: Path, out: Path, *, jobs: int = 1) -> ScoreReport:
    """Score transcripts into `out` (contract form 3).

    A session that stands in `out` already, scored by the same model in the same text, is not scored again. A file that
    cannot be read is listed in the report and does not stop the others. The same for any number of `jobs`.

    Raises
    ------
    ModelError
        The model cannot be loaded, or `out` is no file of scores.
    """
    model = load_model(model_folder)
    report = ScoreReport(model.id)
    hashes: dict[str, str] = {}
    known = _read_known(out, model)
    with written_beside(out) as beside:
        writer = _Writer(beside, model)
        try:
            fresh = _fresh(sources, known, hashes, report)
            for table in _scored(fresh, model, model_folder, jobs):
                writer.add(table)
            kept = [name for name in hashes if known.get(name) == hashes[name]]
            for table in _kept_rows(out, kept):
                writer.add(table)
            report.kept, report.scored = len(kept), len(hashes) - len(kept)
        finally:
            report.segments = writer.close(hashes)
    return report


def _fresh(
    sources: Iterable[str | Path], known: dict[str, str], hashes: dict[str, str], report: ScoreReport
) -> Iterator[Session]:
    """Sessions that have to be scored; notes the hash of every session and the faults."""
    for path in find_files(sources):
        try:
            sessions = read_file(path)
        except TranscriptError as error:
            report.faults += error.faults or (error.message,)
            continue
        for session in sessions:
            if session.session_id in hashes:
                report.faults.append(f"{path}: session {session.session_id} stands in another file too; one was scored")
                continue
            hashes[session.session_id] = digest = hash_session(session)
            if known.get(session.session_id) != digest:
                yield session


def _scored(sessions: Iterator[Session], model: Model, folder: Path, jobs: int) -> Iterator[pa.Table]:
    if jobs <= 1:
        for batch in _batches(sessions):
            yield score_table(batch, model)
        return
    with ProcessPoolExecutor(jobs, initializer=_load_worker, initargs=(folder,)) as pool:
        waiting = []
        for batch in _batches(sessions):
            waiting.append(pool.submit(_score_batch, batch))
            if len(waiting) > 2 * jobs:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _batches(sessions: Iterator[Session]) -> Iterator[list[Session]]:
    batch: list[Session] = []
    for session in sessions:
        batch.append(session)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _load_worker(folder: Path) -> None:
    global _worker_model
    _worker_model = load_model(folder)


def _score_batch(sessions: Sequence[Session]) -> pa.Table:
    assert _worker_model is not None
    return score_table(sessions, _worker_model)


def _read_known(out: Path, model: Model) -> dict[str, str]:
    """The sessions of an earlier file of the same model: id -> hash of the text."""
    if not out.exists():
        return {}
    try:
        metadata = pq.read_schema(out).metadata or {}
    except (OSError, pa.ArrowInvalid) as error:
        raise ModelError(f"{out} is there and is no file of scores; choose another --out.") from error
    if metadata.get(b"model_id", b"").decode() != model.id:
        return {}
    known: dict[str, str] = json.loads(metadata.get(b"sessions", b"{}"))
    return known


def _kept_rows(out: Path, names: Sequence[str]) -> Iterator[pa.Table]:
    if not names:
        return
    wanted = pa.array(names, pa.string())
    with pq.ParquetFile(out) as file:
        for batch in file.iter_batches(batch_size=ROW_GROUP):
            table = pa.Table.from_batches([batch])
            yield table.filter(pc.is_in(table["session_id"], value_set=wanted))


class _Writer:
    """Writes row groups of a good size whatever comes in."""

    def __init__(self, path: Path, model: Model) -> None:
        self._schema = schema_of(model)
        self._metadata = {
            "model_id": model.id,
            "codebook": model.codebook.id,
            "codebook_version": model.codebook.version,
            "relcode_version": __version__,
        }
        self._writer = pq.ParquetWriter(
            path, self._schema, compression="zstd", use_dictionary=["session_id", "speaker"]
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self._written = 0

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table.replace_schema_metadata(None).cast(self._schema))
        self._rows += table.num_rows
        if self._rows >= ROW_GROUP:
            self._flush()

    def close(self, hashes: dict[str, str]) -> int:
        """Write what waits and the file's metadata; the number of rows written."""
        self._flush()
        self._writer.add_key_value_metadata({**self._metadata, "sessions": json.dumps(hashes, sort_keys=True)})
        self._writer.close()
        return self._written

    def _flush(self) -> None:
        if self._waiting:
            table = pa.concat_tables(self._waiting)
            self._writer.write_table(table, row_group_size=ROW_GROUP)
            self._written += table.num_rows
        self._waiting, self._rows = [], 0
