"""Ruptures and the repairs that follow them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relcode.audit.intervals import jeffreys
from relcode.audit.material import Material
from relcode.audit.sequences import answered_figure, rupture_episodes

Make = Callable[..., Material]
PLAIN = ["T: Go on with that.", "C: It was raining."]


def test_a_complaint_broken_by_yeah_is_one_episode(material: Make) -> None:
    episodes = rupture_episodes(
        material("C: You push me. | RUP.confrontation", "T: Yeah.", "C: A lot. | RUP.withdrawal")
    )
    assert [(e.first_turn, e.last_turn, e.markers) for e in episodes] == [(1, 3, 2)]
    assert episodes[0].kinds == ("RUP.withdrawal", "RUP.confrontation")


def test_a_complaint_broken_by_four_words_is_two_episodes(material: Make) -> None:
    table = material("C: You push. | RUP.confrontation", "T: Tell me some more.", "C: A lot. | RUP.confrontation")
    assert [(e.first_turn, e.last_turn) for e in rupture_episodes(table)] == [(1, 1), (3, 3)]


def test_a_short_repair_between_two_markers_parts_them(material: Make) -> None:
    table = material("C: You push. | RUP.confrontation", "T: Sorry. | REP.immediate", "C: Fine. | RUP.withdrawal")
    assert [(e.first_turn, e.repair_turn) for e in rupture_episodes(table)] == [(3, None), (1, 2)]


def test_markers_of_two_clients_are_two_episodes(material: Make) -> None:
    table = material("C: You push. | RUP.confrontation", "C2: Yes you do. | RUP.confrontation")
    assert [(e.speaker, e.markers) for e in rupture_episodes(table)] == [("C", 1), ("C2", 1)]


@pytest.mark.parametrize(("between", "answered"), [(2, True), (3, False)])
def test_a_repair_counts_within_five_turns(material: Make, between: int, answered: bool) -> None:
    # The repair stands 2 * between + 1 turns after the marker.
    table = material("C: You push. | RUP.confrontation", *PLAIN * between, "T: I pushed. | REP.exploratory")
    (episode,) = rupture_episodes(table)
    assert (episode.repair_turn is not None) is answered
    assert episode.latency_turns == (5 if answered else None)
    assert episode.repair_kind == ("REP.exploratory" if answered else None)


def test_exploratory_wins_where_a_turn_carries_both_kinds(material: Make) -> None:
    table = material("C: No. | RUP.withdrawal", "T: I pushed, how was it? | REP.immediate REP.exploratory")
    assert rupture_episodes(table)[0].repair_kind == "REP.exploratory"


def test_a_repair_in_the_next_session_does_not_count(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    from relcode.audit.material import material_from_labels

    first, labels = coded("T: Hello there.", "C: No. | RUP.withdrawal", session_id="S1")
    second, more = coded("T: I pushed. | REP.immediate", "C: Yes.", session_id="S2")
    (episode,) = rupture_episodes(material_from_labels([first, second], codebook, labels + more))
    assert episode.repair_turn is None
    assert episode.turns_after == 0


def test_unanswered_episodes_come_first_and_the_share_is_the_posterior(material: Make) -> None:
    lines = [
        *["C: You push. | RUP.confrontation", "T: I pushed. | REP.immediate"],
        *PLAIN * 3,
        *["C: Whatever. | RUP.withdrawal"],
        *PLAIN * 20,
    ]
    table = material(*lines)
    episodes = rupture_episodes(table)
    assert [episode.repair_turn for episode in episodes] == [None, 2]
    assert answered_figure(table, episodes).estimate == jeffreys(1, 1)


def test_no_rupture_at_all_is_no_figure_with_a_reason(material: Make) -> None:
    figure = answered_figure(material(*PLAIN * 20), ())
    assert figure.estimate.value is None
    assert "no rupture" in figure.estimate.reason
