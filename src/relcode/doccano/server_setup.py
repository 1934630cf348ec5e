"""What a local server needs before it starts: its database, its settings, its folders and its processes' variables."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from relcode.doccano.environment import SET_UP_DATABASE, backend_of, python_of, template_of
from relcode.doccano.server_record import ServerInfo
from relcode.errors import DoccanoError
from relcode.provenance import write_text

_FOLDERS = ("uploads", "media", "tmp")


def prepare(home: Path, environment: Path, info: ServerInfo) -> None:
    """Make what is missing in the server's folder; an existing database is kept.

    Raises
    ------
    OSError, sqlite3.Error, DataError
        The folder cannot be written.
    """
    if info.database is None:
        _make_sqlite(home / "db.sqlite3", template_of(environment))
    for name in _FOLDERS:
        (home / name).mkdir(mode=0o700, exist_ok=True)
    for source in sorted(Path(__file__).parent.glob("server_*.py.txt")):
        module = "relcode_" + source.name.removeprefix("server_").removesuffix(".txt")
        write_text(home / module, source.read_text(encoding="utf-8"))


def clear_exports(home: Path) -> None:
    """Remove the files that Doccano keeps of each import and export: copies of pages that nothing needs any more."""
    for path in (home / "media").iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def set_up_postgresql(home: Path, environment: Path, info: ServerInfo) -> None:
    """Make Doccano's tables and roles in its PostgreSQL database, or bring them up to date.

    Raises
    ------
    DoccanoError
        The database does not answer or refuses, with its own reason.
    """
    assert info.database is not None
    done = subprocess.run(
        [str(python_of(environment)), "-c", SET_UP_DATABASE],
        env=variables(home, environment, info),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        log = home / "database.log"
        said = done.stderr.decode(errors="replace")
        write_text(log, said, mode=0o600)
        why = next((line for line in reversed(said.splitlines()) if "FATAL" in line or "rror:" in line), "").strip()
        raise DoccanoError(f"Doccano cannot use the database {info.database.url} ({why}); the log is {log}.")


def variables(home: Path, environment: Path, info: ServerInfo) -> dict[str, str]:
    """The environment of the server's processes; nothing of the caller's but path and home."""
    folder = home.absolute()
    result = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": os.environ.get("HOME", str(folder)),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join([str(folder), str(backend_of(environment))]),
        "DJANGO_SETTINGS_MODULE": "relcode_settings",
        "DEBUG": "False",
        "DATABASE_URL": info.database.url if info.database else f"sqlite:///{folder / 'db.sqlite3'}",
        "CELERY_BROKER_URL": f"sqla+sqlite:///{folder / 'queue.sqlite3'}",
        "MEDIA_ROOT": str(folder / "media"),
        "TMPDIR": str(folder / "tmp"),
        "SECRET_KEY": info.secret_key,
        "DOCCANO_PAGE_SIZE": "100",
        "RELCODE_URL": info.url,
    }
    if info.database is not None and info.database.password:
        result["PGPASSWORD"] = info.database.password
    return result


def _make_sqlite(database: Path, template: Path) -> None:
    if database.exists():
        return
    beside = database.with_suffix(".new")
    shutil.copyfile(template, beside)
    with contextlib.closing(sqlite3.connect(beside)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    beside.chmod(0o600)
    beside.rename(database)
