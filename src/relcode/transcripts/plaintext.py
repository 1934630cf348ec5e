"""Plain text: `T: words` as typed by hand (Mergenthaler and Stinson), or names and times as recognisers write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from relcode.errors import TranscriptError
from relcode.transcripts.marks import Mark, find_mark
from relcode.transcripts.roles import Utterance, is_role_word, plain
from relcode.transcripts.source import Reading, Source
from relcode.transcripts.times import A_DAY, AN_HOUR

MOST_LINES_BEFORE = 12
_FEWEST_NUMBERS = 3
_LONGEST_ADDED = 200  # characters of a line that a recogniser adds
_PARTICULARS_BELOW = 4  # paragraphs of Word: no empty one need part particulars from speech
LINE_END = re.compile(r"\r\n|\r|\n|\x85|\u2028|\u2029")
_NUMBERED = re.compile(r"\s*(\d{1,5})[.)]?(?=\s|$)")
_CAPTION = re.compile(r"\s*\d+:\d+:\d+\S*\s*-->\s*\d+:\d+:\d+")
_CHAT = re.compile(r"from\s.+\sto\s.+", re.IGNORECASE)
_NOT_SAID = re.compile(
    r"\s*(?:transcribed by https?://otter\.ai\S*|[^.?!:]{1,60} (?:started|stopped) transcription)\s*", re.IGNORECASE
)
_PARTICULARS = """date day time title file filename session tape recording recorded audio video duration length location place
    setting site study project language id code number no. transcriber transcript transcription transcribed topic
    subject participants speakers attendees keywords summary version notes note copyright page extract excerpt example fragment
    datum uhrzeit dauer ort aufnahme aufnahmedatum dateiname titel thema projekt transkript transkription transkribiert
    transkribent transkribentin"""
_PARTICULAR_WORDS = frozenset(_PARTICULARS.split())
_EXPECTED = "expected `T: words`, `Name  0:07` on a line of its own, or `[00:00:03] Name: words`"


@dataclass(repr=False)
class Lines:
    """Lines without their numbers, the speaker's mark of each, where the first words stand, and what is wrong.

    `extra`: how many lines the recogniser added of its own; they are empty in `lines`.
    """

    lines: list[str]
    marks: list[Mark | None]
    start: int | None
    extra: int
    faults: list[str]


def read_text(source: Source) -> Reading:
    """Read utterances, a line each; a line without a mark continues the speaker.

    Passed over are up to twelve lines before the first speaker (title, date), and what recognisers add of their own.

    Raises
    ------
    TranscriptError
        No line begins with a speaker's mark; more than twelve lines before the first; marks among particulars
        (`Date: ...`); captions without their header; chat messages. All are listed, by line.
    """
    utterances, doubts = read_lines(source.path, LINE_END.split(source.text()))
    return Reading({source.stem: utterances}, doubts=doubts)


def read_lines(
    path: Path, lines: Sequence[str], find: Callable[[str], Mark | None] = find_mark
) -> tuple[list[Utterance], list[str]]:
    """`read_text` on lines: utterances with the words as they stand there, and doubts.

    `find` tells the mark with which a line begins.
    """
    found = marked_lines(path, [line.lstrip("\f") for line in lines], find=find)
    if found.faults or found.start is None:
        raise TranscriptError(f"{path} cannot be read as a transcript in plain text:", found.faults)
    title = sum(bool(line.strip()) for line in found.lines[: found.start])
    doubts = [f"{title} line(s) before the first speaker were passed over"] if title else []
    doubts += [f"{found.extra} line(s) that the recogniser added were passed over"] if found.extra else []
    return _utterances(found.lines, found.marks, found.start), doubts


def marked_lines(
    path: Path,
    lines: Sequence[str],
    *,
    unit: Literal["line", "paragraph"] = "line",
    find: Callable[[str], Mark | None] = find_mark,
) -> Lines:
    """Find the speakers' marks of lines, or of a Word document's paragraphs, between which no empty one need stand."""
    lines = _without_numbers(lines)
    extra = {number for number, line in enumerate(lines) if len(line) <= _LONGEST_ADDED and _NOT_SAID.fullmatch(line)}
    lines = ["" if number in extra else line for number, line in enumerate(lines)]
    marks = _speakers([find(line) for line in lines], lines)
    start = next((number for number, mark in enumerate(marks) if mark and not _is_particular(mark)), None)
    return Lines(lines, marks, start, len(extra), _faults(path, lines, marks, start, unit))


def _utterances(lines: Sequence[str], marks: Sequence[Mark | None], start: int) -> list[Utterance]:
    """An utterance a line; the time of a mark without words is that of the words below it."""
    found: list[Utterance] = []
    last = Mark("", "")
    for number in range(start, len(lines)):
        mark = marks[number]
        last = mark or last
        words = mark.words if mark else lines[number].strip()
        if words:
            found.append(Utterance(last.name, words, last.t0, last.t1, f"line {number + 1}"))
            last = replace(last, t0=None, t1=None) if last.t0 is not None else last
    return found


def _speakers(found: list[Mark | None], lines: Sequence[str]) -> list[Mark | None]:
    """The marks that change the speaker. Lines indented deeper than the marks are words."""
    found = [None if mark and mark.alone and _is_particular(mark) else mark for mark in found]
    spoken = [number for number, mark in enumerate(found) if mark and _is_certain(mark) and not _is_particular(mark)]
    spoken = spoken or [number for number, mark in enumerate(found) if mark and not _is_particular(mark)]
    margin = min((_indent(lines[number]) for number in spoken), default=0)
    names = {plain(mark.name) for line, mark in zip(lines, found, strict=True) if mark and _indent(line) <= margin}
    kept = [mark if mark and (_is_certain(mark) or plain(mark.name) in names) else None for mark in found]
    times = [mark.t0 for mark in kept if mark and mark.t0 is not None]
    if any(mark and mark.clock for mark in kept) and times[0] >= AN_HOUR:  # the time of the day: count from the first
        return [
            replace(mark, t0=round((mark.t0 - times[0]) % A_DAY, 3)) if mark and mark.t0 is not None else mark
            for mark in kept
        ]
    return kept


def _is_certain(mark: Mark) -> bool:
    return mark.alone or mark.t0 is not None or is_role_word(mark.name)


def _is_particular(mark: Mark) -> bool:
    return plain(mark.name).split(" ")[0] in _PARTICULAR_WORDS


def _faults(
    path: Path,
    lines: Sequence[str],
    marks: Sequence[Mark | None],
    start: int | None,
    unit: Literal["line", "paragraph"],
) -> list[str]:
    in_lines = unit == "line"

    def at(number: int) -> str:
        return f"{path}:{number}" if in_lines else f"{path}: paragraph {number}"

    caption = next((number for number, line in enumerate(lines, start=1) if _CAPTION.match(line)), None)
    if caption:
        what = "a caption's times (`-->`); save captions as .vtt, with WEBVTT as the first line, or as .srt"
        return [f"{at(caption)}: {what}"]
    if start is None:
        other = "if it is in another format, name it with --format"
        return [f"{path}: no {unit} begins with a speaker's mark; {_EXPECTED}; {other}"]
    faults: list[str] = []
    before = [number for number in range(start) if lines[number].strip()]
    if len(before) > MOST_LINES_BEFORE and in_lines:
        what = f"{len(before)} lines stand before the first speaker's mark (line {start + 1}), at most {MOST_LINES_BEFORE} may"
        faults.append(f"{at(before[0] + 1)}: {what}; {_EXPECTED} from the first words on")
    block = range(start, next((n for n in range(start, len(lines)) if not lines[n].strip()), len(lines)))
    above = next((n for n in range(start, 0, -1) if not lines[n - 1].strip()), 0) if in_lines else start
    below = block.stop if in_lines else start + _PARTICULARS_BELOW
    if any(mark and _is_particular(mark) for mark in (*marks[above:start], *marks[start:below])):
        what = "a speaker's mark among particulars such as `Date: ...`"
        faults.append(
            f"{at(start + 1)}: {what}; put an empty {unit} before the first words, and remove who is named above it"
        )
    chat = [number for number, mark in enumerate(marks, start=1) if mark and _CHAT.fullmatch(mark.name)]
    if chat:
        faults.append(
            f"{at(chat[0])}: a chat message, not speech, as are {len(chat) - 1} further {unit}(s); remove them"
        )
    return faults


def _without_numbers(lines: Sequence[str]) -> list[str]:
    """Lines without their numbers, if from some line on every line that is not empty has one, and they ascend."""
    ends: dict[int, int] = {}
    before = -1
    for index, line in enumerate(lines):
        if not line or line.isspace():
            continue
        match = _NUMBERED.match(line)
        if match is None and not ends:
            continue
        if match is None or int(match[1]) <= before:
            return list(lines)
        before, ends[index] = int(match[1]), match.end()
    if len(ends) < _FEWEST_NUMBERS:
        return list(lines)
    return [line[ends.get(index, 0) :] for index, line in enumerate(lines)]


def _indent(line: str) -> int:
    line = line.expandtabs()
    return len(line) - len(line.lstrip())
