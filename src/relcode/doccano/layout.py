"""What stands around the turns to be coded on a page: its head, and context before and after, marked as such.

The marks say no more than a coder needs, and the same on every kind of page: a page that is given again looks as it did.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from relcode.batches import runs_of
from relcode.records import Session, Turn

CONTEXT_BEFORE = 2  # turns
CONTEXT_AFTER = 2
CONTEXT_CHARACTERS = 400  # of a turn; what lies nearest to the page's own turns is kept
Context = Literal["own", "earlier", "open"]
BEFORE: dict[Context, str] = {
    "own": "— context, already coded —",
    "earlier": "— context, already coded —",
    "open": "— context, not to be coded —",
}
AFTER: dict[Context, str] = {
    "own": "— context, has its own page —",
    "earlier": "— context, already coded —",
    "open": "— context, not to be coded —",
}
CODE_FROM = "——— code from here ———"
CODE_TO = "——— code to here ———"
FORMER_CONTEXT_MARK = "— context, already on the page before —"
FORMER_CODE_FROM = "— code from here —"


class Frame(msgspec.Struct, frozen=True):
    """What a page says beside its turns, as the manifest keeps it.

    `page` of `pages`: its place in the session. `before`, `after`: whether the coder has the context on other pages of
    the batch (`own`), has coded it in an earlier batch (`earlier`), or neither (`open`).
    """

    page: int
    pages: int
    before: Context = "own"
    after: Context = "own"


def frame_for(
    session: Session, turns: tuple[int, int], place: tuple[int, int], own: Collection[int], earlier: Collection[int]
) -> Frame:
    """The frame of a run for a coder.

    Parameters
    ----------
    turns
        Numbers of the first and the last one.
    place
        Number of the page in the session, and of how many.
    own
        The turns of the session that the coder gets in this batch in the same way.
    earlier
        Those that the coder has coded in earlier batches.
    """
    numbers = [turn.turn for turn in session.turns]
    low, high = numbers.index(turns[0]), numbers.index(turns[1]) + 1
    before = numbers[max(0, low - CONTEXT_BEFORE) : low]
    after = numbers[high : high + CONTEXT_AFTER]
    return Frame(*place, _context(before, own, earlier), _context(after, own, earlier))


def whole_frames(session: Session) -> dict[int, Frame]:
    """The frames of all pages of a session for a coder who gets them all, by first turn."""
    return {run.first_turn: Frame(run.number, run.of) for run in runs_of(session)}


def head_lines(session: Session, low: int, frame: Frame) -> list[str]:
    """The lines above the turns to be coded, of which the first stands at position `low`."""
    context = session.turns[max(0, low - CONTEXT_BEFORE) : low]
    lines = [f"— page {frame.page} of {frame.pages} of this session —"]
    if context:
        lines += [BEFORE[frame.before], *(turn_mark(turn) + _end_of(turn.text) for turn in context), CODE_FROM]
    return lines


def foot_lines(session: Session, high: int, frame: Frame) -> list[str]:
    """The lines below the turns to be coded, of which the last stands before position `high`."""
    context = session.turns[high : high + CONTEXT_AFTER]
    if not context:
        return []
    return [CODE_TO, AFTER[frame.after], *(turn_mark(turn) + _start_of(turn.text) for turn in context)]


def former_head(session: Session, low: int, header: Sequence[str]) -> list[str]:
    """The lines above the turns as they were when pages had neither head nor foot."""
    context = session.turns[max(0, low - CONTEXT_BEFORE) : low]
    lines = [*header]
    if context:
        lines += [FORMER_CONTEXT_MARK, *(turn_mark(turn) + _former_end_of(turn.text) for turn in context)]
    return [*lines, FORMER_CODE_FROM] if lines else []


def turn_mark(turn: Turn) -> str:
    """What stands before a turn's text: its number and its speaker."""
    return f"[{turn.turn}] {turn.speaker}: "


def _context(turns: Sequence[int], own: Collection[int], earlier: Collection[int]) -> Context:
    if all(turn in own for turn in turns):
        return "own"
    return "earlier" if all(turn in own or turn in earlier for turn in turns) else "open"


def _end_of(text: str) -> str:
    if len(text) <= CONTEXT_CHARACTERS:
        return text
    cut = text[-CONTEXT_CHARACTERS:]
    return "… " + (cut.partition(" ")[2].lstrip() or cut)


def _start_of(text: str) -> str:
    if len(text) <= CONTEXT_CHARACTERS:
        return text
    cut = text[:CONTEXT_CHARACTERS]
    return (cut.rpartition(" ")[0].rstrip() or cut) + " …"


def _former_end_of(text: str) -> str:
    return text if len(text) <= CONTEXT_CHARACTERS else "… " + text[-CONTEXT_CHARACTERS:]
