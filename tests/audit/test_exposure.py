"""Time, silence, what was not understood, and who coded: by hand."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from relcode.audit.clock import gaps_before, per_50_minutes, session_minutes
from relcode.audit.exposure import (
    exposure,
    human_coded,
    length_in_words,
    noted_silences,
    questions,
    silent_time,
    talk_time,
    unintelligible,
)
from relcode.audit.intervals import poisson_limits
from relcode.audit.material import Material, material_from_labels
from relcode.audit.measures import code_rates
from relcode.records import Session, Span

Make = Callable[..., Material]
Coded = Callable[..., tuple[Session, list[Span]]]


def timed(session: Session, *times: tuple[float | None, float | None]) -> Session:
    turns = [msgspec.structs.replace(turn, t0=a, t1=b) for turn, (a, b) in zip(session.turns, times, strict=True)]
    return msgspec.structs.replace(session, turns=tuple(turns))


@pytest.fixture
def clocked(codebook, coded: Coded) -> Material:  # type: ignore[no-untyped-def]
    """Four turns in twenty minutes: the therapist speaks 60 + 300 seconds, the client 240; gaps 2, 598, 0 (overlap)."""
    session, labels = coded("T: One two. | TSI", "C: Three four five six.", "T: Seven. | TSI", "C: Eight.")
    session = timed(session, (0, 60), (62, 302), (900, 1200), (1199, 1200))
    return material_from_labels([session], codebook, labels)


def test_talk_time_is_of_seconds_where_there_are_times_and_of_words_where_there_are_none(
    clocked: Material, material: Make
) -> None:
    by_time = talk_time(clocked)
    assert (by_time.id, by_time.estimate.value) == ("talk_time", pytest.approx(360 / 601))
    by_words = talk_time(material("T: One two three.", "C: Four."))
    assert (by_words.id, by_words.estimate.value, by_words.estimate.n) == ("talk_words", 0.75, 4)
    assert "do not say when" in by_words.counted


def test_nine_in_ten_turns_need_a_time(codebook, coded: Coded) -> None:  # type: ignore[no-untyped-def]
    session, _ = coded(*["T: One.", "C: Two."] * 5)
    for missing, minutes in ((1, 1.5), (2, None)):
        times = [(None, None)] * missing + [(10.0 * n, 10.0 * n + 10) for n in range(missing, 10)]
        found = session_minutes(material_from_labels([timed(session, *times)], codebook, []))[0]
        assert found == minutes if minutes else found != found  # NaN


def test_silence_is_the_gaps_of_three_seconds_or_more_and_an_overlap_is_none(clocked: Material) -> None:
    assert gaps_before(clocked)[1:].tolist() == [2.0, 598.0, 0.0]
    figure = silent_time(clocked)
    assert figure.estimate.value == pytest.approx(598 / 1200)
    assert [place.turn for place in figure.places] == [3]
    assert "1 gaps, together 10.0 of 20 minutes, the longest 598 seconds" in figure.counted


def test_without_times_there_is_no_silent_time_but_a_reason(material: Make) -> None:
    assert "are given" in silent_time(material("T: One.", "C: Two.")).estimate.reason


@pytest.mark.parametrize(
    ("note", "seconds"),
    [
        ("[pause 1.5 seconds]", 1.5),
        ("[silence, 40 sec]", 40),
        ("[silence, about half a minute]", 30),
        ("[silence, two minutes]", 120),
        ("[20-second pause]", 20),
        ("[long pause]", None),
        ("[pause after a scene]", None),
        ("[silence at 3]", None),
    ],
)
def test_the_length_of_a_noted_silence_is_read_in_figures_and_words(note: str, seconds: float | None) -> None:
    assert length_in_words(note) == seconds


def test_noted_silences_are_counted_by_turn_and_other_notes_are_none(material: Make) -> None:
    table = material("T: [pause] Well. [long pause]", "C: [laughs] It paused.", "T: [silence, 40 sec]", "C: Yes.")
    figure = noted_silences(table)
    assert figure.estimate.value == 50.0
    assert figure.counted == "3 notes in 2 of 4 turns; 1 say how long, together 40 seconds"


def test_what_was_not_understood_counts_as_a_word_each(material: Make) -> None:
    figure = unintelligible(material("T: So [unintelligible] and then.", "C: The [inaudible 00:03:12] [laughs] shirt."))
    assert figure.estimate.value == pytest.approx(2 / (2 + 3 + 2))
    assert [place.turn for place in figure.places] == [1, 2]


def test_questions_are_counted_for_each_speaker(material: Make) -> None:
    table = material(*["T: Why? I see.", "C: Me?"] * 20)
    assert questions(table, "T").estimate.value == 50.0
    assert questions(table, "C").estimate.value == 100.0
    assert questions(table, "T").places_total == 20


def test_the_share_coded_by_people_leaves_out_sessions_with_any_machine_label(codebook, coded: Coded) -> None:  # type: ignore[no-untyped-def]
    made = [coded("T: I am moved. | TSI", "C: Oh.", session_id=name) for name in ("S1", "S2", "S3")]
    labels = made[0][1] + [msgspec.structs.replace(label, source="model:m-1") for label in made[1][1]]
    table = material_from_labels([session for session, _ in made], codebook, labels)
    figure = human_coded(table)
    assert figure.estimate.value == pytest.approx(1 / 3)
    lines = exposure(table)
    assert lines.coded_by == ("accepted", "model:m-1")
    assert lines.codebooks == ("small@1.0.0",)


def test_a_rate_by_the_clock_is_per_50_minutes_with_a_poisson_interval(clocked: Material) -> None:
    estimate = per_50_minutes(clocked, clocked.carry("TSI"))
    low, high = poisson_limits(2)
    assert estimate.value == pytest.approx(2 * 50 / 20)
    assert (estimate.low, estimate.high) == (pytest.approx(low * 2.5), pytest.approx(high * 2.5))
    rates = {(rate.code, rate.speaker): rate for rate in code_rates(clocked)}
    assert rates["TSI", "T"].per_50_minutes.value == estimate.value
    assert rates["TSI", "T"].estimate.value is None  # two segments are too few, twenty minutes are not


def test_the_poisson_interval_is_that_of_a_gamma_posterior_and_starts_at_0_for_0() -> None:
    # half the quantiles of chi-square with 2 k + 1 degrees of freedom: 1 for k = 0 (5.02389), 7 for k = 3
    assert poisson_limits(0) == (0.0, pytest.approx(5.02389 / 2, abs=1e-4))
    assert poisson_limits(3) == (pytest.approx(1.68987 / 2, abs=1e-4), pytest.approx(16.01276 / 2, abs=1e-4))


def test_under_ten_minutes_there_is_no_rate_by_the_clock(codebook, coded: Coded) -> None:  # type: ignore[no-untyped-def]
    session, labels = coded("T: One. | TSI", "C: Two.")
    table = material_from_labels([timed(session, (0, 300), (300, 590))], codebook, labels)
    assert per_50_minutes(table, table.carry("TSI")).reason == "9.8 minutes; a rate by the clock needs 10"


def test_an_empty_session_has_an_exposure(material: Make) -> None:
    lines = exposure(material())
    assert lines.minutes == 0.0
    assert all(figure.estimate.value is None for figure in lines.figures)
