"""How two marks hang together: published tables, other programs' figures, and brute force."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from relcode.audit.association import (
    PairCounts,
    adjusted_residuals,
    count_pairs,
    expected_within,
    permutation_p,
    session_z,
    yules_q,
    yules_q_within,
)

# Smoking and lung cancer in eight cities of China (Liu 1992), Agresti 2002, table 6.6.
CHINA = [
    [[126, 100], [35, 61]],
    [[908, 688], [497, 807]],
    [[913, 747], [336, 598]],
    [[235, 172], [58, 121]],
    [[402, 308], [121, 215]],
    [[182, 156], [72, 98]],
    [[60, 99], [11, 43]],
    [[104, 89], [21, 36]],
]
# Penicillin and rabbits by dose (Mantel 1963), the example of R's mantelhaen.test.
RABBITS = [[[0, 6], [0, 5]], [[3, 3], [0, 6]], [[6, 0], [2, 4]], [[5, 1], [6, 0]], [[2, 0], [5, 0]]]


def tables(*given: list[list[int]]) -> PairCounts:
    """Counts of 2 x 2 tables, one a session; rows: first mark yes and no, columns: second mark yes and no."""
    cells = np.array(given)
    return PairCounts(
        cells.sum(axis=(1, 2)),
        cells[:, 0].sum(axis=1)[:, None],
        cells[:, :, 0].sum(axis=1)[:, None],
        cells[:, 0, 0][:, None, None],
    )


def p_of(*given: list[list[int]]) -> float:
    counts = tables(*given)
    return permutation_p(counts.pairs, counts.first[:, 0], counts.second[:, 0], counts.both[:, 0, 0])[0]


def test_adjusted_residuals_are_those_of_agresti_1996_table_2_5() -> None:
    # Gender by party, General Social Survey 1991: 2.29, 0.46 and -2.62 for women.
    cells = np.array([[279, 73, 225], [165, 47, 191]])
    counts = PairCounts(np.array([980]), cells.sum(axis=1)[None], cells.sum(axis=0)[None], cells[None])
    assert adjusted_residuals(counts).round(2).tolist() == [[2.29, 0.46, -2.62], [-2.29, -0.46, 2.62]]


@pytest.mark.parametrize(("cells", "defined"), [([[5, 5], [5, 5]], True), ([[4, 5], [5, 5]], False)])
def test_a_residual_needs_five_expected_in_each_cell(cells: list[list[int]], defined: bool) -> None:
    assert np.isfinite(adjusted_residuals(tables(cells))).all() == defined


def test_within_sessions_z_is_the_root_of_agresti_2002_cmh() -> None:
    assert session_z(tables(*CHINA))[0, 0] ** 2 == pytest.approx(280.1, abs=0.05)


def test_within_sessions_q_is_that_of_the_common_odds_ratio_of_agresti_2002() -> None:
    found = yules_q_within(tables(*CHINA), seed=0)
    odds = StratifiedTable([np.array(table) for table in CHINA])
    assert (1 + found.value[0, 0]) / (1 - found.value[0, 0]) == pytest.approx(2.17, abs=0.005)
    assert odds.oddsratio_pooled == pytest.approx(2.174, abs=0.001)
    low, high = odds.oddsratio_pooled_confint()
    assert found.low[0, 0] <= (low - 1) / (low + 1)  # the resampled sessions can only widen it
    assert found.high[0, 0] >= (high - 1) / (high + 1)
    assert found.low[0, 0] == pytest.approx((low - 1) / (low + 1), abs=0.01)


def test_q_and_its_interval_within_one_session_are_those_of_agresti_2002_aspirin_study() -> None:
    # Odds ratio 1.832, 95 % interval 1.44 to 2.33.
    found = yules_q(tables([[189, 10845], [104, 10933]]), seed=0)
    odds = [(1 + q) / (1 - q) for q in (found.value[0, 0], found.low[0, 0], found.high[0, 0])]
    assert odds == pytest.approx([1.832, 1.44, 2.33], abs=0.01)


def test_exact_p_is_that_of_r_on_mantels_rabbits() -> None:
    assert p_of(*RABBITS) == pytest.approx(0.03994, abs=5e-6)


def test_exact_p_counts_every_permutation_within_sessions() -> None:
    first = [np.array([1, 1, 0, 0, 0]), np.array([1, 0, 1, 0])]
    second = [np.array([1, 1, 0, 1, 0]), np.array([1, 0, 1, 0])]
    sums = [
        sum(int(one @ np.array(two)) for one, two in zip(first, order, strict=True))
        for order in product(*(list(permutations(two)) for two in second))
    ]
    expected, observed = np.mean(sums), sum(int(a @ b) for a, b in zip(first, second, strict=True))
    counts = count_pairs(
        np.array([0] * 5 + [1] * 4), 2, np.concatenate(first)[:, None] > 0, np.concatenate(second)[:, None] > 0
    )
    assert expected_within(counts)[0, 0] == pytest.approx(expected)
    assert session_z(counts)[0, 0] == pytest.approx((observed - expected) / np.std(sums))
    p, least = permutation_p(counts.pairs, counts.first[:, 0], counts.second[:, 0], counts.both[:, 0, 0])
    distance = np.abs(np.array(sums) - expected)
    assert p == pytest.approx((distance >= abs(observed - expected) - 1e-9).mean())
    assert least == pytest.approx((distance >= distance.max() - 1e-9).mean())


def test_two_sessions_that_have_much_of_both_hang_together_when_pooled_and_not_within() -> None:
    # In each session the two marks are independent.
    counts = tables([[81, 9], [9, 1]], [[1, 9], [9, 81]])
    assert adjusted_residuals(counts)[0, 0] > 5
    assert yules_q(counts, seed=0).value[0, 0] > 0.5
    assert session_z(counts)[0, 0] == pytest.approx(0)
    assert yules_q_within(counts, seed=0).value[0, 0] == pytest.approx(0)


def test_where_nothing_is_left_to_chance_there_is_no_figure() -> None:
    counts = tables([[5, 0], [0, 0]], [[0, 0], [0, 5]])
    assert np.isnan(session_z(counts)).all()
    assert np.isnan(p_of([[5, 0], [0, 0]], [[0, 0], [0, 5]]))
    assert np.isnan(yules_q_within(counts, seed=0).value).all()


def test_never_together_is_minus_one_when_pooled_with_an_interval_that_leaves_room() -> None:
    found = yules_q(tables([[0, 6], [6, 20]]), seed=0)
    assert found.value[0, 0] == -1
    assert -1 < found.low[0, 0] < 0 < found.high[0, 0]


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=4))
def test_exchanging_the_two_marks_changes_nothing_and_a_complement_the_sign(cells: list[list[int]]) -> None:
    one = tables(*([[a, b], [c, d]] for a, b, c, d in cells))
    turned = tables(*([[a, c], [b, d]] for a, b, c, d in cells))
    mirrored = tables(*([[b, a], [d, c]] for a, b, c, d in cells))
    for measure in (adjusted_residuals, session_z, lambda x: yules_q_within(x, seed=0).value):
        np.testing.assert_allclose(measure(one), measure(turned), atol=1e-9)
        np.testing.assert_allclose(measure(one), -measure(mirrored), atol=1e-9)
    p = permutation_p(one.pairs, one.first[:, 0], one.second[:, 0], one.both[:, 0, 0])
    again = permutation_p(mirrored.pairs, mirrored.first[:, 0], mirrored.second[:, 0], mirrored.both[:, 0, 0])
    np.testing.assert_allclose(p, again, rtol=1e-6)
