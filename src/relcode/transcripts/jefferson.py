"""Jefferson transcription (conversation analysis): numbered lines with signs for overlap, silence, pace, voice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.jefferson_words import readable
from relcode.transcripts.marks import Mark, find_mark
from relcode.transcripts.plaintext import LINE_END, read_lines
from relcode.transcripts.roles import Utterance

_ARROW = re.compile(r"(\s*(?:\d{1,5}[.)]?\s+)?)(-{1,2}>|=>|→|►|⇒)(?=\s)")
_TIGHT = re.compile(r"(\s*[^\W\d_][\w.'’ -]{0,20}:)(?=[=\[(°>↑↓<£#~⌈⌊]|\.h)")
_LENGTHENED = re.compile(r"\s*[^\W\d_]\w*::")
_SIGNS = {  # what is told of a file -> how it looks
    "micropauses (.)": r"\(\.\)",
    "timed silences (0.5)": r"\(\d*\.\d+\)",
    "lengthening wo::rd": r"[^\W\d_]::+(?!\S*/)|[a-z]:[a-z]",
    "latching =": r"=\s*$|^\s*(?:\d{1,5}[.)]?\s+)?(?:\w[\w. ]{0,12}:)?\s*=\w",
    "breaths .hh": r"(?:^|\s)[.·˙•]h{1,}\b|(?:^|\s)hh+\b",
    "overlaps [": r"\w\[[^\W\d_]|\[[^\[\]]*$|^[^\[\]]*\]|\[\s*(?!laugh|inaud|unint|cross|paus)[a-z]+\s*\]",
    "soft words °so°": r"°[^\s°][^°]*°",
    "pitch ↑↓": r"[↑↓]",
    "pace >so<": r">[^<>\s][^<>]*<",
    "comments ((so))": r"\(\([^()]+\)\)",
    "laughter in words wo(h)rd": r"\w\(h+\)\w",
}
_FOUND = {name: re.compile(look, re.IGNORECASE) for name, look in _SIGNS.items()}
# each is rare in what is typed by hand; brackets, arrows and comments alone are not
_TELLING = {"micropauses (.)", "timed silences (0.5)", "lengthening wo::rd", "breaths .hh", "laughter in words wo(h)rd"}
_LINES_READ = 400
_LONGEST_READ = 300  # characters of a line
_LONGEST_COMMENT = 4  # lines


def jefferson_signs(text: str) -> list[str]:
    """The signs of Jefferson's notation in a text, most frequent first; none where it is not written in it.

    It is where there are signs of three kinds, two of them rare in other texts, on at least three lines and a tenth of all.
    """
    lines = [line[:_LONGEST_READ] for line in LINE_END.split(text) if line.strip()][:_LINES_READ]
    counts = {name: sum(look.search(line) is not None for line in lines) for name, look in _FOUND.items()}
    signed = sum(any(look.search(line) for look in _FOUND.values()) for line in lines)
    kinds = [name for name, count in sorted(counts.items(), key=lambda entry: -entry[1]) if count]
    if len(kinds) < 3 or len(_TELLING & set(kinds)) < 2 or signed < max(3, len(lines) / 10):
        return []
    return kinds


def is_jefferson(text: str) -> bool:
    return bool(jefferson_signs(text))


def read_jefferson(path: Path, text: str) -> tuple[list[Utterance], list[str]]:
    """Utterances, a line each, in readable text, and notes: how it was read, and lines that were passed over.

    A line without a mark continues the speaker, a silence on a line of its own too. Overlaps, silences, breaths, laughter
    and comments become notes; pace, loudness, pitch, stress and latching are left out.

    Raises
    ------
    TranscriptError
        As `read_text`; every comment `((` without its end, by line.
    """
    lines = [_TIGHT.sub(r"\1 ", _ARROW.sub(_blank, line)) for line in LINE_END.split(text)]
    utterances, notes = read_lines(path, lines, _find_mark)
    utterances, faults = _with_whole_comments(path, utterances)
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} place(s) that cannot be read:", faults)
    signs = ", ".join(jefferson_signs(text)[:4])
    why = f" because of {signs}" if signs else ""
    notes.append(f"read as a Jefferson transcription{why}; --format txt leaves its signs as they are")
    return [replace(utterance, text=readable(utterance.text)) for utterance in utterances], notes


def _blank(arrow: re.Match[str]) -> str:
    return arrow[1] + " " * len(arrow[2])


def _find_mark(line: str) -> Mark | None:
    return None if _LENGTHENED.match(line) else find_mark(line)


def _with_whole_comments(path: Path, utterances: Sequence[Utterance]) -> tuple[list[Utterance], list[str]]:
    """Comments over several lines end on each line and begin anew on the next; those without an end are faults."""
    found: list[Utterance] = []
    faults: list[str] = []
    is_inside = False
    for place, utterance in enumerate(utterances):
        text = f"(({utterance.text}" if is_inside else utterance.text
        is_inside = _is_open(text)
        if is_inside:
            next_ones = utterances[place + 1 : place + _LONGEST_COMMENT]
            same = takewhile(lambda other, mark=utterance.mark: other.mark == mark, next_ones)  # type: ignore[misc]
            is_inside = any("))" in other.text for other in same)
            if not is_inside:
                number = utterance.place.removeprefix("line ")
                faults.append(f"{path}:{number}: a comment (( has no )) on this line or the next ones; add it")
            text += "))"
        found.append(replace(utterance, text=text))
    return found, faults


def _is_open(text: str) -> bool:
    return text.rfind("((") > text.rfind("))")
