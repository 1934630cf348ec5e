"""What stands before and after an intervention, by hand and against exact chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from relcode.audit.exchange import Response
from relcode.audit.intervals import share_over_sessions
from relcode.audit.lags import LAGS, adjust, client_responses, pairs_at
from relcode.audit.material import Material, material_from_labels

Make = Callable[..., Material]
PLAIN = ["T: Go on with that.", "C: It was raining."]


def cell(table: Material, intervention: str, code: str, lag: int = 1) -> Response:
    found = client_responses(table, seed=0)
    return next(c for c in found if (c.lag, c.intervention, c.client_code) == (lag, intervention, code))


def test_what_follows_is_counted_and_chance_agrees_with_the_exact_distribution(material: Make) -> None:
    lines = [
        *["T: What is it like? | INQ", "C: It is hard. | COOP"] * 5,
        *["T: What is it like? | INQ", "C: It is."] * 1,
        *["T: You say so.", "C: It is hard. | COOP"] * 2,
        *["T: You say so.", "C: It is."] * 12,
    ]
    found = cell(material(*lines), "INQ", "COOP")
    assert (found.count, found.occasions, found.base.n) == (5, 6, 20)
    assert found.base.value == pytest.approx(7 / 20)
    assert found.expected == pytest.approx(6 * 7 / 20)
    chance = stats.hypergeom(20, 7, 6)
    exact = sum(chance.pmf(k) for k in range(7) if abs(k - 2.1) >= 2.9 - 1e-9)
    assert found.p == pytest.approx(exact, abs=1e-9)
    assert found.p_adjusted is not None
    assert found.p_adjusted >= found.p
    assert found.yules_q.value == pytest.approx((5 * 12 - 1 * 2) / (5 * 12 + 1 * 2))
    assert found.yules_q_within.value == found.yules_q.value
    assert found.session_z == pytest.approx(2.9 / chance.std())
    assert found.residual is None
    assert found.reasons == {"residual": "a cell of the pooled table is expected under 5"}


def test_what_stands_before_is_counted_from_the_turn_before(material: Make) -> None:
    lines = ["C: No. | RUP.withdrawal", "T: You hide it. | INT.dynamic"] * 6 + PLAIN[::-1] * 15
    table = material(*lines)
    assert (cell(table, "INT", "RUP", -1).count, cell(table, "INT", "RUP", -1).occasions) == (6, 6)
    assert cell(table, "INT", "RUP", 1).count == 5  # the sixth is followed by a plain turn


def test_fewer_than_five_occasions_show_the_count_without_share_or_p(material: Make) -> None:
    found = cell(material(*["T: I am moved. | TSI", "C: Thanks. | WARM"] * 4, *PLAIN * 20), "TSI", "WARM")
    assert (found.count, found.occasions) == (4, 4)
    assert (found.share.value, found.p, found.p_adjusted, found.yules_q.value) == (None, None, None, None)
    assert found.share.reason == found.reasons["p"] == "4 occasion(s); a figure needs 5"


def test_an_intervention_at_the_end_or_before_another_therapist_turn_has_no_response(material: Make) -> None:
    lines = [*PLAIN * 20, "T: I am moved. | TSI", "T2: So am I. | TSI"]
    assert cell(material(*lines), "TSI", "WARM").occasions == 0


def test_permutation_stays_within_sessions(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    # All TSI and all WARM lie in one session, at every turn: nothing is left to chance within it.
    first, labels = coded(*["T: I am moved. | TSI", "C: Thanks. | WARM"] * 15, session_id="S1")
    second, more = coded(*["T: You say so. | REFL", "C: It is."] * 15, session_id="S2")
    found = cell(material_from_labels([first, second], codebook, labels + more), "TSI", "WARM")
    assert found.expected == 15
    assert found.p is None
    assert found.reasons["p"] == "no session leaves anything to chance"
    assert found.residual is not None
    assert found.residual > 5
    assert found.yules_q.value == 1
    assert found.yules_q_within.value is None
    assert [place.turn for place in found.places] == list(range(2, 31, 2))


def test_lags_count_client_turns_of_the_same_session(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    first, labels = coded("T: a", "C: b", "C2: c", "T: d", "T2: e", "C: f", session_id="S1")
    second, more = coded("C: g", "T: h", "C: i", "T: j", session_id="S2")
    table = material_from_labels([first, second], codebook, labels + more)
    assert list(table.turn_number) == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4]

    def pairs(lag: int) -> list[tuple[int, int]]:
        return [(int(a), int(b)) for a, b in zip(*pairs_at(table, lag), strict=True)]

    assert pairs(1) == [(0, 1), (4, 5), (7, 8)]
    assert pairs(2) == [(0, 2)]  # the next client turn, with or without a therapist turn between
    assert pairs(3) == [(0, 5)]
    assert pairs(4) == pairs(5) == []
    assert pairs(-1) == [(3, 2), (7, 6), (9, 8)]  # turn 5 follows a therapist's


def test_what_comes_three_client_turns_later_is_found_at_lag_three(material: Make) -> None:
    lines = ["T: What is it like? | INQ", "C: It is.", *PLAIN, "T: Go on.", "C: It is hard. | COOP", *PLAIN * 4] * 8
    table = material(*lines)
    counts = {lag: (cell(table, "INQ", "COOP", lag).count, cell(table, "INQ", "COOP", lag).p) for lag in LAGS}
    assert {lag: count for lag, (count, _) in counts.items()} == {-1: 0, 1: 0, 2: 0, 3: 8, 4: 0, 5: 0}
    assert counts[3][1] == min(p for _, p in counts.values() if p is not None)
    assert counts[3][1] < 1e-6


def test_every_therapist_family_meets_every_client_family_at_every_lag(material: Make) -> None:
    cells = client_responses(material(*PLAIN * 20))
    therapist = ["TSI", "TSD", "INT", "INQ", "REP", "META", "HN", "ENACT", "REFL", "QUEST", "ENC"]
    client = ["META", "HN", "ENACT", "RUP", "COOP", "MCOG", "WARM", "HOST"]
    assert [(c.lag, c.intervention, c.client_code) for c in cells] == [
        (lag, one, two) for lag in LAGS for one in therapist for two in client
    ]


def test_shares_are_those_over_sessions(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    made = [
        coded(*["T: What? | INQ", "C: Hard. | COOP"] * n, *["T: What? | INQ", "C: No."] * (8 - n), session_id=f"S{n}")
        for n in (1, 4, 5)
    ]
    table = material_from_labels([s for s, _ in made], codebook, [x for _, spans in made for x in spans])
    found = cell(table, "INQ", "COOP")
    assert found.share.n == 24
    assert found.share == found.base == share_over_sessions(np.array([1, 4, 5]), np.array([8, 8, 8]), seed=0)


def test_a_client_who_hardly_speaks_has_counts_and_reasons(material: Make) -> None:
    found = cell(material(*["T: What? | INQ", "C: Hard. | COOP"] * 8), "INQ", "COOP")
    assert (found.count, found.occasions, found.share.value, found.session_z) == (8, 8, None, None)
    assert "8 client segment(s)" in found.reasons["p"]


def test_p_is_adjusted_over_the_cells_that_could_have_reached_5_percent() -> None:
    # Benjamini & Hochberg 1995: p times m over rank, from the largest down.
    p = np.array([0.01, 0.04, 0.03, 0.5, np.nan])
    least = np.array([0.001, 0.001, 0.001, 0.2, np.nan])
    np.testing.assert_allclose(adjust(p, least), [0.03, 0.04, 0.04, np.nan, np.nan])
    np.testing.assert_allclose(adjust(p, p * 0), [0.04, 0.16 / 3, 0.16 / 3, 0.5, np.nan])
