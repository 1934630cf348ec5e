"""The chain behind an accepted or rejected label: suggestion, coders, decision, reason, codebook version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from relcode.adjudication.coverage import Coded
from relcode.adjudication.policies import Decision
from relcode.adjudication.record import Record, read_record
from relcode.ledger import Ledger
from relcode.ledger.reviews import Review, standing_reviews
from relcode.records import Span


def chain_payload(decision: Decision, session: Coded, record: Record, adjudicator: str | None) -> dict[str, Any]:
    """The payload of an `accept` or `reject` event.

    `given`: each coder's spans of the label, with the provenance that the pull found (accepted, moved, relabelled, added)
    and the suggestion it came from. `asked`: all who coded the turn. `adjudicator`: the account, where a person decided.
    """
    given = [
        _given(coder, span, session, record)
        for finding in decision.findings
        for coder in finding.coders
        for span in finding.given[coder]
    ]
    turns = session.turns
    return {
        "span": msgspec.to_builtins(decision.span),
        "decision": decision.decision,
        "reason": decision.reason,
        "coders": list(decision.coders),
        "asked": [coder for coder in session.coders if decision.span.turn in turns[coder]],
        "given": given,
        "suggestion": next((each["suggestion"] for each in given if each["suggestion"]), None),
        "adjudicator": adjudicator if decision.decision == "adjudicated" else None,
        "codebook": decision.span.codebook or session.codebook,
        "batch": session.batch,
    }


def all_chains(ledger: Ledger) -> list[dict[str, Any]]:
    """The chains of all labels accepted and rejected, by session, turn and place; each with `verdict`."""
    held = read_record(ledger).decided
    ordered = sorted(
        ((key, chain) for decided in held.values() for key, chain in decided.items()), key=lambda pair: pair[0]
    )
    return [{"verdict": verdict, **payload} for _, (verdict, payload) in ordered]


def explain_turn(ledger: Ledger, session_id: str, turn: int) -> list[dict[str, Any]]:
    """The chains of the labels accepted and rejected in a turn, by place; each with `verdict` (`accept`, `reject`) and, in
    `reviews`, what reviewers said of the label afterwards."""
    held = read_record(ledger).decided[session_id]
    reviews = standing_reviews(ledger, session_id)
    return [
        {"verdict": verdict, **payload, "reviews": [_said(review) for review in reviews if review.span.key == key]}
        for key, (verdict, payload) in sorted(held.items())
        if key[1] == turn
    ]


def _said(review: Review) -> dict[str, str]:
    return {"reviewer": review.reviewer, "judgement": review.judgement, "remark": review.remark}


def _given(coder: str, span: Span, session: Coded, record: Record) -> dict[str, Any]:
    provenance, suggestion = "", None
    for page, turns in session.pages[coder]:
        if span.turn in turns and span.key in record.labels.get((coder, page), {}):
            provenance = record.labels[coder, page][span.key][1]
            suggestion = suggestion_behind(span, provenance, record.entries[coder, page])
    return {
        "coder": coder,
        "start": span.start,
        "end": span.end,
        "provenance": provenance,
        "suggestion": suggestion,
    }


def suggestion_behind(span: Span, provenance: str, entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """The suggestion that a coder's label came from, of those with which its page was pushed; None where it was added."""
    if not entry["shown"] or provenance not in ("accepted", "moved", "relabelled"):
        return None
    for raw in entry["suggestions"]:
        other = msgspec.convert(raw, Span)
        same_words = other.key[:4] == span.key[:4]
        overlaps = other.turn == span.turn and other.start < span.end and span.start < other.end
        found = {
            "accepted": other.key == span.key,
            "relabelled": same_words and other.code != span.code,
            "moved": overlaps and other.code == span.code,
        }[provenance]
        if found:
            return {key: raw[key] for key in ("start", "end", "code", "source", "score") if key in raw}
    return None
