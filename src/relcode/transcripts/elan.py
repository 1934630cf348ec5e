"""ELAN: tiers of annotations with times (`.eaf`), a tier a speaker, merged by time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.roles import Roles, Utterance, plain, role_word
from relcode.transcripts.safe_xml import Elements, read_elements


@dataclass(repr=False)
class _Annotation:
    slots: tuple[str, str]
    line: int
    text: str = ""


@dataclass(repr=False)
class _Tier:
    name: str
    participant: str
    is_child: bool
    line: int
    annotations: list[_Annotation] = field(default_factory=list)


def read_elan(path: Path, data: bytes, roles: Roles) -> list[Utterance]:
    """Read the annotations of the tiers at the top, by their start; tiers that depend on others (codes) are left out.

    A tier's speaker is its name, or its participant where that is a role word and the name is none. Annotations at slots
    without a time get none; they are put in order by the annotations before and behind them on their tier.

    Raises
    ------
    TranscriptError
        No XML, a document type or entities, no words on a tier at the top; every slot and time that cannot be read and
        every tier without any time beside others, by line.
    """
    tiers, times, faults = _read_xml(path, data)
    for annotation in (annotation for tier in tiers for annotation in tier.annotations):
        if any(slot not in times for slot in annotation.slots):
            faults.append(f"{path}:{annotation.line}: its time slot is not in TIME_ORDER; save the file in ELAN again")
    spoken = [tier for tier in tiers if any(a.text.strip() for a in tier.annotations) and not tier.is_child]
    for tier in spoken if len(spoken) > 1 else []:
        if all(times.get(slot) is None for annotation in tier.annotations for slot in annotation.slots):
            faults.append(f"{path}:{tier.line}: a tier without any time cannot be put in order with the others")
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} place(s) that cannot be read:", faults)
    if not spoken:
        raise TranscriptError(
            f"{path}: no tier at the top holds words with times; tiers that depend on others are not read. Move the "
            "words to independent tiers, one a speaker."
        )
    placed: list[tuple[float, Utterance]] = []
    for tier, mark in zip(spoken, _marks(spoken, roles), strict=True):
        for start, annotation in zip(_starts(tier, times), tier.annotations, strict=True):
            t0, t1 = (times[slot] for slot in annotation.slots)
            placed.append((start, Utterance(mark, annotation.text, t0, t1, f"line {annotation.line}")))
    return [utterance for _, utterance in sorted(placed, key=lambda entry: entry[0])]


def _marks(tiers: list[_Tier], roles: Roles) -> list[str]:
    """The participant stands for the tier only where no other tier is the same speaker's: notes are no speech."""
    marks = []
    for tier in tiers:
        is_known = role_word(tier.name) or roles.declares(tier.name) or not role_word(tier.participant)
        marks.append(tier.name if is_known else tier.participant)
    speakers = Counter(role_word(mark) or plain(mark) for mark in marks)
    return [
        tier.name if speakers[role_word(mark) or plain(mark)] > 1 else mark
        for tier, mark in zip(tiers, marks, strict=True)
    ]


def _starts(tier: _Tier, times: dict[str, float | None]) -> list[float]:
    """Where each annotation stands in time: its start, or a point between the known times around it on its tier."""
    chain = [times[slot] for annotation in tier.annotations for slot in annotation.slots]
    known = [order for order, time in enumerate(chain) if time is not None]
    starts = []
    for order in range(0, len(chain), 2):
        here = chain[order]
        left, right = bisect_left(known, order), bisect_right(known, order)
        before = known[left - 1] if left else None
        behind = known[right] if right < len(known) else None
        low = 0.0 if before is None else chain[before] or 0.0
        high = low if behind is None else chain[behind] or 0.0
        steps = (len(chain) if behind is None else behind) - (-1 if before is None else before)
        between = low + (high - low) * (order - (-1 if before is None else before)) / steps
        starts.append(between if here is None else here)
    return starts


def _read_xml(path: Path, data: bytes) -> tuple[list[_Tier], dict[str, float | None], list[str]]:
    builder = _Builder(path)
    read_elements(path, data, builder)
    if builder.root != "ANNOTATION_DOCUMENT":
        raise TranscriptError(f"{path} is no ELAN document: its root is not ANNOTATION_DOCUMENT.")
    return builder.tiers, builder.times, builder.faults


class _Builder(Elements):
    """Time slots in seconds (None: without a time), tiers in the order of the file, faults."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.root = ""
        self.tiers: list[_Tier] = []
        self.times: dict[str, float | None] = {}
        self.faults: list[str] = []
        self._annotation: _Annotation | None = None
        self._in_value = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.root = self.root or name
        line = self.line
        if name == "TIME_SLOT":
            value = attributes.get("TIME_VALUE")
            if value is not None and not (value.isascii() and value.isdecimal()):
                self.faults.append(f"{self.path}:{line}: TIME_VALUE is no whole number of milliseconds")
                value = None
            self.times[attributes.get("TIME_SLOT_ID", "")] = None if value is None else int(value) / 1000
        elif name == "TIER":
            is_child = "PARENT_REF" in attributes
            self.tiers.append(_Tier(attributes.get("TIER_ID", ""), attributes.get("PARTICIPANT", ""), is_child, line))
        elif name == "ALIGNABLE_ANNOTATION" and self.tiers:
            slots = attributes.get("TIME_SLOT_REF1", ""), attributes.get("TIME_SLOT_REF2", "")
            self._annotation = _Annotation(slots, line)
            self.tiers[-1].annotations.append(self._annotation)
        self._in_value = name == "ANNOTATION_VALUE"

    def end(self, name: str) -> None:
        self._in_value = False
        if name == "ALIGNABLE_ANNOTATION":
            self._annotation = None

    def characters(self, content: str) -> None:
        if self._in_value and self._annotation is not None:
            self._annotation.text += content
