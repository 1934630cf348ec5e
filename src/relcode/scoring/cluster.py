"""The same tasks under Dask: its scheduler hands them to workers on this machine or on others, and again where one dies.

What travels is where a task's files lie and which sessions are meant; texts and scores stay on the shared file system.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from relcode.errors import DataError, UsageError
from relcode.scoring.plan import Task
from relcode.scoring.work import Do, Done

if TYPE_CHECKING:
    from distributed import Client

KINDS = ("local", "slurm")
_SCHEMES = ("tcp://", "tls://", "ucx://", "inproc://")
_PATIENCE = "30s"  # for a scheduler that does not answer


@contextmanager
def opened_cluster(where: str, jobs: int) -> Iterator[Client]:
    """A client of Dask, closed in the end with what was started for it.

    Parameters
    ----------
    where
        `local` (processes on this machine), `slurm` (jobs, as Dask's configuration under `jobqueue.slurm` says), or the
        address of a scheduler that runs already (`tcp://host:8786`).
    jobs
        How many workers `local` and `slurm` start.

    Raises
    ------
    UsageError
        There is no such kind of cluster.
    DataError
        The extra is missing, the configuration does not say what a job is, or the scheduler does not answer.
    """
    if where not in KINDS and not where.startswith(_SCHEMES):
        raise UsageError(f"--cluster takes local, slurm or a scheduler's address (tcp://host:8786), not {where!r}.")
    try:
        from distributed import Client
    except ImportError as error:
        raise DataError("--cluster needs Dask; install it with `pip install 'relcode[cluster]'`.") from error
    with ExitStack() as opened:
        address = opened.enter_context(_started(where, jobs)) if where in KINDS else where
        try:
            client = opened.enter_context(Client(address, timeout=_PATIENCE))
        except (OSError, TimeoutError, ValueError) as error:
            raise DataError(
                f"No scheduler answers at {where} ({type(error).__name__}); see docs/cluster.md."
            ) from error
        yield client


def _started(where: str, jobs: int) -> Any:
    """A cluster of `jobs` workers with one thread each."""
    if where == "slurm":
        from dask_jobqueue import SLURMCluster

        try:
            cluster = SLURMCluster()
        except (OSError, RuntimeError, ValueError) as error:
            raise DataError(
                f"Dask cannot start its jobs: {error} Say in its configuration, under jobqueue.slurm, what a job is; "
                "docs/cluster.md has an example."
            ) from error
        cluster.scale(jobs=jobs)
        return cluster
    from distributed import LocalCluster

    return LocalCluster(n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address=None)


def do_on_cluster(client: Client, do: Do, tasks: Sequence[Task]) -> Iterator[Done]:
    """Do tasks on a cluster; as they are finished, not in their order.

    A task whose workers die (`distributed.scheduler.allowed-failures` times) becomes a fault, and the others go on.

    Raises
    ------
    DataError
        The scheduler is gone, or what a task raises.
    """
    from distributed import CancelledError, KilledWorker, as_completed
    from distributed.comm import CommClosedError

    futures = {client.submit(do, task, pure=False): task for task in tasks}
    try:
        for future in as_completed(list(futures)):
            task = futures.pop(future)
            try:
                yield future.result()
            except KilledWorker:
                yield Done(None, {}, [_lost(task)], task.words)
            future.release()
    except (CancelledError, CommClosedError, TimeoutError) as error:
        raise DataError(
            f"The cluster's scheduler is gone ({type(error).__name__}). What was finished is kept: start it and run again."
        ) from error
    finally:
        for future in futures:
            future.cancel()


def _lost(task: Task) -> str:
    names = [name for part in task.parts for name in part.session_ids]
    return (
        f"{len(names)} session(s) from {names[0]} on were not scored: each worker that took them died. "
        "Give workers more memory, or run again with smaller --shard-words."
    )
