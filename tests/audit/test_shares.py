"""Share figures: one order of reasons, all the turns behind a figure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from relcode.audit.figure import Figure, Place, Places
from relcode.audit.material import Material
from relcode.audit.shares import Words, balance_figure, rate_figure, unknown_of

Make = Callable[..., Material]
WORDS = Words("x", "a figure", "counted so")
SAID = ["T: I am moved. | TSI", "C: It is hard. | COOP"]
NOTHING = np.array([], dtype=np.int64)


def test_a_balance_says_first_what_it_cannot_know_then_what_is_too_little_then_what_is_empty(material: Make) -> None:
    short, long = material(*SAID * 5), material(*SAID * 20)
    none = (NOTHING, NOTHING)
    reasons = [
        balance_figure(table, WORDS, none, reason=reason, empty="none there").estimate.reason
        for table, reason in ((short, "unknown"), (short, ""), (long, ""))
    ]
    assert reasons == ["unknown", "5 therapist segment(s); a figure needs 20", "none there"]


def test_the_least_data_of_a_balance_is_that_of_the_speaker_it_is_about(material: Make) -> None:
    table = material(*SAID * 20, *["T: Go on."] * 20, "C: Yes.")
    few = material(*["T: I am moved. | TSI"] * 20, *SAID * 3)
    rows = (np.array([0]), np.array([2]))
    assert balance_figure(few, WORDS, rows).estimate.value == 0.5
    assert "3 client segment(s)" in balance_figure(few, WORDS, rows, role="C").estimate.reason
    assert balance_figure(table, WORDS, rows, role="C").estimate.value == 0.5


def test_a_rate_does_not_count_the_other_speaker(material: Make) -> None:
    table = material(*SAID * 20)
    figure = rate_figure(table, WORDS, "T", np.ones(40, dtype=np.bool_))
    assert (figure.estimate.value, figure.estimate.n, figure.places_total) == (100.0, 20, 20)


def test_the_first_unknown_family_is_named(material: Make) -> None:
    table = material(*SAID)
    assert unknown_of(table, ("TSI",), ("INT",)) == ""
    assert unknown_of(table, ("TSI",), ("NO", "SUCH"), ("NEITHER",)).endswith("does not know NO or SUCH")


def test_a_figure_names_all_its_turns_and_not_the_first_twenty(material: Make) -> None:
    table = material(*SAID * 150)
    figure = rate_figure(table, WORDS, "T", table.carry("TSI"))
    assert figure.places_total == len(figure.places) == 150
    assert [place.turn for place in figure.places] == list(range(1, 300, 2))
    assert figure.places.first(2) == (Place("S1", 1), Place("S1", 3))


def test_places_stand_compactly_in_json_and_keep_their_order(material: Make) -> None:
    places = Places.of([Place("S2", 9), Place("S2", 4), Place("S1", 1), Place("S2", 5)])
    assert msgspec.json.encode(places) == b'{"turns":[["S2",[9,4]],["S1",[1]],["S2",[5]]]}'
    assert msgspec.json.decode(msgspec.json.encode(places), type=Places) == places
    assert [(place.session_id, place.turn) for place in places] == [("S2", 9), ("S2", 4), ("S1", 1), ("S2", 5)]
    assert len(places) == 4
    figure = rate_figure(material(*SAID * 20), WORDS, "T", np.zeros(40, dtype=np.bool_))
    assert msgspec.json.decode(msgspec.json.encode(figure), type=Figure) == figure


@pytest.mark.parametrize("rows", [[], [0], [3, 1], [0, 1, 2, 3, 2]])
def test_places_of_rows_are_their_turns_in_this_order(material: Make, rows: list[int]) -> None:
    found = material(*SAID * 2).turn_places(np.array(rows, dtype=np.int64))
    assert [place.turn for place in found] == [row + 1 for row in rows]
