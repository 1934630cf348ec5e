"""Policies and a person's decisions: tables by hand."""

from __future__ import annotations

import pytest

from relcode.adjudication import check_policy, compare, decide, decide_by_person, undecided
from relcode.errors import UsageError
from relcode.records import Span


def span(turn: int, start: int, end: int, code: str = "TSI") -> Span:
    return Span("S1", turn, start, end, "x" * (end - start), code, "c@1.0.0")


def why(turn: int, start: int, end: int, reason: str) -> Span:
    return span(turn, start, end, f"why.{reason}")


LABELS = {"ana": [span(1, 0, 9), span(2, 0, 5)], "ben": [span(1, 1, 9), span(3, 0, 5)]}
THREE = {
    "ana": [span(1, 0, 9), span(2, 0, 9), span(3, 0, 9)],
    "ben": [span(1, 0, 9), span(2, 0, 9)],
    "cem": [span(1, 0, 9)],
}
FOUR = {"ana": [span(1, 0, 9), span(2, 0, 9)], "ben": [span(1, 0, 9)], "cem": [span(3, 0, 9)], "dee": [span(3, 0, 9)]}


@pytest.mark.parametrize(
    ("labels", "policy", "turns", "decisions", "sources"),
    [
        (LABELS, "agreed", [1], ["agreed"], ["accepted"]),
        (LABELS, "union", [1, 2, 3], ["agreed", "policy:union", "policy:union"],
         ["accepted", "accepted:union", "accepted:union"]),
        (LABELS, "senior:ben", [1, 3], ["agreed", "policy:senior:ben"], ["accepted", "accepted:senior"]),
        (LABELS, "majority", [1], ["agreed"], ["accepted"]),  # one of two is no majority
        (LABELS, "majority+senior:ana", [1, 2], ["agreed", "policy:majority+senior:ana"], ["accepted", "accepted:majority"]),
        (THREE, "majority", [1, 2], ["agreed", "policy:majority"], ["accepted", "accepted:majority"]),
        (THREE, "majority+senior:ana", [1, 2], ["agreed", "policy:majority+senior:ana"], ["accepted", "accepted:majority"]),
        (FOUR, "majority", [], [], []),  # two of four are no majority
        (FOUR, "majority+senior:cem", [3], ["policy:majority+senior:cem"], ["accepted:majority"]),
        (FOUR, "senior:dee", [3], ["policy:senior:dee"], ["accepted:senior"]),
    ],
)  # fmt: skip
def test_policies(
    labels: dict[str, list[Span]], policy: str, turns: list[int], decisions: list[str], sources: list[str]
) -> None:
    decided = [decision for decision in decide(compare(labels), policy) if decision.accepted]
    assert [decision.span.turn for decision in decided] == turns
    assert [decision.decision for decision in decided] == decisions
    assert [decision.span.source for decision in decided] == sources


def test_what_a_policy_does_not_accept_it_rejects_with_the_policys_name() -> None:
    decided = decide(compare(LABELS), "agreed")
    rejected = [(decision.span.turn, decision.decision) for decision in decided if not decision.accepted]
    assert rejected == [(2, "policy:agreed"), (3, "policy:agreed")]


def test_the_policy_of_a_senior_coder_keeps_that_coders_offsets() -> None:
    assert decide(compare(LABELS), "senior:ben")[0].span.start == 1
    assert decide(compare(LABELS), "senior:ana")[0].span.start == 0


def test_a_senior_coder_decides_nothing_on_turns_that_he_has_not_coded() -> None:
    labels = {"ana": [span(1, 0, 9), span(2, 0, 9), span(3, 0, 9)], "ben": [span(2, 0, 9)], "cem": []}
    findings = compare(labels, coded={"ana": {1, 2, 3}, "ben": {1, 2}, "cem": {3}})
    policy = check_policy("senior:cem")
    assert [finding.turn for finding in undecided(findings, policy)] == [1]
    assert [(each.span.turn, each.decision, each.accepted) for each in decide(findings, policy)] == [
        (2, "agreed", True),
        (3, "policy:senior:cem", False),
    ]


def test_what_one_coder_alone_has_coded_is_accepted_as_single() -> None:
    findings = compare({"ana": [span(1, 0, 9)], "ben": []}, coded={"ana": {1}, "ben": {2}})
    (decision,) = decide(findings, "agreed")
    assert (decision.decision, decision.accepted, decision.span.source) == ("single", True, "accepted:single")


