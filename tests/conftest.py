"""Shared helpers: short sessions made from lines such as `T: Hello.`"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from browser import Browser, opened_browser
from postgres import PostgresServer, running_postgres
from relcode.cli import main
from relcode.records import Session, Turn

REPOSITORY = Path(__file__).parents[1]

# No test is timed: a first call loads lists and models, and a busy machine is slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def session_of(*lines: str, session_id: str = "S1", **metadata: object) -> Session:
    """A session from lines `T: words`, numbered from 1."""
    turns = []
    for number, line in enumerate(lines, start=1):
        speaker, _, text = line.partition(": ")
        turns.append(Turn(number, speaker, text))
    return Session(session_id, tuple(turns), dict(metadata))


@pytest.fixture(name="session_of", scope="session")
def _session_of() -> Callable[..., Session]:
    return session_of


@pytest.fixture(scope="session")
def corpus() -> Callable[[str], Sequence[Path]]:
    """The transcript files of one folder of the example corpus."""
    return lambda folder: sorted((REPOSITORY / "examples" / "corpus" / folder).glob("*.jsonl"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server of the tests' own. Mark tests that use it `server`."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL, password included, of a new and empty database on a running PostgreSQL server."""
    url = postgres.new_database()
    yield url
    postgres.drop(url)


class Ran(NamedTuple):
    """What a command did: exit code, stdout, stderr."""

    status: int
    out: str
    err: str


@pytest.fixture
def relcode(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command line in this process: `relcode("init", "study")`."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["relcode"])
        capfd.readouterr()
        try:
            main([str(argument) for argument in arguments])
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        captured = capfd.readouterr()
        return Ran(status, captured.out, captured.err)

    return run


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """A real browser that saves into `tmp_path`. Tests that use it are marked `server` and `needs_browser`."""
    with opened_browser(tmp_path) as opened:
        yield opened
