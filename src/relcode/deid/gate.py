"""The gate before the coders' server: on record for exactly this text, and nothing found in it any more."""

from __future__ import annotations

from collections.abc import Iterable

from relcode.deid.detect import Finding, detect
from relcode.deid.replace import DeidResult
from relcode.errors import DeidError
from relcode.ledger import Ledger, NewEvent
from relcode.provenance import hash_session
from relcode.records import Session

GATE_AT = 0.8


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
    """What keeps sessions from passing, a line each."""
    overridden = {
        (event.payload["session_id"], event.payload["session_sha256"]) for event in ledger.events("deid_override")
    }
    faults = []
    for session in sessions:
        digest = hash_session(session)
        if (session.session_id, digest) in overridden:
            continue
        if not ledger.deid_record(session.session_id, digest):
            faults.append(f"session {session.session_id}: not on record as de-identified in this text")
            continue
        turns = sorted({finding.turn for finding in _sure(detect(session), threshold)})
        if turns:
            shown = ", ".join(map(str, turns[:8])) + (" ..." if len(turns) > 8 else "")
            faults.append(f"session {session.session_id}: still something found in turn {shown}")
    return faults


def record_deid(result: DeidResult, ledger: Ledger, *, actor: str = "relcode") -> int:
    """Put de-identified sessions on record, each text once; how many are new."""
    counts: dict[str, int] = {}
    for finding in result.findings:
        counts[finding.session_id] = counts.get(finding.session_id, 0) + 1
    events = []
    for session in result.sessions:
        digest = hash_session(session)
        if ledger.deid_record(session.session_id, digest):
            continue
        payload = {
            "session_id": session.session_id,
            "session_sha256": digest,
            "findings": counts.get(session.session_id, 0),
            "mode": result.mode,
        }
        events.append(NewEvent("deid", actor, payload))
    return ledger.append(events) if events else 0


def override(session: Session, ledger: Ledger, *, reason: str, actor: str = "person") -> None:
    """Record that a person has read a session in this text and lets it pass."""
    payload = {"session_id": session.session_id, "session_sha256": hash_session(session), "reason": reason}
    ledger.append([NewEvent("deid_override", actor, payload)])


def _sure(findings: Iterable[Finding], threshold: float) -> list[Finding]:
    return [finding for finding in findings if finding.probability >= threshold]
