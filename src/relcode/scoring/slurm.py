"""Jobs of SLURM, with workers of Dask in them: as many as were asked for, as long as there is work.

Dask submits jobs and does not look after them: of one that cannot be submitted, that dies before its worker has come, or
that meets its time limit it hears nothing, and would wait for ever.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from relcode.errors import DataError

if TYPE_CHECKING:
    from dask_jobqueue import SLURMCluster

_PATIENCE = 3  # deaths of jobs, beyond one of each, with nothing finished between them


class SlurmJobs:
    """The jobs of a cluster.

    Attributes
    ----------
    cluster
        Dask's: a scheduler in this process, and what it submitted.
    """

    def __init__(self, jobs: int) -> None:
        """Start a scheduler and submit jobs.

        Raises
        ------
        DataError
            The configuration does not say what a job is, or SLURM takes none.
        """
        from dask_jobqueue import SLURMCluster

        try:
            self.cluster: SLURMCluster = SLURMCluster(scheduler_options={"dashboard_address": None})
        except (OSError, RuntimeError, ValueError) as error:
            raise _refused(error) from error
        self._jobs, self._deaths = jobs, 0
        self._submit()

    def note_finished(self) -> None:
        """Something was finished: jobs that died before are forgiven."""
        self._deaths = 0

    def look_after(self) -> None:
        """Submit a job for each that is gone.

        Raises
        ------
        DataError
            They go one after another, with nothing finished between them; or SLURM takes no more.
        """
        waiting = _queued()
        if waiting is None:
            return  # it is busy or being restarted; jobs go on meanwhile
        gone = {name: job.job_id for name, job in self.cluster.workers.items() if job.job_id not in waiting}
        if not gone:
            return
        self._deaths += len(gone)
        if self._deaths >= self._jobs + _PATIENCE:
            last = max(gone.values(), key=lambda job_id: int(job_id or 0))
            raise DataError(
                f"SLURM's jobs end one after another with nothing finished ({self._deaths} so far, {last} the last). Their logs "
                f"stand in log-directory of Dask's configuration, and `sacct -j {last}` may say why: memory, a time limit "
                "shorter than a shard takes, a node without this Python. What was finished is kept."
            )
        self._submit(instead_of=gone)

    def _submit(self, instead_of: dict[str, str] | None = None) -> None:
        """Submit jobs until there are as many as asked for, and wait until SLURM has taken them."""
        from distributed.core import Status

        cluster = self.cluster

        async def submit() -> None:
            for name in instead_of or {}:
                cluster.workers.pop(name, None)
                cluster.worker_spec.pop(name, None)
            while len(cluster.worker_spec) < self._jobs:
                cluster.worker_spec.update(cluster.new_worker_spec())
            await cluster

        try:
            cluster.sync(submit)
        except (OSError, RuntimeError, ValueError) as error:
            for job in cluster.workers.values():
                if job.job_id is None:
                    job.status = Status.failed  # else Dask's own closing stumbles over it
            cluster.close()
            raise _refused(error) from error


def _queued() -> set[str] | None:
    """The jobs of this user that run or wait; None where SLURM does not answer."""
    try:
        asked = subprocess.run(
            ["squeue", "--me", "--noheader", "--format=%A"], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return set(asked.stdout.split())


def _refused(error: Exception) -> DataError:
    said = str(error).splitlines()
    of_slurm = [line for line in said if line.startswith("sbatch:")]  # what Dask says around it is about itself
    why = " ".join(" ".join(of_slurm[-1:] or said).split()).rstrip(".")
    return DataError(
        f"Dask cannot start its jobs: {why}. Say in its configuration, under jobqueue.slurm, what a job is; docs/cluster.md "
        "has an example."
    )
