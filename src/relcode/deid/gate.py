"""The gate before text leaves: on record for exactly this text, and nothing found in it any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from relcode.deid.invented_stretches import Place as InventedPlace
from relcode.deid.invented_stretches import found_outside, invented_stretches
from relcode.deid.rejections import Place, is_rejected, rejected_places
from relcode.deid.replace import DeidResult
from relcode.errors import DeidError
from relcode.ledger import Ledger, NewEvent
from relcode.provenance import hash_bytes, hash_session
from relcode.records import Session

GATE_AT = 0.8
_FOLDER = Path(__file__).parent


def check_gate(
    sessions: Iterable[Session], ledger: Ledger, *, threshold: float = GATE_AT, what: str = "be sent"
) -> None:
    """Let sessions pass or refuse them.

    Parameters
    ----------
    what
        What the sessions may not do otherwise, for the message.

    Raises
    ------
    DeidError
        Sessions that are not on record as de-identified (or overridden by a person) in exactly this text, and turns in
        which a detector still finds something at `threshold`: by session and turn, never by words.
    """
    faults = gate_faults(sessions, ledger, threshold=threshold)
    if faults:
        raise DeidError(
            f"These sessions may not {what}. Run `relcode deid` into the project's transcripts (`relcode deid review` "
            "shows what is found), or record, after reading them, that they hold no identifier: "
            "`relcode deid --override SESSION --reason TEXT`.",
            faults,
        )


def gate_faults(sessions: Iterable[Session], ledger: Ledger, *, threshold: float = GATE_AT) -> list[str]:
    """What keeps sessions from passing, a line each.

    What the detectors find in a text stands in its record; they run again only if they have changed since, or for
    another threshold. Places that a person has rejected as no identifiers are passed over, and surrogates on record for a
    text; a name that stands beside or between these is not.
    """
    records = _Records(ledger)
    faults = []
    for session in sessions:
        key = (session.session_id, hash_session(session))
        if key in records.overridden:
            continue
        if key not in records.rejected:
            faults.append(f"session {session.session_id}: not on record as de-identified in this text")
            continue
        seen = records.found.get(key) if threshold == GATE_AT else None
        places = found_outside(session, records.invented.get(key, ()), threshold) if seen is None else seen
        turns = sorted({place[0] for place in places if not is_rejected(place, records.rejected[key])})
        if turns:
            shown = ", ".join(map(str, turns[:8])) + (" ..." if len(turns) > 8 else "")
            faults.append(f"session {session.session_id}: still something found in turn {shown}")
    return faults


def record_deid(result: DeidResult, ledger: Ledger, *, actor: str = "relcode") -> int:
    """Put de-identified sessions on record, each text once for what was rejected in it; how many are new.

    The record holds how many findings of each label were replaced, where surrogates stand, and what the detectors (named
    by a hash) still find in the text, by place, without words. Where a person rejected findings, that person is the actor.
    """
    return append_records(deid_records(result, actor=actor), ledger)


def deid_records(result: DeidResult, *, actor: str = "relcode") -> list[NewEvent]:
    """The records of de-identified sessions, to be appended when their files are in place."""
    labels: dict[str, Counter[str]] = {}
    for finding in result.findings:
        session_id = result.session_ids.get(finding.session_id, finding.session_id)
        labels.setdefault(session_id, Counter())[finding.label] += 1
    invented = invented_stretches(result)
    rejected, people = rejected_places(result)
    records = []
    for session in result.sessions:
        name = session.session_id
        counts = labels.get(name, Counter())
        payload: dict[str, Any] = {
            "session_id": name,
            "session_sha256": hash_session(session),
            "findings": counts.total(),
            "labels": dict(sorted(counts.items())),
            "mode": result.mode,
            "detectors": detectors_hash(),
            "found": sorted(found_outside(session, invented.get(name, ()), GATE_AT)),
        }
        if name in invented:
            payload["invented"] = invented[name]
        if name in rejected:
            payload["rejected"] = sorted(rejected[name])
        records.append(NewEvent("deid", ", ".join(sorted(people.get(name, ()))) or actor, payload))
    return records


def append_records(records: Iterable[NewEvent], ledger: Ledger) -> int:
    """Append those of the records that say something new of their text; how many."""
    known = _Records(ledger)
    events = [record for record in records if not known.hold(record.payload)]
    return ledger.append(events) if events else 0


def override(session: Session, ledger: Ledger, *, reason: str, actor: str = "person") -> None:
    """Record that a person has read a session in this text and lets it pass."""
    payload = {"session_id": session.session_id, "session_sha256": hash_session(session), "reason": reason}
    ledger.append([NewEvent("deid_override", actor, payload)])


@cache
def detectors_hash() -> str:
    """The hash of the program and the lists of this part: what was found holds as long as these are the same."""
    files = sorted(path for path in _FOLDER.rglob("*") if path.suffix in (".py", ".txt"))
    return hash_bytes(b"".join(path.name.encode() + b"\0" + path.read_bytes() for path in files))[:16]


class _Records:
    """What the ledger says of each text (session id, hash): overridden, rejected places, what these detectors find."""

    def __init__(self, ledger: Ledger) -> None:
        self.overridden: set[tuple[str, str]] = set()
        self.rejected: dict[tuple[str, str], set[Place]] = {}
        self.found: dict[tuple[str, str], set[Place]] = {}
        self.invented: dict[tuple[str, str], list[InventedPlace]] = {}
        for event in ledger.events("deid", "deid_override"):
            key = (event.payload["session_id"], event.payload["session_sha256"])
            if event.kind == "deid_override":
                self.overridden.add(key)
                continue
            self.rejected.setdefault(key, set()).update(_places(event.payload.get("rejected", ())))
            invented = event.payload.get("invented", ())
            self.invented[key] = [(turn, start, end, label) for turn, start, end, label in invented]
            if event.payload.get("detectors") == detectors_hash():
                self.found[key] = set(_places(event.payload["found"]))

    def hold(self, payload: dict[str, Any]) -> bool:
        """Whether a record would say nothing new: the text is known to these detectors, and so are its rejections."""
        key = (payload["session_id"], payload["session_sha256"])
        rejected = set(_places(payload.get("rejected", ())))
        return key in self.found and rejected <= self.rejected.get(key, set())


def _places(listed: Iterable[Iterable[int]]) -> list[Place]:
    return [(turn, start, end) for turn, start, end in listed]
