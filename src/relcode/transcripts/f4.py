"""f4transkript, f5transkript and MAXQDA: typed text with time marks `#00:01:12-3#` (hours, minutes, seconds, tenths)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from relcode.errors import TranscriptError
from relcode.transcripts.f4_words import readable
from relcode.transcripts.marks import Mark, find_mark
from relcode.transcripts.plaintext import LINE_END, read_lines
from relcode.transcripts.roles import Utterance
from relcode.transcripts.times import AN_HOUR

_TIME = re.compile(r"#(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)(?:[-.,](\d{1,3}))?#")
_CERTAIN = re.compile(r"#\d{1,2}:[0-5]\d:[0-5]\d(?:[-.,]\d{1,3})?#")
_MEANT = re.compile(r"#\d{1,4}:\d[\d:.,;-]{0,12}#?")  # also those that nobody can read
_ALONE = re.compile(rf"\s*(?:{_TIME.pattern}\s*)+")
_BEFORE = re.compile(rf"\s*(?:{_TIME.pattern}\s*)+(?=\S)")
READ_SO = "read with the time marks of f4 (#00:01:12-3#)"
_HIDDEN = "\x00"  # stands for a time mark where speakers' marks are looked for
_NAME = re.compile(r"(?P<name>[^\x00]+?)(?:\s*[(\[]?(?P<time>\x00)[)\]]?)?")
_RESTART, _LONG_AFTER = 60.0, 240.0  # seconds: a second tape begins anew (as in doubts.py)


def time_marks(text: str) -> int:
    """How many time marks with hours stand in a text."""
    return sum(1 for _ in _CERTAIN.finditer(text))


def read_f4(path: Path, text: str) -> tuple[list[Utterance], list[str]]:
    """Utterances, a line each, with times, in readable text, and notes: how it was read, and lines that were passed over.

    A time mark is a point between words: what stands directly before it ends there, what stands directly behind it begins
    there. Others than the first and last of a line are left out.

    Raises
    ------
    TranscriptError
        As `read_text`; by line, every time mark that cannot be read or lies before the one above it, except where times
        start anew (a second tape).
    """
    lines = LINE_END.split(text.replace(_HIDDEN, ""))
    check_times(path, lines)
    utterances, notes = read_lines(path, _with_the_next(lines), find_mark_and_times)
    notes.append(f"{READ_SO}; --format txt leaves them and other signs as they are")
    return with_times(utterances), notes


def check_times(path: Path, lines: Sequence[str], *, unit: Literal["line", "paragraph"] = "line") -> None:
    """Look at the time marks of lines, or of a Word document's paragraphs.

    Raises
    ------
    TranscriptError
        As `read_f4`, for the time marks.
    """
    faults: list[str] = []
    before, where = 0.0, 0
    for number, line in enumerate(lines, start=1):
        at = f"{path}:{number}" if unit == "line" else f"{path}: paragraph {number}"
        for meant in _MEANT.finditer(line):
            match = _TIME.fullmatch(meant[0])
            if match is None:
                what = "a time mark that cannot be read; expected #hours:minutes:seconds-tenths#, as in #00:01:12-3#"
                faults.append(f"{at}: {what}")
                continue
            time = _seconds(match)
            if time < before and not (time < _RESTART and before > _LONG_AFTER):
                above = f"a time mark that lies before the one above it ({unit} {where})"
                faults.append(f"{at}: {above}; correct the wrong one of the two")
            before, where = time, number
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} time mark(s) that cannot be right:", faults)


def find_mark_and_times(line: str) -> Mark | None:
    """The speaker's mark of a line, also behind a time mark or before one (`T (#00:01:12-3#): words`).

    Time marks come among the words.
    """
    before = _BEFORE.match(line)
    rest = line[before.end() :] if before else line
    times = (time[0] for time in _TIME.finditer(rest))
    mark = find_mark(_TIME.sub(_HIDDEN, rest))
    name = _NAME.fullmatch(mark.name) if mark else None
    if mark is None or name is None:
        return None
    behind = f"{name['time']} {mark.words}" if name["time"] else mark.words
    words = re.sub(_HIDDEN, lambda _: next(times), behind)
    return replace(mark, name=name["name"], words=f"{before[0].strip()} {words}" if before else words)


def _with_the_next(lines: Sequence[str]) -> list[str]:
    """Lines, time marks that stand alone moved to the next one: the first may stand above the first speaker."""
    found: list[str] = []
    waiting = ""
    for line in lines:
        if _ALONE.fullmatch(line):
            waiting += f"{line.strip()} "
            found.append("")
        else:
            found.append(waiting + line if waiting and line.strip() else line)
            waiting = "" if line.strip() else waiting
    return [*found, waiting] if waiting else found


def with_times(utterances: Sequence[Utterance]) -> list[Utterance]:
    """The utterances without their time marks, with the times that these give, in readable text."""
    found: list[Utterance] = []
    point: float | None = None  # the time directly before what comes
    for utterance in utterances:
        is_begun = False
        for words, time in _pieces(utterance.text):
            if words and is_begun:
                found[-1] = replace(found[-1], text=f"{found[-1].text} {words}", t1=None)
            elif words:
                found.append(replace(utterance, text=words, t0=utterance.t0 if point is None else point))
                is_begun = True
            point = None if words else point
            if time is not None:
                if found and found[-1].t1 is None:
                    found[-1] = replace(found[-1], t1=time)
                point = time
    return [replace(each, text=readable(each.text), t0=_start(each)) for each in found]


def _start(utterance: Utterance) -> float | None:
    """Its start; None where times start anew between its start and its end."""
    start, end = utterance.t0, utterance.t1
    return None if start is not None and end is not None and end < start else start


def _pieces(text: str) -> Iterator[tuple[str, float | None]]:
    """Words, and the time mark behind them."""
    place = 0
    for match in _TIME.finditer(text):
        yield text[place : match.start()].strip(), _seconds(match)
        place = match.end()
    yield text[place:].strip(), None


def _seconds(match: re.Match[str]) -> float:
    hours, minutes, seconds, fraction = match.groups()
    return round(int(hours or 0) * AN_HOUR + int(minutes) * 60 + float(f"{seconds}.{fraction or 0}"), 3)
