"""From pages in the ledger to accepted labels with their chain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relcode.adjudication import (
    accepted_labels,
    coded_sessions,
    explain_turn,
    find_disputes,
    read_coverage,
    report_disputes,
    settle,
    settling,
)
from relcode.adjudication.record import read_record
from relcode.choices import AdjudicationChoices
from relcode.errors import UsageError
from relcode.ledger import CONSENSUS, Ledger, LedgerMoved, NewEvent
from relcode.records import Span

Spanning = Callable[..., Span]
Paging = Callable[..., NewEvent]
Ticking = Callable[..., list[NewEvent]]


@pytest.fixture
def begun(ledger: Ledger, span: Spanning, page: Paging, tick: Ticking) -> Ledger:
    """Two coders with two pages each; both have confirmed all but the second coder's second page."""
    ledger.append([page(coder, f"{coder}{n}", n * 2 - 1, n * 2) for coder in ("ana", "ben") for n in (1, 2)])
    ledger.append([*tick("ana", "ana1", span(1, 0, 9), span(2, 0, 5)), *tick("ana", "ana2")])
    ledger.append(tick("ben", "ben1", span(1, 1, 9)))
    return ledger


@pytest.fixture
def coded(begun: Ledger, span: Spanning, tick: Ticking) -> Ledger:
    """The second coder is done too: agreed in turn 1, in dispute in turns 2 and 3."""
    begun.append(tick("ben", "ben2", span(3, 0, 5)))
    return begun


# ---------------------------------------------------------------- coverage


def test_a_session_is_coded_once_every_page_is_confirmed(begun: Ledger, tick: Ticking) -> None:
    assert coded_sessions(begun) == []
    assert read_coverage(read_record(begun)).waiting == {"S1": "ben has not confirmed 1 page(s)"}
    begun.append(tick("ben", "ben2"))
    assert [session.coders for session in coded_sessions(begun)] == [("ana", "ben")]


def test_a_coder_who_has_left_can_be_left_out(begun: Ledger) -> None:
    (session,) = coded_sessions(begun, coders=["ana"])
    assert (session.coders, session.single_turns, session.compared) == (("ana",), {1, 2, 3, 4}, False)


PLANNED = {"session_id": "S1", "session_sha256": "0", "coder": "ben", "first_turn": 3, "last_turn": 4}


@pytest.mark.parametrize(
    ("pages", "plan", "missing"),
    [
        ([("ana", 1, 2), ("ben", 3, 4)], [], ""),
        ([("ana", 1, 2), ("ben", 1, 2), ("ben", 3, 4), ("cem", 3, 4)], [], ""),  # the pair changes
        ([("ana", 1, 2)], [], "turns 3 to 4 are with no coder"),
        ([("ana", 2, 2), ("ben", 4, 4)], [], "turns 1, 3 are with no coder"),
        ([("ana", 1, 4)], [PLANNED], "turns 3 to 4 are planned for ben and not pushed"),
        ([("ana", 1, 4)], [PLANNED | {"role": "calibration"}], ""),
        ([("ana", 1, 4)], [PLANNED | {"session_sha256": "other"}], ""),
        ([("ana", 1, 4), ("ben", 3, 4)], [PLANNED], ""),
    ],
)
def test_coverage_is_by_turn(
    ledger: Ledger, page: Paging, tick: Ticking, pages: list[tuple[str, int, int]], plan: list[Any], missing: str
) -> None:
    for number, (coder, first, last) in enumerate(pages):
        ledger.append([page(coder, f"p{number}", first, last, session_turns=4), *tick(coder, f"p{number}")])
    record = read_record(ledger)
    record.planned.extend([("1", assignment) for assignment in plan if assignment.get("role", "code") == "code"])
    coverage = read_coverage(record)
    assert coverage.waiting.get("S1", "") == missing
    assert len(coverage.ready) == (not missing)


def test_a_plan_holds_in_its_batch_and_for_the_coders_that_count(ledger: Ledger, page: Paging, tick: Ticking) -> None:
    ledger.append([page("ana", "a", 1, 2), *tick("ana", "a")])
    record = read_record(ledger)
    record.planned.append(("2", PLANNED))  # turns that batch 1 has not
    assert "planned for ben" in read_coverage(record).waiting["S1"]
    assert read_coverage(record, batch="1").waiting == {}
    assert read_coverage(record, coders=["ana"]).waiting == {}


def test_pages_of_other_roles_are_not_looked_at(ledger: Ledger, page: Paging, tick: Ticking) -> None:
    ledger.append([page("ana", "a", 1, 2), *tick("ana", "a"), page("ben", "b", 1, 2, role="calibration")])
    ledger.append([page("ana", "c", 1, 2, role="recode"), *tick("ana", "c")])
    (session,) = coded_sessions(ledger)
    assert session.pages == {"ana": (("a", frozenset({1, 2})),)}


