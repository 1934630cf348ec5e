"""Content hashes, and writing so that nothing is ever half-written."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from relcode.errors import DataError
from relcode.records import Session


def hash_bytes(data: bytes) -> str:
    """SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def hash_text(text: str) -> str:
    """SHA-256 of the UTF-8 form."""
    return hash_bytes(text.encode("utf-8", "surrogatepass"))


def hash_session(session: Session) -> str:
    """SHA-256 over what was said and by whom: turn numbers, speakers and texts; metadata and times do not count."""
    digest = hashlib.sha256()
    for turn in session.turns:
        text = turn.text.encode("utf-8", "surrogatepass")
        digest.update(f"{turn.turn}\t{turn.speaker}\t{len(text)}\n".encode())
        digest.update(text)
    return digest.hexdigest()


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def written_beside(path: Path, *, mode: int | None = None) -> Iterator[Path]:
    """Give a temporary path in the target's folder; rename it to `path` when the block ends well, else remove it.

    Raises
    ------
    DataError
        The folder cannot be made or written (read-only, full, a file in the way), or `path` is a folder; all is then
        as it was, also folders that were made for it.
    """
    made: list[Path] = []
    try:
        if path.is_dir():
            raise DataError(f"Cannot write {path}: it is a folder. Give the name of a file.")
        made = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
    except OSError as error:
        _remove_empty(made)
        raise DataError(f"Cannot write {path}: {reason_of(error)}. Choose a folder that you may write to.") from error
    beside = Path(name)
    try:
        yield beside
        os.chmod(beside, mode if mode is not None else 0o666 & ~_umask())
        os.replace(beside, path)
    except OSError as error:
        raise DataError(
            f"Cannot write {path}: {reason_of(error)}. Nothing was changed; free space or choose another folder."
        ) from error
    finally:
        beside.unlink(missing_ok=True)
        _remove_empty(made)


def write_text(path: Path, text: str, *, mode: int | None = None) -> None:
    """Write UTF-8 text beside `path`, then rename."""
    with written_beside(path, mode=mode) as beside:
        beside.write_text(text, encoding="utf-8")


def reason_of(error: OSError) -> str:
    """Why the system refused, in words for a message."""
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "a file stands where a folder is expected"
    return error.strerror or type(error).__name__


def _remove_empty(folders: Iterable[Path]) -> None:
    """Remove those of the folders, inner ones first, that hold nothing."""
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
