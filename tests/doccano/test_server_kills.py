"""`doccano up` and `down`, killed at any moment or said twice at once, leave one server or none. A real one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from relcode.doccano import processes, server
from relcode.doccano.processes import Found
from relcode.project import Project

pytestmark = pytest.mark.server

# `up` that kills itself just after it has spawned so many processes
_CUT_SHORT = """
import os, signal, sys
from pathlib import Path
from relcode.doccano import processes, server
spawn, left = processes.spawn, [int(sys.argv[2])]
def spawn_and_die(*arguments):
    spawn(*arguments)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
processes.spawn = spawn_and_die
server.up(Path(sys.argv[1]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    project = Project.create(tmp_path / "study", coders=["anna"])
    yield project.folder
    server.down(project.folder)


def found(folder: Path) -> Found:
    return processes.find([folder / server.FOLDER])[folder / server.FOLDER]


def command(folder: Path, what: str) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "relcode", "doccano", what, "--project", str(folder)]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def check_one_pair_on_the_recorded_port(folder: Path) -> None:
    state = server.status(folder)
    assert (len(found(folder).web), len(found(folder).worker), state.strays, state.running) == (1, 1, [], True)
    assert processes.answers(str(state.url), None)
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(state.web_pid)], capture_output=True, text=True)
    assert f" --bind 127.0.0.1:{server.read_server(folder).port} " in shown.stdout


@pytest.mark.parametrize(("spawned", "left"), [(1, (1, 0)), (2, (1, 1))])
def test_up_that_is_killed_before_it_can_note_what_it_spawned(
    folder: Path, spawned: int, left: tuple[int, int]
) -> None:
    done = subprocess.run([sys.executable, "-c", _CUT_SHORT, str(folder), str(spawned)], check=False)
    assert done.returncode == -signal.SIGKILL
    strays = found(folder)
    assert (len(strays.web), len(strays.worker)) == left
    port = server.read_server(folder).port
    assert server.up(folder).port == port
    check_one_pair_on_the_recorded_port(folder)
    now = found(folder)  # a whole pair goes on, half of one was stopped
    assert ((now.web, now.worker) == (strays.web, strays.worker)) == strays.whole
    assert server.down(folder)
    assert found(folder).groups == set()


def test_a_second_worker_is_shown_and_stopped(folder: Path) -> None:
    server.up(folder)
    worker = server.status(folder).worker_pid
    line = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(worker)], capture_output=True, text=True
    ).stdout.split()
    lookalike = [sys.executable, "-c", "import time; time.sleep(600)", *line[line.index("--hostname") :]]
    double = processes.spawn(lookalike, os.environ, folder / "double.log")
    state = server.status(folder)
    assert not state.running
    assert {state.worker_pid, *state.strays} == {worker, double.pid}
    server.up(folder)
    assert double.wait() == -signal.SIGTERM
    check_one_pair_on_the_recorded_port(folder)


def test_two_at_once_start_one_server(folder: Path) -> None:
    both = [command(folder, "up") for _ in range(2)]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert [" runs at " in words for words in said] == [True, True]
    check_one_pair_on_the_recorded_port(folder)


@pytest.mark.slow
def test_up_and_down_killed_at_random_moments(folder: Path) -> None:
    rng = random.Random(20)
    began = time.monotonic()
    assert command(folder, "up").wait() == 0
    lasts = time.monotonic() - began
    killed = 0
    while killed < 8:
        for what in ("down", "up"):
            process = command(folder, what)
            time.sleep(rng.uniform(0.1, 1.0) * lasts)
            process.kill()
            killed += process.wait() == -signal.SIGKILL and what == "up"
        assert len(found(folder).web) <= 1
    port = server.read_server(folder).port
    assert command(folder, "up").wait() == 0
    assert server.read_server(folder).port == port
    check_one_pair_on_the_recorded_port(folder)
    assert command(folder, "down").wait() == 0
    assert found(folder).groups == set()
