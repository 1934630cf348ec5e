"""Certificates: who may code with which code, by which version of the codebook; they stand in the ledger."""

from __future__ import annotations

from typing import Any

import msgspec

from relcode.certification.assessing import CERTIFIED, NOT_YET, Assessment, CodeResult
from relcode.ledger import Ledger, LedgerMoved, NewEvent
from relcode.ledger.events import canonical_payload

ACTOR = "relcode train-coder"
ATTEMPTS = 10
Held = dict[tuple[str, str, str], tuple[str, dict[str, Any]]]


class Certificate(msgspec.Struct, frozen=True):
    """A coder is certified for a code of a codebook, in that version, since `at` (ISO 8601, UTC)."""

    coder: str
    code: str
    codebook: str
    at: str
    coefficient: str
    value: float
    threshold: float
    instances: int


class Recorded(msgspec.Struct, frozen=True):
    """Codes certified, and certificates taken back, by this call."""

    certified: list[str]
    taken_back: list[str]


def certificates(ledger: Ledger) -> list[Certificate]:
    """The certificates that hold, by coder and code."""
    found = [
        Certificate(at=at, **{key: payload[key] for key in Certificate.__struct_fields__ if key != "at"})
        for at, payload in _held(ledger).values()
    ]
    return sorted(found, key=lambda each: (each.coder, each.code, each.codebook))


def record_certificates(ledger: Ledger, assessment: Assessment) -> Recorded:
    """Record what an assessment says: certify what reaches the threshold, take back what no longer does.

    An attempt that is not confirmed wholly decides nothing, nor does a code with too few instances. Repeating it records
    nothing new.

    Raises
    ------
    LedgerMoved
        Others kept writing to the ledger; repeat.
    """
    for attempt in range(1, ATTEMPTS + 1):
        head = ledger.head()[0]
        events = _events(assessment, _held(ledger))
        try:
            ledger.append(events, after=head)
        except LedgerMoved:
            if attempt == ATTEMPTS:
                raise
        else:
            break
    by_kind: dict[str, list[str]] = {"certify": [], "decertify": []}
    for event in events:
        by_kind[event.kind].append(event.payload["code"])
    return Recorded(by_kind["certify"], by_kind["decertify"])


def _held(ledger: Ledger) -> Held:
    held: Held = {}
    for event in ledger.events("certify", "decertify"):
        key = (event.payload["coder"], event.payload["code"], event.payload["codebook"])
        if event.kind == "certify":
            held[key] = (event.at, event.payload)
        else:
            held.pop(key, None)
    return held


def _events(assessment: Assessment, held: Held) -> list[NewEvent]:
    events: list[NewEvent] = []
    if not assessment.complete:
        return events
    for result in assessment.codes:
        payload = _payload(assessment, result)
        before = held.get((assessment.coder, result.code, assessment.codebook))
        if result.status == CERTIFIED:
            if before is None or canonical_payload(before[1]) != canonical_payload(payload):
                events.append(NewEvent("certify", ACTOR, payload))
        elif result.status == NOT_YET and before is not None:
            events.append(NewEvent("decertify", ACTOR, payload))
    return events


def _payload(assessment: Assessment, result: CodeResult) -> dict[str, Any]:
    measure = result.kappa if assessment.coefficient == "kappa" else result.f1
    return {
        "coder": assessment.coder,
        "code": result.code,
        "codebook": assessment.codebook,
        "coefficient": assessment.coefficient,
        "value": measure.value,
        "low": measure.low,
        "high": measure.high,
        "threshold": assessment.threshold,
        "instances": result.instances,
        "batches": list(result.batches),
    }
