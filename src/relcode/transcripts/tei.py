"""TEI, transcriptions of speech (`.xml`, `.tei`), also ISO 24624: utterances, what is heard beside them, a timeline."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.roles import Roles, Utterance, role_word
from relcode.transcripts.safe_xml import read_elements
from relcode.transcripts.tei_elements import Speech, TeiElements, When
from relcode.transcripts.tei_text import OVERLAP_ENDS_SIGN, OVERLAP_SIGN, readable, stretches

ROOT = re.compile(r"<(?:[\w.-]+:)?(?:TEI|teiCorpus|TEI\.2)[\s>]")
_UNITS = {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}
_CLOCK = re.compile(r"(?:.*T)?(\d{1,2}):(\d\d):(\d\d(?:\.\d+)?)(?:Z|[+-]\d\d:?\d\d)?")
_LENGTH = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d*\.?\d+)S)?")
_Stretch = tuple[str | None, str | None, str]


def read_tei(path: Path, data: bytes, roles: Roles) -> list[Utterance]:
    """Read the utterances in the order of the file, as readable text, with the times of the timeline.

    Speakers are known by the `role` of their `person`; one whom the user declares by id is as declared. Where two speak
    between the same points of the timeline, or `trans="overlap"` says so, the words stand as overlap.

    Raises
    ------
    TranscriptError
        No XML, a document type or entities, no utterance; every utterance without a speaker or with several, within
        another, or with a point that is not in the timeline, by line.
    """
    elements = TeiElements(path)
    read_elements(path, data, elements)
    speeches, faults = elements.speeches, elements.faults
    if elements.root not in ("TEI", "teiCorpus", "TEI.2"):
        raise TranscriptError(f"{path} is no TEI document: its root is not TEI.")
    known = elements.points.keys() | elements.anchors
    parts = [stretches(speech.text, speech.start, speech.end) for speech in speeches]
    for speech, part in zip(speeches, parts, strict=True):
        points = {speech.start, speech.end, *(point for entry in part for point in entry[:2])} - {None}
        if elements.points and not points <= known:
            faults.append(
                f"{path}:{speech.line}: an utterance begins, ends or is anchored at a point not in the timeline"
            )
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} place(s) that cannot be read:", faults)
    if not speeches:
        raise TranscriptError(
            f"{path}: there is no utterance <u>; texts that are not transcriptions of speech are not read."
        )
    times = _times(elements.points)
    marks = _marks(elements.persons, roles)
    order: dict[str | None, int] = {point: number for number, point in enumerate(elements.points)}
    spoken = _spoken(speeches, parts, order)
    found = []
    for speech, part in zip(speeches, parts, strict=True):
        text = "".join(_with_overlap(entry, speech.who, spoken, order) for entry in part) + speech.behind
        passed = [speech.start, *(point for entry in part for point in entry[:2]), speech.end]
        known_times = [times[point] for point in passed if point in times]
        t0, t1 = (known_times[0], known_times[-1]) if known_times else (None, None)
        found.append(Utterance(marks.get(speech.who, speech.who), readable(text), t0, t1, f"line {speech.line}"))
    return found


def _marks(persons: Mapping[str, str], roles: Roles) -> dict[str, str]:
    """Id -> mark: `T`, `C2` ... by role and order, the id itself where the role is neither or the id is declared."""
    marks: dict[str, str] = {}
    counts = {"T": 0, "C": 0}
    for name, role in persons.items():
        speaker = role_word(role.replace("_", " ")) if role else None
        if speaker is None or roles.declares(name):
            marks[name] = name
            continue
        counts[speaker[0]] += 1
        marks[name] = f"{speaker[0]}{counts[speaker[0]]}"
    return marks


def _times(points: Mapping[str, When]) -> dict[str | None, float | None]:
    """The time of each point in seconds from the first; None where nothing says it."""
    times: dict[str | None, float | None] = {}
    first_clock: float | None = None
    before: str | None = None
    for name, when in points.items():
        clock = _CLOCK.fullmatch(when.absolute.strip())
        since = before if when.since is None else when.since
        length = _seconds(when.interval, when.unit)
        start = times.get(since)
        if clock:
            here = int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
            first_clock = here if first_clock is None else first_clock
            times[name] = round((here - first_clock) % 86400, 3)
        elif length is not None and start is not None:
            times[name] = round(start + length, 3)
        else:
            times[name] = None if times else 0.0  # the first point is where the recording begins
        before = name
    return times


def _seconds(interval: str, unit: str) -> float | None:
    length = _LENGTH.fullmatch(interval.strip())
    if length and any(length.groups()):
        return int(length[1] or 0) * 3600 + int(length[2] or 0) * 60 + float(length[3] or 0)
    if unit in _UNITS and re.fullmatch(r"\d*\.?\d+(?:[eE][+-]?\d{1,2})?", interval.strip()):
        return float(interval) * _UNITS[unit]
    return None


def _spoken(
    speeches: Sequence[Speech], parts: Sequence[Sequence[_Stretch]], order: Mapping[str | None, int]
) -> dict[str, tuple[list[int], list[int]]]:
    """By speaker, the stretches of the timeline in which they speak: starts in order, and the latest end up to each."""
    found: dict[str, list[tuple[int, int]]] = {}
    for speech, part in zip(speeches, parts, strict=True):
        for start, end, text in part:
            if start in order and end in order and any(map(str.isalnum, text)):
                found.setdefault(speech.who, []).append((order[start], order[end]))
    ordered = {who: sorted(entries) for who, entries in found.items()}
    return {
        who: ([start for start, _ in entries], list(accumulate((end for _, end in entries), max)))
        for who, entries in ordered.items()
    }


def _with_overlap(
    stretch: _Stretch, who: str, spoken: Mapping[str, tuple[list[int], list[int]]], order: Mapping[str | None, int]
) -> str:
    """The text of a stretch; as overlap where another speaks from its beginning, or before, to its end, or beyond."""
    start, end, text = stretch
    if start not in order or end not in order or order[start] >= order[end]:
        return text
    for other, (starts, ends) in spoken.items():
        last = bisect_right(starts, order[start]) - 1
        if other != who and last >= 0 and ends[last] >= order[end]:
            return f"{OVERLAP_SIGN}{text}{OVERLAP_ENDS_SIGN}"
    return text
