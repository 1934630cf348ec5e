"""The draw of `relcode next`: probabilities that are kept, a least one, and samples that are spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.learning.sampling import draw_spread, inclusion_probabilities

SCORES = np.array([0.0, 1.0, 1.0, 2.0, 4.0, 40.0, 0.5, 3.0])


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=12),
    st.floats(0, 1),
    st.floats(0.01, 1),
)
def test_probabilities_sum_up_to_the_draw_and_none_is_below_the_random_share(
    scores: list[float], part: float, share: float
) -> None:
    count = max(1, round(part * len(scores)))
    found = inclusion_probabilities(np.array(scores), count, random_share=share)
    assert found.sum() == pytest.approx(count)
    assert found.min() >= share * count / len(scores) - 1e-9
    assert found.max() <= 1


@pytest.mark.parametrize(
    ("scores", "count", "share", "expected"),
    [
        ([1, 1, 2, 4], 1, 0.2, [0.15, 0.15, 0.25, 0.45]),
        ([1, 1, 2, 4], 1, 1.0, [0.25, 0.25, 0.25, 0.25]),
        ([0, 0, 0, 0], 2, 0.2, [0.5, 0.5, 0.5, 0.5]),
        ([1, 1, 2, 400], 2, 0.3, [0.2875, 0.2875, 0.425, 1.0]),
        ([0, 0, 0, 9], 2, 0.4, [1 / 3, 1 / 3, 1 / 3, 1.0]),
        ([3, 1], 2, 0.2, [1.0, 1.0]),
        ([3, 1], 0, 0.2, [0.0, 0.0]),
    ],
)
def test_the_rest_is_dealt_out_by_score(scores: list[float], count: int, share: float, expected: list[float]) -> None:
    found = inclusion_probabilities(np.array(scores, dtype=float), count, random_share=share)
    assert found.tolist() == pytest.approx(expected)


def test_over_many_seeds_each_page_comes_as_often_as_its_probability_says() -> None:
    likely = inclusion_probabilities(SCORES, 3, random_share=0.2)
    coordinates = np.eye(8, dtype=np.float32)[[0, 0, 0, 1, 1, 2, 2, 3]]
    draws = [draw_spread(likely, coordinates, seed=seed) for seed in range(2000)]
    assert {len(draw) for draw in draws} == {3}
    often = np.bincount(np.concatenate(draws), minlength=8) / 2000
    # 5 standard errors of the widest; a draw that ignored the scores would be off by far more
    assert np.abs(often - likely).max() < 5 * np.sqrt(0.25 / 2000)
    assert np.abs(often - 3 / 8).max() > 0.2


def test_pages_that_are_alike_seldom_come_together() -> None:
    coordinates = np.repeat(np.eye(4, dtype=np.float32), 2, axis=0)  # four pairs of twins
    for seed in range(50):
        drawn = draw_spread(np.full(8, 0.5), coordinates, seed=seed)
        assert sorted(drawn // 2) == [0, 1, 2, 3]
    unlike = [draw_spread(np.full(8, 0.5), np.eye(8, dtype=np.float32), seed=seed) // 2 for seed in range(50)]
    assert any(len(set(drawn)) < 4 for drawn in unlike)


def test_what_is_certain_or_out_is_so_and_the_same_seed_draws_the_same() -> None:
    coordinates = np.eye(5, dtype=np.float32)
    likely = np.array([1.0, 0.0, 0.5, 0.25, 0.25])
    draws = [draw_spread(likely, coordinates, seed=seed).tolist() for seed in range(20)]
    assert all(0 in draw and 1 not in draw for draw in draws)
    assert draws == [draw_spread(likely, coordinates, seed=seed).tolist() for seed in range(20)]
    assert len(set(map(tuple, draws))) > 1


def test_weighting_by_the_probability_gives_back_the_rate_of_all_pages() -> None:
    rates = np.array([0.0, 0.1, 0.2, 0.3, 0.6, 0.9, 0.1, 0.4])  # rises with the score: unweighted means are too high
    likely = inclusion_probabilities(SCORES, 3, random_share=0.3)
    draws = [draw_spread(likely, np.eye(8, dtype=np.float32), seed=seed) for seed in range(2000)]
    weighted = np.mean([(rates[draw] / likely[draw]).sum() / 8 for draw in draws])
    assert weighted == pytest.approx(rates.mean(), abs=0.02)
    assert np.mean([rates[draw].mean() for draw in draws]) > rates.mean() + 0.1
