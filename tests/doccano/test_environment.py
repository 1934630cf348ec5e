"""With which Python Doccano's environment is made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from relcode.doccano import environment
from relcode.errors import DoccanoError


@pytest.fixture
def too_new(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose own Python is newer than any that Doccano's versions can be installed with; its folder of programs."""
    monkeypatch.setattr(environment, "PYTHONS", ("python3.8", "python3.7"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "environment"))
    return tmp_path


def program(path: Path, status: int) -> None:
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)


def test_the_own_python_serves_where_it_is_old_enough() -> None:
    own = f"python3.{sys.version_info.minor}"
    if own in environment.PYTHONS:
        assert environment.interpreter() == sys.executable


def test_an_older_one_on_the_path_serves_if_it_runs(too_new: Path) -> None:
    program(too_new / "python3.8", 1)  # a placeholder, such as pyenv's
    assert environment.interpreter() is None
    program(too_new / "python3.7", 0)
    assert environment.interpreter() == str(too_new / "python3.7")


def test_without_any_it_is_said_what_to_install(too_new: Path) -> None:
    with pytest.raises(DoccanoError, match=r"needs Python 3\.8 to 3\.11"):
        environment.ensure_environment()
    assert not (too_new / "environment").exists()
