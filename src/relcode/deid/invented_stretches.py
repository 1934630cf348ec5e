"""Where surrogates stand in a de-identified text, so that the gate does not take them for identifiers left in."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from relcode.deid.detect import detect
from relcode.deid.offsets import OffsetMap
from relcode.deid.replace import DeidResult
from relcode.records import Session, Turn

Place = tuple[int, int, int, str]  # turn, start, end, label
_TAG = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_\d+\]")


def invented_stretches(result: DeidResult) -> dict[str, list[Place]]:
    """The places of surrogates in the output, by its session ids; tags are not among them: no detector takes them up."""
    labels = {(finding.session_id, finding.turn, finding.start): finding.label for finding in result.findings}
    former = {new: old for old, new in result.session_ids.items()}
    places: dict[str, list[Place]] = {}
    for session in result.sessions:
        old_id = former.get(session.session_id, session.session_id)
        for turn in session.turns:
            offsets = result.offset_maps.get((old_id, turn.turn), OffsetMap())
            for old_start, _, start, end in offsets.edits:
                if not _TAG.fullmatch(turn.text[start:end]):
                    label = labels[old_id, turn.turn, old_start]
                    places.setdefault(session.session_id, []).append((turn.turn, start, end, label))
    return places


def found_outside(session: Session, invented: Iterable[Place], threshold: float) -> list[tuple[int, int, int]]:
    """What the detectors find at `threshold` when tags stand in the place of surrogates: turn, start, end in `session`.

    A real name beside a surrogate ("[NAME_1] Okafor") is found as it would be beside a tag.
    """
    by_turn: dict[int, list[Place]] = {}
    for place in invented:
        by_turn.setdefault(place[0], []).append(place)
    back: dict[int, OffsetMap] = {}
    turns = []
    for turn in session.turns:
        if turn.turn in by_turn:
            turn, back[turn.turn] = _with_tags(turn, sorted(by_turn[turn.turn]))
        turns.append(turn)
    found = detect(Session(session.session_id, tuple(turns), session.metadata))
    unchanged = OffsetMap()
    return [
        (finding.turn, *back.get(finding.turn, unchanged).move(finding.start, finding.end))
        for finding in found
        if finding.probability >= threshold
    ]


def _with_tags(turn: Turn, places: Iterable[Place]) -> tuple[Turn, OffsetMap]:
    """A turn with tags for its surrogates, and the way from its offsets to those of the turn as it was."""
    pieces: list[str] = []
    edits: list[tuple[int, int, int, int]] = []
    read = written = 0
    for number, (_, start, end, label) in enumerate(places, start=1):
        before, tag = turn.text[read:start], f"[{label}_{number}]"
        written += len(before)
        edits.append((written, written + len(tag), start, end))
        pieces += [before, tag]
        read, written = end, written + len(tag)
    return msgspec.structs.replace(turn, text="".join([*pieces, turn.text[read:]])), OffsetMap(tuple(edits))
