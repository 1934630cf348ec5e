"""Tables of ratings: which coder saw each code in which segments, turns and sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from relcode.codebook import Codebook
from relcode.records import Session, Span
from relcode.reliability.codings import Coding
from relcode.transcripts.tokens import TokenTable, segment_codes

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Level = Literal["segment", "turn", "session"]
LEVELS: tuple[Level, ...] = ("segment", "turn", "session")


@dataclass(frozen=True)
class Ratings:
    """The ratings of all codes on one level.

    Attributes
    ----------
    level
        What a unit is.
    session_ids
        The sessions, in order.
    session_row
        By unit: row of its session.
    turn
        By unit: number of its turn; on the session level 0.
    roles
        By unit: `T` or `C`; `?` where the speaker is not known; on the session level always `?`.
    covered
        Axes (coder, unit): whether the coder rated the unit.
    marks
        Axes (coder, unit, code): whether the coder gave the unit the code.
    code_ids
        The codes, in order.
    """

    level: Level
    session_ids: tuple[str, ...]
    session_row: Ints
    turn: Ints
    roles: npt.NDArray[np.str_]
    covered: Bools
    marks: Bools
    code_ids: tuple[str, ...]

    def of_codes(self, codes: Sequence[str], codebook: Codebook | None) -> Floats:
        """The table of one code, or of several folded into one (present where any is).

        Returns
        -------
        array, axes (coder, unit): 1 present, 0 absent, NaN not rated: the coder did not cover the unit, or the
        codebook lets none of the codes be carried by its speaker.
        """
        table = np.zeros(self.covered.shape, dtype=np.bool_)
        rated = np.zeros(self.covered.shape[1], dtype=np.bool_)
        for code in codes:
            may = self.may_carry(code, codebook)
            table |= self.marks[:, :, self.code_ids.index(code)] & may
            rated |= may
        return np.where(self.covered & rated, table, np.nan)

    def may_carry(self, code: str, codebook: Codebook | None) -> Bools:
        """By unit: whether its speaker may carry the code; everyone may where there is no codebook or no speaker."""
        if codebook is None:
            return np.ones(len(self.roles), dtype=np.bool_)
        allowed = [role for role in ("T", "C") if codebook.allows(code, role)]
        return np.isin(self.roles, [*allowed, "?"])

    def masked(self, coders: Sequence[int], kept: Bools | None = None) -> Ratings:
        """The ratings of some coders, in the sessions that two of them rated.

        `kept`: which ratings count, axes (coder, unit) of these coders; all by default.
        """
        rows = np.asarray(coders, dtype=np.int64)
        seen = self.covered[rows] if kept is None else self.covered[rows] & kept
        by_session = np.array([np.bincount(self.session_row[row], minlength=len(self.session_ids)) > 0 for row in seen])
        shared = np.flatnonzero(by_session.sum(axis=0) >= 2)
        units = np.isin(self.session_row, shared)
        return Ratings(
            level=self.level,
            session_ids=tuple(self.session_ids[row] for row in shared),
            session_row=np.searchsorted(shared, self.session_row[units]),
            turn=self.turn[units],
            roles=self.roles[units],
            covered=seen[:, units],
            marks=self.marks[rows][:, units],
            code_ids=self.code_ids,
        )

    def session_counts(self, table: Floats) -> Floats:
        """How many units carry the code: axes (session, coder); NaN where a coder did not cover what others did."""
        counts = np.zeros((len(self.session_ids), len(table)))
        wanted = self.session_units(table)
        for number, row in enumerate(table):
            rated = ~np.isnan(row)
            seen = np.bincount(self.session_row[rated], minlength=len(self.session_ids))
            present = np.bincount(self.session_row[row == 1], minlength=len(self.session_ids))
            counts[:, number] = np.where((seen == wanted) & (wanted > 0), present, np.nan)
        return counts

    def session_units(self, table: Floats) -> Ints:
        """By session: the units that any coder rated."""
        return np.bincount(self.session_row[~np.isnan(table).all(axis=0)], minlength=len(self.session_ids))


def segment_ratings(codings: Sequence[Coding], table: TokenTable, code_ids: tuple[str, ...]) -> Ratings:
    """Ratings of segments: a segment carries a code when a span of it covers any of the segment's words."""
    segments = table.segments
    return Ratings(
        level="segment",
        session_ids=tuple(session.session_id for session in table.sessions),
        session_row=table.segment_session,
        turn=table.turn_number[table.segment_turn],
        roles=np.where(table.segment_is_therapist, "T", "C"),
        covered=_covered(codings, [(segment.session_id, segment.turn) for segment in segments]),
        marks=np.stack([segment_codes(table, coding.spans, code_ids) for coding in codings]),
        code_ids=code_ids,
    )


