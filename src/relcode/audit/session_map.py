"""The session map: every turn a thin strip, therapist above, client below, in the colours of the codebook."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from relcode.audit.result import AuditResult
from relcode.codebook import Code, Codebook
from relcode.records import Session, Turn

TURNS_A_ROW = 140
WIDTH = 1000.0
LANE = 44.0
_BAND = 10.0
_MOST_BANDS = 4


class Band(msgspec.Struct, frozen=True):
    """One code of one turn in the map."""

    y: float
    height: float
    color: str


class Strip(msgspec.Struct, frozen=True):
    """One turn in the map: where it is drawn, what its tooltip says (no words of the turn)."""

    turn: int
    x: float
    width: float
    y: float
    height: float
    title: str
    bands: tuple[Band, ...]
    rupture: bool
    repair: bool


class MapRow(msgspec.Struct, frozen=True):
    """A run of turns drawn side by side."""

    first_turn: int
    last_turn: int
    strips: tuple[Strip, ...]


def map_rows(session: Session, codebook: Codebook, codes: dict[int, tuple[str, ...]]) -> tuple[MapRow, ...]:
    """Lay out a session's turns, up to 140 a row, in rows of about the same length.

    A turn without a relational code is a grey bar whose height grows with its words; each relational code is a band
    of its colour. `codes`: turn number -> its codes.
    """
    turns = session.turns
    longest = max((len(turn.text) for turn in turns), default=1) or 1
    length = max(math.ceil(len(turns) / max(math.ceil(len(turns) / TURNS_A_ROW), 1)), 1)
    width = WIDTH / max(length, 40)
    rows: list[MapRow] = []
    for start in range(0, len(turns), length):
        part = turns[start : start + length]
        strips = tuple(
            _strip(turn, place * width, width, longest, [codebook.by_id[c] for c in codes.get(turn.turn, ())])
            for place, turn in enumerate(part)
        )
        rows.append(MapRow(part[0].turn, part[-1].turn, strips))
    return tuple(rows)


def _strip(turn: Turn, x: float, width: float, longest: int, codes: list[Code]) -> Strip:
    up = turn.role == "T"
    relational = [code for code in codes if not code.mode][:_MOST_BANDS]
    bare = 3 + (LANE - 8) * (len(turn.text) / longest) ** 0.5
    height = len(relational) * _BAND if relational else bare
    bands = tuple(
        Band(round(LANE - (i + 1) * _BAND if up else LANE + 4 + i * _BAND, 1), _BAND - 1, code.color)
        for i, code in enumerate(relational)
    )
    said = ", ".join(f"{code.id} {code.name}" for code in codes) or "no code"
    return Strip(
        turn=turn.turn,
        x=round(x, 2),
        width=round(max(width - 1, 1), 2),
        y=round(LANE - height if up else LANE + 4, 1),
        height=round(height, 1),
        title=f"turn {turn.turn}, {'therapist' if up else 'client'} {turn.speaker}: {said}",
        bands=bands,
        rupture=_has(codes, "RUP"),
        repair=_has(codes, "REP"),
    )


def _has(codes: Iterable[Code], family: str) -> bool:
    return any(code.id == family or code.id.startswith(f"{family}.") for code in codes)


def legend(result: AuditResult, codebook: Codebook) -> list[Code]:
    """The relational codes that occur, in the codebook's order."""
    present = {rate.code for rate in result.rates if rate.count}
    return [code for code in codebook.codes if code.id in present and not code.mode]
