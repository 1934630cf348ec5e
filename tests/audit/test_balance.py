"""Interpretations more closely: bursts against chance, company, persistence; each by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relcode.audit.balance import company, densest_tenth, interpretation_figures, persistence, runs, unevenness
from relcode.audit.material import Material, material_from_labels

Make = Callable[..., Material]
PLAIN = ["T: Go on with that.", "C: It was raining."]
INT = ["T: You hide it. | INT.dynamic", "C: Maybe."]


def test_six_interpretations_in_a_row_of_forty_segments_lie_in_a_stretch_of_four_and_two_more(material: Make) -> None:
    table = material(*PLAIN * 10, *INT * 6, *PLAIN * 24)
    figure = densest_tenth(table)
    assert figure.estimate.value == pytest.approx(4 / 6)
    assert figure.chance is not None
    assert figure.chance.value is not None
    assert 0.2 < figure.chance.value < 0.5
    assert (figure.chance.high or 1) < 4 / 6
    assert [place.turn for place in figure.places] == [21, 23, 25, 27, 29, 31]


def test_interpretations_in_even_steps_are_no_burst(material: Make) -> None:
    table = material(*(INT + PLAIN * 4) * 8)
    assert densest_tenth(table).estimate.value == pytest.approx(1 / 8)
    assert runs(table).estimate.value == 0.0
    gini = unevenness(table)
    assert gini.unit == "index"
    assert gini.estimate.value == pytest.approx(0.2)  # eight tenths hold one, two none


def test_all_interpretations_in_one_tenth_have_a_gini_of_nine_tenths(material: Make) -> None:
    assert unevenness(material(*INT * 6, *PLAIN * 54)).estimate.value == pytest.approx(0.9)


def test_runs_are_interpreting_turns_next_to_one_another_with_only_the_client_between(material: Make) -> None:
    table = material(*INT * 2, *PLAIN * 5, *INT, *PLAIN, *INT, *PLAIN * 5, *INT * 2, *PLAIN * 8)
    figure = runs(table)
    assert figure.estimate.value == pytest.approx(4 / 6)
    assert figure.chance is not None
    assert 0 < (figure.chance.value or 0) < 4 / 6


@pytest.mark.parametrize(("interpretations", "has_value"), [(4, False), (5, True)])
def test_fewer_than_five_interpretations_in_a_session_say_nothing_of_bursts(
    material: Make, interpretations: int, has_value: bool
) -> None:
    table = material(*(INT + PLAIN * 4) * interpretations)
    for figure in (densest_tenth(table), unevenness(table), runs(table)):
        assert (figure.estimate.value is not None) is has_value
        assert has_value or "no session has 5" in figure.estimate.reason
        assert figure.places_total == (5 if has_value else 0)


def test_company_is_the_share_of_interpreting_turns_against_the_therapists_other_turns(material: Make) -> None:
    lines = [*["T: You hide it. | INT.dynamic META", "C: No."] * 3, *INT * 3]
    figures = company(material(*lines, *["T: I am glad. | META", "C: Oh."] * 2, *PLAIN * 18))
    (meta,) = figures
    assert meta.id == "int_with_META"
    assert meta.estimate.value == 0.5
    assert meta.chance is not None
    assert meta.chance.value == pytest.approx(2 / 20)
    assert [place.turn for place in meta.places] == [1, 3, 5]


ANSWERED = ["T: You hide it. | INT.dynamic", "C: No I do not. | RUP.confrontation"]


def test_persistence_is_interpreting_again_within_five_turns_of_a_negative_response(material: Make) -> None:
    lines = [
        *[*ANSWERED, *PLAIN, *INT, *PLAIN * 3] * 5,  # the next one comes three turns after the marker
        *[*ANSWERED, *PLAIN * 3] * 2,  # and here seven turns after it
        *PLAIN * 5,
    ]
    figure = persistence(material(*lines))
    assert figure.counted.startswith("5 of 7 negative responses")
    assert figure.counted.endswith("of the 5 other responses, 0")
    assert figure.estimate.value == pytest.approx(5 / 7)
    assert figure.chance is not None
    assert figure.chance.value == 0.0
    assert [place.turn for place in figure.places][:2] == [2, 14]


def test_cooperation_is_no_negative_response_and_the_last_answer_of_a_session_is_no_occasion(material: Make) -> None:
    lines = [*["T: You hide it. | INT.dynamic", "C: Not quite, it is shame. | COOP"] * 6, *PLAIN * 20, *ANSWERED]
    figure = persistence(material(*lines))
    assert figure.counted.startswith("0 of 0 negative responses")
    assert figure.estimate.reason == "0 occasion(s); a share needs 5"


def test_interpretation_in_the_next_session_is_no_persistence(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    first, labels = coded(*PLAIN * 15, *ANSWERED, "T: Well.", session_id="S1")
    second, more = coded(*INT, *PLAIN * 15, session_id="S2")
    figure = persistence(material_from_labels([first, second], codebook, labels + more))
    assert figure.counted.startswith("0 of 1 negative responses")


def test_a_session_without_interpretations_or_labels_has_reasons_and_no_division_by_zero(material: Make) -> None:
    for lines in (PLAIN * 30, PLAIN, [], ["T: [pause]"]):
        for figure in interpretation_figures(material(*lines)):
            assert figure.estimate.value is None
            assert figure.estimate.reason
