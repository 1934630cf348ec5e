"""What the ledger has accepted turn by turn: settled sessions wholly, others where nothing is open or in dispute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from relcode.adjudication import accepted_parts, double_codings, settle
from relcode.choices import AdjudicationChoices
from relcode.ledger import Ledger, NewEvent
from relcode.records import Span

Spanning = Callable[..., Span]
Paging = Callable[..., NewEvent]
Ticking = Callable[..., list[NewEvent]]


@pytest.fixture
def half(ledger: Ledger, span: Spanning, page: Paging, tick: Ticking) -> Ledger:
    """Of eight turns: 1 to 4 confirmed by two coders (2 in dispute), 5 to 6 by one of them, 7 to 8 given to nobody."""
    ledger.append([page(coder, f"{coder}1", 1, 4, session_turns=8) for coder in ("ana", "ben")])
    ledger.append([page(coder, f"{coder}2", 5, 6, session_turns=8) for coder in ("ana", "ben")])
    ledger.append(tick("ana", "ana1", span(1, 0, 9), span(2, 0, 5), span(4, 0, 5, "HN")))
    ledger.append([*tick("ben", "ben1", span(1, 0, 7), span(4, 0, 5, "HN")), *tick("ben", "ben2", span(5, 0, 3))])
    return ledger


def test_of_a_session_coded_in_part_only_decided_turns_count(half: Ledger) -> None:
    (part,) = accepted_parts(half, ["c"])
    assert part.turns == {1, 3, 4}
    assert [(own.turn, own.code, own.source) for own in part.spans] == [
        (1, "TSI", "accepted"),
        (4, "HN", "accepted"),
    ]
    assert part.missing == (
        "turns 5 to 6: not confirmed by all who code them",
        "turns 7 to 8: with no coder",
        "turn 2: in dispute",
    )


def test_the_last_confirmation_brings_its_turns(half: Ledger, span: Spanning, tick: Ticking) -> None:
    half.append(tick("ana", "ana2", span(5, 0, 3)))
    (part,) = accepted_parts(half, ["c"])
    assert part.turns == {1, 3, 4, 5, 6}
    assert [own.turn for own in part.spans] == [1, 4, 5]


@pytest.mark.parametrize(("single", "turns"), [("accept", {1, 2, 3, 4}), ("leave", {1, 2})])
def test_turns_of_one_coder_count_as_the_project_chose(
    ledger: Ledger, span: Spanning, page: Paging, tick: Ticking, single: str, turns: set[int]
) -> None:
    ledger.append([page("ana", "a", 1, 4, session_turns=6), *tick("ana", "a", span(1, 0, 9), span(3, 0, 9))])
    ledger.append([page("ben", "b", 1, 2, session_turns=6), *tick("ben", "b", span(1, 0, 9))])
    (part,) = accepted_parts(ledger, ["c"], choices=AdjudicationChoices(single=single))
    assert part.turns == turns
    assert [own.source for own in part.spans] == ["accepted", "accepted:single"][: len(turns) // 2]


def test_a_settled_session_counts_wholly(ledger: Ledger, span: Spanning, page: Paging, tick: Ticking) -> None:
    for coder, spans in (("ana", (span(1, 0, 9), span(2, 0, 9))), ("ben", (span(1, 0, 9),))):
        ledger.append([page(coder, coder, 1, 4, session_turns=4), *tick(coder, coder, *spans)])
    (before,) = accepted_parts(ledger, ["c"])
    settle(ledger, policy="agreed")
    (after,) = accepted_parts(ledger, ["c"])
    assert (before.turns, after.turns) == ({1, 3, 4}, None)
    assert [own.turn for own in after.spans] == [1]
    assert after.missing == ()


def test_a_session_that_bears_nothing_is_there(ledger: Ledger, page: Paging, tick: Ticking) -> None:
    ledger.append([page("ana", "a", 1, 4, session_turns=4), *tick("ana", "a")])
    (part,) = accepted_parts(ledger, ["c"])
    assert (part.turns, part.spans) == ({1, 2, 3, 4}, ())


def test_planned_turns_that_were_not_pushed_are_open(ledger: Ledger, page: Paging, tick: Ticking) -> None:
    ledger.append([page("ana", "a", 1, 4, session_turns=4), *tick("ana", "a")])
    planned = {"session_id": "S1", "session_sha256": "0", "coder": "ben", "first_turn": 3, "last_turn": 4}
    ledger.append([NewEvent("plan", "test", {"batch": "1", "coders": ["ben"], "assignments": [planned]})])
    assert accepted_parts(ledger, ["c"])[0].turns == {1, 2}


@pytest.mark.parametrize(
    ("coded", "asked", "found"),
    [
        ("c@1.0.0", ["c"], True),
        ("c@1.0.0+d@2.0.0", ["c"], True),
        ("c@1.0.0+d@2.0.0", ["c", "d"], True),
        ("c@1.0.0", ["c", "d"], False),  # nobody looked for the codes of d
        ("cc@1.0.0", ["c"], False),
    ],
)
def test_only_what_was_coded_with_all_codebooks_counts(
    ledger: Ledger, page: Paging, tick: Ticking, coded: str, asked: list[str], found: bool
) -> None:
    ledger.append([page("ana", "a", 1, 4, session_turns=4, codebook=coded), *tick("ana", "a")])
    assert bool(accepted_parts(ledger, asked)) is found


def test_pages_of_other_roles_are_not_looked_at(ledger: Ledger, span: Spanning, page: Paging, tick: Ticking) -> None:
    ledger.append([page("ben", "b", 1, 4, role="calibration", session_turns=4), *tick("ben", "b", span(1, 0, 9))])
    assert accepted_parts(ledger, ["c"]) == []
    assert double_codings(ledger, ["c"]) == []


def test_turns_of_two_coders_stand_beside_each_other(half: Ledger) -> None:
    (double,) = double_codings(half, ["c"])
    assert double.turns == {1, 2, 3, 4}
    assert [(own.turn, own.code) for own in double.first] == [(1, "TSI"), (2, "TSI"), (4, "HN")]
    assert [(own.turn, own.code) for own in double.second] == [(1, "TSI"), (4, "HN")]


def test_of_three_coders_the_two_count_that_share_most(ledger: Ledger, page: Paging, tick: Ticking) -> None:
    given: list[tuple[str, int, int]] = [("ana", 1, 2), ("ben", 1, 6), ("cem", 3, 6)]
    for coder, first, last in given:
        ledger.append([page(coder, coder, first, last, session_turns=6), *tick(coder, coder)])
    assert double_codings(ledger, ["c"])[0].turns == {3, 4, 5, 6}


def test_one_coder_makes_no_pair(ledger: Ledger, page: Paging, tick: Ticking) -> None:
    ledger.append([page("ana", "a", 1, 4, session_turns=4), *tick("ana", "a")])
    assert double_codings(ledger, ["c"]) == []


def test_what_they_say_of_themselves_holds_no_words(half: Ledger) -> None:
    shown: list[Any] = [*accepted_parts(half, ["c"]), *double_codings(half, ["c"])]
    assert [repr(each) for each in shown] == ["AcceptedPart('S1', 3 turns)", "DoubleCoding('S1', 4 turns)"]
