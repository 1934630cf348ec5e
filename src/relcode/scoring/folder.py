"""A folder of shards: what of it is finished, and how a run leaves it."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import pyarrow.parquet as pq

from relcode.errors import DataError, ModelError
from relcode.provenance import reason_of
from relcode.scoring.manifest import NAME, read_manifest, write_manifest
from relcode.scoring.merge import merged
from relcode.scoring.shards import Entries, Form, is_whole, read_entries, shard_names, write_shard

_LOCK = ".lock"
_SMALL = 4  # a shard with less than this part of what it may hold is small


class ScoreFolder:
    """Shards of one model in a folder, which need not be there yet.

    Attributes
    ----------
    shards
        By name: the sessions of each shard that is whole and of this form.
    damaged
        Shards that are not as they were written, or gone, though the manifest names them.
    """

    def __init__(self, path: Path, form: Form, full: int = 0) -> None:
        """
        Parameters
        ----------
        full
            About how many segments a shard is to hold; 0: however few there are in them, shards are left as they are.

        Raises
        ------
        ModelError
            The folder holds scores of another model, or something else than scores.
        """
        self.path, self.form, self._full = path, form, full
        self.shards: dict[str, Entries] = {}
        self._listed = _manifest_of(path, form.made_by["model_id"])
        names = shard_names(path)
        self.damaged = sorted(set(self._listed).difference(names))
        for name in names:
            if not is_whole(path / name):
                self.damaged.append(name)
            elif form.is_of(path / name):
                self.shards[name] = read_entries(path / name)
            else:
                _check_model(path, _model_of(path / name), form.made_by["model_id"])

    @property
    def folder(self) -> Path | str:
        """Where shards go: a path, or a URL."""
        return self.path

    @property
    def known(self) -> Entries:
        """What of all sessions is finished."""
        return {name: entry for entries in self.shards.values() for name, entry in entries.items()}

    @contextlib.contextmanager
    def begun(self) -> Iterator[None]:
        """Make the folder, with a manifest that says by what it is being made, and keep other runs out of it.

        Raises
        ------
        DataError
            It cannot be written, or another run is at work in it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / _LOCK).open("w")
        except OSError as error:
            raise DataError(f"Cannot write in the folder {self.path}: {reason_of(error)}.") from error
        with lock:
            _take(lock, self.path)
            write_manifest(self.path, self.form, self._each_once(), complete=False)
            yield

    def add(self, shard: str, entries: Entries) -> None:
        """Take in a shard that was written; what it holds goes before what earlier shards say of the same sessions."""
        self.shards = {
            name: {each: entry for each, entry in own.items() if each not in entries}
            for name, own in self.shards.items()
            if name != shard
        }
        self.shards[shard] = entries

    def chosen(self, session_ids: Collection[str]) -> dict[Path, list[str]]:
        """By file: which of these sessions stand in it; each once."""
        taken: set[str] = set()
        chosen: dict[Path, list[str]] = {}
        for shard in sorted(self.shards):
            own = [name for name in self.shards[shard] if name in session_ids and name not in taken]
            taken.update(own)
            chosen[self.path / shard] = own
        return chosen

    def finish(self, session_ids: Collection[str], faults: Sequence[str]) -> Entries:
        """Leave these sessions alone in the folder: shards with others too are written again without them, and small ones
        together."""
        final: dict[str, Entries] = {}
        for path, names in self.chosen(session_ids).items():
            kept = {name: self.shards[path.name][name] for name in names}
            if kept:
                whole = kept.keys() == read_entries(path).keys()
                final[path.name if whole else self._rewritten(path, kept)] = kept
        final = self._compacted(final)
        write_manifest(self.path, self.form, final, complete=True, faults=faults)
        _remove(self.path / name for name in set(shard_names(self.path)).difference(final))
        self.shards = final
        return self.known

    def discard(self) -> None:
        """Remove what stands in the folder, and the folder if nothing else does."""
        _remove([*(self.path / name for name in shard_names(self.path)), self.path / NAME, self.path / _LOCK])
        with contextlib.suppress(OSError):
            self.path.rmdir()

    def _each_once(self) -> dict[str, Entries]:
        """Shards that no two of hold the same session, for who reads while a run is at work: those that an earlier run put
        down, then what else stands there."""
        taken: set[str] = set()
        chosen: dict[str, Entries] = {}
        for name in sorted(self.shards, key=lambda name: (name not in self._listed, name)):
            if taken.isdisjoint(self.shards[name]):
                taken.update(self.shards[name])
                chosen[name] = self.shards[name]
        return chosen

    def _compacted(self, final: dict[str, Entries]) -> dict[str, Entries]:
        """Shards of which those far from full are put together, where there are several: many small reruns leave many."""
        sizes = {name: sum(entry.segments for entry in entries.values()) for name, entries in final.items()}
        small = [name for name in sorted(final) if sizes[name] < self._full / _SMALL]
        kept = {name: entries for name, entries in final.items() if name not in small}
        waiting: list[str] = []
        for name in (*small, None):
            if waiting and (name is None or sum(sizes[each] for each in waiting) + sizes[name] > self._full):
                kept.update(self._together({each: final[each] for each in waiting}))
                waiting = []
            if name is not None:
                waiting.append(name)
        return kept

    def _together(self, shards: dict[str, Entries]) -> dict[str, Entries]:
        if len(shards) == 1:
            return shards
        entries = {session_id: entry for own in shards.values() for session_id, entry in own.items()}
        entries = dict(sorted(entries.items()))
        tables = merged({self.path / name: list(own) for name, own in shards.items()})
        return {write_shard(self.path, self.form, tables, entries): entries}

    def _rewritten(self, path: Path, kept: Entries) -> str:
        return write_shard(self.path, self.form, merged({path: list(kept)}), kept)


def _take(lock: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DataError(f"Another run is writing into {folder}; wait for it, or choose another --out.") from error
    except OSError:
        return  # some shared file systems know no locks; then nothing keeps two runs apart


def _manifest_of(path: Path, model_id: str) -> tuple[str, ...]:
    """The shards that a folder's manifest names."""
    if not path.exists():
        return ()
    if not path.is_dir():
        raise ModelError(f"{path} is there and is no folder of scores; choose another --out.")
    manifest = read_manifest(path)
    if manifest is None:
        if not shard_names(path) and any(path.iterdir()):
            raise ModelError(f"{path} is there and holds no scores; choose another --out.")
        return ()
    _check_model(path, manifest.model_id, model_id)
    return manifest.shards


def _model_of(path: Path) -> str:
    noted: dict[bytes, bytes] = pq.read_metadata(path).metadata or {}
    return noted.get(b"model_id", b"not named").decode()


def _check_model(path: Path, found: str, wanted: str) -> None:
    if found != wanted:
        raise ModelError(
            f"{path} holds scores of another model ({found}, not {wanted}). Choose another --out for this model, or "
            "remove the folder if its scores are not needed any more."
        )


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
