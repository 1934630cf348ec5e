"""What stands next to an intervention, by hand and against exact chance."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scipy import stats

from relcode.audit.material import Material
from relcode.audit.sequences import client_responses

Make = Callable[..., Material]
PLAIN = ["T: Go on with that.", "C: It was raining."]


def cell(table: Material, intervention: str, code: str, step: int = 1):  # type: ignore[no-untyped-def]
    found = client_responses(table, seed=0)
    return next(c for c in found if (c.step, c.intervention, c.client_code) == (step, intervention, code))


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
    assert found.p == pytest.approx(exact, abs=0.006)
    assert found.q is not None
    assert found.q >= found.p


def test_what_stands_before_is_counted_from_the_turn_before(material: Make) -> None:
    lines = ["C: No. | RUP.withdrawal", "T: You hide it. | INT.dynamic"] * 6 + PLAIN[::-1] * 15
    table = material(*lines)
    assert (cell(table, "INT", "RUP", -1).count, cell(table, "INT", "RUP", -1).occasions) == (6, 6)
    assert cell(table, "INT", "RUP", 1).count == 5  # the sixth is followed by a plain turn


def test_fewer_than_five_occasions_show_the_count_without_share_or_p(material: Make) -> None:
    found = cell(material(*["T: I am moved. | TSI", "C: Thanks. | WARM"] * 4, *PLAIN * 20), "TSI", "WARM")
    assert (found.count, found.occasions) == (4, 4)
    assert (found.share.value, found.p, found.q) == (None, None, None)
    assert "4 occasion(s)" in found.share.reason


def test_an_intervention_at_the_end_or_before_another_therapist_turn_has_no_response(material: Make) -> None:
    lines = [*PLAIN * 20, "T: I am moved. | TSI", "T2: So am I. | TSI"]
    assert cell(material(*lines), "TSI", "WARM").occasions == 0


def test_permutation_stays_within_sessions(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    # All TSI and all WARM lie in one session, at every turn: nothing is left to chance within it.
    from relcode.audit.material import material_from_labels

    first, labels = coded(*["T: I am moved. | TSI", "C: Thanks. | WARM"] * 15, session_id="S1")
    second, more = coded(*["T: You say so. | REFL", "C: It is."] * 15, session_id="S2")
    found = cell(material_from_labels([first, second], codebook, labels + more), "TSI", "WARM")
    assert found.expected == 15
    assert found.p == 1.0
