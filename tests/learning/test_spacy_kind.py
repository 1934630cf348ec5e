"""The spaCy kind: it learns, one seed gives one model, its weights are all that is kept, and they have to fit."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.kinds import classifier_class
from relcode.learning.load import load_model
from relcode.learning.model import Model
from relcode.learning.save import save_model
from relcode.learning.segments import Segments, segments_of
from relcode.learning.spacy_kind import SpacyClassifier
from relcode.records import Session, Turn
from relcode.transcripts.tokens import segment_codes

Labelled = tuple[Segments, np.ndarray]


@pytest.fixture(scope="module")
def labelled(small_study: Callable[..., Any], small: Codebook) -> Labelled:
    study = small_study()
    segments = segments_of(study.sessions)
    return segments, segment_codes(segments.table, study.labels, small.code_ids)


@pytest.fixture(scope="module")
def fitted(labelled: Labelled, small: Codebook) -> SpacyClassifier:
    return SpacyClassifier(small, epochs=20).fit(*labelled)


def test_it_is_the_kind_of_that_name() -> None:
    assert classifier_class("spacy") is SpacyClassifier


def test_segments_with_a_code_score_above_those_without(fitted: SpacyClassifier, labelled: Labelled) -> None:
    segments, labels = labelled
    scores = fitted.decision_function(segments)
    assert scores.shape == labels.shape
    for code in range(3):
        assert scores[labels[:, code], code].min() > scores[~labels[:, code], code].max() + 0.5


def test_one_seed_one_model_and_another_seed_another(
    fitted: SpacyClassifier, labelled: Labelled, small: Codebook
) -> None:
    segments, labels = labelled
    scores = fitted.decision_function(segments)
    state = np.random.get_state()[1].copy()
    assert (clone(fitted).fit(segments, labels).decision_function(segments) == scores).all()
    assert (np.random.get_state()[1] == state).all()
    other = SpacyClassifier(small, epochs=20, random_state=1).fit(segments, labels)
    assert (other.decision_function(segments) != scores).any()


def test_a_chosen_part_scores_as_in_the_whole(fitted: SpacyClassifier, labelled: Labelled) -> None:
    segments, _ = labelled
    whole = fitted.decision_function(segments)
    assert fitted.decision_function(segments[[7, 3, 20]]) == pytest.approx(whole[[7, 3, 20]], abs=1e-5)


def test_what_a_speaker_may_not_carry_is_not_learned_from(labelled: Labelled, small: Codebook) -> None:
    segments, labels = labelled
    wrong = labels.copy()
    wrong[~segments.table.segment_is_therapist, 0] = True  # TSI is the therapist's
    first, second = (SpacyClassifier(small, epochs=1).fit(segments, marks) for marks in (labels, wrong))
    assert (first.decision_function(segments) == second.decision_function(segments)).all()


def test_probabilities_teach_as_labels_do(fitted: SpacyClassifier, labelled: Labelled, small: Codebook) -> None:
    segments, labels = labelled
    taught = SpacyClassifier(small, epochs=20).fit(segments, np.where(labels, 0.9, 0.1))
    for code in range(3):
        scores = taught.decision_function(segments)[:, code]
        assert scores[labels[:, code]].min() > scores[~labels[:, code]].max()
    assert np.abs(taught.decision_function(segments)).max() < np.abs(fitted.decision_function(segments)).max()


def test_every_epoch_is_said(labelled: Labelled, small: Codebook) -> None:
    said: list[str] = []
    SpacyClassifier(small, epochs=2, step=said.append).fit(*labelled)
    assert said == ["epoch 1 of 2", "epoch 2 of 2"]


def test_weights_are_all_that_is_kept(fitted: SpacyClassifier, labelled: Labelled, small: Codebook) -> None:
    segments, _ = labelled
    arrays = fitted.arrays()
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}
    back = SpacyClassifier.read(Path("models/one"), arrays, small)
    assert (back.decision_function(segments) == fitted.decision_function(segments)).all()


def test_a_model_folder_gives_it_back(
    fitted: SpacyClassifier, labelled: Labelled, small_model: Model, tmp_path: Path
) -> None:
    segments, _ = labelled
    model = dataclasses.replace(small_model, classifier=fitted, card={**small_model.card, "kind": "spacy"})
    save_model(model, tmp_path / "model")
    back = load_model(tmp_path / "model")
    assert isinstance(back.classifier, SpacyClassifier)
    assert (back.probabilities(segments) == model.probabilities(segments)).all()
    words = {word.encode() for word in segments.table.lower_words if len(word) > 4}
    with zipfile.ZipFile(tmp_path / "model" / "model.skops") as file:
        kept = b"".join(file.read(name) for name in file.namelist())
    assert not [word for word in words if word in kept]


@pytest.mark.parametrize(
    "change",
    [
        lambda array: array[:-1],
        lambda array: array.astype(np.float64),
        lambda array: array.tolist(),
        lambda array: None,
    ],
)
def test_other_weights_are_refused(fitted: SpacyClassifier, small: Codebook, change: Callable[[Any], Any]) -> None:
    arrays = fitted.arrays()
    name = sorted(arrays)[0]
    with pytest.raises(ModelError, match=f"has other weights .*{name}"):
        SpacyClassifier.read(Path("models/one"), arrays | {name: change(arrays[name])}, small)


def test_no_segment_gives_no_score(fitted: SpacyClassifier) -> None:
    assert fitted.decision_function(segments_of([Session("S", (Turn(1, "T", ""),))])).shape == (0, 4)
