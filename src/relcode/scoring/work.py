"""What a worker does, on this machine or on another: read the sessions of a task, score them, write one shard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import pyarrow as pa

from relcode.errors import DataError, RelcodeError
from relcode.learning.load import load_model
from relcode.learning.model import Model
from relcode.learning.model_folder import folder_hash
from relcode.provenance import hash_session
from relcode.records import Session
from relcode.scoring.plan import Task
from relcode.scoring.remote import put
from relcode.scoring.score import scores_of
from relcode.scoring.shards import Entries, Entry, Form, shard_of, write_shard
from relcode.scoring.survey import about_words, read_all
from relcode.transcripts.tokens import tokenize

BATCH_WORDS = 40_000  # scored at once: what memory a worker needs depends on it
_ONE_AT_A_TIME = Lock()  # a worker of a cluster may have several threads; the tokenizer is made for one


class Work(NamedTuple):
    """What is the same for all tasks. `folder`: where shards go, a path or a URL."""

    model_folder: Path
    folder: Path | str
    with_text: bool


class Done(NamedTuple):
    """What became of a task: the shard (none where no session could be scored), its sessions, faults, and its words."""

    shard: str | None
    entries: Entries
    faults: list[str]
    words: int


Do = Callable[[Task], Done]


def score_task(work: Work, task: Task) -> Done:
    """Score a task's sessions into a shard. A session that cannot be scored is listed and does not stop the others.

    Raises
    ------
    DataError
        The model cannot be loaded, or the shard cannot be written.
    """
    with _ONE_AT_A_TIME:
        model = _load(work.model_folder, folder_hash(work.model_folder))
        sessions, faults = _read(task)
        tables: list[pa.Table] = []
        entries: Entries = {}
        for batch in _batches(sessions, model):
            _score_batch(batch, model, work.with_text, tables, entries, faults)
        shard = _write(work.folder, Form.of(model, with_text=work.with_text), tables, entries) if entries else None
        return Done(shard, entries, faults, task.words)


def _write(folder: Path | str, form: Form, tables: list[pa.Table], entries: Entries) -> str:
    if isinstance(folder, Path):
        return write_shard(folder, form, tables, entries)
    name, data = shard_of(form, tables, entries)
    put(folder, name, data)
    return name


def load_afresh(folder: Path) -> Model:
    """The model of a folder, every file of it checked; tasks in this process need not load it again.

    Raises
    ------
    ModelError
        It cannot be loaded.
    """
    _load.cache_clear()
    return _load(folder.resolve(), folder_hash(folder))


@lru_cache(maxsize=1)
def _load(folder: Path, sha256: str) -> Model:
    """The model of a folder, kept as long as the folder is as it was."""
    return load_model(folder)


def _read(task: Task) -> tuple[list[Session], list[str]]:
    """The task's sessions, sorted by id, and what cannot be read any more."""
    found: list[Session] = []
    faults: list[str] = []
    for part in task.parts:
        sessions, of_file = read_all(part.path)
        wanted = [session for session in sessions if session.session_id in part.session_ids]
        found += wanted
        faults += of_file
        if not of_file and len(wanted) < len(part.session_ids):
            faults.append(f"{part.path}: changed while it was scored; run again")
    return sorted(found, key=lambda session: session.session_id), faults


def _score_batch(
    batch: Sequence[Session],
    model: Model,
    with_text: bool,
    tables: list[pa.Table],
    entries: Entries,
    faults: list[str],
) -> None:
    """Append the rows and entries of sessions; where they cannot be scored together, each alone."""
    try:
        scored, noted = score_batch(batch, model, with_text=with_text)
    except RelcodeError:
        raise
    except ImportError as error:  # no session's fault: libraries are not there, or no memory is left for them
        raise DataError(
            f"A worker cannot load what it needs ({error}), perhaps for want of memory. What was finished is kept: run again "
            "with fewer --jobs."
        ) from error
    except Exception as error:  # whatever one session does to the model, it must not cost the others
        if len(batch) == 1:
            faults.append(f"session {batch[0].session_id}: {_why_not(error)}")
            return
        for session in batch:
            _score_batch([session], model, with_text, tables, entries, faults)
        return
    tables.append(scored)
    entries.update(noted)


def _why_not(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "not enough memory to score it; run again with fewer --jobs"
    return f"cannot be scored ({type(error).__name__}); score it alone to see more"


def score_batch(batch: Sequence[Session], model: Model, *, with_text: bool) -> tuple[pa.Table, Entries]:
    """Rows of sessions that are tokenized together, and an entry for each."""
    table = tokenize(batch)
    scored = scores_of(table, model, with_text=with_text)
    counts = dict.fromkeys((session.session_id for session in batch), 0)
    for counted in scored["session_id"].value_counts().to_pylist():
        counts[counted["values"]] = counted["counts"]
    judged = model.domain.judge(table) if model.domain is not None else [None] * len(batch)
    entries = {
        session.session_id: Entry(hash_session(session), counts[session.session_id], *(judgement or ()))
        for session, judgement in zip(batch, judged, strict=True)
    }
    return scored, entries


def _batches(sessions: Sequence[Session], model: Model) -> Iterator[list[Session]]:
    """Sessions of about `BATCH_WORDS` words together, or each alone where the company of others changes the last digits."""
    batch: list[Session] = []
    words = 0
    for session in sessions:
        more = about_words(session)
        if batch and (not model.is_exact_in_company or words + more > BATCH_WORDS):
            yield batch
            batch, words = [], 0
        batch.append(session)
        words += more
    if batch:
        yield batch
