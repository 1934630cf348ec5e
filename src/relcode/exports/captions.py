"""WebVTT and SubRip: a cue a turn. Captions need times."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from relcode.exports.text import one_line, stamp
from relcode.exports.times import check_times
from relcode.records import Session, Turn

_LAST_SECONDS = 2.0


def to_webvtt(session: Session) -> bytes:
    """Cues `<v T>words</v>`.

    Raises
    ------
    ExportError
        Turns without a time.
    """
    cues = [
        f"{stamp(start)} --> {stamp(end)}\n<v {turn.speaker}>{_escaped(one_line(turn.text))}</v>\n"
        for turn, start, end in _timed(session)
    ]
    return "\n".join(["WEBVTT\n", *cues]).encode()


def to_subrip(session: Session) -> bytes:
    """Numbered cues `[T]: words`.

    Raises
    ------
    ExportError
        Turns without a time.
    """
    cues = [
        f"{number}\n{stamp(start, point=',')} --> {stamp(end, point=',')}\n[{turn.speaker}]: {one_line(turn.text)}\n"
        for number, (turn, start, end) in enumerate(_timed(session), start=1)
    ]
    return "\n".join(cues).encode()


def _timed(session: Session) -> Iterator[tuple[Turn, float, float]]:
    """Turns with start and end; an end that is not known is the start of the next turn."""
    check_times(session, "captions")
    for turn, after in pairwise([*session.turns, None]):
        assert turn is not None
        start = turn.t0 or 0.0
        behind = start + _LAST_SECONDS if after is None or after.t0 is None else max(after.t0, start)
        yield turn, start, behind if turn.t1 is None else turn.t1


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
