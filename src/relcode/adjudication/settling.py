"""Settling: the decisions of each session that is decided wholly go into the ledger, all or none, and once.

Whoever settles decides by what the ledger held when it was read; if somebody wrote meanwhile, it is read and decided
anew. So two who settle at once do not both write, and a settling that was killed is simply repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from relcode.adjudication.chain import chain_payload
from relcode.adjudication.coverage import Coded, read_coverage, turns_in_words
from relcode.adjudication.findings import Finding, compare
from relcode.adjudication.judgement import decide_by_person
from relcode.adjudication.policies import Decision, Policy, check_policy, decide, undecided
from relcode.adjudication.record import Key, Record, read_record
from relcode.choices import AdjudicationChoices, boundary_distance
from relcode.errors import UsageError
from relcode.ledger import CONSENSUS, Ledger, LedgerMoved, NewEvent
from relcode.ledger.events import canonical_payload
from relcode.records import Span

ACTOR = "relcode adjudicate"
ATTEMPTS = 10
AMENDED, AMENDED_REJECT, WITHDRAWN = "amended", "rejection amended", "withdrawn"  # how a decision was taken back
Wanted = dict[Key, tuple[str, dict[str, Any]]]


class Settlement(msgspec.Struct, frozen=True):
    """`settled`: sessions closed now or before. `unsettled`: coded sessions -> what is missing for a decision. `waiting`:
    sessions not coded yet -> what is missing. `accepted`, `rejected`: labels decided so now; `withdrawn`: accepted before
    and not any more; `amended`: as before, with another chain. `warnings`: a line each."""

    settled: list[str]
    unsettled: dict[str, str]
    waiting: dict[str, str]
    accepted: int
    rejected: int
    withdrawn: int
    amended: int
    warnings: list[str]


def find_disputes(
    ledger: Ledger, coded: Sequence[Coded], *, choices: AdjudicationChoices | None = None
) -> dict[str, list[Finding]]:
    """What the coders of each session gave, agreed or not: session id -> findings."""
    record = read_record(ledger)
    return {session.session_id: _findings(record, session, choices or AdjudicationChoices()) for session in coded}


def settle(
    ledger: Ledger,
    *,
    batch: str | None = None,
    policy: str | None = None,
    coders: Collection[str] | None = None,
    choices: AdjudicationChoices | None = None,
) -> Settlement:
    """Record the decisions on each session that is decided wholly; repeating it adds only what is new.

    Without a policy a session is decided when each page in dispute was confirmed in the consensus project (pulled into the
    ledger before). With one (see `decide`) every session is that is coded.

    Parameters
    ----------
    batch, coders
        See `read_coverage`.
    choices
        The project's; by default those that hold where relcode.toml says nothing.

    Raises
    ------
    UsageError
        There is no such policy, or no such coder.
    LedgerMoved
        Others kept writing to the ledger; repeat.
    """
    chosen = None if policy is None else check_policy(policy)
    _check_coders(ledger, [*(coders or ()), *([chosen.senior] if chosen and chosen.senior else [])])
    for attempt in range(1, ATTEMPTS + 1):
        record = read_record(ledger)
        settlement, events = _plan(record, batch, chosen, coders, choices or AdjudicationChoices())
        try:
            ledger.append(events, after=record.head)
        except LedgerMoved:
            if attempt == ATTEMPTS:
                raise
        else:
            break
    return settlement


def accepted_labels(ledger: Ledger) -> list[Span]:
    """The accepted labels of the sessions that are settled, by session, turn and place."""
    settled = {event.payload["session_id"] for event in ledger.events("adjudicated")}
    return sorted((span for span in ledger.accepted() if span.session_id in settled), key=lambda span: span.key)


def _check_coders(ledger: Ledger, named: Sequence[str]) -> None:
    if not named:
        return
    there = [coder for coder in ledger.coders() if coder != CONSENSUS]
    for coder in named:
        if coder not in there:
            raise UsageError(f"There is no coder {coder!r} in the ledger; it has {', '.join(there) or 'none'}.")


def _findings(record: Record, session: Coded, choices: AdjudicationChoices) -> list[Finding]:
    labels = {
        coder: [
            span
            for page, turns in pages
            for span, _ in record.labels.get((coder, page), {}).values()
            if span.turn in turns
        ]
        for coder, pages in session.pages.items()
    }
    return compare(labels, coded=session.turns, distance=boundary_distance(choices.disputes))


def _plan(
    record: Record,
    batch: str | None,
    policy: Policy | None,
    coders: Collection[str] | None,
    choices: AdjudicationChoices,
) -> tuple[Settlement, list[NewEvent]]:
    """What a settling by this record does, and the events that record it."""
    coverage = read_coverage(record, batch=batch, coders=coders)
    unsettled: dict[str, str] = {}
    warnings: list[str] = []
    events: list[NewEvent] = []
    for session in coverage.ready:
        decisions, missing, said = _decide(record, session, policy, choices)
        warnings += said
        if missing:
            unsettled[session.session_id] = missing
            continue
        events += _decision_events(_wanted(decisions, session, record), record.decided[session.session_id])
        closing = (session.session_id, session.session_sha256, session.codebook)
        if closing not in record.settled:
            keys = ("session_id", "session_sha256", "codebook")
            events.append(NewEvent("adjudicated", ACTOR, dict(zip(keys, closing, strict=True))))
    kinds = Counter(event.kind for event in events)
    taken_back = Counter(event.payload["decision"] for event in events if event.kind == "unaccept")
    settlement = Settlement(
        settled=[session.session_id for session in coverage.ready if session.session_id not in unsettled],
        unsettled=unsettled,
        waiting=coverage.waiting,
        accepted=kinds["accept"] - taken_back[AMENDED],
        rejected=kinds["reject"] - taken_back[AMENDED_REJECT],
        withdrawn=taken_back[WITHDRAWN],
        amended=taken_back[AMENDED] + taken_back[AMENDED_REJECT],
        warnings=warnings,
    )
    return settlement, events


def _decide(
    record: Record, session: Coded, policy: Policy | None, choices: AdjudicationChoices
) -> tuple[list[Decision], str, list[str]]:
    """The decisions on a session; what is missing for them, empty where nothing is; and warnings."""
    if choices.single == "leave" and session.single_turns:
        return [], f"{turns_in_words(session.single_turns)}: coded by one coder alone", []
    findings = _findings(record, session, choices)
    if policy is None:
        return _judged(record, session, findings, choices)
    left = {finding.turn for finding in undecided(findings, policy)}
    missing = f"{turns_in_words(left)}: in dispute, and not coded by {policy.senior}" if left else ""
    return decide(findings, policy), missing, []


def _judged(
    record: Record, session: Coded, findings: Sequence[Finding], choices: AdjudicationChoices
) -> tuple[list[Decision], str, list[str]]:
    """The decisions by way of the consensus project; what is missing (empty where nothing is); and warnings."""
    pages = _consensus_pages(record, session)
    waiting = [entry for entry in pages if entry["page"] not in record.confirmed.get(CONSENSUS, ())]
    if waiting:
        return [], f"{len(waiting)} of {len(pages)} page(s) in dispute wait for the adjudicator's confirmation", []
    if changed := _changed_since(pages, findings):
        return [], (
            f"{turns_in_words(changed)}: the coders' labels have changed since the adjudicator got them; run "
            "`relcode adjudicate push --renew`"
        ), []  # fmt: skip
    turns = [
        (session.session_id, turn) for entry in pages for turn in range(entry["first_turn"], entry["last_turn"] + 1)
    ]
    standing = [span for entry in pages for span, _ in record.labels.get((CONSENSUS, entry["page"]), {}).values()]
    judgement = decide_by_person(findings, standing, turns)
    place = f"session {session.session_id}"
    said = [f"{place}, turn {span.turn}: a reason lies on no words that were decided" for span in judgement.stray]
    unexplained = {finding.turn for finding in judgement.unexplained}
    missing = ""
    if judgement.undecided:
        number = len(judgement.undecided)
        missing = f"{number} dispute(s) are not with the adjudicator yet; run `relcode adjudicate push`"
    elif judgement.doubled:
        doubled = {finding.turn for finding in judgement.doubled}
        missing = f"{turns_in_words(doubled)}: spans of several coders still stand on the same words; leave one"
    elif unexplained and choices.reasons == "required":
        missing = f"{turns_in_words(unexplained)}: decided without a reason"
    elif unexplained:
        said.append(f"{place}, {turns_in_words(unexplained)}: decided without a reason")
    return judgement.decisions, missing, said


def _consensus_pages(record: Record, session: Coded) -> list[dict[str, Any]]:
    return record.consensus.get((session.batch, session.session_id, session.session_sha256), [])


def _changed_since(pages: Sequence[Mapping[str, Any]], findings: Sequence[Finding]) -> set[int]:
    """The turns on consensus pages where the coders' labels are not those that the adjudicator was shown."""
    changed: set[int] = set()
    for entry in pages:
        if "findings" not in entry:
            continue
        turns = range(entry["first_turn"], entry["last_turn"] + 1)
        changed |= {f.turn for f in findings if f.turn in turns and f.signature not in entry["findings"]}
    return changed


