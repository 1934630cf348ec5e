"""What coders agree on, and how far boundaries may lie apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.adjudication import compare
from relcode.adjudication.findings import boundaries_apart
from relcode.choices import boundary_distance
from relcode.records import Span

Spanning = Callable[..., Span]


def _span(turn: int, start: int, end: int, code: str = "TSI") -> Span:
    return Span("S1", turn, start, end, "x" * (end - start), code, "c@1.0.0")


@pytest.mark.parametrize(
    ("other", "agreed"),
    [
        (_span(1, 0, 10), True),
        (_span(1, 9, 20), True),  # overlaps by one character
        (_span(1, 10, 20), False),  # touches, does not overlap
        (_span(1, 0, 10, "GUIDE"), False),
        (_span(2, 0, 10), False),
    ],
)
def test_agreement_is_the_same_code_on_overlapping_words_of_a_turn(other: Span, agreed: bool) -> None:
    findings = compare({"ana": [_span(1, 0, 10)], "ben": [other]})
    assert [finding.agreed for finding in findings] == ([True] if agreed else [False, False])


@pytest.mark.parametrize(
    ("rule", "other", "disputed"),
    [
        ("code", (9, 20), False),
        ("all", (0, 10), False),
        ("all", (0, 11), True),
        ("distance:0.5", (0, 20), False),  # overlap 10, union 20: 0.5 apart
        ("distance:0.5", (0, 21), True),
        ("distance:0", (0, 11), True),
        ("distance:1", (9, 20), False),
    ],
)
def test_boundaries_are_in_dispute_by_the_rule(rule: str, other: tuple[int, int], disputed: bool) -> None:
    labels = {"ana": [_span(1, 0, 10)], "ben": [_span(1, *other)]}
    (finding,) = compare(labels, distance=boundary_distance(rule))
    assert (finding.disputed, finding.boundaries) == (disputed, disputed)
    assert len(finding.visible) == (2 if disputed else 1)


@pytest.mark.parametrize("rule", ["", "most", "distance", "distance:", "distance:1.1", "distance:nan", "code:0.5"])
def test_an_unknown_rule_of_disputes_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="distance:D"):
        boundary_distance(rule)


def test_two_halves_that_cover_the_same_words_lie_nowhere_apart() -> None:
    assert boundaries_apart({"ana": [_span(1, 0, 10)], "ben": [_span(1, 0, 5), _span(1, 5, 10)]}) == 0


def test_of_three_coders_the_two_farthest_apart_count() -> None:
    given = {"ana": [_span(1, 0, 10)], "ben": [_span(1, 0, 8)], "cem": [_span(1, 5, 10)]}
    assert boundaries_apart(given) == pytest.approx(1 - 3 / 10)


def test_with_three_coders_all_must_agree() -> None:
    labels = {"ana": [_span(1, 0, 9)], "ben": [_span(1, 0, 9)], "cem": []}
    assert [finding.agreed for finding in compare(labels)] == [False]


def test_only_those_who_coded_the_turn_are_asked() -> None:
    labels = {"ana": [_span(1, 0, 9), _span(2, 0, 9)], "ben": [_span(1, 0, 9)], "cem": [_span(2, 0, 9)]}
    coded = {"ana": {1, 2, 3}, "ben": {1}, "cem": {3}}
    one, two = compare(labels, coded=coded)
    assert (one.asked, one.agreed) == (("ana", "ben"), True)
    assert (two.asked, two.single, two.disputed) == (("ana",), True, False)  # cem's label lies on no turn of his


def test_one_coder_alone_agrees_with_nobody() -> None:
    assert [finding.agreed for finding in compare({"ana": [_span(1, 0, 9)]})] == [False]


@given(st.permutations(["ana", "ben", "cem"]))
def test_the_order_of_the_coders_changes_nothing(order: list[str]) -> None:
    labels = {"ana": [_span(1, 0, 10)], "ben": [_span(1, 2, 12)], "cem": [_span(1, 1, 9)]}
    assert compare({coder: labels[coder] for coder in order}) == compare(labels)


def test_whose_boundaries_an_agreed_label_takes_is_drawn_for_each_label() -> None:
    ana = [_span(turn, 0, 10) for turn in range(1, 101)]
    ben = [_span(turn, 1, 11) for turn in range(1, 101)]
    findings = compare({"ana": ana, "ben": ben})
    from_ana = sum(finding.spans[0].start == 0 for finding in findings)
    assert 30 < from_ana < 70
    assert findings == compare({"ana": ana, "ben": ben})
