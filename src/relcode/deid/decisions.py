"""What a person decided about findings, and what is replaced then: from findings and decisions to findings.

A decision is about a place (`here`) or about words wherever a client's sessions hold them (`client`); that about a place
goes before that about words, a later one before an earlier one. Whatever is accepted or added is replaced even where no
detector finds it; whatever is rejected is not, and passes the gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from relcode.deid.detect import REPLACE_AT, Finding
from relcode.provenance import hash_text
from relcode.records import Session, Turn

LABELS = (
    *("NAME", "LOCATION", "ORG", "DATE", "AGE", "PHONE", "EMAIL", "URL", "OTHER_ID"),
    *("FAX", "SSN", "MRN", "PLAN_ID", "ACCOUNT", "LICENSE", "VEHICLE", "DEVICE", "IP", "BIOMETRIC"),
)
_LABEL = re.compile(r"[A-Z]+(?:_[A-Z]+)*")  # what stands in a tag
_POSSESSIVE = re.compile(r"['’]s$")


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the file of decisions. `repr` does not show the words.

    Offsets are code points of the turn's text, which `turn_sha256` names. With scope `client`, `dyad` and `text` (the words)
    stand too, so that it holds for sessions that come later. `withdraw` takes back what was decided for this place or
    these words. `when` is a time in ISO 8601, UTC.
    """

    session_id: str
    turn: int
    turn_sha256: str
    start: int
    end: int
    label: str
    decision: Literal["accept", "reject", "add", "withdraw"]
    scope: Literal["here", "client"]
    who: str
    when: str
    dyad: str | None = None
    text: str | None = None

    @property
    def slot(self) -> tuple[str, ...]:
        """What it is about: the later of two decisions with one slot holds."""
        if self.scope == "client":
            return ("client", str(self.dyad), plain_words(self.text or ""))
        return ("here", self.session_id, str(self.turn), str(self.start), str(self.end))

    def __repr__(self) -> str:
        return (
            f"Decision({self.session_id!r}, turn {self.turn}, {self.start}:{self.end}, {self.decision}, {self.scope})"
        )


class Rejected(msgspec.Struct, frozen=True):
    """A place in the input that a person said holds no identifier."""

    session_id: str
    turn: int
    start: int
    end: int
    who: str


@dataclass(frozen=True, repr=False)
class Decisions:
    """The decisions in force on some sessions; `not_applied`: a line each that no longer fits, without its words."""

    here: Mapping[tuple[str, int], Sequence[Decision]]
    client: Mapping[str, Mapping[str, Decision]]
    not_applied: tuple[str, ...] = ()

    def settle(self, session: Session, findings: Iterable[Finding]) -> tuple[list[Finding], list[Rejected]]:
        """What is to be replaced in a session, in order and without overlaps; and what a person rejected.

        Where a person's place overlaps a finding that is not rejected, both together are replaced.
        """
        by_turn: dict[int, list[Finding]] = {}
        for finding in findings:
            by_turn.setdefault(finding.turn, []).append(finding)
        kept: list[Finding] = []
        rejected: list[Rejected] = []
        for turn in session.turns:
            turn_kept, turn_rejected = self._settle_turn(session, turn, by_turn.get(turn.turn, ()))
            kept += turn_kept
            rejected += turn_rejected
        return kept, rejected

    def _settle_turn(
        self, session: Session, turn: Turn, findings: Sequence[Finding]
    ) -> tuple[list[Finding], list[Rejected]]:
        here = self.here.get((session.session_id, turn.turn), ())
        client = self.client.get(session.dyad, {})
        if not here and not client:
            return _merged((f for f in findings if f.probability >= REPLACE_AT), turn.text), []
        refused = {(d.start, d.end): d.who for d in here if d.decision == "reject"}
        wanted = [_as_finding(session, turn, d.start, d.end, d) for d in here if d.decision != "reject"]
        for decision, start, end in _mentions(client, turn.text):
            if decision.decision != "reject" and not _within(start, end, refused):
                wanted.append(_as_finding(session, turn, start, end, decision))
        for decision, start, end in _mentions(client, turn.text):
            if decision.decision == "reject":
                refused.setdefault((start, end), decision.who)
        kept = list(wanted)
        for finding in findings:
            said = client.get(plain_words(finding.text))
            if _within(finding.start, finding.end, refused):
                continue
            if said is not None and said.decision == "reject":
                refused[finding.start, finding.end] = said.who
            elif said is not None:
                kept.append(_as_finding(session, turn, finding.start, finding.end, said))
            elif finding.probability >= REPLACE_AT:
                kept.append(finding)
        merged = _merged(kept, turn.text)
        return merged, [
            Rejected(session.session_id, turn.turn, start, end, who)
            for (start, end), who in sorted(refused.items())
            if not any(start < finding.end and finding.start < end for finding in merged)
        ]


NO_DECISIONS = Decisions({}, {})


