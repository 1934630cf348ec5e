"""A real SLURM of one node: its jobs do the work, and what becomes of a run whose jobs are cancelled, refused or broken."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from relcode.errors import DataError
from relcode.scoring import cluster
from relcode.scoring.files import score
from scoring.conftest import many
from scoring.slurm_here import slurm_in, why_not

pytestmark = [pytest.mark.server, pytest.mark.skipif(why_not() != "", reason=why_not() or "SLURM is here")]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with slurm_in(tmp_path_factory.mktemp("slurm")) as settings, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(settings))
        yield


@pytest.fixture
def job(slurm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What Dask's configuration says of a job; the run looks after its jobs each second."""
    dask = pytest.importorskip("dask")
    pytest.importorskip("dask_jobqueue")
    monkeypatch.setattr(cluster, "_EVERY", 1.0)
    settings = {
        "queue": "day", "cores": 1, "processes": 1, "memory": "2GB", "walltime": "00:10:00", "interface": "lo",
        "local-directory": str(tmp_path / "local"), "log-directory": str(tmp_path / "logs"),
    }  # fmt: skip
    with dask.config.set({"jobqueue.slurm": {**dask.config.get("jobqueue.slurm"), **settings}}):
        yield dask.config.get("jobqueue.slurm")


def jobs_in_queue() -> list[str]:
    return subprocess.run(["squeue", "-h", "-o", "%A"], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.usefixtures("job")
def test_jobs_that_are_cancelled_are_replaced_and_the_scores_are_those_of_one_process(
    texts: Path, model_folder: Path, tmp_path: Path
) -> None:
    many(texts, 20)
    cancelled: list[str] = []

    def cancel_all(stage: str, done: int, total: int) -> None:
        if stage == "scoring" and not cancelled:
            cancelled.extend(jobs_in_queue())
            subprocess.run(["scancel", *cancelled], check=True)

    by_slurm, by_one = tmp_path / "slurm.parquet", tmp_path / "one.parquet"
    report = score([texts], model_folder, by_slurm, jobs=2, cluster="slurm", shard_words=1, progress=cancel_all)
    assert len(cancelled) == 2
    assert (report.scored, report.faults) == (63, [])
    score([texts], model_folder, by_one)
    assert by_slurm.read_bytes() == by_one.read_bytes()
    assert jobs_in_queue() == []


def test_what_slurm_refuses_is_named(texts: Path, model_folder: Path, tmp_path: Path, job: dict[str, Any]) -> None:
    job["queue"] = "nosuch"
    with pytest.raises(DataError, match=r"Invalid partition name specified.*docs/cluster.md"):
        score([texts], model_folder, tmp_path / "scores", jobs=2, cluster="slurm")


def test_jobs_that_end_before_they_work_end_the_run_with_what_to_look_at(
    texts: Path, model_folder: Path, tmp_path: Path, job: dict[str, Any]
) -> None:
    job["job-script-prologue"] = ["exit 3"]
    said: list[str] = []
    with pytest.raises(DataError, match=r"SLURM's jobs end one after another.*log-directory.*sacct -j \d+"):
        score(
            [texts], model_folder, tmp_path / "scores", jobs=1, cluster="slurm", progress=lambda *at: said.append(at[0])
        )
    assert "waiting" in said
    assert jobs_in_queue() == []
