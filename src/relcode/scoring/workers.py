"""The processes of this machine among which tasks are shared."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Thread

from relcode.errors import DataError
from relcode.scoring.plan import Task
from relcode.scoring.work import Do, Done

_PATIENCE = 3  # deaths of workers, one after another, with nothing finished between them


def do_tasks(do: Do, tasks: Sequence[Task], jobs: int) -> Iterator[Done]:
    """Do tasks in this process, or in `jobs` others; as they are finished, not in their order.

    A worker that is killed costs what it was at; others take it up.

    Raises
    ------
    DataError
        Workers are killed again and again, or what a task raises.
    """
    if min(jobs, len(tasks)) <= 1:
        yield from map(do, tasks)
        return
    left = dict(enumerate(tasks))
    deaths = 0
    while left:
        try:
            for number, done in _in_processes(do, left, jobs):
                del left[number]
                deaths = 0
                yield done
        except BrokenProcessPool as error:
            deaths += 1
            if deaths == _PATIENCE:
                raise DataError(
                    f"A worker process was killed {_PATIENCE} times in a row, most likely for want of memory. What was "
                    "finished is kept: run again with fewer --jobs."
                ) from error


def _in_processes(do: Do, tasks: dict[int, Task], jobs: int) -> Iterator[tuple[int, Done]]:
    # processes of their own from the ground up: copies of one that has threads may hang
    fresh = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=fresh, initializer=_begin)
    try:
        with _first_to_go():
            futures = {pool.submit(do, task): number for number, task in tasks.items()}
        for future in as_completed(futures):
            yield futures.pop(future), future.result()
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _first_to_go() -> Iterator[None]:
    """Have Linux choose the processes that begin now where memory runs out, not this one, which can say what happened."""
    path = Path("/proc/self/oom_score_adj")
    try:
        own = path.read_text()
        path.write_text("1000")  # the most: with less, a large parent in a small container went before them
    except OSError:
        yield
        return
    try:
        yield
    finally:
        path.write_text(own)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interruption is the parent's to handle
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End when the parent is gone, even if it was killed: nobody is there to take what this process makes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
