"""Scores and hand-coding added up as they are read: what is kept grows with the sessions, not with their segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from relcode.codebook import Codebook
from relcode.rates.hand import HandCoded, matched
from relcode.rates.sums import Bools, Floats, Ints, Sums

Unit = Literal["segment", "turn"]
THIRDS = 3
_OF_ALL, _OF_CODED = 4, 8  # fields of `Sums`: those of all units, and after them those of hand-coded ones
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
    _coded_parts: list[Floats] = field(default_factory=list)
    _coded_rows: list[int] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """The columns of scores that are needed."""
        return [*_KEYS, *(f"{kind}_{code.replace('.', '_')}" for code in self.codes for kind in "py")]

    def add(self, rows: pd.DataFrame) -> None:
        """Add rows of scores: whole sessions, of which none was added before.

        Raises
        ------
        LabelError
            Segments of hand-coded sessions are not those of the scores: all sessions are named.
        """
        session, names = pd.factorize(rows["session_id"])
        of_session = rows["turn"].to_numpy(np.int64)
        turn = session * (of_session.max() + 1) + of_session
        if np.any(np.diff(turn) < 0):
            order = np.lexsort((rows["segment"].to_numpy(), turn))
            self.add(rows.iloc[order].reset_index(drop=True))
            return
        probable, decided = (self._matrix(rows, kind) for kind in "py")
        present, weight = matched(rows, session, [str(name) for name in names], self.hand, len(self.codes))
        allowed = self._allowed(rows["speaker"])
        cell = THIRDS * session + thirds_of(rows["turn"].to_numpy(), session, len(names))
        if self.unit == "turn":
            first = np.flatnonzero(np.diff(turn, prepend=-1))
            cell, allowed, weight = cell[first], allowed[first], weight[first]
            probable, decided, present = (
                np.maximum.reduceat(each, first, axis=0) for each in (probable, decided, present)
            )
        starts = np.flatnonzero(np.diff(cell, prepend=-1))
        sums = np.zeros((_OF_ALL + _OF_CODED, THIRDS * len(names), len(self.codes)))
        for number, values in enumerate(_columns(allowed, probable, decided, present, weight)):
            sums[number, cell[starts]] = np.add.reduceat(values, starts, axis=0)
        self._keep([str(name) for name in names], sums.reshape(len(sums), len(names), THIRDS, len(self.codes)))

    @property
    def coded_rows(self) -> Ints:
        """The sessions of which something was coded by hand."""
        return np.array(self._coded_rows, dtype=np.int64)

    def of(self, code: str, rows: Ints | None = None, thirds: Bools | None = None) -> Sums:
        """The sums of a code by session, of the sessions `rows` and of some of their `thirds`, axes (session, third)."""
        rows = np.arange(len(self.sessions)) if rows is None else rows
        column = list(self.codes).index(code)
        of_coded = np.zeros((_OF_CODED, len(rows), THIRDS))
        all_coded = self.coded_rows
        place = np.searchsorted(all_coded, rows)
        coded = np.flatnonzero(np.append(all_coded, -1)[place] == rows)
        of_coded[:, coded] = self._of_coded[..., column][:, place[coded]]
        both = np.concatenate([self._of_all[..., column][:, rows], of_coded])
        return Sums(*(both if thirds is None else both * thirds).sum(axis=2))

    def _keep(self, names: Sequence[str], sums: Floats) -> None:
        """Keep sums, axes (sum, session, third, code): those of hand-coding where there is some."""
        coded = np.flatnonzero([name in self.hand for name in names])
        self._coded_rows += [len(self.sessions) + int(row) for row in coded]
        self.sessions += names
        self._parts.append(sums[:_OF_ALL].copy())
        self._coded_parts.append(sums[_OF_ALL:, coded])

    @property
    def _of_all(self) -> Floats:
        return self._joined(self._parts, _OF_ALL)

    @property
    def _of_coded(self) -> Floats:
        return self._joined(self._coded_parts, _OF_CODED)

    def _joined(self, parts: list[Floats], sums: int) -> Floats:
        if len(parts) != 1:
            parts[:] = [np.concatenate([np.zeros((sums, 0, THIRDS, len(self.codes))), *parts], axis=1)]
        return parts[0]

    def _matrix(self, rows: pd.DataFrame, kind: str) -> Floats:
        names = [f"{kind}_{code.replace('.', '_')}" for code in self.codes]
        return np.asarray(rows[names].to_numpy(np.float64), dtype=np.float64)

    def _allowed(self, speakers: pd.Series[str]) -> Bools:
        number, names = pd.factorize(speakers)
        table = np.array(
            [[self.codebook.allows(code, str(name)) for code in self.codes] for name in names], dtype=np.bool_
        )
        return np.asarray(table.reshape(len(names), len(self.codes))[number], dtype=np.bool_)


def _columns(allowed: Bools, probable: Floats, decided: Floats, present: Floats, weight: Floats) -> Iterator[Floats]:
    """What is added up, in the order of the fields of `Sums`, axes (unit, code); one after the other, to save memory."""
    yield allowed.astype(np.float64)
    yield decided * allowed
    yield probable * allowed
    yield probable**2 * allowed
    if not weight.any():
        return
    coded = (weight > 0)[:, None] & allowed
    yield coded.astype(np.float64)
    yield coded * present
    weighted = weight[:, None] * coded
    yield weighted
    yield weighted * present
    yield weighted * decided
    yield weighted * probable
    yield weighted * present * decided
    yield weighted * present * probable


def thirds_of(turn: Ints, session: Ints, sessions: int) -> Ints:
    """By row, its third of the session, 0 to 2: turns count from 1, and a session has as many as its last scored one says."""
    last = np.zeros(sessions, dtype=np.int64)
    np.maximum.at(last, session, turn)
    return np.asarray((THIRDS * (turn - 1)) // last[session], dtype=np.int64)
