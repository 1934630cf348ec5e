"""What was predicted around a segment."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit

from relcode.learning.sequence import UNCHANGED, Seen, around, fit_sequence, may_of_turns, move_scores


def seen_of(probability: list[float], sessions: tuple[int, ...], may: list[bool] | None = None) -> np.ndarray:
    """What is seen of turns of sessions of these lengths, for one code; axes (turn, what)."""
    scores = logit(np.array(probability))[:, None]
    allowed = np.ones(len(probability), dtype=np.bool_) if may is None else np.array(may)
    return around(scores, allowed[:, None], np.repeat(np.arange(len(sessions)), sessions))[:, 0]


def test_means_are_over_turns_at_most_two_and_eight_away_without_its_own() -> None:
    seen = seen_of([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], (6,))
    assert seen[:, 0] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert seen[:, 1] == pytest.approx([0.25, 0.8 / 3, 0.3, 0.4, 1.3 / 3, 0.45])
    assert seen[:, 2] == pytest.approx([2.0 / 5, 1.9 / 5, 1.8 / 5, 1.7 / 5, 1.6 / 5, 1.5 / 5])
    far = seen_of([0.9, *[0.1] * 9], (10,))[:, 2]
    assert far[8] == pytest.approx(0.9 / 9 + 0.1 * 8 / 9)  # eight turns away
    assert far[9] == pytest.approx(0.1)  # nine


def test_means_stay_within_the_session() -> None:
    seen = seen_of([0.9, 0.9, 0.1, 0.1, 0.5], (2, 2, 1))
    assert seen[:, 1] == pytest.approx([0.9, 0.9, 0.1, 0.1, 0.0])
    assert seen[:, 2] == pytest.approx([0.9, 0.9, 0.1, 0.1, 0.0])


def test_a_session_is_seen_bit_by_bit_the_same_beside_any_others() -> None:
    random = np.random.default_rng(0)
    scores, allowed = random.normal(size=(400, 3)), random.random((400, 3)) < 0.8
    session = np.repeat([0, 1, 2], [150, 130, 120])
    together = around(scores, allowed, session)
    for number in range(3):
        own = session == number
        alone = around(scores[own], allowed[own], np.zeros(own.sum(), dtype=np.int64))
        assert (alone == together[own]).all()


def test_turns_that_may_not_carry_the_code_do_not_count() -> None:
    seen = seen_of([0.8, 0.2, 0.6, 0.2], (4,), [True, False, True, False])
    assert seen[:, 0] == pytest.approx([0.8, 0, 0.6, 0])
    assert seen[[0, 2], 1] == pytest.approx([0.6, 0.8])


def test_nothing_said_has_nothing_around_it() -> None:
    assert around(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.bool_), np.zeros(0, dtype=np.int64)).shape == (0, 3, 3)


def test_a_code_that_comes_in_runs_is_moved_by_what_is_around() -> None:
    random = np.random.default_rng(0)
    runs = np.repeat(random.random(60) < 0.4, 10)
    noisy = np.where(runs, 0.5, 0.35) + random.normal(scale=0.15, size=600)
    around_it = seen_of(np.clip(noisy, 0.02, 0.98).tolist(), (600,))[:, None]
    own = logit(np.clip(noisy, 0.02, 0.98))
    seen = Seen(own[:, None], around_it, np.zeros((600, 1)), np.arange(600))
    rows = np.ones((600, 1), dtype=np.bool_)
    coefficients, intercepts = fit_sequence(seen, runs[:, None].astype(float), rows)
    moved = move_scores(seen, coefficients, intercepts)[:, 0]
    assert coefficients[0, 2] > 1
    assert ((moved > 0) == runs).mean() > ((own > 0) == runs).mean() + 0.05


def test_a_code_without_two_positives_is_left_as_it_is() -> None:
    random = np.random.default_rng(0)
    seen = Seen(random.normal(size=(3, 1)), random.normal(size=(2, 1, 3)), np.ones((2, 1)), np.array([0, 0, 1]))
    coefficients, intercepts = fit_sequence(seen, np.array([[0.0], [1.0], [0.0]]), np.ones((3, 1), dtype=np.bool_))
    assert coefficients[0].tolist() == UNCHANGED.tolist()
    assert intercepts.tolist() == [0.0]
    assert move_scores(seen, coefficients, intercepts) == pytest.approx(seen.scores)


def test_segments_of_a_turn_are_moved_by_what_is_seen_of_it() -> None:
    random = np.random.default_rng(1)
    seen = Seen(
        random.normal(size=(5, 2)),
        random.normal(size=(3, 2, 3)),
        random.normal(size=(3, 2)),
        np.repeat([0, 1, 2], [1, 3, 1]),
    )
    coefficients, intercepts = random.normal(size=(2, len(UNCHANGED))), random.normal(size=2)
    every = np.ones(5, dtype=np.bool_)
    expected = [seen.of(code, every) @ coefficients[code] + intercepts[code] for code in range(2)]
    assert move_scores(seen, coefficients, intercepts) == pytest.approx(np.stack(expected, axis=1))


def test_a_turn_may_carry_what_any_of_its_segments_may() -> None:
    allowed = np.array([[True, False], [False, False], [False, True], [False, False]])
    assert may_of_turns(allowed, np.array([0, 0, 0, 1]), 2).tolist() == [[True, True], [False, False]]
