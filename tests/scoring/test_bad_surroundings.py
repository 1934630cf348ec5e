"""What surrounds a scoring gives out: the disk is full, memory runs out, a place of another machine does not answer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from relcode.scoring.files import score
from relcode.scoring.manifest import read_manifest
from scoring.conftest import many

pytestmark = pytest.mark.slow  # whole commands, and a disk of their own

_CGROUPS = (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 150 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=150k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("no disk can be mounted here: that is for root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def little_memory(texts: Path, model_folder: Path, tmp_path: Path) -> Iterator[Path]:
    """A control group with room for a parent and not for a worker beside it.

    A parent needs about four fifths of what a process needs that does all by itself, and a worker as much as that one.
    """
    # twice, since what compiles on a new machine needs more
    needed = min(_own_memory(texts, model_folder, tmp_path / f"alone-{number}") for number in range(2))
    for folder, name in _CGROUPS:
        group = Path(folder) / f"relcode-test-{os.getpid()}"
        try:
            group.mkdir()
            (group / name).write_text(str(needed * 7 // 5))
        except OSError:
            if group.is_dir():
                group.rmdir()
            continue
        yield group
        group.rmdir()
        return
    pytest.skip("no control group can be made here: that is for root")


def _own_memory(texts: Path, model_folder: Path, out: Path) -> int:
    """The most bytes of one process that are no file's: pages of libraries are charged to whoever read them first."""
    arguments = ["score", texts, "--model", model_folder, "--out", out, "--jobs", "1"]
    alone = subprocess.Popen([sys.executable, "-m", "relcode", *arguments], stderr=subprocess.DEVNULL)
    most = 0
    while alone.poll() is None:
        lines = Path(f"/proc/{alone.pid}/status").read_text(encoding="utf-8").splitlines()
        most = max([most, *(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))])
        time.sleep(0.005)
    assert alone.returncode == 0
    return most


def command(*arguments: object, before: str = "") -> tuple[int, str]:
    """The status and the standard error of the command, with a line of shell before it."""
    line = [sys.executable, "-m", "relcode", "score", *map(str, arguments)]
    done = subprocess.run(
        ["bash", "-c", f'{before}\nexec "$@"', "bash", *line], capture_output=True, text=True, check=False, timeout=300
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(("name", "jobs"), [("scores", 2), ("scores.parquet", 1)])
def test_a_full_disk_is_named_in_one_sentence_and_a_run_with_more_room_finishes(
    texts: Path, model_folder: Path, small_disk: Path, tmp_path: Path, name: str, jobs: int
) -> None:
    many(texts, 10)
    out = small_disk / name
    arguments = (texts, "--model", model_folder, "--out", out, "--shard-words", "1", "--jobs", jobs)
    status, said = command(*arguments)
    assert status == 1
    assert said.startswith("relcode: Cannot write ")
    assert "No space left on device" in said
    assert len(said.splitlines()) == 1
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    report = score([texts], model_folder, out, shard_words=1)
    assert report.kept > 0
    assert report.kept + report.scored == 33
    assert report.damaged == []


def test_workers_that_the_system_kills_for_want_of_memory_are_named_by_the_parent(
    texts: Path, model_folder: Path, little_memory: Path, tmp_path: Path
) -> None:
    many(texts, 10)
    arguments = (texts, "--model", model_folder, "--out", tmp_path / "scores", "--shard-words", "1")
    status, said = command(*arguments, "--jobs", "4", before=f"echo $$ > {little_memory}/cgroup.procs")
    assert (status, said) == (
        1,
        "relcode: A worker process was killed 3 times in a row, most likely for want of memory. What was finished is kept: run "
        "again with fewer --jobs.\n",
    )
    status, said = command(*arguments, "--jobs", "1")
    assert status == 0
    manifest = read_manifest(tmp_path / "scores")
    assert manifest is not None
    assert len(manifest.sessions) == 33
