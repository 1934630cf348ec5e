"""From coders' labels to accepted ones: what they agree on, what is in dispute, what a person or a policy decides.

Two coders agree on a label where both gave the same code in the same turn on words that overlap; the label then runs
as the first coder (in alphabetical order) drew it. With more coders, all of them must agree. All else is in dispute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from relcode.errors import UsageError
from relcode.ledger import CONSENSUS, Ledger, NewEvent
from relcode.records import Span

ACTOR = "relcode adjudicate"
_CLOSED = ("session_id", "session_sha256", "codebook")
Key = tuple[str, int, int, int, str]


class Finding(msgspec.Struct, frozen=True):
    """One label that at least one coder gave. `given`: each coder's spans of it; who gave none is absent."""

    session_id: str
    turn: int
    code: str
    given: dict[str, tuple[Span, ...]]
    agreed: bool

    @property
    def coders(self) -> tuple[str, ...]:
        return tuple(sorted(self.given))

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans as the first of its coders drew them."""
        return self.given[self.coders[0]]

    def __repr__(self) -> str:
        return f"Finding({self.session_id!r}, turn {self.turn}, {self.code}, agreed={self.agreed})"


class Decision(msgspec.Struct, frozen=True):
    """An accepted label, how it came to be accepted (`agreed`, `adjudicated`, `policy:...`), and who had given it."""

    span: Span
    decision: str
    coders: tuple[str, ...]
    reason: str = ""


class Coded(msgspec.Struct, frozen=True):
    """A session that these coders have coded wholly (each page confirmed) in one batch."""

    session_id: str
    session_sha256: str
    codebook: str
    batch: str
    coders: tuple[str, ...]


class Settlement(msgspec.Struct, frozen=True):
    """`settled`: sessions closed now or before; `unsettled`: session -> what is missing; `accepted`, `withdrawn`:
    labels accepted now, and taken back because the decision changed."""

    settled: list[str]
    unsettled: dict[str, str]
    accepted: int
    withdrawn: int


def coded_sessions(ledger: Ledger, *, batch: str | None = None, coders_least: int = 2) -> list[Coded]:
    """The sessions that enough coders have coded wholly; of several batches of a session the last one counts."""
    pages: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for entry in ledger.pages(batch=batch):
        if entry["coder"] != CONSENSUS:
            pages[entry["session_id"], entry["batch"]][entry["coder"]].append(entry)
    ticked = {coder: ledger.confirmed_pages(coder) for coder in ledger.coders()}
    found: dict[str, Coded] = {}
    for (session_id, of_batch), by_coder in pages.items():
        whole = [coder for coder in by_coder if {entry["page"] for entry in by_coder[coder]} <= ticked[coder]]
        if len(whole) >= coders_least:
            entry = by_coder[whole[0]][0]
            coded = Coded(session_id, entry["session_sha256"], entry["codebook"], of_batch, tuple(sorted(whole)))
            found[session_id] = coded
    return list(found.values())


def find_disputes(ledger: Ledger, coded: Sequence[Coded]) -> dict[str, list[Finding]]:
    """What the coders of each session gave, agreed or not: session id -> findings."""
    labels: dict[tuple[str, str], dict[str, list[Span]]] = {}
    findings = {}
    for session in coded:
        given = {}
        for coder in session.coders:
            if (coder, session.batch) not in labels:
                by_session: dict[str, list[Span]] = defaultdict(list)
                for span in ledger.labels(coder, batch=session.batch):
                    by_session[span.session_id].append(span)
                labels[coder, session.batch] = by_session
            given[coder] = labels[coder, session.batch].get(session.session_id, [])
        findings[session.session_id] = compare(given)
    return findings


def settle(ledger: Ledger, *, batch: str | None = None, policy: str | None = None) -> Settlement:
    """Record the accepted labels of each session that is decided wholly; repeating it adds only what is new.

    Without a policy a session is decided when each page in dispute was confirmed in the consensus project (pulled
    into the ledger before). With one (see `decide`) every session is that at least two coders have coded wholly; for
    `first:<coder>`, every session that this coder has coded wholly.
    """
    first = None if policy is None else check_policy(policy)
    if first and first not in ledger.coders():
        raise UsageError(f"There is no coder {first!r} in the ledger; it has {', '.join(ledger.coders()) or 'none'}.")
    sessions = coded_sessions(ledger, batch=batch, coders_least=1 if first else 2)
    if first:
        sessions = [session for session in sessions if first in session.coders]
    findings = find_disputes(ledger, sessions)
    held: dict[str, dict[Key, Span]] = defaultdict(dict)
    for span in ledger.accepted():
        held[span.session_id][span.key] = span
    closed = {tuple(event.payload[key] for key in _CLOSED) for event in ledger.events("adjudicated")}
    unsettled: dict[str, str] = {}
    events: list[NewEvent] = []
    for session in sessions:
        if policy is not None:
            decisions = decide(findings[session.session_id], policy)
        else:
            decisions, missing = _judged(ledger, session, findings[session.session_id])
            if missing:
                unsettled[session.session_id] = missing
                continue
        events += _decision_events(decisions, held[session.session_id])
        closing = {key: getattr(session, key) for key in _CLOSED}
        if tuple(closing.values()) not in closed:
            events.append(NewEvent("adjudicated", ACTOR, closing))
    ledger.append(events)
    kinds = [event.kind for event in events]
    settled = [session.session_id for session in sessions if session.session_id not in unsettled]
    return Settlement(settled, unsettled, kinds.count("accept"), kinds.count("unaccept"))


def accepted_labels(ledger: Ledger) -> list[Span]:
    """The accepted labels of the sessions that are settled, by session, turn and place."""
    settled = {event.payload["session_id"] for event in ledger.events("adjudicated")}
    return sorted((span for span in ledger.accepted() if span.session_id in settled), key=lambda span: span.key)


def compare(labels: Mapping[str, Iterable[Span]]) -> list[Finding]:
    """Compare coders' labels of sessions that all of them coded wholly.

    Parameters
    ----------
    labels
        Coder -> all labels of these sessions; a coder who gave none at all must be there with none.

    Returns
    -------
    list of Finding
        By session, turn, place and code. Overlapping spans of one code in one turn make one finding. Labels of one
        coder alone agree with nobody's.
    """
    groups: dict[tuple[str, int, str], list[tuple[int, int, str, Span]]] = defaultdict(list)
    for coder, spans in labels.items():
        for span in spans:
            groups[span.session_id, span.turn, span.code].append((span.start, span.end, coder, span))
    findings = []
    for (session_id, turn, code), entries in groups.items():
        for cluster in _overlapping(sorted(entries, key=lambda entry: entry[:3])):
            given: dict[str, tuple[Span, ...]] = {}
            for _, _, coder, span in cluster:
                given[coder] = (*given.get(coder, ()), span)
            findings.append(Finding(session_id, turn, code, given, len(given) == len(labels) > 1))
    return sorted(
        findings, key=lambda finding: (finding.session_id, finding.turn, finding.spans[0].start, finding.code)
    )


def decide(findings: Sequence[Finding], policy: str) -> list[Decision]:
    """Accept labels without a person.

    `agreed`: those that all coders gave. `union`: those that any gave. `first:<coder>`: those of that coder, as drawn.

    Raises
    ------
    UsageError
        There is no such policy.
    """
    first = check_policy(policy)
    decisions = []
    for finding in findings:
        if first is not None:
            chosen: tuple[Span, ...] = finding.given.get(first, ())
        else:
            chosen = finding.spans if finding.agreed or policy == "union" else ()
        decision = "agreed" if finding.agreed else f"policy:{policy}"
        decisions += [Decision(accepted(span), decision, finding.coders) for span in chosen]
    return decisions


def check_policy(policy: str) -> str | None:
    """The coder of `first:<coder>`, None for `agreed` and `union`; UsageError for anything else."""
    if policy in ("agreed", "union"):
        return None
    name, _, coder = policy.partition(":")
    if name != "first" or not coder:
        raise UsageError(f"There is no policy {policy!r}; expected agreed, union or first:CODER.")
    return coder


def decide_by_person(
    findings: Sequence[Finding], judged: Iterable[Span], judged_turns: Iterable[tuple[str, int]]
) -> tuple[list[Decision], list[Finding]]:
    """Accept what a person left standing on the turns that were shown, and what was agreed on all others.

    Parameters
    ----------
    judged
        The labels that stand on the consensus pages.
    judged_turns
        (session id, turn) of every turn on those pages.

    Returns
    -------
    decisions, open
        The accepted labels, and the findings in dispute on turns that nobody has judged.
    """
    turns = set(judged_turns)
    by_place: dict[tuple[str, int, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_place[finding.session_id, finding.turn, finding.code].append(finding)
    decisions = [
        Decision(accepted(span), "agreed", finding.coders)
        for finding in findings
        if finding.agreed and (finding.session_id, finding.turn) not in turns
        for span in finding.spans
    ]
    for span in judged:
        same = [f for f in by_place[span.session_id, span.turn, span.code] if _touches(f, span)]
        agreed = any(finding.agreed and span.key in {own.key for own in finding.spans} for finding in same)
        coders = sorted({coder for finding in same for coder in finding.coders})
        decisions.append(Decision(accepted(span), "agreed" if agreed else "adjudicated", tuple(coders)))
    undecided = [f for f in findings if not f.agreed and (f.session_id, f.turn) not in turns]
    return sorted(decisions, key=lambda decision: decision.span.key), undecided


def accepted(span: Span) -> Span:
    """The span as an accepted label."""
    return msgspec.structs.replace(span, source="accepted", score=None, why=())


def _judged(ledger: Ledger, session: Coded, findings: Sequence[Finding]) -> tuple[list[Decision], str]:
    """The decisions on a session by way of the consensus project; and what is missing, empty where nothing is."""
    pages = [page for page in ledger.pages(CONSENSUS, session.batch) if page["session_id"] == session.session_id]
    waiting = {page["page"] for page in pages} - ledger.confirmed_pages(CONSENSUS)
    if waiting:
        return [], f"{len(waiting)} of {len(pages)} page(s) in dispute wait for the adjudicator's confirmation"
    turns = {(session.session_id, turn) for page in pages for turn in range(page["first_turn"], page["last_turn"] + 1)}
    judged = [span for span in ledger.labels(CONSENSUS, batch=session.batch) if (span.session_id, span.turn) in turns]
    decisions, undecided = decide_by_person(findings, judged, turns)
    if undecided:
        return [], f"{len(undecided)} dispute(s) are not with the adjudicator yet; run `relcode adjudicate push`"
    return decisions, ""


def _decision_events(decisions: Iterable[Decision], held: Mapping[Key, Span]) -> list[NewEvent]:
    """The events that bring a session's accepted labels from what the ledger holds to what was decided."""
    wanted = {decision.span.key: decision for decision in decisions}
    events = [
        NewEvent("accept", ACTOR, _decided(decision.span, decision.decision, decision.reason, decision.coders))
        for key, decision in wanted.items()
        if key not in held
    ]
    events += [
        NewEvent("unaccept", ACTOR, _decided(span, "changed", "decided anew", ()))
        for key, span in held.items()
        if key not in wanted
    ]
    return events


def _decided(span: Span, decision: str, reason: str, coders: Sequence[str]) -> dict[str, Any]:
    return {"span": msgspec.to_builtins(span), "decision": decision, "reason": reason, "coders": list(coders)}


def _overlapping(
    entries: Sequence[tuple[int, int, str, Span]],
) -> list[list[tuple[int, int, str, Span]]]:
    """Runs of spans that hang together by overlap; `entries` sorted by start."""
    clusters: list[list[tuple[int, int, str, Span]]] = []
    reach = -1
    for entry in entries:
        if clusters and entry[0] < reach:
            clusters[-1].append(entry)
        else:
            clusters.append([entry])
            reach = -1
        reach = max(reach, entry[1])
    return clusters


def _touches(finding: Finding, span: Span) -> bool:
    return any(own.start < span.end and span.start < own.end for spans in finding.given.values() for own in spans)
