"""WebVTT, as Zoom (`Name: words` in the cue) and Teams (`<v Name>words</v>`) write it."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.roles import Utterance

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_TAG = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang)(?:[.\s][^>]*)?>|<\d[\d:.]*>")
_NAME = re.compile(r"([^:\n]{1,40}):\s+(.*)", re.DOTALL)


def read_webvtt(path: Path, text: str) -> list[Utterance]:
    """Read cues in order; a cue without a speaker continues the one before.

    Raises
    ------
    TranscriptError
        Not valid WebVTT, or the first cue names no speaker.
    """
    import webvtt

    try:
        captions = list(webvtt.from_buffer(io.StringIO(text), format="vtt"))
    except webvtt.errors.MalformedFileError as error:
        raise TranscriptError(f"{path} is not valid WebVTT: expected WEBVTT, then cues with `-->`.") from error
    except Exception as error:  # the library lets parsing errors of many kinds through
        raise TranscriptError(f"{path} is not valid WebVTT ({type(error).__name__}).") from error
    utterances: list[Utterance] = []
    for number, caption in enumerate(captions, start=1):
        mark, words = _split(caption.raw_text)
        if mark is None:
            if not utterances:
                raise TranscriptError(f"{path}: cue {number} names no speaker; expected `Name: words` or `<v Name>`.")
            mark = utterances[-1].mark
        start, end = caption.start_in_seconds, caption.end_in_seconds
        start, end = _seconds(caption.start, start), _seconds(caption.end, end)
        utterances.append(Utterance(mark, words, start, end))
    return utterances


def _split(raw: str) -> tuple[str | None, str]:
    voice = _VOICE.search(raw)
    words = html.unescape(_TAG.sub("", raw)).strip()
    words = words.replace("\n", " ")
    if voice:
        return html.unescape(voice.group(1)), words
    named = _NAME.fullmatch(words)
    if named:
        return named.group(1), named.group(2)
    return None, words


def _seconds(stamp: str, whole: float) -> float:
    """The library gives whole seconds; the stamp has the milliseconds."""
    fraction = stamp.rpartition(".")[2]
    return round(int(whole) + int(fraction) / 1000, 3) if fraction.isdigit() else float(whole)
