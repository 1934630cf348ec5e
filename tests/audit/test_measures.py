"""Each measure by hand on a session small enough to count with a finger."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relcode.audit.exposure import exposure
from relcode.audit.intervals import Estimate, jeffreys, wilson
from relcode.audit.material import Material
from relcode.audit.measures import (
    balance_of_codes,
    balances,
    code_rates,
    headline,
    here_and_now_tenths,
    rate_of_codes,
    turn_tenths,
)

Make = Callable[..., Material]

# 20 therapist segments (one a turn): 3 TSI (one of them TSI.impact), 1 TSD, 2 INT, 4 INQ, 5 REFL, 2 QUEST, 3 without.
SESSION = [
    "T: I am moved. | TSI HN",
    "C: Oh.",
    "T: I feel glad. | TSI META",
    "C: Thanks. | WARM",
    "T: You changed me. | TSI.impact",
    "C: Really?",
    "T: I have a dog. | TSD",
    "C: Nice.",
    "T: It began with mother. | INT.genetic",
    "C: Maybe. | COOP",
    "T: You hide it. | INT.dynamic",
    "C: No. | RUP.confrontation",
    *["T: What is that like? | INQ", "C: Hard. | COOP"] * 4,
    *["T: You are tired. | REFL", "C: Yes."] * 5,
    *["T: How old? | QUEST", "C: Nine."] * 2,
    *["T: Mm.", "C: So."] * 3,
]


def by_id(figures: tuple, key: str):  # type: ignore[no-untyped-def, type-arg]
    return next(figure for figure in figures if figure.id == key)


def assert_wider(estimate: Estimate, than: Estimate) -> None:
    assert estimate.low is not None
    assert estimate.high is not None
    assert than.low is not None
    assert than.high is not None
    assert estimate.low < than.low < than.high < estimate.high


def test_exposure_counts_turns_words_segments_and_questions(material: Make) -> None:
    lines = exposure(material(*["T: One two three?", "C: Four."] * 20))
    assert (lines.turns, lines.therapist_turns, lines.client_turns) == (40, 20, 20)
    assert (lines.therapist_words, lines.client_words) == (60, 20)
    assert lines.talk_share.value == 0.75
    assert lines.talk_share.low is None
    assert lines.question_share == wilson(20, 20)


def test_notes_and_punctuation_are_no_words(material: Make) -> None:
    assert exposure(material("T: [pause] Well, yes.", "C: [laughs]")).therapist_words == 2


def test_tsi_share_counts_sub_codes_and_has_the_posterior_by_hand(material: Make) -> None:
    figure = by_id(headline(material(*SESSION)), "tsi_share")
    assert figure.estimate == jeffreys(3, 1)
    assert figure.estimate.value == pytest.approx(3.5 / 5)
    assert [place.turn for place in figure.places] == [1, 3, 5, 7]


def test_interpretations_are_counted_over_all_kinds_per_100_therapist_segments(material: Make) -> None:
    figure = by_id(headline(material(*SESSION)), "int_rate")
    assert figure.estimate.value == pytest.approx(10.0)
    assert_wider(figure.estimate, wilson(2, 20).scaled(100))  # both stand in one block of turns


def test_interpretation_against_inquiry_and_reflection_against_question(material: Make) -> None:
    table = material(*SESSION)
    assert by_id(headline(table), "int_share").estimate == jeffreys(2, 4)
    refl_share = by_id(balances(table), "refl_share").estimate
    assert refl_share.value == jeffreys(5, 6).value
    assert_wider(refl_share, jeffreys(5, 6))


def test_kinds_of_interpretation_are_shares_of_all_interpretations(material: Make) -> None:
    table = material(*SESSION)
    assert by_id(balances(table), "kind_INT.genetic").estimate == jeffreys(1, 1)
    assert by_id(balances(table), "kind_INT.transference").estimate == jeffreys(0, 2)


def test_past_is_genetic_interpretation_and_present_the_dyad(material: Make) -> None:
    table = material(*SESSION)
    assert by_id(balances(table), "past").estimate.value == pytest.approx(100 * 1 / 20)
    assert by_id(balances(table), "present").estimate.value == pytest.approx(100 * 3 / 20)
    assert by_id(balances(table), "past_share").estimate == jeffreys(1, 3)


def test_a_balance_of_two_zeros_has_no_value_and_says_so(material: Make) -> None:
    figure = balance_of_codes(material(*["T: Yes."] * 20), "x", "x", ("TSI",), ("TSD",), short="x")
    assert figure.estimate.value is None
    assert "neither" in figure.estimate.reason


@pytest.mark.parametrize(("segments", "has_value"), [(19, False), (20, True)])
def test_no_rate_is_given_from_fewer_than_20_segments(material: Make, segments: int, has_value: bool) -> None:
    table = material(*["T: I am moved. | TSI"] * segments)
    rate = rate_of_codes(table, "present", "x")
    balance = balance_of_codes(table, "x", "x", ("TSI",), ("TSD",), short="x")
    assert (rate.estimate.value is not None) is has_value
    assert (balance.estimate.value is not None) is has_value
    assert has_value or "19 therapist segment(s)" in rate.estimate.reason


def test_a_one_sided_session_has_rates_for_the_side_that_speaks(material: Make) -> None:
    rates = {(rate.code, rate.speaker): rate for rate in code_rates(material(*["T: I am moved. | TSI HN"] * 25))}
    assert rates["HN", "T"].estimate.value == 100.0
    assert rates["HN", "C"].estimate.value is None
    assert rates["HN", "C"].estimate.n == 0


def test_code_rates_give_a_line_a_speaker_and_one_for_a_family_without_a_code_of_its_own(material: Make) -> None:
    rates = {(rate.code, rate.speaker): rate for rate in code_rates(material(*SESSION))}
    assert rates["INT", "T"].count == 2
    assert rates["INT.genetic", "T"].count == 1
    assert rates["TSI", "T"].count == 3  # with TSI.impact
    assert rates["RUP", "C"].count == 1
    assert ("TSI", "C") not in rates
    assert [code for code, _ in rates].index("INT") < [code for code, _ in rates].index("INT.genetic")


def test_here_and_now_is_counted_in_tenths_by_words(material: Make) -> None:
    table = material("T: One two three four five six seven eight nine. | HN", "C: Ten. | HN")
    lines = {(line.tenth, line.speaker): line.count for line in here_and_now_tenths(table)}
    assert turn_tenths(table).tolist() == [5, 10]
    assert lines[5, "T"] == 1
    assert lines[10, "C"] == 1
    assert sum(lines.values()) == 2


def test_a_tenth_with_few_segments_shows_its_count_without_a_rate(material: Make) -> None:
    lines = here_and_now_tenths(material(*["T: Here now. | HN", "C: Yes."] * 100))
    assert {line.estimate.n for line in lines} == {10}
    assert all(line.estimate.value is None for line in lines)
    assert sum(line.count for line in lines if line.speaker == "T") == 100


def test_a_session_without_words_has_tenths_all_the_same(material: Make) -> None:
    assert turn_tenths(material("T: [pause]", "C: [pause]")).tolist() == [1, 1]
