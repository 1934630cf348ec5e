"""How far the work is, as those who wait are told."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called after each file (`reading`) and each shard (`scoring`, in words), with what is done of what; and again and again
    while a cluster has no worker (`waiting`: none, of those asked for)."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def unseen(stage: str, done: int, total: int) -> None:
    """Where nobody waits."""
