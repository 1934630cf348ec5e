"""From coders' labels to accepted ones."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from relcode.adjudication import (
    accepted_labels,
    coded_sessions,
    compare,
    decide,
    decide_by_person,
    find_disputes,
    settle,
)
from relcode.errors import UsageError
from relcode.ledger import CONSENSUS, Ledger, NewEvent
from relcode.records import Span


def span(turn: int, start: int, end: int, code: str = "TSI", session: str = "S1") -> Span:
    return Span(session, turn, start, end, "x" * (end - start), code, "c@1.0.0")


@pytest.mark.parametrize(
    ("other", "agreed"),
    [
        (span(1, 0, 10), True),
        (span(1, 9, 20), True),  # overlaps by one character
        (span(1, 10, 20), False),  # touches, does not overlap
        (span(1, 0, 10, "GUIDE"), False),
        (span(2, 0, 10), False),
    ],
)
def test_agreement_is_the_same_code_on_overlapping_words_of_a_turn(other: Span, agreed: bool) -> None:
    findings = compare({"ana": [span(1, 0, 10)], "ben": [other]})
    assert [finding.agreed for finding in findings] == ([True] if agreed else [False, False])


def test_an_agreed_label_runs_as_the_first_coder_drew_it() -> None:
    (finding,) = compare({"ben": [span(1, 0, 10)], "ana": [span(1, 2, 12)]})
    assert [(own.start, own.end) for own in finding.spans] == [(2, 12)]


def test_with_three_coders_all_must_agree() -> None:
    labels = {"ana": [span(1, 0, 9)], "ben": [span(1, 0, 9)], "cem": []}
    assert [finding.agreed for finding in compare(labels)] == [False]


def test_one_coder_alone_agrees_with_nobody() -> None:
    assert [finding.agreed for finding in compare({"ana": [span(1, 0, 9)]})] == [False]


LABELS = {"ana": [span(1, 0, 9), span(2, 0, 5)], "ben": [span(1, 1, 9), span(3, 0, 5)]}


@pytest.mark.parametrize(
    ("policy", "turns", "decisions"),
    [
        ("agreed", [1], ["agreed"]),
        ("union", [1, 2, 3], ["agreed", "policy:union", "policy:union"]),
        ("first:ben", [1, 3], ["agreed", "policy:first:ben"]),
    ],
)
def test_policies(policy: str, turns: list[int], decisions: list[str]) -> None:
    decided = decide(compare(LABELS), policy)
    assert [decision.span.turn for decision in decided] == turns
    assert [decision.decision for decision in decided] == decisions
    assert {decision.span.source for decision in decided} == {"accepted"}


def test_the_policy_of_one_coder_keeps_that_coders_offsets() -> None:
    assert decide(compare(LABELS), "first:ben")[0].span.start == 1


@pytest.mark.parametrize("policy", ["", "first", "first:", "majority"])
def test_an_unknown_policy_is_refused(policy: str) -> None:
    with pytest.raises(UsageError, match="no policy"):
        decide([], policy)


def test_a_person_decides_on_the_turns_shown_and_agreement_elsewhere() -> None:
    judged = [span(2, 0, 5), span(2, 6, 9, "GUIDE")]
    decisions, undecided = decide_by_person(compare(LABELS), judged, [("S1", 2)])
    assert [(d.span.turn, d.span.code, d.decision, d.coders) for d in decisions] == [
        (1, "TSI", "agreed", ("ana", "ben")),
        (2, "TSI", "adjudicated", ("ana",)),
        (2, "GUIDE", "adjudicated", ()),
    ]
    assert [finding.turn for finding in undecided] == [3]


def page(coder: str, uid: str, first: int, last: int, batch: str = "1") -> NewEvent:
    payload = {"page": uid, "batch": batch, "coder": coder, "session_id": "S1", "session_sha256": "0"}
    payload |= {"first_turn": first, "last_turn": last, "text_sha256": "0", "codebook": "c@1.0.0"}
    return NewEvent("page", "test", {**payload, "suggestions": [], "shown": True})


def tick(coder: str, uid: str, *spans: Span) -> list[NewEvent]:
    where = {"page": uid, "batch": "1", "coder": coder}
    labels = [
        NewEvent("label", "test", {**where, "span": msgspec.to_builtins(own), "provenance": "added"}) for own in spans
    ]
    return [*labels, NewEvent("confirm", "test", {**where, "at": None})]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Two coders with two pages each; both have confirmed all but the second coder's second page."""
    ledger = Ledger(tmp_path / "ledger.db")
    pages = [page(coder, f"{coder}{n}", n * 2 - 1, n * 2) for coder in ("ana", "ben") for n in (1, 2)]
    ledger.append([*pages, *tick("ana", "ana1", *LABELS["ana"]), *tick("ana", "ana2")])
    ledger.append(tick("ben", "ben1", span(1, 1, 9)))
    return ledger


def test_a_session_counts_once_two_coders_have_confirmed_all_its_pages(ledger: Ledger) -> None:
    assert coded_sessions(ledger) == []
    assert [coded.coders for coded in coded_sessions(ledger, coders_least=1)] == [("ana",)]
    ledger.append(tick("ben", "ben2", span(3, 0, 5)))
    assert [coded.coders for coded in coded_sessions(ledger)] == [("ana", "ben")]


def test_a_session_is_settled_when_its_disputes_were_judged_and_settling_again_adds_nothing(ledger: Ledger) -> None:
    ledger.append(tick("ben", "ben2", span(3, 0, 5)))
    assert "not with the adjudicator yet" in settle(ledger).unsettled["S1"]
    ledger.append([page(CONSENSUS, "c1", 1, 2), page(CONSENSUS, "c2", 3, 4), *tick(CONSENSUS, "c1", span(1, 0, 9))])
    assert "1 of 2 page(s)" in settle(ledger).unsettled["S1"]
    assert accepted_labels(ledger) == []
    ledger.append(tick(CONSENSUS, "c2", span(3, 0, 5)))
    settled = settle(ledger)
    assert (settled.settled, settled.unsettled, settled.accepted) == (["S1"], {}, 2)
    assert [own.turn for own in accepted_labels(ledger)] == [1, 3]
    before = ledger.head()
    assert settle(ledger).accepted == 0
    assert ledger.head() == before


def test_a_policy_settles_without_a_person_and_another_one_withdraws(ledger: Ledger) -> None:
    ledger.append(tick("ben", "ben2", span(3, 0, 5)))
    assert settle(ledger, policy="union").accepted == 3
    changed = settle(ledger, policy="agreed")
    assert (changed.accepted, changed.withdrawn) == (0, 2)
    assert [own.turn for own in accepted_labels(ledger)] == [1]


def test_the_policy_of_one_coder_takes_the_sessions_that_this_coder_finished(ledger: Ledger) -> None:
    assert settle(ledger, policy="first:ben").settled == []
    assert settle(ledger, policy="first:ana").settled == ["S1"]
    assert len(accepted_labels(ledger)) == 2


def test_disputes_are_found_per_session(ledger: Ledger) -> None:
    ledger.append(tick("ben", "ben2"))
    findings = find_disputes(ledger, coded_sessions(ledger))["S1"]
    assert [(finding.turn, finding.agreed) for finding in findings] == [(1, True), (2, False)]
