"""Codes given in each other's place: counted by hand, with a near miss beside each hit."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from relcode.reliability import Coding, with_words
from relcode.reliability.confusions import Confusion, find_confusions, rules_between
from relcode.reliability.material import prepare


def confusions(made: SimpleNamespace, *codings: Coding, turns: int = 8, **options: int) -> list[Confusion]:
    return find_confusions(prepare(codings, [made.session(turns=turns)], made.codebook()), draws=0, **options)


def coding(coder: str, *spans: object, covered: frozenset[int] | None = None) -> Coding:
    return Coding(coder, spans, {"S1": covered})  # type: ignore[arg-type]


def test_a_confusion_is_one_code_here_and_the_other_there_and_never_both(made: SimpleNamespace) -> None:
    a = coding("A", *(made.span(turn, "TSI") for turn in (1, 3, 5)), made.span(7, "TSD"))
    b = coding(
        "B", made.span(1, "TSD"), made.span(3, "TSI"), made.span(5, "TSI"), made.span(5, "TSD"), made.span(7, "TSI")
    )
    (found,) = confusions(made, a, b)
    assert found.codes == ("TSI", "TSD")
    # Turns 1 and 7 are swapped, 3 is the same; in 5 B gave both.
    assert (found.count, found.spans) == (2, 2)
    assert found.share.value == pytest.approx(2 / 3)
    # Of the four therapist turns A gave TSI alone in 3, TSD alone in 1; B in 2 and 1.
    assert found.expected == pytest.approx((3 * 1 + 1 * 2) / 4)
    (pair,) = found.by_coders
    assert (pair.coders, pair.first_second, pair.second_first, pair.same) == (("A", "B"), 1, 1, 1)
    assert [(place.turn, place.gave) for place in found.places] == [
        (1, {"A": "TSI", "B": "TSD"}),
        (7, {"A": "TSD", "B": "TSI"}),
    ]


def test_pairs_below_the_least_are_left_out(made: SimpleNamespace) -> None:
    a, b = coding("A", made.span(1, "TSI")), coding("B", made.span(1, "TSD"))
    assert confusions(made, a, b) == []
    assert [each.count for each in confusions(made, a, b, least=1)] == [1]


def test_turns_that_one_coder_did_not_see_are_no_confusions(made: SimpleNamespace) -> None:
    a = coding("A", *(made.span(turn, "TSI") for turn in (1, 3, 5)))
    b = coding("B", *(made.span(turn, "TSD") for turn in (1, 3)), covered=frozenset({1, 2, 3, 4}))
    (found,) = confusions(made, a, b)
    assert found.count == 2
    assert found.expected == pytest.approx(2 * 2 / 2)


def test_codes_of_different_speakers_are_never_confused(made: SimpleNamespace) -> None:
    a = coding("A", *(made.span(turn, "TSI") for turn in (1, 2, 3)))
    b = coding("B", *(made.span(turn, "CW") for turn in (1, 2, 3)))
    assert confusions(made, a, b, least=1) == []


def test_three_coders_make_three_pairs(made: SimpleNamespace) -> None:
    a, b, c = coding("A", made.span(1, "TSI")), coding("B", made.span(1, "TSD")), coding("C", made.span(1, "TSD"))
    (found,) = confusions(made, a, b, c)
    assert found.count == 2
    assert [(pair.first_second, pair.same) for pair in found.by_coders] == [(1, 0), (1, 0), (0, 1)]
    assert found.places[0].gave == {"A": "TSI", "B": "TSD", "C": "TSD"}


def test_a_model_is_nobody_to_discuss_with(made: SimpleNamespace) -> None:
    a, b = coding("A", made.span(1, "TSI")), coding("B", made.span(1, "TSI"))
    assert confusions(made, a, b, coding("model:m", made.span(1, "TSD")), least=1) == []


@pytest.mark.parametrize(
    ("first", "second", "asked"),
    [
        ("TSI", "TSD", ["About whom?"]),
        ("TSD", "TSI", ["About whom?"]),
        ("REFL", "INT.dynamic", ["Whose frame?"]),  # the rule is against the family
        ("TSI", "REFL", []),
    ],
)
def test_the_rule_is_found_at_either_code(made: SimpleNamespace, first: str, second: str, asked: list[str]) -> None:
    assert [rule.ask for rule in rules_between(made.codebook(), first, second)] == asked
    assert rules_between(None, first, second) == []


def test_words_are_there_only_when_asked_for_and_never_in_a_repr(made: SimpleNamespace) -> None:
    a = coding("A", *(made.span(turn, "TSI") for turn in (1, 3)))
    b = coding("B", *(made.span(turn, "TSD") for turn in (1, 3)))
    found = confusions(made, a, b)
    assert found[0].places[0].text is None
    quoted = with_words(found, [made.session(turns=8)])
    assert quoted[0].places[0].text == "I feel close to you now."
    assert "close" not in repr(quoted)
