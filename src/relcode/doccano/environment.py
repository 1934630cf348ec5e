"""Doccano's own virtual environment: made once, with the versions that are known to work together.

`doccano-1.8.4.txt` holds every version of a working installation; plain `pip install doccano` does not start today.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from relcode.errors import DoccanoError
from relcode.provenance import hash_file

VERSION = "1.8.4"
VARIABLE = "RELCODE_DOCCANO_ENV"
PYTHONS = ("python3.11", "python3.10", "python3.9", "python3.8")  # for which the pins can be installed, newest first
_PINS = Path(__file__).with_name(f"doccano-{VERSION}.txt")
# makes Doccano's tables and roles; repeatable
SET_UP_DATABASE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0); call_command("create_roles", verbosity=0)
"""


def environment_folder() -> Path:
    """Where the environment lies: `RELCODE_DOCCANO_ENV`, else in the user's cache folder, one for each Python."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).absolute()
    from platformdirs import user_cache_path

    return user_cache_path("relcode") / f"doccano-{VERSION}-py{sys.version_info.major}{sys.version_info.minor}"


def interpreter() -> str | None:
    """A Python for which Doccano's versions can be installed: this one, else one on the path; None where there is none."""
    if f"python3.{sys.version_info.minor}" in PYTHONS:
        return sys.executable
    return next((path for name in PYTHONS if (path := shutil.which(name)) and _runs(path)), None)


def versions() -> str:
    """What stands in the marker of an environment that is whole."""
    return f"{VERSION} {hash_file(_PINS)}"


def ensure_environment(say: Callable[[str], None] = lambda line: None) -> Path:
    """Make the environment unless it is there and whole, or complete one of an earlier relcode; return its folder.

    Raises
    ------
    DoccanoError
        The versions cannot be installed (no package registry, no disk, an unsuitable Python); names the log.
    """
    folder = environment_folder()
    marker = folder / ".complete"
    contents = versions()
    there = marker.read_text(encoding="utf-8") if marker.is_file() else None
    if there == contents:
        return folder
    if (python := interpreter()) is None:
        raise DoccanoError(
            f"Doccano {VERSION} needs Python 3.8 to 3.11; this is 3.{sys.version_info.minor}, and no other is on the path. "
            f"Install Python 3.11 beside it, or name a finished environment in {VARIABLE}."
        )
    log = folder / "install.log"
    try:
        if there is None:
            say(f"Making Doccano's environment in {folder} (once; a minute or two) ...")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        else:
            say(f"Bringing Doccano's environment in {folder} up to date ...")
        with log.open("wb") as output:
            if there is None:
                _run([python, "-m", "venv", str(folder)], output)
            pip = [str(python_of(folder)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
            _run([*pip, "--requirement", str(_PINS)], output)
            _make_template(folder, output)
    except OSError as error:
        raise DoccanoError(f"Cannot make Doccano's environment in {folder}: {error.strerror}. See {log}.") from error
    except subprocess.CalledProcessError as error:
        raise DoccanoError(
            f"Doccano's environment could not be made. It needs a package registry. The log is {log}; {VARIABLE} names another "
            "folder."
        ) from error
    marker.write_text(contents, encoding="utf-8")
    return folder


def python_of(folder: Path) -> Path:
    """The environment's interpreter."""
    return folder / "bin" / "python"


def backend_of(folder: Path) -> Path:
    """The folder of Doccano's Django project in the environment."""
    return next((folder / "lib").glob("python3*/site-packages/backend"))


def template_of(folder: Path) -> Path:
    """An empty database with Doccano's tables and roles, made once because that takes long."""
    return folder / "template.sqlite3"


def _make_template(folder: Path, output: object) -> None:
    template = template_of(folder)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "DATABASE_URL": f"sqlite:///{template}",
        "PYTHONPATH": str(backend_of(folder)),
        "DEBUG": "False",
    }
    _run([str(python_of(folder)), "-c", SET_UP_DATABASE], output, environment)


def _runs(python: str) -> bool:
    """Whether a Python on the path is one: it may be a placeholder that only tells how to install it."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def _run(command: list[str], output: object, environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=environment)  # type: ignore[call-overload]


if __name__ == "__main__":
    try:
        ensure_environment(lambda line: print(line, file=sys.stderr, flush=True))
    except DoccanoError as error:
        sys.exit(f"relcode: {error}")