def _wanted(decisions: Iterable[Decision], session: Coded, record: Record) -> Wanted:
    accounts = {entry.get("adjudicator") for entry in _consensus_pages(record, session)}
    adjudicator = next((account for account in accounts if account), None)
    ordered = sorted(decisions, key=lambda decision: decision.accepted)  # an accepted label beats a rejected one
    return {
        decision.span.key: (
            "accept" if decision.accepted else "reject",
            chain_payload(decision, session, record, adjudicator),
        )
        for decision in ordered
    }


def _decision_events(wanted: Wanted, held: Wanted) -> list[NewEvent]:
    """The events that bring a session's decisions from what the ledger holds to what was decided. A label is accepted or
    rejected anew, with its new chain, only after the decision before was taken back."""
    events: list[NewEvent] = []
    kept: set[Key] = set()
    for key, (verdict, payload) in held.items():
        new = wanted.get(key)
        if new is not None and new[0] == verdict and canonical_payload(new[1]) == canonical_payload(payload):
            kept.add(key)
            continue
        if new is not None and new[0] == verdict:
            how = AMENDED if verdict == "accept" else AMENDED_REJECT
        else:
            how = WITHDRAWN if verdict == "accept" else "rejection withdrawn"
        body = {"span": payload["span"], "decision": how, "reason": "decided anew", "coders": []}
        events.append(NewEvent("unaccept", ACTOR, body))
    return events + [NewEvent(verdict, ACTOR, body) for key, (verdict, body) in wanted.items() if key not in kept]
