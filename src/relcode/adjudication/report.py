"""What the disputes say about codebook and coders: input for the codebook's next version and for talks with coders."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from relcode.adjudication.record import read_record
from relcode.ledger import REASONS, Ledger

NONE = "none"


class PairCount(msgspec.Struct, frozen=True):
    """How often `accepted` was decided where a coder had given `rejected`; `none`: no label. `reasons`: how often each."""

    accepted: str
    rejected: str
    count: int
    reasons: dict[str, int]


class CoderCount(msgspec.Struct, frozen=True):
    """In how many decisions of the adjudicator a coder had been on the side that was decided for, and against."""

    coder: str
    right: int
    wrong: int


class DisputeReport(msgspec.Struct, frozen=True):
    """`unclear`: the decisions in which the codebook did not decide."""

    decisions: int
    pairs: list[PairCount]
    reasons: dict[str, int]
    unexplained: int
    coders: list[CoderCount]
    unclear: list[dict[str, Any]]


def report_disputes(ledger: Ledger, *, batch: str | None = None, blind: bool = False) -> DisputeReport:
    """Count the adjudicator's decisions as they stand: by pair of codes, by reason, by coder.

    Parameters
    ----------
    blind
        Call the coders `coder 1`, `coder 2` ... in an order drawn anew each time.
    """
    decided = [
        (verdict, payload)
        for held in read_record(ledger).decided.values()
        for verdict, payload in held.values()
        if payload["decision"] == "adjudicated" and batch in (None, payload.get("batch"))
    ]
    reasons: Counter[str] = Counter(name for _, payload in decided for name in _reasons(payload))
    return DisputeReport(
        decisions=len(decided),
        pairs=_pairs(decided),
        reasons={name: reasons[name] for name in REASONS if reasons[name]},
        unexplained=sum(not payload["reason"] for _, payload in decided),
        coders=_coders(decided, blind=blind),
        unclear=[
            {"session_id": span["session_id"], "turn": span["turn"], "code": span["code"], "verdict": verdict}
            for verdict, payload in sorted(decided, key=lambda pair: _place(pair[1]))
            if "unclear" in _reasons(payload)
            for span in [payload["span"]]
        ],
    )


def _reasons(payload: Mapping[str, Any]) -> list[str]:
    return [name for name in str(payload["reason"]).split(", ") if name]


def _place(payload: Mapping[str, Any]) -> tuple[str, int, int]:
    return (payload["span"]["session_id"], payload["span"]["turn"], payload["span"]["start"])


def _pairs(decided: Sequence[tuple[str, Mapping[str, Any]]]) -> list[PairCount]:
    """Accepted and rejected codes on overlapping words of one turn; what has no counterpart stands against none."""
    by_turn: dict[tuple[str, int], list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for verdict, payload in decided:
        by_turn[_place(payload)[:2]].append((verdict, payload))
    counts: Counter[tuple[str, str]] = Counter()
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for entries in by_turn.values():
        for verdict, payload in entries:
            against = [other for kind, other in entries if kind != verdict and _overlap(payload, other)]
            if verdict == "reject" and against:
                continue  # counted from the accepted side
            code = payload["span"]["code"]
            for other in [each["span"]["code"] for each in against] or [NONE]:
                pair = (code, other) if verdict == "accept" else (other, code)
                counts[pair] += 1
                reasons[pair].update(_reasons(payload))
    return [
        PairCount(accepted, rejected, count, dict(reasons[accepted, rejected]))
        for (accepted, rejected), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one["span"]["start"] < other["span"]["end"] and other["span"]["start"] < one["span"]["end"])


def _coders(decided: Sequence[tuple[str, Mapping[str, Any]]], *, blind: bool) -> list[CoderCount]:
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for verdict, payload in decided:
        for coder in payload.get("asked", ()):
            (right if (coder in payload["coders"]) == (verdict == "accept") else wrong)[coder] += 1
    names = sorted({*right, *wrong})
    if blind:
        random.SystemRandom().shuffle(names)
    return [
        CoderCount(f"coder {number}" if blind else coder, right[coder], wrong[coder])
        for number, coder in enumerate(names, start=1)
    ]
