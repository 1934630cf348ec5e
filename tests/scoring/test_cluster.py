"""The same work under Dask, with workers of which one is killed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from relcode.errors import UsageError
from relcode.scoring.cluster import opened_cluster
from relcode.scoring.files import score
from relcode.scoring.manifest import read_manifest
from scoring.conftest import many

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("where", ["", "locall", "http://here:8786", "host:8786"])
def test_what_is_no_cluster_is_refused(where: str) -> None:
    with pytest.raises(UsageError, match="local, slurm or a scheduler"), opened_cluster(where, 1):
        pass


@pytest.mark.server
def test_a_local_cluster_writes_what_one_process_writes(
    relcode: Run, texts: Path, out: Path, model_folder: Path, tmp_path: Path
) -> None:
    found = tmp_path / "cluster.parquet"
    arguments = ["--model", model_folder, "--out", found, "--cluster", "local", "--jobs", "2", "--shard-words", "1"]
    assert relcode("score", texts, *arguments)[0] == 0
    assert found.read_bytes() == out.read_bytes()


@pytest.mark.server
def test_a_worker_that_is_killed_comes_back_and_nothing_is_lost(
    texts: Path, model_folder: Path, tmp_path: Path
) -> None:
    """The scheduler runs already, as on a cluster; each worker in turn is killed once while shards are made."""
    from distributed import LocalCluster

    for number in range(8):
        for path in list(texts.glob("E*-s??.jsonl")):
            copy = path.read_text().replace(path.stem, f"{path.stem}-{number}", 1)
            (texts / f"{path.stem}-{number}.jsonl").write_text(copy)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        pids = [worker.pid for worker in cluster.workers.values()]
        killed: list[int] = []

        def kill_one(stage: str, done: int, total: int) -> None:
            if stage == "scoring" and len(killed) < len(pids):
                killed.append(pids[len(killed)])
                os.kill(killed[-1], signal.SIGKILL)

        folder = tmp_path / "scores"
        report = score(
            [texts], model_folder, folder, shard_words=1, cluster=cluster.scheduler_address, progress=kill_one
        )
    assert len(killed) == 2
    assert (report.scored, report.faults) == (27, [])
    manifest = read_manifest(folder)
    assert manifest is not None
    assert manifest.complete
    assert len(manifest.sessions) == 27


@pytest.mark.server
def test_a_scheduler_that_is_killed_is_named_in_one_sentence_and_the_next_run_takes_up(
    texts: Path, model_folder: Path, tmp_path: Path
) -> None:
    with running("dask_scheduler", "--port", "0", "--scheduler-file", str(tmp_path / "at.json")) as scheduler:
        while not (tmp_path / "at.json").exists():
            time.sleep(0.05)
        address = json.loads((tmp_path / "at.json").read_text())["address"]
        with running("dask_worker", address, "--nthreads", "1", "--local-directory", str(tmp_path)):
            many(texts, 10)
            folder = tmp_path / "scores"
            arguments = [str(texts), "--model", str(model_folder), "--out", str(folder), "--shard-words", "1"]
            scoring = subprocess.Popen(
                [sys.executable, "-m", "relcode", "score", *arguments, "--cluster", address],
                stderr=subprocess.PIPE,
                text=True,
            )
            while len(list(folder.glob("shard-*"))) < 3:
                assert scoring.poll() is None
                time.sleep(0.01)
            scheduler.kill()
            said = scoring.communicate(timeout=120)[1]
    assert scoring.returncode == 1
    last = said.splitlines()[-1]  # a run that takes more than a minute says before how far it is
    assert re.fullmatch(
        r"relcode: The cluster's scheduler is gone .*What was finished is kept: start it and run again\.", last
    )
    assert "Traceback" not in said
    report = score([texts], model_folder, folder, shard_words=1)
    assert report.kept >= 3
    assert report.kept + report.scored == 33


@contextmanager
def running(command: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask, as on a machine of a cluster."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{command}", "--no-dashboard", *arguments], **quiet
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def test_the_job_of_a_slurm_cluster_is_what_the_configuration_says(tmp_path: Path) -> None:
    """Where SLURM is not here (see test_slurm.py), what would be handed to it is."""
    dask = pytest.importorskip("dask")
    SLURMCluster = pytest.importorskip("dask_jobqueue").SLURMCluster

    settings = {"cores": 1, "memory": "4GB", "queue": "day", "walltime": "02:00:00", "interface": "lo"}
    with dask.config.set({"jobqueue.slurm": {**dask.config.get("jobqueue.slurm"), **settings}}):
        cluster = SLURMCluster(scheduler_options={"dashboard_address": None})
        script = cluster.job_script()
        cluster.close()
    assert "#SBATCH -p day" in script
    assert "#SBATCH --mem=4G" in script
    assert "dask" in script


@pytest.mark.skipif(shutil.which("sbatch") is not None, reason="SLURM is here")
@pytest.mark.server
def test_without_slurm_the_command_says_so(texts: Path, model_folder: Path, tmp_path: Path) -> None:
    arguments = [str(texts), "--model", str(model_folder), "--out", str(tmp_path / "s"), "--cluster", "slurm"]
    done = subprocess.run(
        [sys.executable, "-m", "relcode", "score", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "jobqueue.slurm" in done.stderr
    assert "Traceback" not in done.stderr
