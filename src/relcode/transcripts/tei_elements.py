"""The elements of a TEI document of speech: persons, timeline and utterances, their text with signs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from relcode.transcripts.notation import NOT_TRANSCRIBED, UNINTELLIGIBLE, event, pause
from relcode.transcripts.safe_xml import Elements
from relcode.transcripts.tei_text import (
    DOUBT,
    OVERLAP_ENDS_SIGN,
    OVERLAP_SIGN,
    PUNCTUATION,
    WORD,
    WORD_ENDS,
    anchor,
)

_EVENTS = {"vocal", "incident", "kinesic", "writing", "event", "note"}
_LEFT_OUT = {"spanGrp", "fs", "teiHeader", "listAnnotation", "standOff"}
_INSTEAD = {"reg", "corr", "expan"}  # of <choice>: what an editor made of what was said
_NOT_HEARD = re.compile(r"\s*|.*(?:inaudib|unintel|unclear|incompr|indistinct|noise|illegib).*", re.IGNORECASE)
_LENGTH = re.compile(r"(?:PT)?\(?(?:(?P<minutes>\d+)M)?(?P<seconds>\d*\.?\d+)?\s*(?P<unit>ms|S|s)?\)?")


@dataclass(repr=False)
class Speech:
    """An utterance: who, the points of the timeline at which it begins and ends, its text with signs, notes behind it."""

    who: str
    start: str | None
    end: str | None
    line: int
    text: str = ""
    behind: str = ""


@dataclass(repr=False)
class When:
    """A point of the timeline: a length after another point (None: the one before), or a time of the day."""

    absolute: str
    interval: str
    since: str | None
    unit: str


@dataclass(repr=False)
class TeiElements(Elements):
    """Gathers `persons` (id -> role), `points`, `anchors` and `speeches` in the order of the file, and `faults`."""

    path: Path
    root: str = ""
    persons: dict[str, str] = field(default_factory=dict)
    points: dict[str, When] = field(default_factory=dict)
    anchors: set[str] = field(default_factory=set)
    speeches: list[Speech] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[Callable[[], None] | None] = []  # what is to be done at the end of each open element
        self._names: list[str] = []
        self._unit = "s"
        self._block: dict[str, str] = {}
        self._speech: Speech | None = None
        self._captured: list[str] | None = None
        self._left_out = 0  # how many open elements hold no speech
        self._early = ""  # what is heard before anybody speaks

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.root = self.root or name
        at_the_end: Callable[[], None] | None = None
        if name in ("person", "personGrp"):
            self.persons[attributes.get("id", "")] = attributes.get("role", "")
        elif name == "timeline":
            self._unit = attributes.get("unit", "s")
        elif name == "when":
            unit, since = attributes.get("unit", self._unit), attributes.get("since")
            when = When(attributes.get("absolute", ""), attributes.get("interval", ""), since and _point(since), unit)
            self.points[attributes.get("id", "")] = when
        elif name == "annotationBlock":
            self._block = attributes
            at_the_end = self._block.clear
        elif name in _LEFT_OUT or (name in _INSTEAD and self._names[-1:] == ["choice"]):
            self._left_out += 1
            at_the_end = self._end_left_out
        elif not self._left_out and self._captured is None:
            at_the_end = self._begin_speech(name, attributes)
        self._open.append(at_the_end)
        self._names.append(name)

    def end(self, name: str) -> None:
        self._names.pop()
        at_the_end = self._open.pop()
        if at_the_end is not None:
            at_the_end()

    def characters(self, content: str) -> None:
        if self._captured is not None:
            self._captured.append(content)
        elif self._speech is not None and not self._left_out:
            self._speech.text += content

    def _begin_speech(self, name: str, attributes: dict[str, str]) -> Callable[[], None] | None:
        if name == "u":
            return self._begin_utterance(attributes)
        if name in _EVENTS or name == "gap":
            return self._begin_note(name, attributes)
        if name == "pause":
            self._put(f" {_pause(attributes.get('dur', ''))} ", attributes)
        if self._speech is None:
            return None
        if name == "anchor":
            self.anchors.add(attributes.get("id", ""))
            point = _point(attributes.get("synch", "")) or attributes.get("id", "")
            self._speech.text += anchor(point)
        elif name in ("w", "pc"):
            self._speech.text += PUNCTUATION if name == "pc" else WORD
            return (lambda: self._add(WORD_ENDS)) if name == "w" else None
        elif name == "unclear":
            length = len(self._speech.text)
            return lambda: self._end_unclear(length)
        elif name == "del" and attributes.get("type") == "truncation":
            return self._end_truncation
        elif attributes.get("trans") == "overlap":
            self._speech.text += OVERLAP_SIGN
            return lambda: self._add(OVERLAP_ENDS_SIGN)
        return None

    def _begin_utterance(self, attributes: dict[str, str]) -> Callable[[], None] | None:
        if self._speech is not None:
            self.faults.append(f"{self.path}:{self.line}: an utterance <u> lies within another; end that one before it")
            return None
        given = {**self._block, **attributes}
        who = [_point(name) for name in given.get("who", "").split()]
        if len(who) != 1:
            what = "names several speakers; write an utterance for each" if who else "names no speaker (who)"
            self.faults.append(f"{self.path}:{self.line}: an utterance <u> {what}")
        start, end = (_point(given[key]) if given.get(key) else None for key in ("start", "end"))
        self._speech = Speech(who[0] if who else "", start, end, self.line, self._early)
        self._early = ""
        is_overlap = given.get("trans") == "overlap"
        self._add(OVERLAP_SIGN * is_overlap)

        def finish() -> None:
            self._add(OVERLAP_ENDS_SIGN * is_overlap)
            if self._speech is not None:
                self.speeches.append(self._speech)
            self._speech = None

        return finish

    def _begin_note(self, name: str, attributes: dict[str, str]) -> Callable[[], None] | None:
        if name == "note" and self._speech is None:
            return None
        self._captured = []

        def finish() -> None:
            text = " ".join(re.sub(r"[\[\]]", " ", "".join(self._captured or [])).strip("() \n\t").split())
            self._captured = None
            if name == "gap":
                note = UNINTELLIGIBLE if _NOT_HEARD.fullmatch(attributes.get("reason", "")) else NOT_TRANSCRIBED
            else:
                note = event(text or attributes.get("type") or attributes.get("n") or name)
            self._put(f" {note} ", attributes)

        return finish

    def _put(self, note: str, attributes: dict[str, str]) -> None:
        """A note in the utterance; between two it is its speaker's, else that of the one before."""
        who = _point(attributes.get("who", ""))
        if self._speech is not None:
            self._speech.text += note
        elif who:
            self.speeches.append(Speech(who, None, None, self.line, note))
        elif self.speeches:
            self.speeches[-1].behind += note
        elif "body" in self._names or "text" in self._names:
            self._early += note

    def _end_left_out(self) -> None:
        self._left_out -= 1

    def _add(self, sign: str) -> None:
        if self._speech is not None:
            self._speech.text += sign

    def _end_unclear(self, length: int) -> None:
        if self._speech is not None:
            self._speech.text += DOUBT if self._speech.text[length:].strip() else f" {UNINTELLIGIBLE} "

    def _end_truncation(self) -> None:
        if self._speech is not None and not self._speech.text.rstrip(WORD_ENDS).endswith("-"):
            bare = self._speech.text.rstrip(WORD_ENDS)
            self._speech.text = f"{bare}-{self._speech.text[len(bare) :]}"


def _point(reference: str) -> str:
    """The id in `#T1`, also in `file.xml#T1`."""
    return reference.strip().rpartition("#")[2]


def _pause(length: str) -> str:
    match = _LENGTH.fullmatch(length.strip())
    if match is None or not (match["minutes"] or match["seconds"]):
        return pause()
    seconds = float(match["seconds"] or 0) / (1000 if match["unit"] == "ms" else 1)
    return pause(int(match["minutes"] or 0) * 60 + seconds)
