"""The same tasks under Dask: its scheduler hands them to workers on this machine or on others, and again where one dies.

What travels is where a task's files lie and which sessions are meant; texts and scores stay on the shared file system.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from relcode.errors import DataError, UsageError
from relcode.scoring.plan import Task
from relcode.scoring.progress import Progress, unseen
from relcode.scoring.slurm import SlurmJobs
from relcode.scoring.work import Do, Done

if TYPE_CHECKING:
    from distributed import Client, Future

_LOUD = ("distributed", "distributed.client", "tornado.application", "asyncio")  # what logs when a connection breaks
KINDS = ("local", "slurm")
_SCHEMES = ("tcp://", "tls://", "ucx://", "inproc://")
_PATIENCE = "30s"  # for a scheduler that does not answer
_EVERY = 10.0  # seconds between looks at workers
_PAUSE = 0.05  # seconds between looks at results


class Opened(NamedTuple):
    """A client of Dask, how many workers were asked for, and their jobs where SLURM has them."""

    client: Client
    jobs: int
    slurm: SlurmJobs | None = None


@contextmanager
def opened_cluster(where: str, jobs: int) -> Iterator[Opened]:
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
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        cluster, slurm = _started(where, jobs) if where in KINDS else (None, None)
        address = where if cluster is None else stack.enter_context(cluster)
        try:
            client = stack.enter_context(Client(address, timeout=_PATIENCE))
        except (OSError, TimeoutError, ValueError) as error:
            raise DataError(
                f"No scheduler answers at {where} ({type(error).__name__}); see docs/cluster.md."
            ) from error
        yield Opened(client, jobs, slurm)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from printing tracebacks of what is said here in one sentence."""
    levels = {logger: logger.level for logger in map(logging.getLogger, _LOUD)}
    for logger in levels:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in levels.items():
            logger.setLevel(level)


def _started(where: str, jobs: int) -> tuple[Any, SlurmJobs | None]:
    """A cluster of `jobs` workers with one thread each."""
    if where == "slurm":
        slurm = SlurmJobs(jobs)
        return slurm.cluster, slurm
    from distributed import LocalCluster

    return LocalCluster(n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address=None), None


def do_on_cluster(opened: Opened, do: Do, tasks: Sequence[Task], progress: Progress = unseen) -> Iterator[Done]:
    """Do tasks on a cluster; as they are finished, not in their order.

    A task whose workers die (`distributed.scheduler.allowed-failures` times) becomes a fault, and the others go on.

    Raises
    ------
    DataError
        The scheduler is gone, jobs die one after another, or what a task raises.
    """
    from distributed import CancelledError
    from distributed.comm import CommClosedError

    futures = {opened.client.submit(do, task, pure=False): task for task in tasks}
    try:
        for future, result in _finished(opened, list(futures), progress):
            yield _done_of(futures.pop(future), result)
    except (CancelledError, CommClosedError, TimeoutError) as error:
        raise DataError(
            f"The cluster's scheduler is gone ({type(error).__name__}). What was finished is kept: start it and run again."
        ) from error
    finally:
        for future in futures:
            future.cancel()


def _done_of(task: Task, result: Any) -> Done:
    """What became of a task, from what Dask gives: a result, an error with its type and traceback, or why there is none."""
    from distributed import KilledWorker

    if isinstance(result, Done):
        return result
    error = result if isinstance(result, BaseException) else result[1]
    if isinstance(error, KilledWorker):
        return Done(None, {}, [_lost(task)], task.words)
    raise error


def _finished(opened: Opened, futures: list[Future], progress: Progress) -> Iterator[tuple[Future, Any]]:
    """Futures and their results as they are done; meanwhile jobs are looked after, and who waits for workers is told."""
    from distributed import as_completed

    # results are fetched in the background: one that was lost with its worker is made again, which must not keep us here
    done = as_completed(futures, with_results=True)
    looked = time.monotonic()
    while not done.is_empty():
        batch = done.next_batch(block=False)
        yield from batch
        if batch and opened.slurm is not None:
            opened.slurm.note_finished()
        if time.monotonic() - looked >= _EVERY:
            if opened.slurm is not None:
                opened.slurm.look_after()
            if not opened.client.nthreads():
                progress("waiting", 0, opened.jobs)
            looked = time.monotonic()
        if not batch:
            time.sleep(_PAUSE)


def _lost(task: Task) -> str:
    names = [name for part in task.parts for name in part.session_ids]
    return (
        f"{len(names)} session(s) from {names[0]} on were not scored: each worker that took them died. "
        "Give workers more memory, or run again with smaller --shard-words."
    )
