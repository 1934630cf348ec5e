"""The continuum: the words said in the shared turns, one after the other, and the units that each coder marked in it.

A span is taken as the words it touches; where it starts or ends inside a word, or among punctuation and bracketed
notes, makes no difference. A unit is such a run of words; it never crosses a turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from relcode.codebook import Codebook
from relcode.records import Span
from relcode.reliability.codings import Coding
from relcode.transcripts.tokens import TokenTable

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_NO_UNITS = np.zeros((0, 2), dtype=np.int64)


@dataclass(frozen=True)
class Units:
    """What coders marked with one code on the words that two coders or more could have marked with it.

    Attributes
    ----------
    session_row
        By word: row of its session.
    covered
        Axes (coder, word): whether the coder coded the word's turn; at least two did.
    of_coder
        By coder: axes (unit, 2), first word and word after the last; in order, without overlap.
    sessions
        How many sessions there are, with and without words.
    """

    session_row: Ints
    covered: Bools
    of_coder: tuple[Ints, ...]
    sessions: int

    @property
    def marks(self) -> Ints:
        """By word: how many coders marked it."""
        edges = np.zeros(len(self.session_row) + 1, dtype=np.int64)
        for units in self.of_coder:
            np.add.at(edges, units[:, 0], 1)
            np.add.at(edges, units[:, 1], -1)
        return np.cumsum(edges)[:-1]

    def by_session(self, values: Floats | Ints | Bools, words: Ints | None = None) -> Floats:
        """Add up values by session: of all words, or each value at its word of `words`."""
        rows = self.session_row if words is None else self.session_row[words]
        return np.bincount(rows, weights=values.astype(np.float64), minlength=self.sessions).astype(np.float64)


@dataclass(frozen=True)
class Continuum:
    """The words of some sessions, and the units of all codes.

    Attributes
    ----------
    session_row, roles
        By word: row of its session; `T` or `C`.
    covered
        Axes (coder, word): whether the coder coded the word's turn.
    units
        By coder: code -> axes (unit, 2), first word and word after the last.
    sessions
        How many sessions there are.
    """

    session_row: Ints
    roles: npt.NDArray[np.str_]
    covered: Bools
    units: tuple[dict[str, Ints], ...]
    sessions: int

    @property
    def shared_sessions(self) -> Ints:
        """The rows of the sessions of which two coders coded a turn."""
        rows: Ints = np.unique(self.session_row[self.covered.sum(axis=0) >= 2])
        return rows

    def of_codes(self, codes: Sequence[str], codebook: Codebook | None) -> Units:
        """The units of one code, or of several taken as one.

        Words whose speaker may carry none of the codes, or whose turn fewer than two coders coded, are left out.
        Units of one coder that overlap are one.
        """
        may = {code: self._may_carry(code, codebook) for code in codes}
        kept = np.any([*may.values()], axis=0) & (self.covered.sum(axis=0) >= 2)
        position = np.cumsum(kept) - kept
        of_coder = []
        for covered, units in zip(self.covered, self.units, strict=True):
            chosen = [self._usable(units.get(code, _NO_UNITS), covered & kept & may[code]) for code in codes]
            found = np.concatenate(chosen)
            length = found[:, 1] - found[:, 0]
            first = position[found[:, 0]] if len(found) else found[:, 0]
            of_coder.append(merged(np.stack([first, first + length], axis=1)))
        return Units(self.session_row[kept], self.covered[:, kept], tuple(of_coder), self.sessions)

    def _may_carry(self, code: str, codebook: Codebook | None) -> Bools:
        if codebook is None:
            return np.ones(len(self.roles), dtype=np.bool_)
        return np.isin(self.roles, [role for role in ("T", "C") if codebook.allows(code, role)])

    @staticmethod
    def _usable(units: Ints, words: Bools) -> Ints:
        """The units in usable words; a unit lies in one turn, so that its first word speaks for all of it."""
        return units[words[units[:, 0]]] if len(units) else units


def continuum(codings: Sequence[Coding], table: TokenTable) -> Continuum:
    """The continuum of the table's sessions, with the units of all coders."""
    spoken = np.flatnonzero(table.is_spoken)
    turn = table.turn_row[spoken]
    turns = [
        (table.sessions[row].session_id, int(number))
        for row, number in zip(table.turn_session, table.turn_number, strict=True)
    ]
    turn_rows = {key: row for row, key in enumerate(turns)}
    covered = np.array([[coding.covers(*key) for key in turns] for coding in codings], dtype=np.bool_)
    longest = int(table.end.max(initial=0)) + 1
    starts, ends = turn * longest + table.start[spoken], turn * longest + table.end[spoken]
    return Continuum(
        session_row=table.turn_session[turn],
        roles=np.where(table.is_therapist[turn], "T", "C"),
        covered=covered.reshape(len(codings), len(turns))[:, turn],
        units=tuple(_units(coding.spans, turn_rows, longest, starts, ends) for coding in codings),
        sessions=len(table.sessions),
    )


def merged(units: Ints) -> Ints:
    """Units in order, those that overlap made one; units that only touch stay two.

    Parameters
    ----------
    units
        Axes (unit, 2): start, and end (exclusive).
    """
    if not len(units):
        return units
    ordered = units[np.lexsort((units[:, 1], units[:, 0]))]
    reach = np.maximum.accumulate(ordered[:, 1])
    opens = np.append(True, ordered[1:, 0] >= reach[:-1])
    return np.stack([ordered[opens, 0], reach[np.append(np.flatnonzero(opens)[1:] - 1, len(units) - 1)]], axis=1)


def _units(
    spans: Iterable[Span], turn_rows: dict[tuple[str, int], int], longest: int, starts: Ints, ends: Ints
) -> dict[str, Ints]:
    """Code -> its units. `starts`, `ends`: by word, offset in its turn plus `longest` times the turn's row."""
    places: dict[str, list[tuple[int, int]]] = {}
    for span in spans:
        row = turn_rows.get((span.session_id, span.turn))
        if row is not None:
            places.setdefault(span.code, []).append((row * longest + span.start, row * longest + span.end))
    found = {}
    for code, offsets in places.items():
        edges = np.array(offsets, dtype=np.int64)
        first = np.searchsorted(ends, edges[:, 0], side="right")
        after = np.searchsorted(starts, edges[:, 1], side="left")
        found[code] = np.stack([first, after], axis=1)[first < after]
    return found