def decisions_in_force(decisions: Iterable[Decision], sessions: Iterable[Session]) -> Decisions:
    """The decisions that hold for these sessions.

    Those about a session that is not among them are passed over, but for those about a client's words; those that do not
    fit their turn (`decision_fault`) are listed and do not hold.
    """
    by_id = {session.session_id: session for session in sessions}
    last: dict[tuple[str, ...], Decision] = {}
    not_applied: dict[str, None] = {}
    for decision in decisions:
        session = by_id.get(decision.session_id)
        fault = decision_fault(decision, session)
        if fault is not None:
            not_applied[f"session {decision.session_id}, turn {decision.turn}: {fault}"] = None
        elif session is not None or decision.scope == "client":
            last[decision.slot] = decision
    here: dict[tuple[str, int], list[Decision]] = {}
    client: dict[str, dict[str, Decision]] = {}
    for decision in last.values():
        if decision.decision == "withdraw":
            continue
        if decision.scope == "client":
            client.setdefault(str(decision.dyad), {})[plain_words(decision.text or "")] = decision
        else:
            here.setdefault((decision.session_id, decision.turn), []).append(decision)
    return Decisions(here, client, tuple(not_applied))


def decision_fault(decision: Decision, session: Session | None) -> str | None:
    """What is wrong with a decision against its session (None: not known), without its words; None where it fits."""
    if not _LABEL.fullmatch(decision.label):
        return "the label is none, such as NAME or PLAN_ID"
    if not decision.who.strip() or not decision.who.isprintable():
        return "it does not say who decided"
    if decision.scope == "client" and not (decision.dyad and plain_words(decision.text or "")):
        return "a decision for all of a client's sessions needs dyad and text"
    if not 0 <= decision.start < decision.end:
        return f"start {decision.start} and end {decision.end} are no range"
    if session is None:
        return None
    turn = next((turn for turn in session.turns if turn.turn == decision.turn), None)
    if turn is None:
        return "there is no such turn in the session"
    if hash_text(turn.text) != decision.turn_sha256:
        return "the turn's text has changed since it was decided; review it again"
    if decision.end > len(turn.text):
        return f"offsets {decision.start} to {decision.end} lie outside the turn, which has {len(turn.text)} characters"
    if decision.scope == "client" and decision.dyad != session.dyad:
        return "the session is of another dyad than the decision says"
    if decision.scope == "client" and turn.text[decision.start : decision.end] != decision.text:
        return "the words at its offsets are not those in the decision's text"
    return None


def new_decisions(
    taken: Iterable[Decision], known: Iterable[Decision], sessions: Iterable[Session]
) -> tuple[list[Decision], list[str]]:
    """Those of the decisions taken from elsewhere that say something new, and a line for each that cannot be used."""
    by_id = {session.session_id: session for session in sessions}
    held = {decision.slot: (decision.decision, decision.label) for decision in known}
    fresh: list[Decision] = []
    faults: list[str] = []
    for decision in taken:
        session = by_id.get(decision.session_id)
        fault = decision_fault(decision, session) if session else "no such session is among the transcripts given"
        if fault is not None:
            faults.append(f"session {decision.session_id}, turn {decision.turn}: {fault}")
            continue
        said = (decision.decision, decision.label)
        was = held.get(decision.slot)
        if was != said and not (decision.decision == "withdraw" and (was is None or was[0] == "withdraw")):
            fresh.append(decision)
            held[decision.slot] = said
    return fresh, faults


def plain_words(text: str) -> str:
    """Words as mentions are compared: lower case, single spaces, without a possessive `'s`."""
    return " ".join(_POSSESSIVE.sub("", text.strip()).lower().split())


def places_of(words: str, text: str) -> list[tuple[int, int]]:
    """Where the words stand in a text as whole words, written in the same way; a possessive `'s` does not count."""
    bare = _POSSESSIVE.sub("", words.strip())
    if not bare or bare not in text:
        return []
    return [match.span() for match in re.finditer(rf"(?<!\w){re.escape(bare)}(?!\w)", text)]


def _as_finding(session: Session, turn: Turn, start: int, end: int, decision: Decision) -> Finding:
    words = turn.text[start:end]
    return Finding(session.session_id, turn.turn, start, end, decision.label, 1.0, "person", words)


def _mentions(client: Mapping[str, Decision], text: str) -> Iterator[tuple[Decision, int, int]]:
    for decision in client.values():
        for start, end in places_of(decision.text or "", text):
            yield decision, start, end


def _within(start: int, end: int, places: Iterable[tuple[int, int]]) -> bool:
    return any(place_start <= start and end <= place_end for place_start, place_end in places)


def _merged(findings: Iterable[Finding], text: str) -> list[Finding]:
    """Overlapping findings as one, named by the surer, then the longer one."""
    merged: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, -f.end)):
        if not merged or finding.start >= merged[-1].end:
            merged.append(finding)
            continue
        before = merged.pop()
        named = max(before, finding, key=lambda f: (f.probability, f.end - f.start))
        end = max(before.end, finding.end)
        merged.append(msgspec.structs.replace(named, start=before.start, end=end, text=text[before.start : end]))
    return merged
