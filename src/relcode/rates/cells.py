"""Scores and hand-coding added up as they are read: what is kept grows with the sessions, not with their segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Literal

import numpy as np
import pandas as pd

from relcode.codebook import Codebook
from relcode.errors import LabelError
from relcode.rates.hand import HandCoded
from relcode.rates.sums import Bools, Floats, Ints, Sums

Unit = Literal["segment", "turn"]
THIRDS = 3
_SUMS = len(fields(Sums))
_KEYS = ["session_id", "turn", "segment", "speaker", "start", "end"]


@dataclass(repr=False)
class Cells:
    """Sums of every code by session and third of the session (of its turns, as in a codebook's cues).

    Parameters
    ----------
    codebook
        Says who may carry a code.
    codes
        The codes that are counted.
    hand
        What was coded by hand, by session.
    unit
        What is counted: segments, or turns (which bear what one of their segments bears; the machine's probability of a
        turn is the highest of its segments').
    """

    codebook: Codebook
    codes: Sequence[str]
    hand: Mapping[str, HandCoded]
    unit: Unit = "segment"
    sessions: list[str] = field(default_factory=list)
    _parts: list[Floats] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """The columns of scores that are needed."""
        return [*_KEYS, *(f"{kind}_{code.replace('.', '_')}" for code in self.codes for kind in "py")]

    def add(self, rows: pd.DataFrame) -> None:
        """Add rows of scores: whole sessions, in order.

        Raises
        ------
        LabelError
            Segments of hand-coded sessions are not those of the scores: all sessions are named.
        """
        session, names = pd.factorize(rows["session_id"])
        turn = (
            np.cumsum(np.diff(rows["turn"].to_numpy(), prepend=-1).astype(bool) | (np.diff(session, prepend=-1) != 0))
            - 1
        )
        probable, decided = (self._matrix(rows, kind) for kind in "py")
        present, weight = self._hand_coded(rows, session, [str(name) for name in names])
        allowed = self._allowed(rows["speaker"])
        first = np.flatnonzero(np.diff(turn, prepend=-1))
        cell = THIRDS * session + thirds_of(rows["turn"].to_numpy()[first], session[first], len(names))[turn]
        if self.unit == "turn":
            cell, allowed, weight = cell[first], allowed[first], weight[first]
            probable, decided, present = (
                np.maximum.reduceat(each, first, axis=0) if len(first) else each
                for each in (probable, decided, present)
            )
        coded = (weight > 0)[:, None] & allowed
        weighted = weight[:, None] * coded
        marks = (present, decided, probable, present * decided, present * probable)
        machine = (decided * allowed, probable * allowed, probable**2 * allowed)
        values = [allowed, *machine, coded, coded * present, weighted, *(weighted * each for each in marks)]
        sums = np.zeros((len(values), THIRDS * len(names), len(self.codes)))
        for number, each in enumerate(values):
            np.add.at(sums[number], cell, each)
        self.sessions += [str(name) for name in names]
        self._parts.append(sums.reshape(len(values), len(names), THIRDS, len(self.codes)))

    def of(self, code: str, rows: Ints | None = None, thirds: Bools | None = None) -> Sums:
        """The sums of a code by session, of the sessions `rows` and of some of their `thirds`, axes (session, third)."""
        values = self._all[:, :, :, list(self.codes).index(code)]
        values = values if rows is None else values[:, rows]
        return Sums(*(values if thirds is None else values * thirds).sum(axis=2))

    @property
    def _all(self) -> Floats:
        if len(self._parts) != 1:
            none = np.zeros((_SUMS, 0, THIRDS, len(self.codes)))
            self._parts[:] = [np.concatenate([none, *self._parts], axis=1)]
        return self._parts[0]

    def _matrix(self, rows: pd.DataFrame, kind: str) -> Floats:
        names = [f"{kind}_{code.replace('.', '_')}" for code in self.codes]
        return np.asarray(rows[names].to_numpy(np.float64), dtype=np.float64)

    def _allowed(self, speakers: pd.Series[str]) -> Bools:
        number, names = pd.factorize(speakers)
        table = np.array(
            [[self.codebook.allows(code, str(name)) for code in self.codes] for name in names], dtype=np.bool_
        )
        return np.asarray(table.reshape(len(names), len(self.codes))[number], dtype=np.bool_)

    def _hand_coded(self, rows: pd.DataFrame, session: Ints, names: Sequence[str]) -> tuple[Floats, Floats]:
        """What was coded by hand, axes (row, code), and by row its weight: 0 where it was not coded."""
        present, weight = np.zeros((len(rows), len(self.codes))), np.zeros(len(rows))
        places = rows[["turn", "start", "end"]].to_numpy(np.int64)
        faults = []
        for number, name in enumerate(names):
            coded = self.hand.get(name)
            if coded is None:
                continue
            own = np.flatnonzero(session == number)
            if not np.array_equal(places[own], coded.places):
                faults.append(
                    f"session {name}: its transcript has {len(coded.places)} segments, its scores {len(own)} rows"
                )
                continue
            present[own], weight[own] = coded.present, coded.weight
        if faults:
            raise LabelError(
                "Scores and transcripts of hand-coded sessions differ in their segments: the words were changed since, or "
                "another relcode scored them. Score them again.",
                faults,
            )
        return present, weight


def thirds_of(turn: Ints, session: Ints, sessions: int) -> Ints:
    """By row, its third of the session, 0 to 2: turns count from 1, and a session has as many as its last scored one says."""
    last = np.zeros(sessions, dtype=np.int64)
    np.maximum.at(last, session, turn)
    return np.asarray((THIRDS * (turn - 1)) // last[session], dtype=np.int64)
