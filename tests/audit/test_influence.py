"""Influence of therapist and client on each other: windows, sessions, rules of least data, words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from relcode.audit.exchange import Influence
from relcode.audit.influence import influences, likeness
from relcode.audit.intervals import Estimate
from relcode.audit.material import Material, material_from_labels
from relcode.codebook import Codebook
from relcode.records import Session, Span

Coded = Callable[..., tuple[Session, list[Span]]]
ROUNDS = 6  # a window: twelve turns


def talk(therapist: Sequence[float], client: Sequence[float]) -> list[str]:
    """Windows of twelve turns in which so many (of six) turns of each carry HN."""
    lines = []
    for asked, told in zip(therapist, client, strict=True):
        for number in range(ROUNDS):
            lines.append("T: What is it like now?" + (" | HN" if number < asked else ""))
            lines.append("C: It is hard right now." + (" | HN" if number < told else ""))
    return lines


def led_by_the_therapist(seed: int, windows: int) -> list[str]:
    """The client does in each window what the therapist did in the one before."""
    therapist = np.random.default_rng(seed).integers(0, 7, windows + 1)
    return talk(therapist[1:].tolist(), therapist[:-1].tolist())


def made(codebook: Codebook, coded: Coded, sessions: list[tuple[list[str], dict[str, object]]]) -> Material:
    pairs = [coded(*lines, session_id=f"S{n}", **metadata) for n, (lines, metadata) in enumerate(sessions)]
    return material_from_labels([s for s, _ in pairs], codebook, [x for _, spans in pairs for x in spans])


def line(found: Sequence[Influence], series: str, level: str = "windows", dyad: str | None = None) -> Influence:
    return next(x for x in found if (x.series, x.level, x.dyad) == (series, level, dyad))


def test_who_leads_is_found_within_sessions(codebook: Codebook, coded: Coded) -> None:
    material = made(codebook, coded, [(led_by_the_therapist(n, 12), {"dyad": "D1"}) for n in range(5)])
    found = line(influences(material), "here_and_now")
    assert (found.groups, found.therapist_to_client.n) == (5, 55)
    assert found.therapist_to_client.value == pytest.approx(1, abs=0.1)
    assert found.therapist_to_client.low is not None
    assert found.therapist_to_client.low > 0.5
    assert found.client_to_therapist.value == pytest.approx(0, abs=0.4)
    assert found.likeness.startswith("the therapist's effect on the client is clear of zero")
    assert found.places_total == int(material.turns_carry("HN").sum())


def test_who_leads_is_found_across_the_sessions_of_dyads_by_their_numbers(codebook: Codebook, coded: Coded) -> None:
    sessions = []
    for dyad in range(5):
        led = np.random.default_rng(dyad).integers(0, 7, 11)
        sessions += [
            (talk([led[n + 1]], [led[n]]), {"dyad": f"D{dyad}", "session_number": n}) for n in reversed(range(10))
        ]
    found = line(influences(made(codebook, coded, sessions)), "here_and_now", "sessions")
    assert (found.groups, found.therapist_to_client.n) == (5, 45)
    assert found.therapist_to_client.value == pytest.approx(1, abs=0.1)


def test_each_dyad_has_figures_of_its_own(codebook: Codebook, coded: Coded) -> None:
    sessions = [(led_by_the_therapist(n, 12), {"dyad": f"D{n % 2}"}) for n in range(6)]
    found = influences(made(codebook, coded, sessions))
    assert [x.dyad for x in found if x.series == "here_and_now"] == [None, None, "D0", "D1"]
    assert line(found, "here_and_now", dyad="D1").therapist_to_client.n == 33
    assert line(found, "here_and_now", dyad="D1").places_total < line(found, "here_and_now").places_total


@pytest.mark.parametrize(
    ("windows", "sessions", "reason"),
    [
        (6, 4, "20 step(s) between windows of a session; effects need 30"),
        (5, 10, "windows of a session are too few: 4.0 steps on average, 6 are needed"),
    ],
)
def test_too_few_steps_are_a_reason(codebook: Codebook, coded: Coded, windows: int, sessions: int, reason: str) -> None:
    material = made(codebook, coded, [(led_by_the_therapist(n, windows), {"dyad": "D1"}) for n in range(sessions)])
    found = line(influences(material), "here_and_now")
    assert (found.therapist_actor.value, found.therapist_actor.reason, found.likeness) == (None, reason, "")


def test_codes_that_never_occur_and_a_client_who_hardly_speaks_are_reasons(codebook: Codebook, coded: Coded) -> None:
    found = influences(made(codebook, coded, [(led_by_the_therapist(n, 12), {}) for n in range(4)]))
    assert "never changes" in line(found, "interpretation_strain").therapist_actor.reason
    alone = made(codebook, coded, [(["T: I talk on. | INT.genetic"] * 200 + ["C: Yes."], {})])
    assert "0 step(s)" in line(influences(alone), "length").client_actor.reason


def test_no_session_at_all_and_one_turn_have_no_effects(codebook: Codebook, coded: Coded) -> None:
    for sessions in ([], [(["T: Hello. | INQ"], {})]):
        assert all(x.therapist_actor.value is None for x in influences(made(codebook, coded, sessions)))


@pytest.mark.parametrize(
    ("clear", "said"),
    [
        ((True, True, False, False), "as in dyadic independence"),
        ((True, False, True, True), "as in mutual influence"),
        ((True, True, True, False), "the therapist's effect on the client is clear"),
        ((False, False, False, True), "the client's effect on the therapist is clear"),
        ((True, False, False, False), "no partner effect is clear"),
    ],
)
def test_words_name_what_is_clear_of_zero(clear: tuple[bool, ...], said: str) -> None:
    assert said in likeness(*(Estimate(0.3, 0.1 if yes else -0.1, 0.5, 50) for yes in clear))
