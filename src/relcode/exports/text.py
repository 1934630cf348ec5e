"""Plain text, tables and JSON: a line, row or object a turn."""

from __future__ import annotations

import csv
import io

import msgspec

from relcode.records import Session, Turn

COLUMNS = ("turn", "speaker", "t0", "t1", "text")


def to_text(session: Session) -> bytes:
    """`T: words`, with `[0:00:03.120 - 0:00:07.000]` before it where the times are known."""
    return "".join(f"{_times(turn)}{turn.speaker}: {one_line(turn.text)}\n" for turn in session.turns).encode()


def to_csv(session: Session) -> bytes:
    return _table(session, ",")


def to_tsv(session: Session) -> bytes:
    return _table(session, "\t")


def to_json(session: Session) -> bytes:
    """A list of utterances with `speaker`, `text`, `start` and `end` (seconds), as recognisers write it."""
    utterances = []
    for turn in session.turns:
        times = {name: value for name, value in (("start", turn.t0), ("end", turn.t1)) if value is not None}
        utterances.append({"speaker": turn.speaker, "text": turn.text, **times})
    return msgspec.json.format(msgspec.json.encode({"utterances": utterances}), indent=1) + b"\n"


def rows(session: Session) -> list[tuple[object, ...]]:
    """A row a turn, in the order of `COLUMNS`; None where a time is not known."""
    return [(turn.turn, turn.speaker, turn.t0, turn.t1, turn.text) for turn in session.turns]


def one_line(text: str) -> str:
    return " ".join(text.split())


def stamp(seconds: float, *, point: str = ".") -> str:
    """`hh:mm:ss.mmm`."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"


def _table(session: Session, delimiter: str) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(COLUMNS)
    writer.writerows(rows(session))
    return file.getvalue().encode()


def _times(turn: Turn) -> str:
    if turn.t0 is None:
        return ""
    return f"[{stamp(turn.t0)}{'' if turn.t1 is None else ' - ' + stamp(turn.t1)}] "
