"""One file of scores: its shards stand in a working folder beside it until all are there, and are then joined."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from relcode.errors import ModelError
from relcode.provenance import written_beside
from relcode.scoring.folder import ScoreFolder
from relcode.scoring.merge import merged
from relcode.scoring.shards import Entries, Form, ScoreWriter, count_rows, read_entries


class ScoreFile:
    """A parquet file of scores, which need not be there yet.

    Attributes
    ----------
    working
        The folder `<name>.shards` beside it.
    """

    def __init__(self, path: Path, form: Form) -> None:
        """
        Raises
        ------
        ModelError
            The file is there and is no file of scores, or the working folder is of another model.
        """
        self.path, self.form = path, form
        self._entries = _read_known(path, form)
        self.working = ScoreFolder(path.with_name(f"{path.name}.shards"), form)

    @property
    def folder(self) -> Path | str:
        """Where shards go."""
        return self.working.path

    @property
    def known(self) -> Entries:
        """What of all sessions is finished."""
        return self._entries | self.working.known

    @property
    def damaged(self) -> list[str]:
        """Shards in the working folder that are not as they were written."""
        return self.working.damaged

    def begun(self) -> AbstractContextManager[None]:
        """Make the working folder, and keep other runs out of it."""
        return self.working.begun()

    def add(self, shard: str, entries: Entries) -> None:
        """Take in a shard that was written."""
        self.working.add(shard, entries)

    def finish(self, session_ids: Collection[str], faults: Sequence[str]) -> Entries:
        """Write the file with these sessions, sorted, and remove the working folder."""
        known = self.known
        entries = {name: known[name] for name in sorted(session_ids)}
        if entries != self._entries or not self.path.exists():
            chosen = self.working.chosen(session_ids)
            taken = {name for names in chosen.values() for name in names}
            chosen[self.path] = [name for name in entries if name not in taken]
            with written_beside(self.path, mode=self.form.mode) as beside, ScoreWriter(beside, self.form) as writer:
                for table in merged(chosen):
                    writer.add(table)
                writer.finish(entries)
        self.working.discard()
        return entries


def _read_known(path: Path, form: Form) -> Entries:
    """The sessions whose rows are all in an earlier file of the same model and relcode."""
    if not path.exists():
        return {}
    refused = f"{path} is there and is no file of scores; choose another --out."
    try:
        metadata = pq.read_metadata(path).metadata or {}
        if b"model_id" not in metadata or "session_id" not in pq.read_schema(path).names:
            raise ModelError(refused)
        rows = count_rows(path) if form.is_of(path) else None
        return {} if rows is None else {n: e for n, e in read_entries(path).items() if rows.get(n, 0) == e.segments}
    except (OSError, pa.ArrowInvalid) as error:
        raise ModelError(refused) from error
