"""The gate before the coders' server: on record for exactly this text, and nothing found in it any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from relcode.deid.invented_stretches import Place, found_outside, invented_stretches
from relcode.deid.replace import DeidResult
from relcode.errors import DeidError
from relcode.ledger import Ledger, NewEvent
from relcode.provenance import hash_bytes, hash_session
from relcode.records import Session

GATE_AT = 0.8
Record = tuple[str, str]  # session id, hash of its text
_FOLDER = Path(__file__).parent


def check_gate(sessions: Iterable[Session], ledger: Ledger, *, threshold: float = GATE_AT) -> None:
    """Let sessions pass or refuse them.

    Raises
    ------
    DeidError
        Sessions that are not on record as de-identified (or overridden by a person) in exactly this text, and turns in
        which a detector still finds something at `threshold`: by session and turn, never by words.
    """
    faults = gate_faults(sessions, ledger, threshold=threshold)
    if faults:
        raise DeidError(
            "These sessions may not be sent. Run `relcode deid` into the project's transcripts, or record, after "
            "reading them, that they hold no identifier: `relcode deid --override SESSION --reason TEXT`.",
            faults,
        )


def gate_faults(sessions: Iterable[Session], ledger: Ledger, *, threshold: float = GATE_AT) -> list[str]:
    """What keeps sessions from passing, a line each.

    Surrogates that are on record for a text are not looked at; a name that stands beside or between them is.
    """
    overridden, invented = _on_record(ledger)
    faults = []
    for session in sessions:
        record = (session.session_id, hash_session(session))
        if record in overridden:
            continue
        if record not in invented:
            faults.append(f"session {session.session_id}: not on record as de-identified in this text")
            continue
        turns = sorted({place[0] for place in found_outside(session, invented[record], threshold)})
        if turns:
            shown = ", ".join(map(str, turns[:8])) + (" ..." if len(turns) > 8 else "")
            faults.append(f"session {session.session_id}: still something found in turn {shown}")
    return faults


def record_deid(result: DeidResult, ledger: Ledger, *, actor: str = "relcode") -> int:
    """Put de-identified sessions on record, each text once; how many are new.

    The record holds how many findings of each label were replaced, by which detectors, and where surrogates stand (their
    places, no words), which the gate passes over.
    """
    return append_records(deid_records(result), ledger, actor=actor)


def deid_records(result: DeidResult) -> list[dict[str, Any]]:
    """The records of de-identified sessions, to be appended when their files are in place."""
    labels: dict[str, Counter[str]] = {}
    for finding in result.findings:
        session_id = result.session_ids.get(finding.session_id, finding.session_id)
        labels.setdefault(session_id, Counter())[finding.label] += 1
    invented = invented_stretches(result)
    records = []
    for session in result.sessions:
        counts = labels.get(session.session_id, Counter())
        record: dict[str, Any] = {
            "session_id": session.session_id,
            "session_sha256": hash_session(session),
            "findings": counts.total(),
            "labels": dict(sorted(counts.items())),
            "mode": result.mode,
            "detectors": detectors_hash(),
        }
        places = invented.get(session.session_id)
        records.append(record | ({"invented": places} if places else {}))
    return records


def append_records(records: Iterable[dict[str, Any]], ledger: Ledger, *, actor: str = "relcode") -> int:
    """Append those of the records whose text is not on record yet; how many."""
    _, known = _on_record(ledger)
    events = [
        NewEvent("deid", actor, record)
        for record in records
        if (record["session_id"], record["session_sha256"]) not in known
    ]
    return ledger.append(events) if events else 0


@cache
def detectors_hash() -> str:
    """The hash of the program and the lists of this part: which detectors looked."""
    files = sorted(path for path in _FOLDER.rglob("*") if path.suffix in (".py", ".txt"))
    return hash_bytes(b"".join(path.name.encode() + b"\0" + path.read_bytes() for path in files))[:16]


def override(session: Session, ledger: Ledger, *, reason: str, actor: str = "person") -> None:
    """Record that a person has read a session in this text and lets it pass."""
    payload = {"session_id": session.session_id, "session_sha256": hash_session(session), "reason": reason}
    ledger.append([NewEvent("deid_override", actor, payload)])


def _on_record(ledger: Ledger) -> tuple[set[Record], dict[Record, list[Place]]]:
    """The texts (session id, hash) that a person let pass, and those de-identified, with the places of surrogates."""
    overridden: set[Record] = set()
    invented: dict[Record, list[Place]] = {}
    for event in ledger.events("deid", "deid_override"):
        record = (event.payload["session_id"], event.payload["session_sha256"])
        if event.kind == "deid_override":
            overridden.add(record)
        else:
            places = event.payload.get("invented", ())
            invented[record] = [(turn, start, end, label) for turn, start, end, label in places]
    return overridden, invented
