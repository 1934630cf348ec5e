"""What a ledger has accepted, turn by turn: also of sessions that are coded in part, where nothing is in dispute.

A file of labels covers whole sessions. Whoever learns from the ledger can use more: a turn that was decided teaches,
whether or not the rest of its session was coded. A turn that was not decided is missing, never empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec

from relcode.adjudication.coverage import Coded, turns_in_words
from relcode.adjudication.findings import Finding, compare
from relcode.adjudication.policies import decide
from relcode.adjudication.record import Record, read_record
from relcode.adjudication.settling import accepted_labels
from relcode.choices import AdjudicationChoices, boundary_distance
from relcode.ledger import CONSENSUS, Ledger
from relcode.records import Span


class AcceptedPart(msgspec.Struct, frozen=True):
    """What is accepted of a session. `codebook`: the reference that it was coded with. `turns`: those decided; None where
    the session is settled, and so every turn is. `missing`: what keeps other turns from being decided, in words."""

    session_id: str
    session_sha256: str
    codebook: str
    turns: frozenset[int] | None
    spans: tuple[Span, ...]
    missing: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"AcceptedPart({self.session_id!r}, {'all' if self.turns is None else len(self.turns)} turns)"


class DoubleCoding(msgspec.Struct, frozen=True):
    """The turns of a session that two coders have coded, apart from each other, and the labels of each on them."""

    session_id: str
    session_sha256: str
    turns: frozenset[int]
    first: tuple[Span, ...]
    second: tuple[Span, ...]

    def __repr__(self) -> str:
        return f"DoubleCoding({self.session_id!r}, {len(self.turns)} turns)"


def accepted_parts(
    ledger: Ledger, codebooks: Collection[str], *, choices: AdjudicationChoices | None = None
) -> list[AcceptedPart]:
    """What is accepted of each session that was coded with some codebooks (ids), by session id.

    A settled session counts as it was settled last. Of any other, a turn counts once all who were given it have confirmed
    its page and nothing in it is in dispute; turns of one coder alone as the project chose (`single`).
    """
    record, chosen = read_record(ledger), choices or AdjudicationChoices()
    closings = {event.payload["session_id"]: event.payload for event in ledger.events("adjudicated")}
    labels: dict[str, list[Span]] = defaultdict(list)
    for span in accepted_labels(ledger):
        labels[span.session_id].append(span)
    parts = {
        session_id: AcceptedPart(
            session_id, closing["session_sha256"], closing["codebook"], None, tuple(labels[session_id])
        )
        for session_id, closing in closings.items()
        if _holds(closing["codebook"], codebooks)
    }
    for coded, waiting in _coded_turns(record, codebooks):
        if coded.session_id not in parts:
            parts[coded.session_id] = _part(record, coded, waiting, chosen)
    return [parts[session_id] for session_id in sorted(parts)]


def double_codings(ledger: Ledger, codebooks: Collection[str]) -> list[DoubleCoding]:
    """The turns that two coders have coded, a session each; of more coders, the two that share most turns."""
    record = read_record(ledger)
    found = []
    for coded, _ in _coded_turns(record, codebooks):
        pairs = [(len(ours & theirs), one, other) for one, ours, other, theirs in _pairs(coded)]
        shared, one, other = max(pairs, key=lambda pair: pair[0], default=(0, "", ""))
        if shared:
            turns = coded.turns[one] & coded.turns[other]
            labels = [
                tuple(span for span in _labels(record, coded, coder) if span.turn in turns) for coder in (one, other)
            ]
            found.append(DoubleCoding(coded.session_id, coded.session_sha256, turns, *labels))
    return sorted(found, key=lambda each: each.session_id)


def _pairs(coded: Coded) -> Iterator[tuple[str, frozenset[int], str, frozenset[int]]]:
    turns = sorted(coded.turns.items())
    for place, (one, ours) in enumerate(turns):
        for other, theirs in turns[place + 1 :]:
            yield one, ours, other, theirs


def _holds(reference: str, codebooks: Collection[str]) -> bool:
    """Whether all of the codebooks (ids) were coded under a reference (`a@1.0.0+b@1.0.0`)."""
    return set(codebooks) <= {part.partition("@")[0] for part in reference.split("+")}


def _coded_turns(record: Record, codebooks: Collection[str]) -> Iterator[tuple[Coded, list[str]]]:
    """Each session with the turns that all who were given them have confirmed; and what other turns wait for."""
    by_session: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in record.pages:
        if entry["coder"] != CONSENSUS and _holds(entry["codebook"], codebooks):
            by_session[entry["session_id"]].append(entry)
    for session_id, pages in by_session.items():
        sha = pages[-1]["session_sha256"]  # a changed transcript is another text; the last one counts
        yield _by_turn(record, session_id, [entry for entry in pages if entry["session_sha256"] == sha])


def _by_turn(record: Record, session_id: str, pages: Sequence[dict[str, Any]]) -> tuple[Coded, list[str]]:
    last = pages[-1]
    owner: dict[int, str] = {}  # the last batch that gave a turn to coders
    for batch in dict.fromkeys(entry["batch"] for entry in pages):
        owner |= {turn: batch for entry in pages if entry["batch"] == batch for turn in _turns(entry)}
    given: set[tuple[str, int]] = set()
    open_turns: set[int] = set()
    own = [(entry, {turn for turn in _turns(entry) if owner[turn] == entry["batch"]}) for entry in pages]
    for entry, turns in own:
        given |= {(entry["coder"], turn) for turn in turns}
        open_turns |= set() if _is_done(record, entry) else turns
    for batch, planned in record.planned:
        if (planned["session_id"], planned["session_sha256"]) == (session_id, last["session_sha256"]):
            unsent = {turn for turn in _turns(planned) if (planned["coder"], turn) not in given}
            open_turns |= {turn for turn in unsent if owner.get(turn) == batch}
    done: dict[str, list[tuple[str, frozenset[int]]]] = defaultdict(list)
    for entry, turns in own:
        if turns - open_turns:
            done[entry["coder"]].append((entry["page"], frozenset(turns - open_turns)))
    waiting = [f"{turns_in_words(open_turns)}: not confirmed by all who code them"] if open_turns else []
    never = set(range(1, (last.get("session_turns") or 0) + 1)) - owner.keys()
    waiting += [f"{turns_in_words(never)}: with no coder"] if never else []
    by_coder = {coder: tuple(done[coder]) for coder in sorted(done)}
    return Coded(session_id, last["session_sha256"], last["codebook"], last["batch"], by_coder), waiting


def _is_done(record: Record, entry: dict[str, Any]) -> bool:
    return entry["page"] in record.confirmed.get(entry["coder"], ())


def _turns(entry: dict[str, Any]) -> range:
    return range(entry["first_turn"], entry["last_turn"] + 1)


def _labels(record: Record, coded: Coded, coder: str) -> list[Span]:
    return [
        span
        for page, turns in coded.pages.get(coder, ())
        for span, _ in record.labels.get((coder, page), {}).values()
        if span.turn in turns
    ]


def _part(record: Record, coded: Coded, waiting: list[str], choices: AdjudicationChoices) -> AcceptedPart:
    """The turns that are decided already, and their labels."""
    by_coder = {coder: _labels(record, coded, coder) for coder in coded.pages}
    findings = compare(by_coder, coded=coded.turns, distance=boundary_distance(choices.disputes))
    disputed = {finding.turn for finding in findings if finding.disputed}
    alone = coded.single_turns if choices.single == "leave" else frozenset()
    turns = frozenset().union(*coded.turns.values()) - disputed - alone
    missing = [
        *waiting,
        *([f"{turns_in_words(disputed)}: in dispute"] if disputed else []),
        *([f"{turns_in_words(alone)}: coded by one coder alone"] if alone else []),
    ]
    return AcceptedPart(
        coded.session_id, coded.session_sha256, coded.codebook, turns, _accepted(findings, turns), tuple(missing)
    )


def _accepted(findings: Sequence[Finding], turns: frozenset[int]) -> tuple[Span, ...]:
    settled = [finding for finding in findings if finding.turn in turns]
    return tuple(decision.span for decision in decide(settled, "agreed") if decision.accepted)
