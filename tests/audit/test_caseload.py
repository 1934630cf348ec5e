"""A caseload: shrinkage against the published example, and what cannot be said."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from relcode.audit.caseload import caseloads, dispersion, shrink
from relcode.audit.material import Material, material_from_labels
from relcode.audit.measured import MEASURES, sides

PLAIN = ["T: It rained.", "C: Oh well."]
# Tumours among rats in 71 groups (Tarone 1982; Gelman et al. 2013, table 5.1): (tumours, rats), groups of that kind.
RATS = {
    (0, 20): 7, (0, 19): 4, (0, 18): 2, (0, 17): 1, (1, 20): 4, (1, 19): 2, (1, 18): 2, (2, 25): 1, (2, 24): 1,
    (2, 23): 1, (2, 20): 6, (1, 10): 1, (5, 49): 1, (2, 19): 1, (5, 46): 1, (3, 27): 1, (2, 17): 1, (7, 49): 1,
    (7, 47): 1, (3, 20): 2, (2, 13): 1, (9, 48): 1, (10, 50): 1, (4, 20): 7, (10, 48): 1, (4, 19): 3, (5, 22): 1,
    (11, 46): 1, (12, 49): 1, (5, 20): 2, (6, 23): 1, (5, 19): 1, (6, 22): 1, (6, 20): 3, (16, 52): 1, (15, 47): 1,
    (15, 46): 1, (9, 24): 1, (4, 14): 1,
}  # fmt: skip


def test_the_rats_of_bayesian_data_analysis_have_its_mean_and_spread() -> None:
    # section 5.3: the joint posterior lies about (alpha, beta) = (2.4, 14.3), E(alpha | y) = 2.4, E(beta | y) = 14.3;
    # the last group, 4 of 14 (.286), is drawn to about .21
    rats = np.array([group for group, times in RATS.items() for _ in range(times)], dtype=np.float64)
    assert rats.shape == (71, 2)
    lines, typical, spread = shrink(rats[:, 0], rats[:, 1])
    assert typical.value == pytest.approx(2.4 / 16.7, abs=0.004)
    assert spread.value == pytest.approx(np.sqrt(2.4 * 14.3 / (16.7**2 * 17.7)), abs=0.006)
    last = lines[next(row for row, (count, n) in enumerate(rats) if (count, n) == (4, 14))]
    assert last.value == pytest.approx(0.21, abs=0.01)


def test_few_segments_are_drawn_far_and_many_hardly_and_all_lie_between_their_own_and_the_mean() -> None:
    counts, totals = np.array([3.0, 60, 20, 10, 30]), np.array([10.0, 200, 200, 100, 300])
    lines, typical, _ = shrink(counts, totals)
    values = np.array([line.value for line in lines], dtype=np.float64)
    assert typical.value is not None
    assert abs(values[0] - 0.3) > 3 * abs(values[1] - 0.3)
    assert np.all(np.abs(values - typical.value) <= np.abs(counts / totals - typical.value) + 0.02)


def test_a_client_without_any_occurrence_does_not_stand_at_zero() -> None:
    lines, _, _ = shrink(np.array([0.0, 5, 6, 4]), np.array([40.0, 50, 50, 50]))
    assert (lines[0].value or 0) > 0.02
    assert (lines[0].low or 0) > 0


def test_like_clients_have_less_spread_than_unlike_ones() -> None:
    totals = np.full(8, 100.0)
    like, unlike = (shrink(np.array(c, dtype=np.float64), totals)[2] for c in ([10] * 8, [2, 25, 5, 30, 1, 20, 3, 15]))
    assert (like.value or 1) < 0.02 < (unlike.low or 0)


def test_intervals_hold_clients_and_spread_in_about_95_of_100() -> None:
    generator, clients, spreads = np.random.default_rng(2), [], []
    for _ in range(25):
        true = generator.beta(0.1 * 20, 0.9 * 20, 6)
        lines, _, spread = shrink(generator.binomial(80, true).astype(np.float64), np.full(6, 80.0))
        clients += [(line.low or 0) <= share <= (line.high or 1) for line, share in zip(lines, true, strict=True)]
        spreads.append((spread.low or 0) <= np.sqrt(0.09 / 21) <= (spread.high or 1))
    assert 0.90 <= np.mean(clients) <= 0.99
    assert np.mean(spreads) >= 0.9


def load(codebook, coded, counts, **more) -> Material:  # type: ignore[no-untyped-def]
    """Client k has sessions with these numbers of interpretations among 30 therapist segments each."""
    made = [
        coded(
            *["T: You hide it. | INT.dynamic", "C: Maybe."] * count,
            *PLAIN * (30 - count),
            session_id=f"{client}-{number}",
            **{"dyad": f"D-{client}", "client": client, "therapist": "T01"} | more,
        )
        for client, sessions in counts.items()
        for number, count in enumerate(sessions)
    ]
    return material_from_labels([s for s, _ in made], codebook, [label for _, spans in made for label in spans])


def of(material: Material, measure: str = "int_rate"):  # type: ignore[no-untyped-def]
    return next(line for line in caseloads(material) if line.measure == measure)


def test_clients_stand_in_the_order_of_their_names_with_raw_and_drawn_figures(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    line = of(load(codebook, coded, {"C3": [9, 8], "C1": [1, 2], "C2": [4]}))
    assert [(client.client, client.sessions) for client in line.clients] == [("C1", 2), ("C2", 1), ("C3", 2)]
    assert [client.raw.value for client in line.clients] == pytest.approx([5, 100 * 4 / 30, 100 * 17 / 60])
    assert [client.shrunk.n for client in line.clients] == [60, 30, 60]
    assert (line.therapist, line.unit) == ("T01", "per_100")
    assert (line.clients[0].shrunk.value or 0) > 5
    assert (line.clients[2].shrunk.value or 99) < 100 * 17 / 60
    assert (line.spread.value or 0) > 2  # per 100 as well


def test_sessions_of_a_client_that_differ_make_the_sample_smaller(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    effects = []
    for sessions in ([5, 5], [10, 0]):
        table = load(codebook, coded, dict.fromkeys(("C1", "C2", "C3"), sessions))
        measure = next(m for m in MEASURES if m.id == "int_rate")
        effects.append(dispersion(table, sides(table, measure), table.turn_session // 2))
    assert effects[0] == 1.0
    # each client: 10 of 60 in two sessions of 30; (5 - 10)^2 / (30 * 1/6 * 5/6) twice = 12, by one degree of freedom
    assert effects[1] == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [({"C1": [4], "C2": [5]}, "2 client(s)"), ({"C1": [1], "C2": [2], "C3": [1]}, "4 occurrence(s)")],
)
def test_few_clients_or_occurrences_have_raw_figures_and_a_reason(codebook, coded, counts, reason) -> None:  # type: ignore[no-untyped-def]
    line = of(load(codebook, coded, counts))
    assert all(client.raw.value is not None for client in line.clients)
    for estimate in (line.typical, line.spread, *(client.shrunk for client in line.clients)):
        assert estimate.value is None
        assert estimate.reason.startswith(reason)


def test_an_unknown_therapist_and_a_therapist_with_one_client_have_no_caseload(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    assert caseloads(load(codebook, coded, {"C1": [4], "C2": [5], "C3": [6]}, therapist=None)) == ()
    assert caseloads(load(codebook, coded, {"C1": [4, 6]})) == ()


def test_a_measure_that_the_codebook_lacks_says_so_for_each_client(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    codes = [code for code in codebook.codes if code.id != "INQ"]
    line = of(
        load(msgspec.structs.replace(codebook, codes=codes), coded, {"C1": [4], "C2": [5], "C3": [6]}), "int_share"
    )
    assert all("INQ" in client.raw.reason and "INQ" in client.shrunk.reason for client in line.clients)
