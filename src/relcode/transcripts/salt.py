"""SALT, Systematic Analysis of Language Transcripts (`.slt`): `$ Client, Therapist`, then a line an utterance."""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.notation import pause
from relcode.transcripts.plaintext import LINE_END
from relcode.transcripts.roles import Roles, Utterance
from relcode.transcripts.salt_words import readable

_HEADER = re.compile(r"\s*\$\s*(?P<names>[^\W\d_][^$]*)")
_TIME = re.compile(r"-\s*(?:(?P<hours>\d+):(?=\d+:))?(?P<minutes>\d*):(?P<seconds>[0-5]\d(?:\.\d+)?)\s*")
_SILENCE = re.compile(r"[;:]\s*(?::?(?P<minutes>\d+):|:)?(?P<seconds>\d*\.?\d+)\s*")
_UTTERANCE = re.compile(r"(?P<letter>[A-Z])(?:\s+(?P<words>.*))?")
_ALSO_WORDS = ("I", "A")  # with these a continued line may begin
_PAIRS = ("()", "{}", "[]")


def is_salt(text: str) -> bool:
    """Whether a text begins with SALT's line of speakers: `$ Client, Therapist`."""
    header = _HEADER.fullmatch(_first_line(text)[1])
    names = header["names"].split(",") if header else []
    return len(names) > 1 and all(re.fullmatch(r"\s*[A-Za-z][\w .'-]*", name) for name in names)


def read_salt(path: Path, text: str, roles: Roles) -> tuple[list[Utterance], list[str]]:
    """Utterances in readable text, with the time of the time mark before them, and notes on what was left out.

    Speakers are known by their names in the line `$`; one whom the user declares, by name or letter, is as declared.
    Lines of metadata (`+`) and comment (`=`) are left out, as are codes in square brackets; a line that begins with none
    of these, nor with a speaker's letter, continues the utterance.

    Raises
    ------
    TranscriptError
        No line `$` at the beginning; every speaker without a letter of their own, letter that the line `$` does not
        name, time or silence that cannot be read, bracket without its partner and line that belongs to no utterance, by
        line.
    """
    faults: list[str] = []
    marks = _speakers(path, *_first_line(text), roles, faults)
    utterances: list[Utterance] = []
    left_out = codes = 0
    time: float | None = None
    for number, line in _lines(text, marks):
        kind = line[0]
        match = _UTTERANCE.fullmatch(line)
        if kind in "+=$":
            left_out += kind != "$"
        elif kind == "-":
            time = _read_time(path, number, line, faults)
        elif kind in ";:":
            silence = _read_silence(path, number, line, faults)
            if utterances and silence:
                last = utterances[-1]
                utterances[-1] = Utterance(last.mark, f"{last.text} {silence}", last.t0, place=last.place)
        elif match and match["letter"] in marks:
            words = match["words"] or ""
            if any(words.count(pair[0]) != words.count(pair[1]) for pair in _PAIRS):
                faults.append(f"{path}:{number}: a bracket (, {{ or [ has no partner")
            codes += len(re.findall(r"\[(?![A-Z_0-9]+_\d+\])", words))
            utterances.append(Utterance(marks[match["letter"]], readable(words), time, place=f"line {number}"))
            time = None
        else:
            what = "its letter is not in the line $" if match and marks else "it belongs to no utterance"
            faults.append(f"{path}:{number}: {what}; expected a letter of the line $, or one of + - = ; :")
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} place(s) that are not valid SALT:", faults)
    notes = [(left_out, "line(s) of metadata and comment (+ =)"), (codes, "code(s) in square brackets")]
    return utterances, [f"{count} {what} were left out" for count, what in notes if count]


def _first_line(text: str) -> tuple[int, str]:
    lines = enumerate(LINE_END.split(text), start=1)
    return next(((number, line) for number, line in lines if line.strip()), (1, ""))


def _lines(text: str, letters: Container[str]) -> list[tuple[int, str]]:
    """Number and content of the lines that are not empty, continued ones joined."""
    whole: list[tuple[int, str]] = []
    for number, line in enumerate(LINE_END.split(text), start=1):
        bare = line.strip()
        match = _UTTERANCE.fullmatch(bare)
        starts = bare[:1] in "+=$-;:" or (match and (match["letter"] in letters or match["letter"] not in _ALSO_WORDS))
        if starts or not whole or not _UTTERANCE.fullmatch(whole[-1][1]):
            whole.append((number, bare))
        else:
            whole[-1] = (whole[-1][0], f"{whole[-1][1]} {bare}")
    return [(number, line) for number, line in whole if line]


def _speakers(path: Path, number: int, header: str, roles: Roles, faults: list[str]) -> dict[str, str]:
    """Letter -> mark: the speaker's name, or the letter where the user declares that."""
    match = _HEADER.fullmatch(header)
    if match is None:
        faults.append(f"{path}:{number}: the line of speakers is missing; expected $ Client, Therapist")
        return {}
    marks: dict[str, str] = {}
    for name in map(str.strip, match["names"].split(",")):
        letter = name[:1].upper()
        if not re.fullmatch("[A-Z]", letter) or letter in marks:
            faults.append(f"{path}:{number}: a speaker has no letter of their own; names begin with different letters")
            continue
        marks[letter] = letter if roles.declares(letter) and not roles.declares(name) else name
    return marks


def _read_time(path: Path, number: int, line: str, faults: list[str]) -> float | None:
    match = _TIME.fullmatch(line)
    if match is None:
        faults.append(f"{path}:{number}: a time mark cannot be read; expected - 1:05")
        return None
    return int(match["hours"] or 0) * 3600 + int(match["minutes"] or 0) * 60 + float(match["seconds"])


def _read_silence(path: Path, number: int, line: str, faults: list[str]) -> str:
    match = _SILENCE.fullmatch(line)
    if match is None:
        faults.append(f"{path}:{number}: a silence cannot be read; expected ; :03")
        return ""
    return pause(int(match["minutes"] or 0) * 60 + float(match["seconds"]))
