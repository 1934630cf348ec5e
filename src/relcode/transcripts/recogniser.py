"""Speech recognisers' JSON: Whisper, WhisperX, AssemblyAI, Deepgram, AWS Transcribe, and plain lists of utterances."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relcode.errors import TranscriptError
from relcode.transcripts.recogniser_words import Word, between, joined, runs
from relcode.transcripts.roles import Utterance
from relcode.transcripts.times import seconds

_LISTS = ("segments", "utterances", "turns", "chunks", "messages", "dialogue", "transcript", "words")
_SPEAKER = ("speaker", "speaker_label", "interlocutor", "role", "who", "participant", "speaker_id")
_TEXT = ("text", "utterance", "utterance_text", "transcript", "content", "sentence")
_WORD = ("punctuated_word", "word", "text")
_START = ("start", "start_time", "t0", "begin")
_END = ("end", "end_time", "t1")
_HALF = re.compile("[\ud800-\udfff]")
_NO_DIARISATION = (
    "nobody is named as speaker: the recogniser ran without diarisation, and --therapist cannot help. Run it with "
    "diarisation (WhisperX: --diarize), or write a `speaker` into each part, and import again."
)


def read_recogniser(path: Path, text: str) -> list[Utterance]:
    """Read one session; a part whose words have several speakers is split at the word. `text` is the decoded file.

    A word without a speaker belongs to the speaker of the word before it, at the beginning of a part to the one behind.
    A part (segment, utterance) without any speaker is a fault.

    Raises
    ------
    TranscriptError
        Not JSON (with line), no list of utterances, no speaker anywhere; every part without a speaker or with a text,
        time or speaker of the wrong kind, by its place in the file (`segments[3]`; the first is 0).
    """
    value = parsed_json(path, text)
    reading = _Reading(path)
    results = value.get("results") if isinstance(value, dict) else None
    if isinstance(results, dict) and isinstance(results.get("items"), list):
        reading.read_aws(results)
    elif isinstance(results, dict) and not isinstance(results.get("utterances"), list):
        reading.read_deepgram_words(results)
    elif isinstance(results, dict):
        reading.read_parts(results["utterances"], "results.utterances")
    elif isinstance(value, list):
        reading.read_parts(value, "")
    else:
        name = _list_name(value)
        if name is None:
            raise TranscriptError(
                f"{path} holds no list of utterances that relcode knows (expected one of {', '.join(_LISTS)}, or "
                "`results` of Deepgram or AWS); leave the file out of the folder if it is no transcript."
            )
        reading.scale = 0.001 if "audio_url" in value else 1.0  # AssemblyAI counts milliseconds
        reading.read_parts(value[name], name)
    return reading.finished()


def is_recognisers_json(text: str, suffix: str) -> bool:
    """Tell a whole JSON document from JSON lines, which begin with `{` too."""
    first = text.lstrip().split("\n", 1)[0].strip()
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return suffix == ".json" or (first in ("{", "[", "[{") and suffix != ".jsonl")
    if isinstance(value, dict):
        has_lines = "session_id" in value or "turn" in value
        return _list_name(value) is not None or "results" in value or (suffix == ".json" and not has_lines)
    return suffix == ".json" or bool(isinstance(value, list) and value and isinstance(value[0], dict))


class _Reading:
    """What was read of a file so far: utterances (mark "" where there is no speaker) and faults."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.scale = 1.0
        self.found: list[Utterance] = []
        self.faults: list[str] = []

    def finished(self) -> list[Utterance]:
        spoken = [utterance for utterance in self.found if utterance.text.strip()]
        if self.faults:
            raise TranscriptError(f"{self.path} has {len(self.faults)} part(s) that cannot be read:", self.faults)
        if spoken and not any(utterance.mark for utterance in spoken):
            raise TranscriptError(f"{self.path}: {_NO_DIARISATION}")
        for utterance in spoken:
            if not utterance.mark:
                self._fault(utterance.place, "no speaker; write one in, or diarise again (WhisperX: fill_nearest)")
        if self.faults:
            raise TranscriptError(f"{self.path} has {len(self.faults)} part(s) without a speaker:", self.faults)
        return spoken

    def read_parts(self, parts: list[Any], name: str) -> None:
        for number, part in enumerate(parts):
            place = f"{name}[{number}]"
            if not isinstance(part, dict):
                self._fault(place, "expected an object with speaker and text")
                continue
            self._read_part(part, place)

    def read_aws(self, results: Mapping[str, Any]) -> None:
        """Words with marks of their own, or (older files) only in `speaker_labels`, by their start."""
        if isinstance(results.get("channel_labels"), dict):
            self._fault("results.channel_labels", "channels are not read; transcribe with speaker labels")
            return
        labels = results.get("speaker_labels")
        segments = _dicts(labels.get("segments")) if isinstance(labels, dict) else []
        marks = {item.get("start_time"): item.get("speaker_label") for s in segments for item in _dicts(s.get("items"))}
        words: list[Word] = []
        for number, item in enumerate(results["items"]):
            place = f"results.items[{number}]"
            alternatives = _dicts(item.get("alternatives")) if isinstance(item, dict) else []
            content = alternatives[0].get("content") if alternatives else None
            if not isinstance(content, str):
                self._fault(place, "no content; expected alternatives[0].content")
                continue
            glued = item.get("type") == "punctuation"
            mark = None if glued else self._mark(item, place) or marks.get(item.get("start_time"))
            words.append(Word(content, mark, *self._times(item, place), place, glued))
        self._add(words)

    def read_deepgram_words(self, results: Mapping[str, Any]) -> None:
        channels = _dicts(results.get("channels"))
        if len(channels) != 1:
            self._fault("results", "expected one channel, or utterances; transcribe with utterances=true")
            return
        alternatives = _dicts(channels[0].get("alternatives"))
        words = alternatives[0].get("words") if alternatives else None
        if not isinstance(words, list):
            self._fault("results.channels[0]", "no words; expected alternatives[0].words")
            return
        self._add(self._words(words, "results.channels[0].alternatives[0].words"))

    def _read_part(self, part: Mapping[str, Any], place: str) -> None:
        text, mark = _first(part, _TEXT), self._mark(part, place)
        words = self._words(part["words"], f"{place}.words") if isinstance(part.get("words"), list) else []
        if not isinstance(text, str) and not (text is None and words):
            self._fault(place, "no text; expected words in quotation marks")
            return
        text = joined(words) if text is None else text
        start, end = self._times(part, place)
        if not any(word.mark for word in words):
            self.found.append(Utterance(mark or "", text, start, end, place))
            return
        spoken = runs(words)
        pieces = [text] if len(spoken) == 1 else between(text, spoken)
        if pieces is None:
            self._fault(place, "its words are not those of its text, so that it cannot be split between the speakers")
            return
        for order, (run, piece) in enumerate(zip(spoken, pieces, strict=True)):
            first = start if order == 0 and start is not None else run[0].t0
            last = end if order == len(spoken) - 1 and end is not None else _last_end(run)
            self.found.append(Utterance(run[0].mark or "", piece, first, last, place))

    def _words(self, words: list[Any], name: str) -> list[Word]:
        found = []
        for number, word in enumerate(words):
            place = f"{name}[{number}]"
            said = _first(word, _WORD) if isinstance(word, dict) else None
            if not isinstance(said, str):
                self._fault(place, "no word; expected `word` with letters in quotation marks")
                continue
            if said.strip():
                found.append(Word(said.strip(), self._mark(word, place), *self._times(word, place), place))
        return found

    def _add(self, words: list[Word]) -> None:
        for run in runs(words):
            self.found.append(Utterance(run[0].mark or "", joined(run), run[0].t0, _last_end(run), run[0].place))

    def _mark(self, part: Mapping[str, Any], place: str) -> str | None:
        """The speaker; a bare number or letter is called `Speaker 0`, `Speaker A`, so that C is not taken for a client."""
        value = _first(part, _SPEAKER)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | str):
            self._fault(place, "its speaker is neither a word nor a number")
            return None
        mark = str(value).strip()
        return f"Speaker {mark}" if mark.isdecimal() or (self.scale != 1 and len(mark) == 1) else mark or None

    def _times(self, part: Mapping[str, Any], place: str) -> tuple[float | None, float | None]:
        start, end = _first(part, _START), _first(part, _END)
        stamp = part.get("timestamp")
        if start is None and isinstance(stamp, list) and len(stamp) == 2:
            start, end = stamp
        elif start is None and isinstance(stamp, str):
            start = stamp
        return self._time(start, place), self._time(end, place)

    def _time(self, value: Any, place: str) -> float | None:
        if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
            return None
        known = None if isinstance(value, bool) or not isinstance(value, int | float | str) else seconds(str(value))
        if known is None:
            self._fault(place, "a time is neither a number from 0 nor hh:mm:ss")
        return None if known is None else round(known * self.scale, 3)

    def _fault(self, place: str, what: str) -> None:
        self.faults.append(f"{self.path}:{place}: {what}")


def parsed_json(path: Path, text: str) -> Any:
    """The value of a file that is one JSON document.

    Half a character (`"\\ud800"`), which JSON can name and no file can hold, becomes the sign for what is none (U+FFFD).

    Raises
    ------
    TranscriptError
        It is none; says in which line.
    """
    try:
        value = json.loads(text)
        if "\\ud" in text.lower():
            value = json.loads(_HALF.sub("\ufffd", json.dumps(value, ensure_ascii=False)))
        return value
    except json.JSONDecodeError as error:
        raise TranscriptError(f"{path}:{error.lineno}: not valid JSON ({error.msg}, column {error.colno}).") from None
    except RecursionError:
        raise TranscriptError(f"{path}: nested too deeply for a transcript.") from None
    except ValueError:
        raise TranscriptError(f"{path}: not valid JSON: a number has too many digits.") from None


def _list_name(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((name for name in _LISTS if isinstance(value.get(name), list)), None)


def _first(part: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((part[name] for name in names if part.get(name) is not None), None)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _last_end(run: list[Word]) -> float | None:
    return next((word.t1 for word in reversed(run) if word.t1 is not None), None)
