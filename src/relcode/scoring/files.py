"""Score files of transcripts into one parquet file: in batches, over processes, taking up where an earlier run left."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
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

BATCH = 32  # sessions tokenized at once; memory stays flat whatever the corpus
ROW_GROUP = 100_000
_worker_model: Model | None = None


@dataclass
class ScoreReport:
    """What was done: sessions scored now and kept from before, segments in the file, faults of files passed over.

    `removed`: sessions of the earlier file that are not among the sources; the new file is without them.
    """

    model: str
    scored: int = 0
    kept: int = 0
    removed: int = 0
    segments: int = 0
    faults: list[str] = field(default_factory=list)


def score(
    sources: Iterable[str | Path],
    model_folder: Path,
    out: Path,
    *,
    jobs: int = 1,
    watch: Callable[[Sequence[Path]], Iterable[Path]] = lambda files: files,
) -> ScoreReport:
    """Score transcripts into `out` (contract form 3).

    A session that stands in `out` already, scored by the same model and relcode in the same text, is not scored again.
    A file that cannot be read is listed in the report and does not stop the others. The same for any number of `jobs`.
    When a person interrupts, what was scored until then is written, and the next call takes up there.

    Parameters
    ----------
    watch
        Called with the files; what it returns is iterated in their place, so that progress can be shown.

    Raises
    ------
    ModelError
        The model cannot be loaded, or `out` is there and is no file of scores.
    TranscriptError
        A source does not exist.
    """
    model = load_model(model_folder)
    report = ScoreReport(model.id)
    files = watch(find_files(sources))
    known = _read_known(out, model)
    hashes: dict[str, str] = {}
    stopped = False
    with written_beside(out) as beside, _Writer(beside, model) as writer:
        try:
            for table in _scored(_fresh(files, known, hashes, report), model, model_folder, jobs):
                writer.add(table)
        except KeyboardInterrupt:
            if not writer.segments:
                raise
            stopped = True
            hashes = _finished(hashes, known, writer.segments)
        kept = [name for name in hashes if known.get(name) == hashes[name]]
        for table in _kept_rows(out, kept):
            writer.add(table)
        report.segments = writer.finish(hashes)
    if stopped:
        raise KeyboardInterrupt
    report.kept, report.scored = len(kept), len(hashes) - len(kept)
    report.removed = len(set(known) - set(hashes))
    return report


def _finished(hashes: dict[str, str], known: dict[str, str], written: Iterable[str]) -> dict[str, str]:
    """After an interruption: the sessions that are scored in their present text, now or before."""
    unchanged = {name: digest for name, digest in known.items() if hashes.get(name, digest) == digest}
    return unchanged | {name: hashes[name] for name in written}


def _fresh(
    files: Iterable[Path], known: dict[str, str], hashes: dict[str, str], report: ScoreReport
) -> Iterator[Session]:
    """Sessions that have to be scored; notes the hash of every session and the faults."""
    for path in files:
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
    pool = ProcessPoolExecutor(jobs, initializer=_load_worker, initargs=(folder,))
    try:
        waiting = []
        for batch in _batches(sessions):
            waiting.append(pool.submit(_score_batch, batch))
            if len(waiting) > 2 * jobs:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interruption is the parent's to handle
    _worker_model = load_model(folder)


def _score_batch(sessions: Sequence[Session]) -> pa.Table:
    assert _worker_model is not None
    return score_table(sessions, _worker_model)


def _read_known(out: Path, model: Model) -> dict[str, str]:
    """The sessions whose rows are all in an earlier file of the same model and relcode: id -> hash of the text."""
    if not out.exists():
        return {}
    refused = f"{out} is there and is no file of scores; choose another --out."
    try:
        schema = pq.read_schema(out)
        metadata = pq.read_metadata(out).metadata or {}  # a schema's own lacks what was added at the end
        if b"model_id" not in metadata or "session_id" not in schema.names:
            raise ModelError(refused)
        made_by = (metadata[b"model_id"].decode(), metadata.get(b"relcode_version", b"").decode())
        if made_by != (model.id, __version__) or not schema.equals(schema_of(model)):
            return {}
        rows = Counter(pq.read_table(out, columns=["session_id"])["session_id"].to_pylist())
    except (OSError, pa.ArrowInvalid) as error:
        raise ModelError(refused) from error
    hashes: dict[str, str] = json.loads(metadata.get(b"sessions", b"{}"))
    segments: dict[str, int] = json.loads(metadata.get(b"segments", b"{}"))
    return {name: digest for name, digest in hashes.items() if rows[name] == segments.get(name)}


def _kept_rows(out: Path, names: Sequence[str]) -> Iterator[pa.Table]:
    if not names:
        return
    wanted = pa.array(names, pa.string())
    with pq.ParquetFile(out) as file:
        for batch in file.iter_batches(batch_size=ROW_GROUP):
            table = pa.Table.from_batches([batch])
            yield table.filter(pc.is_in(table["session_id"], value_set=wanted))


class _Writer:
    """Writes row groups of a good size whatever comes in; `segments` counts the rows of each session."""

    def __init__(self, path: Path, model: Model) -> None:
        made_by = {
            "model_id": model.id,
            "codebook": model.codebook.id,
            "codebook_version": model.codebook.version,
            "relcode_version": __version__,
        }
        self._schema = schema_of(model).with_metadata(made_by)
        self._writer = pq.ParquetWriter(
            path, self._schema, compression="zstd", use_dictionary=["session_id", "speaker"]
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self.segments: Counter[str] = Counter()

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table.replace_schema_metadata(None).cast(self._schema))
        counts = table["session_id"].value_counts()
        self.segments.update({entry["values"]: entry["counts"] for entry in counts.to_pylist()})
        self._rows += table.num_rows
        if self._rows >= ROW_GROUP:
            self._flush()

    def finish(self, hashes: dict[str, str]) -> int:
        """Write what waits and the file's metadata; the number of rows written."""
        self._flush()
        sessions = {"sessions": hashes, "segments": {name: self.segments[name] for name in hashes}}
        self._writer.add_key_value_metadata({key: json.dumps(value, sort_keys=True) for key, value in sessions.items()})
        return self.segments.total()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting), row_group_size=ROW_GROUP)
        self._waiting, self._rows = [], 0
