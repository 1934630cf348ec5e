"""The linear kind: two steps, learned without labels of those that it is used on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.linear import LinearClassifier
from relcode.learning.segments import Segments, segments_of
from relcode.records import Session, Turn
from relcode.transcripts.tokens import segment_codes


@pytest.fixture(name="material")
def _material(small: Codebook, small_study: Callable[..., Any]) -> tuple[Segments, np.ndarray]:
    study = small_study(4)
    segments = segments_of(study.sessions)
    return segments, segment_codes(segments.table, study.labels, small.code_ids)


def test_it_finds_what_it_was_taught(material: tuple[Segments, np.ndarray], small: Codebook) -> None:
    segments, marks = material
    train, test = segments.dyads != 2, segments.dyads == 2
    scores = LinearClassifier(small).fit(segments[train], marks[train]).decision_function(segments[test])
    for code in range(3):
        may = segments.table.segment_is_therapist[test] == (small.codes[code].speakers == ["T"])
        held = marks[test][may, code]
        assert scores[may, code][held].min() > scores[may, code][~held].max()


def test_labels_of_tested_sessions_change_nothing(material: tuple[Segments, np.ndarray], small: Codebook) -> None:
    """Neither in the first step nor in the second, which reads predictions of turns around a segment."""
    segments, marks = material
    train, test = segments.dyads != 2, segments.dyads == 2
    shuffled = marks.copy()
    shuffled[test] = np.random.default_rng(0).permutation(shuffled[test])
    scores = [
        LinearClassifier(small).fit(segments[train], labels[train]).decision_function(segments[test])
        for labels in (marks, shuffled)
    ]
    assert not np.array_equal(marks, shuffled)
    assert np.array_equal(*scores)


def test_scores_of_a_session_do_not_depend_on_the_others(
    material: tuple[Segments, np.ndarray], small: Codebook
) -> None:
    segments, marks = material
    fitted = LinearClassifier(small).fit(segments, marks)
    own = segments[segments.dyads == 1]
    alone = segments_of([segments.table.sessions[1]])
    whole = fitted.decision_function(segments)[segments.dyads == 1]
    assert fitted.decision_function(own) == pytest.approx(whole, abs=1e-5)
    assert fitted.decision_function(alone) == pytest.approx(whole, abs=1e-5)


def test_the_second_step_is_learned_from_scores_of_unseen_dyads(
    material: tuple[Segments, np.ndarray], small: Codebook
) -> None:
    segments, marks = material
    two = segments.dyads < 2
    steps: list[str] = []
    without = LinearClassifier(small, step=steps.append).fit(segments[two], marks[two])
    assert without.coefficients_.tolist() == [[1.0, 0.0, 0.0, 0.0, 0.0]] * 4
    assert len(steps) == 1
    assert "fewer than 3 dyads" in steps[0]
    steps.clear()
    fitted = LinearClassifier(small, step=steps.append).fit(segments, marks)
    assert not steps
    assert (fitted.coefficients_[:3] != without.coefficients_[:3]).any(axis=1).all()
    assert fitted.coefficients_[3].tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]  # a code that no segment carries


def test_the_same_seed_gives_the_same_arrays(material: tuple[Segments, np.ndarray], small: Codebook) -> None:
    segments, marks = material
    one, other = (LinearClassifier(small, random_state=3).fit(segments, marks).arrays() for _ in range(2))
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_what_is_kept_gives_the_same_scores(material: tuple[Segments, np.ndarray], small: Codebook) -> None:
    segments, marks = material
    fitted = LinearClassifier(small).fit(segments, marks)
    read = LinearClassifier.read(Path(), fitted.arrays(), small)
    assert np.array_equal(read.decision_function(segments), fitted.decision_function(segments))


@pytest.mark.parametrize("name", ["coefficients", "sequence", "segment_indptr", "turn_indptr", "turn_intercepts"])
def test_arrays_of_another_shape_are_refused(name: str, material: tuple[Segments, np.ndarray], small: Codebook) -> None:
    arrays = LinearClassifier(small).fit(*material).arrays()
    with pytest.raises(ModelError, match=rf"\({name}\); train it again"):
        LinearClassifier.read(Path("there"), {**arrays, name: arrays[name][1:]}, small)


def test_the_penalty_is_an_option(material: tuple[Segments, np.ndarray], small: Codebook) -> None:
    weak, strong = (LinearClassifier(small, C=C).fit(*material).decision_function(material[0]) for C in (5.0, 0.05))
    assert np.abs(weak[:, 0]).max() > np.abs(strong[:, 0]).max()


def test_probabilities_can_teach(material: tuple[Segments, np.ndarray], small: Codebook) -> None:
    segments, marks = material
    soft = np.where(marks, 0.9, 0.02)
    hard = LinearClassifier(small).fit(segments, marks).decision_function(segments)
    taught = LinearClassifier(small).fit(segments, soft).decision_function(segments)
    place = np.flatnonzero(marks[:, 0])
    assert (taught[place, 0] < hard[place, 0]).all()
    assert np.corrcoef(taught[:, 0], hard[:, 0])[0, 1] > 0.9


def test_what_is_said_around_moves_a_score(small: Codebook, material: tuple[Segments, np.ndarray]) -> None:
    fitted = LinearClassifier(small).fit(*material)
    turns = (Turn(1, "C", "And nobody spoke."), Turn(2, "T", "I'm here."), Turn(3, "C", "Thank you for that."))
    session = Session("S", turns)
    other = Session("S", (*turns[:2], Turn(3, "C", "We drove home in the rain.")))
    one, two = (fitted.decision_function(segments_of([each]))[1] for each in (session, other))
    assert (np.abs(one - two)[:2] > 1e-3).all()


@pytest.mark.parametrize("sessions", [[], [Session("S", (Turn(1, "T", ""),))]])
def test_nothing_said_gives_no_scores(
    sessions: list[Session], material: tuple[Segments, np.ndarray], small: Codebook
) -> None:
    fitted = LinearClassifier(small).fit(*material)
    assert fitted.decision_function(segments_of(sessions)).shape == (0, 4)


def test_turns_of_distant_pages_are_not_around_each_other(
    material: tuple[Segments, np.ndarray], small: Codebook
) -> None:
    segments, marks = material
    fitted = LinearClassifier(small).fit(segments, marks)
    turn = segments.table.segment_turn
    last = turn.max()
    first_pages, last_pages = turn < 4, (turn > last - 4)
    both = fitted.decision_function(segments[first_pages | last_pages])
    alone = [fitted.decision_function(segments[page]) for page in (first_pages, last_pages)]
    assert both == pytest.approx(np.vstack(alone), abs=1e-9)
    own = segments.table.segment_session == 0
    within = own & ((turn < 2) | (turn > turn[own].max() - 2))
    pages = [own & (turn < 2), own & (turn > turn[own].max() - 2)]
    alone = [fitted.decision_function(segments[page]) for page in pages]
    assert fitted.decision_function(segments[within]) == pytest.approx(np.vstack(alone), abs=1e-9)
