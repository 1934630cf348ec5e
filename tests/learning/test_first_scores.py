"""Compiled loops give the scores that matrices of features and weights give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.learning import packed_weights
from relcode.learning.features import CueEvidence
from relcode.learning.features.base import UNITS
from relcode.learning.first_scores import FirstScores, first_scores
from relcode.learning.model import Model
from relcode.learning.packed_weights import pack
from relcode.learning.segments import Segments, segments_of
from relcode.learning.sights import Sight, sight_of
from relcode.records import Session, Turn

WORDS = st.sampled_from(
    ["i", "i'm", "moved", "sad", "thank", "you", "nobody", "spoke", "home", "zebra", ".", "?", "[pause]"]
)
LINES = st.tuples(st.sampled_from("TTCO"), st.lists(WORDS, max_size=40).map(" ".join))
TALK = st.lists(st.lists(LINES, max_size=9), max_size=3)


def sessions_of(talk: list[list[tuple[str, str]]]) -> list[Session]:
    return [
        Session(f"S{number}", tuple(Turn(turn, role, text) for turn, (role, text) in enumerate(lines, start=1)))
        for number, lines in enumerate(talk)
    ]


def in_double(sight: Sight) -> Sight:
    return sight._replace(own=sight.own.astype(np.float64), turns=sight.turns.astype(np.float64))


def by_loops(model: Model, X: Segments) -> FirstScores:
    return first_scores(X, model.classifier.applied, model.codebook)


def by_matrices(model: Model, X: Segments) -> FirstScores:
    turns = np.unique(X.table.segment_turn[X.rows])
    rows = {"segment": X.rows, "turn": turns}
    therapist = {"segment": X.table.segment_is_therapist[X.rows], "turn": X.table.is_therapist[turns]}
    scores = [
        model.classifier.steps_[unit].scores(in_double(sight_of(X, model.codebook, unit)), rows[unit], therapist[unit])
        for unit in UNITS
    ]
    return FirstScores(*scores, CueEvidence(model.codebook, unit="turn").matrix(X)[turns].toarray())


def assert_near(one: FirstScores, other: FirstScores) -> None:
    for here, there in zip(one, other, strict=True):
        assert here.shape == there.shape
        assert np.abs(here - there).max(initial=0) < 3e-5


@settings(max_examples=40)
@given(talk=TALK)
def test_loops_and_matrices_agree_on_any_talk(talk: list[list[tuple[str, str]]], small_model: Model) -> None:
    """Turns of one side in a row, empty turns, several segments a turn, words said many times."""
    X = segments_of(sessions_of(talk))
    assert_near(by_loops(small_model, X), by_matrices(small_model, X))


@pytest.mark.slow
def test_loops_and_matrices_agree_on_real_sessions(model: Model, real: object) -> None:
    X = segments_of(real.sessions)  # type: ignore[attr-defined]
    found = by_loops(model, X)
    assert np.abs(found.segments).max() > 3
    assert_near(found, by_matrices(model, X))


@pytest.mark.parametrize("share", [0.0, 2.0])
def test_dense_and_sparse_columns_weigh_the_same(
    share: float, model: Model, real: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = segments_of(real.sessions)  # type: ignore[attr-defined]
    both = pack(model.classifier.steps_)
    monkeypatch.setattr(packed_weights, "_DENSE_SHARE", share)
    alike = pack(model.classifier.steps_)
    assert (both.places >= 0).any()
    assert (both.places < -1).any()
    assert not ((alike.places >= 0) if share else (alike.places < -1)).any()
    assert_near(first_scores(X, alike, model.codebook), first_scores(X, both, model.codebook))


def test_a_session_has_the_same_bits_beside_any_others(model: Model, real: object) -> None:
    sessions = real.sessions  # type: ignore[attr-defined]
    X = segments_of(sessions)
    together = by_loops(model, X)
    for number, session in enumerate(sessions):
        own = X.table.segment_session == number
        assert np.array_equal(by_loops(model, segments_of([session])).segments, together.segments[own])


def test_chosen_segments_have_the_scores_that_they_have_among_all(model: Model, real: object) -> None:
    X = segments_of(real.sessions)  # type: ignore[attr-defined]
    every = by_loops(model, X).segments
    rows = np.array([40, 3, 4, 90, 3])
    assert np.array_equal(by_loops(model, X[rows]).segments, every[rows])
    assert_near(by_loops(model, X[rows]), by_matrices(model, X[rows]))
