"""Transcripts and scores at URLs of fsspec (`s3://`, `gs://`, `sftp://` ...): what is read is fetched into a folder that its
owner alone may enter and removed at once; what is written goes up as a whole."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from relcode.errors import DataError, TranscriptError, UsageError
from relcode.records import Session
from relcode.scoring.folder import ScoreFolder
from relcode.scoring.manifest import NAME
from relcode.scoring.shards import Entries, Form, shard_names
from relcode.transcripts import read_file
from relcode.transcripts.files import ALSO_NOTES
from relcode.transcripts.readers import suffixes_known

Place = Path | str  # where something lies: here, or a URL
_HERE = ("file", "local")
_NOWHERE = "memory"  # of this process alone


def place(named: str | Path) -> Place:
    """A path of this machine (also for `file://`), or a URL as it is."""
    protocol, separator, rest = str(named).partition("://")
    if isinstance(named, Path) or not separator:
        return Path(named)
    return Path(unquote(urlsplit(named).path if protocol == "file" else rest)) if protocol in _HERE else named


def elsewhere(places: Iterable[Place]) -> list[str]:
    """Those that lie on another machine."""
    return [each for each in places if isinstance(each, str) and not each.startswith(f"{_NOWHERE}://")]


def check_remote(places: Iterable[Place], *, allowed: bool) -> None:
    """Refuse what would leave this machine, or come from another, unasked.

    Raises
    ------
    UsageError
        There is such a place, and it is not allowed.
    """
    if not allowed and (named := elsewhere(places)):
        raise UsageError(
            f"{named[0]} is on another machine. Transcripts and scores are confidential: give --remote if they may be read "
            "from there and written there."
        )


def find_remote(source: str) -> list[str]:
    """The transcripts that a URL names: a file, all in a folder, or those that fit a pattern.

    Raises
    ------
    TranscriptError
        There is none, or the place does not answer.
    """
    with _named(source, TranscriptError):
        system, path = _system(source)
        if any(sign in path for sign in "*?["):
            found = system.glob(path)
        elif system.isfile(path):
            found = [path]
        else:
            kinds = [suffix for suffix in suffixes_known() if suffix not in ALSO_NOTES]
            found = [each for each in system.find(path) if PurePosixPath(each).suffix.lower() in kinds]
        if not found:
            raise TranscriptError("Some sources cannot be used:", [f"{source}: there is no transcript"])
        return sorted(system.unstrip_protocol(each) for each in found)


def read_remote(url: str) -> Sequence[Session]:
    """The sessions of a file at a URL.

    Raises
    ------
    TranscriptError
        It cannot be fetched or read; named by its URL.
    """
    with tempfile.TemporaryDirectory() as folder, _named(url, TranscriptError):
        system, path = _system(url)
        local = Path(folder) / PurePosixPath(path).name
        system.get_file(path, str(local))
        try:
            return read_file(local)
        except TranscriptError as error:
            lines = [line.replace(str(local), url) for line in error.faults or (error.message,)]
            raise TranscriptError(error.message.replace(str(local), url), lines) from error


def put(folder: str, name: str, data: bytes) -> None:
    """Write a file into a folder at a URL; object stores take it as a whole or not at all.

    Raises
    ------
    DataError
        It cannot be written.
    """
    with _named(folder, DataError):
        system, path = _system(folder)
        system.makedirs(path, exist_ok=True)
        system.pipe_file(f"{path}/{name}", data)


class RemoteFolder(ScoreFolder):
    """A folder of scores at a URL. What stands in it is looked at in a copy here; workers write their shards there."""

    def __init__(self, url: str, form: Form, full: int = 0) -> None:
        """
        Raises
        ------
        ModelError
            It holds scores of another model.
        DataError
            The place does not answer.
        """
        self.url = url.rstrip("/")
        self._copy = tempfile.TemporaryDirectory()
        self._copied = Path(self._copy.name) / "scores"
        self._copied.mkdir()
        with _named(url, DataError):
            system, path = _system(self.url)
            there = [PurePosixPath(each).name for each in system.ls(path, detail=False)] if system.isdir(path) else []
        for name in there:
            if name == NAME or name.startswith("shard-"):
                self._fetch(name)
        super().__init__(self._copied, form, full)

    @property
    def folder(self) -> Place:
        return self.url

    @contextmanager
    def begun(self) -> Iterator[None]:
        with super().begun():
            self._send(NAME)
            yield

    def add(self, shard: str, entries: Entries) -> None:
        self._fetch(shard)
        super().add(shard, entries)

    def finish(self, session_ids: Collection[str], faults: Sequence[str]) -> Entries:
        before = set(shard_names(self._copied))
        known = super().finish(session_ids, faults)
        after = set(shard_names(self._copied))
        for name in sorted(after - before):
            self._send(name)
        self._send(NAME)
        with _named(self.url, DataError):
            system, path = _system(self.url)
            for name in sorted(before - after):
                if system.exists(f"{path}/{name}"):
                    system.rm_file(f"{path}/{name}")
        return known

    def _fetch(self, name: str) -> None:
        with _named(self.url, DataError):
            system, path = _system(self.url)
            system.get_file(f"{path}/{name}", str(self._copied / name))

    def _send(self, name: str) -> None:
        put(self.url, name, (self._copied / name).read_bytes())


def _system(url: str) -> tuple[Any, str]:
    import fsspec

    system, path = fsspec.core.url_to_fs(url)
    system.invalidate_cache()  # what other machines wrote meanwhile is to be seen
    return system, path.rstrip("/")


@contextmanager
def _named(url: str, kind: type[DataError]) -> Iterator[None]:
    """Whatever a file system raises, said of its URL."""
    try:
        yield
    except DataError:
        raise
    except ImportError as error:
        raise kind(
            f"{url} needs a library that is not here ({error}): pip install 'relcode[cluster]', and what fsspec names for it."
        ) from error
    except Exception as error:  # each file system has errors of its own
        said = " ".join(str(error).split())
        raise kind(f"{url} cannot be used: {said or type(error).__name__} ({type(error).__name__}).") from error
