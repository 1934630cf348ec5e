"""Runs: how a session is cut into the stretches of turns that a coder sees at once, a page each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from relcode.provenance import hash_session
from relcode.records import Session, Turn

TURNS_A_PAGE = 15
TURNS_A_PAGE_MAX = 20
LONG_TURN = 4000  # characters: a turn of this length is a page by itself


class Run(msgspec.Struct, frozen=True):
    """A stretch of turns of one session, both ends included; `number` of `of`, counted from 1 within the session."""

    session_id: str
    session_sha256: str
    first_turn: int
    last_turn: int
    turns: int
    number: int
    of: int

    @property
    def place(self) -> Place:
        return (self.session_id, self.first_turn, self.last_turn)


Place = tuple[str, int, int]  # session id, first turn, last turn


def runs_of(session: Session) -> list[Run]:
    """Cut a session into runs of about 15 turns (12 to 20), never within a turn; a very long turn stands alone."""
    sha = hash_session(session)
    cuts = list(cut(session.turns))
    return [
        Run(
            session.session_id,
            sha,
            session.turns[low].turn,
            session.turns[high - 1].turn,
            high - low,
            number,
            len(cuts),
        )
        for number, (low, high) in enumerate(cuts, start=1)
    ]


def cut(turns: Sequence[Turn]) -> Iterator[tuple[int, int]]:
    """The runs as positions in `turns`: half-open, in order, without gaps."""
    start = 0
    for at, turn in enumerate(turns):
        if len(turn.text) >= LONG_TURN:
            yield from _balanced(start, at)
            yield at, at + 1
            start = at + 1
    yield from _balanced(start, len(turns))


def _balanced(start: int, end: int) -> Iterator[tuple[int, int]]:
    count = end - start
    if count <= 0:
        return
    pages = max(-(-count // TURNS_A_PAGE_MAX), round(count / TURNS_A_PAGE), 1)
    edges = [start + round(number * count / pages) for number in range(pages + 1)]
    yield from pairwise(edges)