def turn_ratings(codings: Sequence[Coding], sessions: Sequence[Session], code_ids: tuple[str, ...]) -> Ratings:
    """Ratings of all turns of the sessions: a turn carries a code when a span of it lies in the turn."""
    units = [(session.session_id, turn.turn) for session in sessions for turn in session.turns]
    roles = [turn.role for session in sessions for turn in session.turns]
    return _turn_ratings(codings, units, roles, [session.session_id for session in sessions], code_ids)


def unread_turn_ratings(codings: Sequence[Coding], session_ids: Sequence[str], code_ids: tuple[str, ...]) -> Ratings:
    """Ratings of turns without transcripts: turns 1 to the last that any coder labelled; speakers are not known."""
    last = dict.fromkeys(session_ids, 0)
    for coding in codings:
        for span in coding.spans:
            if span.session_id in last:
                last[span.session_id] = max(last[span.session_id], span.turn)
    units = [(session_id, turn) for session_id in session_ids for turn in range(1, last[session_id] + 1)]
    return _turn_ratings(codings, units, ["?"] * len(units), session_ids, code_ids)


def session_ratings(turns: Ratings, codebook: Codebook | None) -> Ratings:
    """Ratings of sessions from those of their turns: a session carries a code when any of its turns does.

    A session is rated by the coders who covered all of its turns that any coder covered.
    """
    n_coders, n_sessions = len(turns.covered), len(turns.session_ids)
    covered = np.zeros((n_coders, n_sessions), dtype=np.bool_)
    marks = np.zeros((n_coders, n_sessions, len(turns.code_ids)), dtype=np.bool_)
    wanted = np.bincount(turns.session_row[turns.covered.any(axis=0)], minlength=n_sessions)
    for coder in range(n_coders):
        seen = np.bincount(turns.session_row[turns.covered[coder]], minlength=n_sessions)
        covered[coder] = (seen == wanted) & (wanted > 0)
        for column, code in enumerate(turns.code_ids):
            present = turns.marks[coder, :, column] & turns.covered[coder] & turns.may_carry(code, codebook)
            marks[coder, turns.session_row[present], column] = True
    return Ratings(
        level="session",
        session_ids=turns.session_ids,
        session_row=np.arange(n_sessions),
        turn=np.zeros(n_sessions, dtype=np.int64),
        roles=np.full(n_sessions, "?"),
        covered=covered,
        marks=marks,
        code_ids=turns.code_ids,
    )


def _turn_ratings(
    codings: Sequence[Coding],
    units: Sequence[tuple[str, int]],
    roles: Sequence[str],
    session_ids: Sequence[str],
    code_ids: tuple[str, ...],
) -> Ratings:
    session_number = {session_id: row for row, session_id in enumerate(session_ids)}
    return Ratings(
        level="turn",
        session_ids=tuple(session_ids),
        session_row=np.array([session_number[session_id] for session_id, _ in units], dtype=np.int64),
        turn=np.array([turn for _, turn in units], dtype=np.int64),
        roles=np.array(roles, dtype=np.str_),
        covered=_covered(codings, units),
        marks=np.stack([_turn_marks(coding.spans, units, code_ids) for coding in codings]),
        code_ids=code_ids,
    )


def _covered(codings: Sequence[Coding], units: Sequence[tuple[str, int]]) -> Bools:
    return np.array([[coding.covers(*unit) for unit in units] for coding in codings], dtype=np.bool_).reshape(
        len(codings), len(units)
    )


def _turn_marks(spans: Iterable[Span], units: Sequence[tuple[str, int]], code_ids: tuple[str, ...]) -> Bools:
    rows = {unit: row for row, unit in enumerate(units)}
    columns = {code: column for column, code in enumerate(code_ids)}
    marks = np.zeros((len(units), len(code_ids)), dtype=np.bool_)
    for span in spans:
        row, column = rows.get((span.session_id, span.turn)), columns.get(span.code)
        if row is not None and column is not None:
            marks[row, column] = True
    return marks
