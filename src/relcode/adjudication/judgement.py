"""A person's decisions: what the adjudicator left standing on the consensus pages, and the reasons drawn beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from relcode.adjudication.findings import Finding
from relcode.adjudication.policies import Decision, accepted_span
from relcode.ledger import REASONS, WHY
from relcode.records import Span


class Judgement(msgspec.Struct, frozen=True):
    """`undecided`: disputes that the adjudicator has not been given. `doubled`: disputes of boundaries in which more than
    one coder's span was left standing. `unexplained`: disputes decided without a reason. `stray`: reasons that lie on no
    words decided."""

    decisions: list[Decision]
    undecided: list[Finding]
    doubled: list[Finding]
    unexplained: list[Finding]
    stray: list[Span]


def decide_by_person(
    findings: Sequence[Finding], standing: Iterable[Span], judged_turns: Iterable[tuple[str, int]]
) -> Judgement:
    """Accept what a person left standing on the turns that were shown, and what was agreed or coded singly elsewhere.

    Parameters
    ----------
    standing
        What stands on the consensus pages: labels, and reasons (their codes begin with `why.`). A reason counts for each
        decision on words that it overlaps; one that overlaps none for the dispute of its turn, where there is one alone.
    judged_turns
        (session id, turn) of every turn on those pages.
    """
    turns = set(judged_turns)
    spans = list(standing)
    judged = [span for span in spans if not span.code.startswith(WHY)]
    marks = [span for span in spans if span.code.startswith(WHY)]
    elsewhere = [finding for finding in findings if (finding.session_id, finding.turn) not in turns]
    here = [finding for finding in findings if (finding.session_id, finding.turn) in turns]
    decisions = [
        Decision(accepted_span(span, decision), decision, (finding,))
        for finding in elsewhere
        if not finding.disputed
        for decision in ["single" if finding.single else "agreed"]
        for span in finding.spans
    ]
    reasons, stray = _attach(marks, judged, here)
    decided, doubled = _judge(judged, here, reasons)
    explained = {id(finding) for decision in decided if decision.reason for finding in decision.findings}
    return Judgement(
        sorted([*decisions, *decided], key=lambda decision: decision.span.key),
        [finding for finding in elsewhere if finding.disputed],
        doubled,
        [finding for finding in here if finding.disputed and id(finding) not in explained],
        stray,
    )


def _judge(
    judged: Sequence[Span], here: Sequence[Finding], marks: Sequence[tuple[Span, tuple[Finding, ...]]]
) -> tuple[list[Decision], list[Finding]]:
    """The decisions on judged turns, and the disputes of boundaries that were left open."""
    decisions: list[Decision] = []
    kept: dict[int, list[Span]] = defaultdict(list)
    for span in judged:
        same = tuple(finding for finding in here if finding.code == span.code and finding.touches(span))
        for finding in same:
            kept[id(finding)].append(span)
        decision = "adjudicated"
        for finding in same:
            if not finding.disputed and span.key in {own.key for own in finding.visible}:
                decision = "single" if finding.single else "agreed"
        reason = _reason(span, same, marks) if decision == "adjudicated" else ""
        decisions.append(Decision(accepted_span(span, decision), decision, same, reason))
    for finding in here:
        if id(finding) not in kept:
            reason = _reason(None, (finding,), marks)
            decisions += [
                Decision(accepted_span(span, "adjudicated"), "adjudicated", (finding,), reason, accepted=False)
                for span in finding.spans
            ]
    doubled = [finding for finding in here if finding.boundaries and _left_double(finding, kept[id(finding)])]
    return decisions, doubled


def _left_double(finding: Finding, kept: Sequence[Span]) -> bool:
    """Whether spans of different coders stand that overlap each other."""
    shown = {span.key for span in finding.visible}
    left = sorted((span.start, span.end) for span in kept if span.key in shown)
    return any(later[0] < earlier[1] for earlier, later in pairwise(left))


def _attach(
    marks: Sequence[Span], judged: Sequence[Span], here: Sequence[Finding]
) -> tuple[list[tuple[Span, tuple[Finding, ...]]], list[Span]]:
    """Each reason with the disputes of its turn that it counts for beyond those it overlaps; and the stray ones."""
    attached: list[tuple[Span, tuple[Finding, ...]]] = []
    stray: list[Span] = []
    for mark in marks:
        disputes = [f for f in here if f.disputed and (f.session_id, f.turn) == (mark.session_id, mark.turn)]
        if any(finding.touches(mark) for finding in here) or any(_overlap(mark, span) for span in judged):
            attached.append((mark, ()))
        elif len(disputes) == 1:
            attached.append((mark, tuple(disputes)))
        else:
            stray.append(mark)
    return attached, stray


def _reason(span: Span | None, findings: Sequence[Finding], marks: Sequence[tuple[Span, tuple[Finding, ...]]]) -> str:
    """The reasons that were drawn on a decision's words, in the order of the list, joined by commas."""
    names = {
        mark.code.removeprefix(WHY)
        for mark, own in marks
        if (span is not None and _overlap(mark, span))
        or any(finding in own or finding.touches(mark) for finding in findings)
    }
    return ", ".join(name for name in REASONS if name in names)


def _overlap(one: Span, other: Span) -> bool:
    same = (one.session_id, one.turn) == (other.session_id, other.turn)
    return same and one.start < other.end and other.start < one.end
