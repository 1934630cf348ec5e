"""Replace identifiers: by a tag or by a consistent surrogate, the same for the same person across a dyad's sessions."""

from __future__ import annotations

import bisect
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from relcode.deid.decisions import Decision, Rejected, decisions_in_force
from relcode.deid.detect import Finding, detect, known_names
from relcode.deid.lists import clear_first_names
from relcode.records import Session, Span, Turn

Mode = Literal["tag", "surrogate"]
_HEADER_KEYS = ("dyad", "therapist", "client", "session_number")


@dataclass(frozen=True)
class OffsetMap:
    """Where the characters of a turn went. Edits are (start, end, new start, new end), in order, code points."""

    edits: tuple[tuple[int, int, int, int], ...] = ()

    def move(self, start: int, end: int) -> tuple[int, int]:
        """The place of a stretch after replacement; one that touches a replaced stretch covers the replacement."""
        return self._edge(start, 0), self._edge(end, 1)

    def _edge(self, offset: int, side: int) -> int:
        index = bisect.bisect_right(self.edits, offset - side, key=lambda edit: edit[0]) - 1
        if index < 0:
            return offset
        start, end, new_start, new_end = self.edits[index]
        inside = start <= offset < end if side == 0 else start < offset <= end
        if inside:
            return new_end if side else new_start
        return offset - end + new_end


@dataclass(frozen=True, repr=False)
class DeidResult:
    """De-identified sessions; findings against the *input* turns; an offset map for each changed turn; the key.

    `key` maps each replacement to what it stands for, by dyad: keep it apart or not at all. `rejected`: places in the
    input that a person said hold no identifier; `not_applied`: a line for each decision that no longer fits its turn.
    """

    sessions: tuple[Session, ...]
    findings: tuple[Finding, ...]
    offset_maps: Mapping[tuple[str, int], OffsetMap]
    key: Mapping[str, Mapping[str, str]]
    mode: Mode = "tag"
    rejected: tuple[Rejected, ...] = ()
    not_applied: tuple[str, ...] = ()


@dataclass
class _Names:
    """The replacements of one dyad: original (label, plain form) -> replacement."""

    dyad: str
    mode: Mode
    given: dict[tuple[str, str], str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def replacement(self, finding: Finding) -> str:
        plain = " ".join(re.sub(r"['’]s$", "", finding.text).lower().split())
        if finding.label == "NAME":
            plain = self._person(plain)
        slot = (finding.label, plain)
        if slot not in self.given:
            self.counts[finding.label] = number = self.counts.get(finding.label, 0) + 1
            surrogate = self._surrogate(plain) if self.mode == "surrogate" and finding.label == "NAME" else None
            self.given[slot] = surrogate or f"[{finding.label}_{number}]"
        return self.given[slot]

    def _person(self, plain: str) -> str:
        """One person for a full name and its parts: the parts of a name point to the name seen first."""
        for part in plain.split():
            if part in self.people:
                return self.people[part]
        for part in plain.split():
            if len(part) > 1:
                self.people[part] = plain
        return plain

    def _surrogate(self, plain: str) -> str:
        pool = sorted(name for name in clear_first_names() if name.isascii() and name.isalpha() and 4 <= len(name) <= 8)
        taken = {name.lower() for name in self.given.values()} | set(plain.split())
        seed = int.from_bytes(hashlib.sha256(f"{self.dyad}\t{plain}".encode()).digest()[:8], "big")
        for step in range(len(pool)):
            name = pool[(seed + step) % len(pool)]
            if name not in taken:
                return name.capitalize()
        raise AssertionError("more people than names")


def deidentify(sessions: Iterable[Session], *, mode: Mode = "tag", decisions: Iterable[Decision] = ()) -> DeidResult:
    """Remove identifiers from sessions.

    Parameters
    ----------
    mode
        `tag` writes `[NAME_3]`; `surrogate` writes an invented first name for people and tags for the rest. Numbers and
        names are the same for the same person in all sessions of a dyad.
    decisions
        What persons decided in a review, in the order of their deciding.

    Notes
    -----
    Two passes: names found anywhere in a dyad's sessions are then found in all of them, in any case. Of the header,
    session_id, dyad, therapist, client and session_number stay, and other text only if nothing is found in it.
    """
    kept = list(sessions)
    by_dyad: dict[str, list[Session]] = {}
    for session in kept:
        by_dyad.setdefault(session.dyad, []).append(session)
    done: dict[str, Session] = {}
    findings: list[Finding] = []
    maps: dict[tuple[str, int], OffsetMap] = {}
    key: dict[str, dict[str, str]] = {}
    review = decisions_in_force(decisions, kept)
    rejected: list[Rejected] = []
    for dyad, group in by_dyad.items():
        names = known_names(finding for session in group for finding in review.settle(session, detect(session))[0])
        given = _Names(dyad, mode)
        for session in group:
            found, left = review.settle(session, detect(session, names=names))
            findings += found
            rejected += left
            done[session.session_id] = _replaced(session, found, given, maps)
        key[dyad] = {replacement: original for (_, original), replacement in given.given.items()}
    after = tuple(done[session.session_id] for session in kept)
    return DeidResult(after, tuple(findings), maps, key, mode, tuple(rejected), review.not_applied)


def move_spans(spans: Iterable[Span], result: DeidResult) -> list[Span]:
    """Spans made against the input of `deidentify`, at their places in its output, with the words that stand there."""
    texts = {(session.session_id, turn.turn): turn.text for session in result.sessions for turn in session.turns}
    moved = []
    for span in spans:
        place = (span.session_id, span.turn)
        start, end = result.offset_maps.get(place, OffsetMap()).move(span.start, span.end)
        text = texts[place][start:end] if place in texts else span.text
        moved.append(msgspec.structs.replace(span, start=start, end=end, text=text))
    return moved


def _replaced(
    session: Session, findings: Sequence[Finding], given: _Names, maps: dict[tuple[str, int], OffsetMap]
) -> Session:
    by_turn: dict[int, list[Finding]] = {}
    for finding in findings:
        by_turn.setdefault(finding.turn, []).append(finding)
    turns: list[Turn] = []
    for turn in session.turns:
        edits: list[tuple[int, int, int, int]] = []
        pieces: list[str] = []
        read = written = 0
        for finding in by_turn.get(turn.turn, ()):
            new = given.replacement(finding)
            before = turn.text[read : finding.start]
            written += len(before)
            edits.append((finding.start, finding.end, written, written + len(new)))
            pieces += [before, new]
            read, written = finding.end, written + len(new)
        if edits:
            maps[(session.session_id, turn.turn)] = OffsetMap(tuple(edits))
            turn = msgspec.structs.replace(turn, text="".join([*pieces, turn.text[read:]]))
        turns.append(turn)
    return Session(session.session_id, tuple(turns), _clean_header(session))


def _clean_header(session: Session) -> dict[str, object]:
    """The header without text in which something is found."""
    cleaned: dict[str, object] = {}
    for name, value in session.metadata.items():
        if name in _HEADER_KEYS or isinstance(value, (int, float, bool)):
            cleaned[name] = value
        elif isinstance(value, str):
            seen = detect(Session(session.session_id, (Turn(1, "T", f"it {value}"),)))
            if not any(finding.probability >= 0.7 for finding in seen):
                cleaned[name] = value
    return cleaned
