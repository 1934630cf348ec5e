"""What surrounds a scoring gives out: the disk is full, memory runs out, a place of another machine does not answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from relcode.scoring import read_manifest, score
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
    """A control group whose processes have together what one needs alone and a quarter more: not enough for two."""
    alone = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "relcode",
            "score",
            texts,
            "--model",
            model_folder,
            "--out",
            tmp_path / "alone",
            "--jobs",
            "1",
        ],
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(alone.pid, 0)
    alone.returncode = os.waitstatus_to_exitcode(status)
    assert alone.returncode == 0
    for folder, name in _CGROUPS:
        group = Path(folder) / f"relcode-test-{os.getpid()}"
        try:
            group.mkdir()
            (group / name).write_text(str(used.ru_maxrss * 1024 * 5 // 4))
        except OSError:
            if group.is_dir():
                group.rmdir()
            continue
        yield group
        group.rmdir()
        return
    pytest.skip("no control group can be made here: that is for root")


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
