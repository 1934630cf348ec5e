"""WebVTT, as Zoom (`Name: words` in the cue) and Teams (`<v Name>words</v>`) write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.roles import Utterance, is_role_word, plain, split_mark
from relcode.transcripts.times import seconds

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_TAG = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang)(?:[.\s][^>]*)?>|<\d[\d:.]*>")
_STAMP = r"((?:\d+:)?\d{1,2}:\d{1,2}\.\d{1,3})"
_TIMING = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s|$)")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
# WebVTT's own escapes alone, semicolon and all: `R&D` and `&copy that` are words
_ESCAPE = re.compile(r"&(amp|lt|gt|lrm|rlm|nbsp);")
_ESCAPED = {"amp": "&", "lt": "<", "gt": ">", "lrm": "\u200e", "rlm": "\u200f", "nbsp": "\u00a0"}


@dataclass(frozen=True, repr=False, slots=True)
class _Cue:
    line: int
    t0: float
    t1: float
    raw: str


def read_webvtt(path: Path, text: str) -> list[Utterance]:
    """Read cues in order; a cue without a speaker continues the one before; a cue may hold several speakers.

    Raises
    ------
    TranscriptError
        Not valid WebVTT, or words that would be lost: a timing line that cannot be read, words that belong to no cue,
        cues before the first speaker. All are listed, by line.
    """
    faults: list[str] = []
    if not text.lstrip().startswith("WEBVTT"):
        raise TranscriptError(f"{path} is not valid WebVTT: expected WEBVTT, then cues with `-->`.")
    cues = list(_find_cues(path, text, faults))
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} place(s) that are not valid WebVTT:", faults)
    if not cues:
        raise TranscriptError(f"{path} holds no cue.")
    marks = _marks(cues)
    utterances: list[Utterance] = []
    for number, cue in enumerate(cues, start=1):
        for mark, words in _parts(cue.raw, marks):
            speaker = mark if mark is not None else utterances[-1].mark if utterances else None
            if speaker is None:
                faults.append(f"{path}:{cue.line}: cue {number} names no speaker; expected `Name: words` or `<v Name>`")
                continue
            utterances.append(Utterance(speaker, words, cue.t0, cue.t1, f"line {cue.line}"))
    if faults:
        raise TranscriptError(f"{path}: it does not say who speaks first:", faults)
    return utterances


def _find_cues(path: Path, text: str, faults: list[str]) -> Iterator[_Cue]:
    """Cues: an identifier or none, the timing, the words, up to an empty line; what is none of these is a fault."""
    for start, block in _blocks(text):
        is_header = block[0].lstrip("\ufeff \t").startswith("WEBVTT") and start == 1
        if _NO_CUE.match(block[0]) and "-->" not in block[0]:
            continue
        arrows = [offset for offset, line in enumerate(block) if "-->" in line]
        if not arrows:
            if not is_header and re.search(r"[^\W\d_]", "".join(block)):
                faults.append(f"{path}:{start}: words that belong to no cue; a cue ends at an empty line")
            continue
        timing, *others = arrows
        match = _TIMING.match(block[timing])
        if (timing > 1 and not is_header) or match is None:
            faults.append(f"{path}:{start + timing}: no timing line; expected hh:mm:ss.mmm --> hh:mm:ss.mmm")
        for offset in others:
            faults.append(f"{path}:{start + offset}: `-->` in a cue's words; expected an empty line before, or --&gt;")
        if match is not None:
            t0, t1 = seconds(match[1]) or 0.0, seconds(match[2]) or 0.0
            yield _Cue(start + timing, t0, t1, "\n".join(block[timing + 1 :]))


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that are not empty, each with the number of its first line."""
    block: list[str] = []
    number = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []
    if block:
        yield number + 1 - len(block), block


def _marks(cues: Sequence[_Cue]) -> set[str]:
    """The marks with which cues begin: only these, and role words, change the speaker within a cue."""
    first = (split_mark(_words(cue.raw.split("\n", 1)[0]))[0] for cue in cues)
    return {plain(mark) for mark in first if mark is not None}


def _parts(raw: str, marks: set[str]) -> list[tuple[str | None, str]]:
    """Speaker (None: the one before) and words, for each speaker of a cue."""
    if _VOICE.search(raw):
        before, *voices = _VOICE.split(raw)
        parts: list[tuple[str | None, str]] = [(None, _words(before))]
        parts += [(_words(name), _words(words)) for name, words in zip(voices[::2], voices[1::2], strict=True)]
        return [part for part in parts if part[1]]
    found: list[tuple[str | None, str]] = []
    for offset, line in enumerate(raw.split("\n")):
        whole = _words(line)
        mark, words = split_mark(whole.removeprefix("- "))
        if mark is not None and (offset == 0 or is_role_word(mark) or plain(mark) in marks):
            found.append((mark, words))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {whole}".strip())
        elif whole:
            found.append((None, whole))
    return [part for part in found if part[1]]


def _words(raw: str) -> str:
    """Cue text without tags and escapes; `<laughs>` and the like are words."""
    return _ESCAPE.sub(lambda match: _ESCAPED[match[1]], _TAG.sub("", raw)).strip()