def test_a_later_batch_takes_the_place_of_an_earlier_one_turn_by_turn(
    ledger: Ledger, span: Spanning, page: Paging, tick: Ticking
) -> None:
    ledger.append([page("ana", "a", 1, 4), *tick("ana", "a", span(1, 0, 5), span(3, 0, 5))])
    ledger.append([page("ben", "b", 3, 4, batch="2"), *tick("ben", "b", span(4, 0, 5), batch="2")])
    (session,) = coded_sessions(ledger)
    assert (session.batch, session.turns) == ("2", {"ana": {1, 2}, "ben": {3, 4}})
    found = find_disputes(ledger, [session])["S1"]
    assert [(finding.turn, finding.asked) for finding in found] == [(1, ("ana",)), (4, ("ben",))]
    assert coded_sessions(ledger, batch="1")[0].turns == {"ana": {1, 2, 3, 4}}


# ---------------------------------------------------------------- settling


def test_a_session_is_settled_when_its_disputes_were_judged_and_settling_again_adds_nothing(
    coded: Ledger, span: Spanning, page: Paging, tick: Ticking
) -> None:
    assert "not with the adjudicator yet" in settle(coded).unsettled["S1"]
    coded.append([page(CONSENSUS, "c1", 1, 2), page(CONSENSUS, "c2", 3, 4), *tick(CONSENSUS, "c1", span(1, 0, 9))])
    assert "1 of 2 page(s)" in settle(coded).unsettled["S1"]
    assert accepted_labels(coded) == []
    coded.append(tick(CONSENSUS, "c2", span(3, 0, 5)))
    settled = settle(coded)
    assert (settled.settled, settled.unsettled) == (["S1"], {})
    assert (settled.accepted, settled.rejected, settled.withdrawn) == (2, 1, 0)
    assert [(own.turn, own.source) for own in accepted_labels(coded)] == [(1, "accepted"), (3, "accepted")]
    before = coded.head()
    again = settle(coded)
    assert (again.accepted, again.rejected, again.amended) == (0, 0, 0)
    assert coded.head() == before


def test_a_policy_settles_without_a_person_and_another_one_withdraws(coded: Ledger) -> None:
    assert settle(coded, policy="union").accepted == 3
    assert [own.source for own in accepted_labels(coded)] == ["accepted", "accepted:union", "accepted:union"]
    changed = settle(coded, policy="agreed")
    assert (changed.accepted, changed.withdrawn, changed.rejected) == (0, 2, 2)
    assert [own.turn for own in accepted_labels(coded)] == [1]
    back = settle(coded, policy="union")
    assert (back.accepted, len(accepted_labels(coded))) == (2, 3)
    assert coded.verify() == []


def test_the_senior_coder_must_be_in_the_ledger(coded: Ledger) -> None:
    with pytest.raises(UsageError, match="no coder 'zoe'"):
        settle(coded, policy="senior:zoe")
    assert settle(coded, policy="senior:ana").settled == ["S1"]
    assert [own.turn for own in accepted_labels(coded)] == [1, 2]


def test_what_one_coder_has_coded_is_accepted_as_single_or_left(
    ledger: Ledger, span: Spanning, page: Paging, tick: Ticking
) -> None:
    ledger.append([page("ana", "a", 1, 4), *tick("ana", "a", span(1, 0, 5), span(3, 0, 5))])
    ledger.append([page("ben", "b", 1, 2), *tick("ben", "b", span(1, 0, 5))])
    left = settle(ledger, choices=AdjudicationChoices(single="leave"))
    assert left.unsettled == {"S1": "turns 3 to 4: coded by one coder alone"}
    assert settle(ledger).accepted == 2
    assert [(own.turn, own.source) for own in accepted_labels(ledger)] == [(1, "accepted"), (3, "accepted:single")]


def test_a_session_waits_for_reasons_where_they_are_required(
    coded: Ledger, span: Spanning, page: Paging, tick: Ticking
) -> None:
    marks = [span(2, 0, 3, "why.unclear"), span(3, 0, 3, "why.oversight")]
    coded.append([page(CONSENSUS, "c1", 1, 4, adjudicator="judge"), *tick(CONSENSUS, "c1", span(1, 0, 9), marks[0])])
    required = AdjudicationChoices(reasons="required")
    assert settle(coded, choices=required).unsettled == {"S1": "turn 3: decided without a reason"}
    asked = settle(coded)
    assert asked.warnings == ["session S1, turn 3: decided without a reason"]
    assert (asked.accepted, asked.rejected) == (1, 2)
    coded.append(tick(CONSENSUS, "c1", marks[1]))
    done = settle(coded, choices=required)
    assert (done.settled, done.amended, done.accepted, done.rejected) == (["S1"], 1, 0, 0)
    assert [own.code for own in accepted_labels(coded)] == ["TSI"]
    report = report_disputes(coded)
    assert report.reasons == {"oversight": 1, "unclear": 1}
    assert report.unclear == [{"session_id": "S1", "turn": 2, "code": "TSI", "verdict": "reject"}]


