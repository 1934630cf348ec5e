"""What of the work is left, shared out in shards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from relcode.scoring.survey import Found

SHARD_WORDS = 200_000  # about 13,000 segments: what a kill costs at most, for each worker


class Part(NamedTuple):
    """Sessions of one file, which lies at a path or a URL."""

    path: Path | str
    session_ids: tuple[str, ...]


class Task(NamedTuple):
    """What becomes one shard. `words`: about how many are said in it."""

    parts: tuple[Part, ...]
    words: int


def share_out(missing: Iterable[Found], shard_words: int = SHARD_WORDS) -> list[Task]:
    """Sessions in tasks of about `shard_words`, in the order of their ids; sessions of one file stay together."""
    files: dict[Path | str, list[Found]] = {}
    for found in sorted(missing):
        files.setdefault(found.path, []).append(found)
    tasks: list[Task] = []
    waiting: list[Found] = []
    for found in (each for of_file in files.values() for each in of_file):
        if waiting and sum(each.words for each in waiting) + found.words > shard_words:
            tasks.append(_task(waiting))
            waiting = []
        waiting.append(found)
    return [*tasks, _task(waiting)] if waiting else tasks


def _task(sessions: Sequence[Found]) -> Task:
    parts = [
        Part(path, tuple(found.session_id for found in of_file))
        for path, of_file in groupby(sessions, key=lambda found: found.path)
    ]
    return Task(tuple(parts), sum(found.words for found in sessions))
