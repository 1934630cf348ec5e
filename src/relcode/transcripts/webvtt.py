"""WebVTT, as Zoom (`Name: words` in the cue) and Teams (`<v Name>words</v>`) write it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.roles import Utterance, is_role_word, plain, split_mark

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_TAG = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang)(?:[.\s][^>]*)?>|<\d[\d:.]*>")
_STAMP = r"(?:\d+:)?\d{1,2}:\d{1,2}\.\d{1,3}"
_TIMING = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s|$)")
_NO_CUE = ("NOTE", "STYLE", "REGION")
# WebVTT's own escapes alone, semicolon and all: `R&D` and `&copy that` are words
_ESCAPE = re.compile(r"&(amp|lt|gt|lrm|rlm|nbsp);")
_ESCAPED = {"amp": "&", "lt": "<", "gt": ">", "lrm": "\u200e", "rlm": "\u200f", "nbsp": "\u00a0"}


def read_webvtt(path: Path, text: str) -> list[Utterance]:
    """Read cues in order; a cue without a speaker continues the one before; a cue may hold several speakers.

    Raises
    ------
    TranscriptError
        Not valid WebVTT, or words that would be lost: a timing line that cannot be read, words that belong to no cue,
        cues before the first speaker. All are listed, by line.
    """
    import webvtt

    lines_of_cues, faults = _find_cues(path, text)
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} place(s) that are not valid WebVTT:", faults)
    try:
        captions = list(webvtt.from_buffer(io.StringIO(text), format="vtt"))
    except webvtt.errors.MalformedFileError as error:
        raise TranscriptError(f"{path} is not valid WebVTT: expected WEBVTT, then cues with `-->`.") from error
    except Exception as error:  # the library lets parsing errors of many kinds through
        raise TranscriptError(f"{path} is not valid WebVTT ({type(error).__name__}).") from error
    if len(captions) != len(lines_of_cues):
        raise TranscriptError(f"{path}: {len(captions)} of {len(lines_of_cues)} cues can be read; check their times.")
    if not captions:
        raise TranscriptError(f"{path} holds no cue.")
    marks = _marks([caption.raw_text for caption in captions])
    utterances: list[Utterance] = []
    for number, (caption, line) in enumerate(zip(captions, lines_of_cues, strict=True), start=1):
        start = _seconds(caption.start, caption.start_in_seconds)
        end = _seconds(caption.end, caption.end_in_seconds)
        for mark, words in _parts(caption.raw_text, marks):
            speaker = mark if mark is not None else utterances[-1].mark if utterances else None
            if speaker is None:
                faults.append(f"{path}:{line}: cue {number} names no speaker; expected `Name: words` or `<v Name>`")
                continue
            utterances.append(Utterance(speaker, words, start, end, f"line {line}"))
    if faults:
        raise TranscriptError(f"{path}: it does not say who speaks first:", faults)
    return utterances


def _find_cues(path: Path, text: str) -> tuple[list[int], list[str]]:
    """Lines of the timings, and faults: what webvtt-py would pass over without a word."""
    cues: list[int] = []
    faults: list[str] = []
    for start, block in _blocks(text):
        arrows = [offset for offset, line in enumerate(block) if "-->" in line]
        is_header = block[0].startswith("WEBVTT") and start == 1
        if not arrows:
            if not is_header and not block[0].startswith(_NO_CUE) and re.search(r"[^\W\d_]", "".join(block)):
                faults.append(f"{path}:{start}: words that belong to no cue; a cue ends at an empty line")
            continue
        timing, *others = arrows
        if (timing > 1 and not is_header) or not _TIMING.match(block[timing]):
            faults.append(f"{path}:{start + timing}: no timing line; expected hh:mm:ss.mmm --> hh:mm:ss.mmm")
        cues.append(start + timing)
        for offset in others:
            faults.append(f"{path}:{start + offset}: `-->` in a cue's words; expected an empty line before, or --&gt;")
    return cues, faults


def _blocks(text: str) -> list[tuple[int, list[str]]]:
    """Runs of lines that are not empty, each with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    before = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if line and not before:
            blocks.append((number, []))
        if line:
            blocks[-1][1].append(line)
        before = line
    return blocks


def _marks(cues: Sequence[str]) -> set[str]:
    """The marks with which cues begin: only these, and role words, change the speaker within a cue."""
    first = [split_mark(_words(cue.split("\n", 1)[0]))[0] for cue in cues]
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


def _seconds(stamp: str, whole: float) -> float:
    """The library gives whole seconds; the stamp has the milliseconds."""
    fraction = stamp.rpartition(".")[2]
    return round(int(whole) + int(fraction) / 1000, 3) if fraction.isdigit() else float(whole)