def test_labels_that_changed_after_the_adjudicator_got_them_are_not_judged(
    coded: Ledger, span: Spanning, page: Paging, tick: Ticking
) -> None:
    (session,) = coded_sessions(coded)
    shown = [finding.signature for finding in find_disputes(coded, [session])["S1"]]
    coded.append([page(CONSENSUS, "c1", 1, 4, findings=shown), *tick(CONSENSUS, "c1", span(1, 0, 9))])
    coded.append(tick("ben", "ben2", span(4, 0, 5)))
    assert "turn 4: the coders' labels have changed" in settle(coded).unsettled["S1"]
    coded.append([NewEvent("unlabel", "test", {"page": "ben2", "batch": "1", "coder": "ben",
                  "span": msgspec.to_builtins(span(4, 0, 5)), "provenance": "removed"})])  # fmt: skip
    assert settle(coded).settled == ["S1"]


def test_two_settlings_at_once_do_not_write_twice(coded: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Ledger(Path(coded.name))
    reading = settling.read_record
    raced: list[int] = []

    def read_then_be_overtaken(ledger: Ledger) -> Any:
        record = reading(ledger)
        if not raced:
            raced.append(1)
            settle(other, policy="union")  # another process, between our reading and our writing
        return record

    monkeypatch.setattr(settling, "read_record", read_then_be_overtaken)
    settle(coded, policy="union")
    assert len(list(coded.events("accept"))) == 3
    assert len(list(coded.events("adjudicated"))) == 1


def test_who_is_always_overtaken_is_told(coded: Ledger, page: Paging, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = settling.read_record

    def overtaken(ledger: Ledger) -> Any:
        record = reading(ledger)
        coded.append([page("cem", "elsewhere", 1, 2, session="S2")])
        return record

    monkeypatch.setattr(settling, "read_record", overtaken)
    with pytest.raises(LedgerMoved):
        settle(coded, policy="union")
    assert list(coded.events("accept")) == []


# ---------------------------------------------------------------- the chain


def test_a_label_carries_its_chain(ledger: Ledger, span: Spanning, page: Paging, tick: Ticking) -> None:
    suggestion = msgspec.to_builtins(msgspec.structs.replace(span(1, 0, 9), source="cues", score=0.8, why=("a",)))
    ledger.append([page("ana", "a", 1, 2, suggestions=[suggestion])])
    ledger.append([page("ben", "b", 1, 2, suggestions=[suggestion], shown=False)])
    ledger.append(tick("ana", "a", span(1, 2, 9), provenance="moved"))
    ledger.append(tick("ben", "b", span(1, 0, 9, "TSD")))
    ledger.append([page(CONSENSUS, "c", 1, 2, adjudicator="judge")])
    ledger.append(tick(CONSENSUS, "c", span(1, 2, 9), span(1, 0, 3, "why.rule")))
    settle(ledger)
    rejected, accepted = explain_turn(ledger, "S1", 1)
    source = {"start": 0, "end": 9, "code": "TSI", "source": "cues", "score": 0.8}
    span_of = accepted.pop("span")
    assert (span_of["start"], span_of["code"], span_of["source"]) == (2, "TSI", "accepted")
    assert accepted == {
        "verdict": "accept",
        "decision": "adjudicated",
        "reason": "rule",
        "coders": ["ana"],
        "asked": ["ana", "ben"],
        "given": [{"coder": "ana", "start": 2, "end": 9, "provenance": "moved", "suggestion": source}],
        "suggestion": source,
        "adjudicator": "judge",
        "codebook": "c@1.0.0",
        "batch": "1",
        "reviews": [],
    }
    assert (rejected["verdict"], rejected["coders"], rejected["suggestion"]) == ("reject", ["ben"], None)
    assert explain_turn(ledger, "S1", 2) == []
    report = report_disputes(ledger)
    assert [(pair.accepted, pair.rejected, pair.count, pair.reasons) for pair in report.pairs] == [
        ("TSI", "TSD", 1, {"rule": 1})
    ]
    assert [(coder.coder, coder.right, coder.wrong) for coder in report.coders] == [("ana", 2, 0), ("ben", 0, 2)]
    blind = report_disputes(ledger, blind=True)
    assert {coder.coder for coder in blind.coders} == {"coder 1", "coder 2"}
