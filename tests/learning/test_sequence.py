"""What was predicted around a segment."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from relcode.learning.segments import segments_of
from relcode.learning.sequence import UNCHANGED, around, fit_sequence, move_scores
from relcode.records import Session, Turn


def seen_of(probability: list[float], sessions: tuple[int, ...]) -> np.ndarray:
    """What is seen of one-segment turns of sessions of these lengths; all by one speaker, for one code."""
    X = segments_of(
        [Session(f"S{n}", tuple(Turn(t, "T", "Yes.") for t in range(1, k + 1))) for n, k in enumerate(sessions)]
    )
    scores = logit(np.array(probability))[:, None]
    return around(scores, np.zeros(scores.shape), np.ones(scores.shape, dtype=np.bool_), X.table, X.rows)[:, 0]


def test_means_are_over_turns_at_most_two_and_eight_away_without_its_own() -> None:
    seen = seen_of([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], (6,))
    assert expit(seen[:, 0]) == pytest.approx(seen[:, 1])  # a turn of one segment
    assert seen[:, 2] == pytest.approx([0.25, 0.8 / 3, 0.3, 0.4, 1.3 / 3, 0.45])
    assert seen[:, 3] == pytest.approx([2.0 / 5, 1.9 / 5, 1.8 / 5, 1.7 / 5, 1.6 / 5, 1.5 / 5])


def test_means_stay_within_the_session() -> None:
    seen = seen_of([0.9, 0.9, 0.1, 0.1, 0.5], (2, 2, 1))
    assert seen[:, 2] == pytest.approx([0.9, 0.9, 0.1, 0.1, 0.0])
    assert seen[:, 3] == pytest.approx([0.9, 0.9, 0.1, 0.1, 0.0])


def test_turns_that_may_not_carry_the_code_do_not_count() -> None:
    X = segments_of([Session("S", tuple(Turn(n, "TC"[n % 2], "Yes.") for n in range(1, 5)))])
    scores = logit(np.array([[0.8], [0.2], [0.6], [0.2]]))
    allowed = np.array([[True], [False], [True], [False]])
    seen = around(scores, np.zeros(scores.shape), allowed, X.table, X.rows)[:, 0]
    assert seen[[0, 2], 2] == pytest.approx([0.6, 0.8])


def test_the_turn_has_its_highest_probability() -> None:
    X = segments_of([Session("S", (Turn(1, "T", "Yes. No. Well."), Turn(2, "C", "Right.")))])
    scores = logit(np.array([0.1, 0.7, 0.3, 0.2]))[:, None]
    seen = around(scores, np.zeros(scores.shape), np.ones((4, 1), dtype=np.bool_), X.table, X.rows)[:, 0]
    assert seen[:, 1] == pytest.approx([0.7, 0.7, 0.7, 0.2])


def test_a_code_that_comes_in_runs_is_moved_by_what_is_around() -> None:
    random = np.random.default_rng(0)
    runs = np.repeat(random.random(60) < 0.4, 10)
    noisy = np.where(runs, 0.5, 0.35) + random.normal(scale=0.15, size=600)
    seen = seen_of(np.clip(noisy, 0.02, 0.98).tolist(), (600,))[:, None]
    rows = np.ones((600, 1), dtype=np.bool_)
    coefficients, intercepts = fit_sequence(seen, runs[:, None].astype(float), rows)
    moved = move_scores(seen, coefficients, intercepts)[:, 0]
    assert coefficients[0, 2] > 1
    assert ((moved > 0) == runs).mean() > ((seen[:, 0, 0] > 0) == runs).mean() + 0.05


def test_a_code_without_two_positives_is_left_as_it_is() -> None:
    seen = seen_of([0.1, 0.2, 0.3], (3,))[:, None]
    coefficients, intercepts = fit_sequence(seen, np.array([[0.0], [1.0], [0.0]]), np.ones((3, 1), dtype=np.bool_))
    assert coefficients[0].tolist() == UNCHANGED.tolist()
    assert intercepts.tolist() == [0.0]
    assert move_scores(seen, coefficients, intercepts) == pytest.approx(seen[:, :, 0])
