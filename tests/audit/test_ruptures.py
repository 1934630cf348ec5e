"""Ruptures and repairs by hand: episodes, latency, kinds, and what has no answer or no call."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from relcode.audit.intervals import jeffreys
from relcode.audit.material import Material, material_from_labels
from relcode.audit.repairs import (
    answered_figure,
    answered_kind,
    exploratory_share,
    latency,
    median_of,
    rupture_figures,
    unprompted_repairs,
)
from relcode.audit.ruptures import rupture_episodes

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


MIXED = [
    *["C: You push me. | RUP.confrontation", "T: I pushed, how was it? | REP.exploratory"],
    *PLAIN * 3,
    *["C: Whatever. | RUP.withdrawal", "T: Go on.", "C: Fine, whatever you say then. ", "T: Sorry. | REP.immediate"],
    *PLAIN * 3,
    *["C: No. | RUP.withdrawal"],
    *PLAIN * 12,
    *["T: I put that badly. | REP.immediate"],
]


def test_answers_are_told_apart_by_the_kind_of_marker(material: Make) -> None:
    table = material(*MIXED)
    episodes = rupture_episodes(table)
    withdrawal = answered_kind(table, "RUP.withdrawal", episodes)
    assert withdrawal.estimate.value == jeffreys(1, 1).value
    assert withdrawal.counted == "1 of 2 episodes with RUP.withdrawal"
    assert [place.turn for place in withdrawal.places] == [19, 9]  # the unanswered one first
    assert answered_kind(table, "RUP.confrontation", episodes).estimate.value == jeffreys(1, 0).value


def test_latency_is_the_median_in_turns_and_lists_the_repairing_turns(material: Make) -> None:
    table = material(*MIXED)
    figure = latency(table, rupture_episodes(table))
    assert (figure.estimate.value, figure.estimate.low, figure.estimate.n) == (2.0, None, 2)
    assert figure.counted == "2 repairs: 1 after 1, 1 after 3 turn(s)"
    assert [place.turn for place in figure.places] == [2, 12]


@pytest.mark.parametrize(("n", "low", "high"), [(5, None, None), (6, 1.0, 6.0), (10, 2.0, 9.0), (17, 5.0, 13.0)])
def test_the_median_has_the_order_statistics_of_the_sign_test(n: int, low: float | None, high: float | None) -> None:
    # Conover 1999, table A3: P(X <= 4) = .0245 for 17 halves, P(X <= 1) = .0107 for 10, P(X <= 0) = .0156 for 6.
    estimate = median_of(list(range(1, n + 1)))
    assert (estimate.low, estimate.high) == (low, high)


def test_no_answered_episode_has_no_latency_with_a_reason(material: Make) -> None:
    table = material(*["C: No. | RUP.withdrawal", "T: Go on."] * 12)
    assert latency(table, rupture_episodes(table)).estimate.reason == "no episode meets a repair"


def test_exploratory_repairs_are_a_share_of_those_that_answer(material: Make) -> None:
    table = material(*MIXED)
    figure = exploratory_share(table, rupture_episodes(table))
    assert figure.estimate.value == jeffreys(1, 1).value
    assert figure.counted == "1 of 2 repairs explore the strain"


def test_a_repair_that_no_coded_marker_called_for_is_counted_apart(material: Make) -> None:
    table = material(*MIXED)
    figure = unprompted_repairs(table, rupture_episodes(table))
    assert figure.counted == "1 of 3 repairing turns"
    assert [place.turn for place in figure.places] == [44]


def test_a_repair_at_the_start_of_the_next_session_is_not_called_for(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    first, labels = coded(*PLAIN * 10, "C: No. | RUP.withdrawal", session_id="S1")
    second, more = coded("T: I pushed. | REP.immediate", *PLAIN * 10, session_id="S2")
    table = material_from_labels([first, second], codebook, labels + more)
    assert unprompted_repairs(table, rupture_episodes(table)).counted == "1 of 1 repairing turns"


def test_latency_in_seconds_runs_from_the_end_of_the_episode_to_the_start_of_the_repair(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    session, labels = coded("C: You push. | RUP.confrontation", "T: I pushed. | REP.immediate", "C: Yes.")
    turns = [
        msgspec.structs.replace(turn, t0=t0, t1=t1)
        for turn, t0, t1 in zip(session.turns, (0.0, 7.5, 9.0), (5.0, 8.5, None), strict=True)
    ]
    timed = msgspec.structs.replace(session, turns=tuple(turns))
    (episode,) = rupture_episodes(material_from_labels([timed], codebook, labels))
    assert episode.latency_seconds == 2.5
    assert episode.repair_kinds == ("REP.immediate",)


def test_a_codebook_without_repairs_says_so_for_every_figure(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    codes = [code for code in codebook.codes if not code.id.startswith("REP")]
    session, _ = coded(*PLAIN * 20)
    table = material_from_labels([session], msgspec.structs.replace(codebook, codes=codes), [])
    reasons = [figure.estimate.reason for figure in rupture_figures(table, ())]
    assert all("does not know REP" in reason for reason in reasons)
