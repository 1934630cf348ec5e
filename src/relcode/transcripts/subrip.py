"""SubRip subtitles, as recognisers write them: `[SPEAKER_00]: words` or `Name: words` in the cue."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.marks import find_mark
from relcode.transcripts.roles import Utterance, is_role_word, plain
from relcode.transcripts.times import seconds

_STAMP = r"\d+:[0-5]?\d:[0-5]?\d(?:[,.]\d{1,3})?"
_TIMING = re.compile(rf"\s*({_STAMP})\s*-->\s*({_STAMP})(?:\s+(?:[XY][12]:\d+\s*)*)?")
_LOOKS_LIKE_A_TIMING = re.compile(r"-->|^\s*\d{1,9}:\d{1,9}:\d{1,9}\S{0,12}\s+(?:\S{1,3}\s+)?\d{1,9}:\d{1,9}:\d")
_TAG = re.compile(r"</?(?:b|i|u|s|font)(?:\s[^<>]{0,200})?>|\{\\[^{}]{0,80}\}", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(repr=False)
class _Cue:
    line: int
    t0: float
    t1: float
    lines: list[tuple[int, str]] = field(default_factory=list)


def read_subrip(path: Path, text: str) -> list[Utterance]:
    """Read cues in order; a cue without a speaker continues the one before; a cue may hold several speakers.

    Raises
    ------
    TranscriptError
        Words that would be lost or given to a wrong speaker: a timing line that cannot be read, words that belong to no
        cue, cues before the first speaker, `>>` or dashes that change the speaker and name none. All are listed, by line.
    """
    cues, faults = _find_cues(path, _LINE_END.split(text))
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} place(s) that are not valid SubRip:", faults)
    if not cues:
        raise TranscriptError(f"{path} holds no cue; expected a number, hh:mm:ss,mmm --> hh:mm:ss,mmm, then words.")
    first = [
        find_mark(_bare(line)) for cue in cues for n, (_, line) in enumerate(cue.lines) if not n or _bare(line) != line
    ]
    marks = {plain(mark.name) for mark in first if mark is not None}
    utterances: list[Utterance] = []
    for cue in cues:
        dashes = sum(line.startswith(("-", "–")) for _, line in cue.lines)
        for offset, (number, line) in enumerate(cue.lines):
            mark = find_mark(_bare(line))
            if mark and offset and not is_role_word(mark.name) and plain(mark.name) not in marks:
                mark = None
            if mark is None and (line.startswith(">>") or (dashes > 1 and line.startswith(("-", "–")))):
                faults.append(f"{path}:{number}: another speaker without a name; expected `Name: words`")
            elif mark is None and not utterances:
                faults.append(
                    f"{path}:{number}: the cue names no speaker; expected `[SPEAKER_00]: words` or `Name: words`"
                )
            else:
                speaker, words = (mark.name, mark.words) if mark else (utterances[-1].mark, line)
                utterances.append(Utterance(speaker, words, cue.t0, cue.t1, f"line {number}"))
    if faults:
        raise TranscriptError(f"{path}: it does not always say who speaks:", faults)
    return utterances


def _find_cues(path: Path, lines: list[str]) -> tuple[list[_Cue], list[str]]:
    """Cues, and faults. A cue ends at an empty line, or where the next one's number and times follow."""
    cues: list[_Cue] = []
    faults: list[str] = []
    open_cue = False
    for number, line in enumerate(lines, start=1):
        timing = _TIMING.fullmatch(line)
        after = lines[number] if number < len(lines) else ""
        if timing:
            cues.append(_Cue(number, seconds(timing[1]) or 0.0, seconds(timing[2]) or 0.0))
            open_cue = True
        elif _LOOKS_LIKE_A_TIMING.search(line):
            faults.append(f"{path}:{number}: no timing line; expected hh:mm:ss,mmm --> hh:mm:ss,mmm")
            open_cue = True
            cues.append(_Cue(number, 0.0, 0.0))  # its words belong to it, and are no fault of their own
        elif not line.strip() or _is_number_of_a_cue(line, after, open_cue):
            open_cue = False
        elif open_cue:
            words = _TAG.sub("", line).strip()
            if words:
                cues[-1].lines.append((number, words))
        else:
            faults.append(f"{path}:{number}: words that belong to no cue; a cue ends at an empty line")
            open_cue = True
            cues.append(_Cue(number, 0.0, 0.0))
    return cues, faults


def _is_number_of_a_cue(line: str, after: str, in_cue: bool) -> bool:
    """Whether a line is the number before times, or one of a cue without times and words."""
    return line.strip().isdigit() and bool(_LOOKS_LIKE_A_TIMING.search(after) or not (in_cue or after.strip()))


def _bare(line: str) -> str:
    """A line without the sign of a new speaker before the name."""
    return re.sub(r"^(?:>>+|[-–])\s*", "", line)