def test_a_majority_counts_codes_though_boundaries_are_in_dispute() -> None:
    labels = {"ana": [span(1, 0, 9)], "ben": [span(1, 1, 9)], "cem": []}
    (decision,) = decide(compare(labels, distance=0), "majority")
    assert (decision.decision, decision.accepted) == ("policy:majority", True)


@pytest.mark.parametrize("policy", ["", "senior", "senior:", "first:ben", "majority+", "majority+ben", "agreed:ben"])
def test_an_unknown_policy_is_refused(policy: str) -> None:
    with pytest.raises(UsageError, match="no policy"):
        decide([], policy)


# ---------------------------------------------------------------- a person


def test_a_person_decides_on_the_turns_shown_and_agreement_elsewhere() -> None:
    judged = decide_by_person(compare(LABELS), [span(2, 0, 5), span(2, 6, 9, "GUIDE")], [("S1", 2)])
    assert [(d.span.turn, d.span.code, d.decision, d.coders) for d in judged.decisions] == [
        (1, "TSI", "agreed", ("ana", "ben")),
        (2, "TSI", "adjudicated", ("ana",)),
        (2, "GUIDE", "adjudicated", ()),
    ]
    assert [finding.turn for finding in judged.undecided] == [3]


def test_what_the_person_took_away_is_rejected_even_if_coders_agreed() -> None:
    judged = decide_by_person(compare(LABELS), [], [("S1", 1), ("S1", 2), ("S1", 3)])
    assert [(d.span.turn, d.decision, d.accepted, d.coders) for d in judged.decisions] == [
        (1, "adjudicated", False, ("ana", "ben")),
        (2, "adjudicated", False, ("ana",)),
        (3, "adjudicated", False, ("ben",)),
    ]


PAIR = {"ana": [span(1, 0, 10), span(1, 20, 30)], "ben": [span(1, 0, 10, "TSD")]}


@pytest.mark.parametrize(
    ("marks", "reasons", "stray"),
    [
        ([], {"TSI@0": "", "TSD@0": "", "TSI@20": ""}, 0),
        ([why(1, 2, 4, "rule")], {"TSI@0": "rule", "TSD@0": "rule", "TSI@20": ""}, 0),
        ([why(1, 2, 25, "rule")], {"TSI@0": "rule", "TSD@0": "rule", "TSI@20": "rule"}, 0),
        ([why(1, 9, 12, "oversight"), why(1, 0, 3, "rule")],
         {"TSI@0": "rule, oversight", "TSD@0": "rule, oversight", "TSI@20": ""}, 0),
        ([why(1, 10, 20, "rule")], {"TSI@0": "", "TSD@0": "", "TSI@20": ""}, 1),  # between them: three disputes in the turn
        ([why(2, 0, 10, "rule")], {"TSI@0": "", "TSD@0": "", "TSI@20": ""}, 1),
    ],
)  # fmt: skip
def test_a_reason_counts_for_the_decisions_on_the_words_that_it_overlaps(
    marks: list[Span], reasons: dict[str, str], stray: int
) -> None:
    judged = decide_by_person(compare(PAIR), [span(1, 0, 10), *marks], [("S1", 1), ("S1", 2)])
    assert {f"{d.span.code}@{d.span.start}": d.reason for d in judged.decisions} == reasons
    assert len(judged.stray) == stray
    assert len(judged.unexplained) == list(reasons.values()).count("")
    assert not any(decision.span.code.startswith("why.") for decision in judged.decisions)


def test_a_reason_beside_the_words_counts_where_the_turn_has_one_dispute() -> None:
    judged = decide_by_person(compare(LABELS), [span(2, 0, 5), why(2, 7, 9, "context")], [("S1", 2)])
    assert [decision.reason for decision in judged.decisions if decision.span.turn == 2] == ["context"]
    assert judged.stray == []


@pytest.mark.parametrize(
    ("standing", "doubled"), [([(0, 10), (2, 12)], 1), ([(0, 10)], 0), ([(0, 12)], 0), ([(0, 10), (10, 12)], 0)]
)
def test_a_dispute_of_boundaries_is_open_while_both_spans_stand(standing: list[tuple[int, int]], doubled: int) -> None:
    findings = compare({"ana": [span(1, 0, 10)], "ben": [span(1, 2, 12)]}, distance=0)
    judged = decide_by_person(findings, [span(1, *place) for place in standing], [("S1", 1)])
    assert len(judged.doubled) == doubled
