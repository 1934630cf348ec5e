"""Vectors of texts that were computed once, in a file of their own: hashes and numbers, never words.

Vectors tell a good deal of what was said, and a hash of a short text can be guessed: the file is as confidential as the
transcripts, and has mode 0600. It can be deleted at any time; what is missing is computed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

Vectors = npt.NDArray[np.float32]
_TABLE = (
    "CREATE TABLE IF NOT EXISTS vectors "
    "(space BLOB NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (space, text)) "
    "WITHOUT ROWID"
)
_PATIENCE_SECONDS = 30.0
_AT_ONCE = 500


def vector_cache_file() -> Path:
    """Where vectors are kept if nobody says: in the user's own folder of caches."""
    return user_cache_path("relcode") / "embeddings.sqlite"


class VectorCache:
    """A file of vectors. Several processes may use it at once; a file that is damaged is made anew.

    Parameters
    ----------
    path
        An SQLite database; made with mode 0600 where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"VectorCache({str(self.path)!r})"

    def read(self, space: bytes, keys: Sequence[bytes], width: int) -> dict[bytes, Vectors]:
        """The vectors that are there, by key. `space`: which encoder, with which settings, they must be of."""
        try:
            return self._read(space, keys, width)
        except sqlite3.Error:
            self._remove_if_damaged()
            return {}

    def write(self, space: bytes, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep vectors, axes (key, number). Where the file cannot be written (a full disk), they are not kept."""
        rows = [
            (space, key, row.tobytes(), _seal(space, key, row.tobytes()))
            for key, row in zip(keys, vectors, strict=True)
        ]
        for _ in range(2):
            try:
                with self._opened() as connection, connection:
                    connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", rows)
                return
            except (sqlite3.Error, OSError):
                if not self._remove_if_damaged():
                    return

    def _read(self, space: bytes, keys: Sequence[bytes], width: int) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        if not self.path.exists():
            return found
        with self._opened() as connection:
            for first in range(0, len(keys), _AT_ONCE):
                asked = keys[first : first + _AT_ONCE]
                marks = ", ".join("?" * len(asked))
                query = f"SELECT text, vector, seal FROM vectors WHERE space = ? AND text IN ({marks})"
                for key, vector, seal in connection.execute(query, (space, *asked)):
                    if len(vector) == 4 * width and seal == _seal(space, key, vector):
                        found[key] = np.frombuffer(vector, dtype=np.float32)
        return found

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite would use the umask
        self.path.chmod(0o600)
        connection = sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS)
        try:
            connection.execute(_TABLE)
            yield connection
        finally:
            connection.close()

    def _remove_if_damaged(self) -> bool:
        """Whether the file was no sound database and is gone now, so that the next one to write makes it anew."""
        try:
            with self._opened() as connection:
                sound = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
                columns = [row[1] for row in connection.execute("PRAGMA table_info(vectors)")]
            if sound and columns == ["space", "text", "vector", "seal"]:
                return False
        except (sqlite3.OperationalError, OSError):
            return False  # locked, read-only or full: nothing is wrong with what it holds
        except sqlite3.DatabaseError:
            pass
        with contextlib.suppress(OSError):
            for name in ("", "-journal", "-wal", "-shm"):
                self.path.with_name(self.path.name + name).unlink(missing_ok=True)
            return True
        return False


def text_key(text: str, before: str | None = None) -> bytes:
    """BLAKE2b of a text, or of a text with what was said before it."""
    digest = hashlib.blake2b(digest_size=16, person=b"text" if before is None else b"text after")
    if before is not None:
        words = before.encode("utf-8", "surrogatepass")
        digest.update(len(words).to_bytes(8, "little") + words)
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.digest()


def _seal(space: bytes, key: bytes, vector: bytes) -> bytes:
    """By which a vector that was damaged on the disk, or stands under another's key, is known."""
    return hashlib.blake2b(space + key + vector, digest_size=8).digest()
