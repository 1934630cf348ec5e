"""Folds by dyad, what can be learned, and scores out of fold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.codebook import Codebook
from relcode.learning.folds import dyad_folds, learnable, out_of_fold
from relcode.learning.linear import LinearClassifier
from relcode.learning.segments import segments_of
from relcode.transcripts.tokens import segment_codes

dyad_arrays = st.lists(st.integers(0, 6), min_size=1, max_size=60).map(lambda numbers: np.array(numbers, dtype=np.intp))


def column(*values: object) -> np.ndarray:
    """One code: axes (segment, 1)."""
    return np.array(values)[:, None]


def everywhere(array: np.ndarray) -> np.ndarray:
    return np.ones(array.shape, dtype=np.bool_)


@given(dyad_arrays, st.integers(2, 8), st.integers(0, 50))
def test_no_dyad_is_on_both_sides_and_every_row_is_tested_once(dyads: np.ndarray, folds: int, seed: int) -> None:
    splits = list(dyad_folds(dyads, folds, seed=seed))
    assert len(splits) == min(folds, len(set(dyads.tolist())))
    for train, test in splits:
        assert len(test) > 0
        assert set(dyads[train].tolist()).isdisjoint(dyads[test].tolist())
        assert sorted([*train, *test]) == list(range(len(dyads)))
    assert sorted(row for _, test in splits for row in test) == list(range(len(dyads)))


def test_folds_depend_on_the_seed_alone() -> None:
    dyads = np.repeat(np.arange(8), 5)

    def tested(seed: int) -> list[list[int]]:
        return [test.tolist() for _, test in dyad_folds(dyads, 4, seed=seed)]

    assert tested(3) == tested(3)
    assert any(tested(3) != tested(seed) for seed in range(4, 9))


def test_large_dyads_are_spread_over_the_folds() -> None:
    dyads = np.repeat(np.arange(6), [50, 48, 10, 10, 2, 1])
    sizes = sorted(len(test) for _, test in dyad_folds(dyads, 2, seed=0))
    assert sizes[0] >= 58


@pytest.mark.parametrize(
    ("positives", "expected"),
    [
        ([3, 2, 0], True),
        ([2, 2, 0], False),  # four positives
        ([9, 0, 0], False),  # one dyad
        ([10, 10, 10], False),  # nothing else to tell them from
        ([10, 10, 9], True),
        ([0, 0, 0], False),
    ],
)
def test_a_code_is_learned_from_five_positives_in_two_dyads(positives: list[int], expected: bool) -> None:
    dyads = np.repeat(np.arange(3), 10)
    labels = column(*(np.arange(30) % 10 < np.repeat(positives, 10)))
    assert learnable(labels, everywhere(labels), dyads).tolist() == [expected]


def test_negatives_of_speakers_who_may_not_carry_the_code_do_not_count() -> None:
    labels = column(*[True] * 6, *[False] * 6)
    dyads = np.tile([0, 1], 6)
    assert learnable(labels, labels, dyads).tolist() == [False]


def test_labels_of_a_dyad_do_not_move_its_own_scores(small: Codebook, small_study: Callable[..., Any]) -> None:
    study = small_study(4)
    segments = segments_of(study.sessions)
    marks = segment_codes(segments.table, study.labels, small.code_ids)
    folds = list(dyad_folds(segments.dyads, 4, seed=0))
    steps: list[str] = []

    def scores(labels: np.ndarray) -> np.ndarray:
        return out_of_fold(LinearClassifier(small), segments, labels, folds, step=steps.append)

    other, third = marks.copy(), segments.dyads == 2
    other[third] = ~other[third]
    first, second = scores(marks), scores(other)
    assert np.array_equal(first[third], second[third])
    assert (first[~third] != second[~third]).any(axis=1).all()
    assert steps[:4] == ["fold 1 of 4", "fold 2 of 4", "fold 3 of 4", "fold 4 of 4"]
