"""The rows of many files of scores in the order of their sessions, without holding more than a few at a time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from relcode.scoring.shards import read_by_session


class _Open(NamedTuple):
    """A file that is being read: its next session."""

    session_id: str
    number: int
    rows: pa.Table
    rest: Iterator[tuple[str, pa.Table]]


def merged(chosen: Mapping[Path, Sequence[str]]) -> Iterator[pa.Table]:
    """Rows by session, sorted by its id.

    Parameters
    ----------
    chosen
        By file (sorted by session): the sessions to be taken from it. No session is taken from two.
    """
    firsts = sorted(((min(names), path) for path, names in chosen.items() if names), reverse=True)
    heap: list[_Open] = []
    while firsts or heap:
        while firsts and (not heap or firsts[-1][0] <= heap[0].session_id):
            path = firsts.pop()[1]
            _advance(heap, len(firsts), read_by_session(path, chosen[path]))
        if heap:
            first = heapq.heappop(heap)
            yield first.rows
            _advance(heap, first.number, first.rest)


def _advance(heap: list[_Open], number: int, rest: Iterator[tuple[str, pa.Table]]) -> None:
    following = next(rest, None)
    if following is not None:
        heapq.heappush(heap, _Open(following[0], number, following[1], rest))
