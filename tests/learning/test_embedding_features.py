"""Embeddings as features of the linear kind: what they hold, that a model keeps its encoder, and that it takes no other."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

from learning.conftest import SMALL, small_study
from learning.tiny_encoder import write_encoder
from relcode.errors import ModelError
from relcode.learning.embedding_features import AROUND, EmbeddingFeatures, needs_encoder
from relcode.learning.load import load_model
from relcode.learning.recipe import Recipe
from relcode.learning.save import save_model
from relcode.learning.segments import Segments, segments_of
from relcode.learning.train import train

pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")


def example() -> Segments:
    return segments_of(small_study(3).sessions)


def test_columns_are_nearness_own_vector_and_turns_around(tmp_path: Path) -> None:
    X = example()
    features = EmbeddingFeatures(write_encoder(tmp_path / "e"), landmarks=5).fit(X)
    found = features.transform(X)
    width = features.embeddings_.n_features_out_
    assert found.shape == (len(X), features.column_count) == (len(X), 5 + 3 * width)
    own, before, after = (found[:, 5 + place * width : 5 + (place + 1) * width] for place in range(3))
    turn, session = X.table.segment_turn, X.table.segment_session
    for row in range(len(X)):
        for block, step in ((before, -1), (after, 1)):
            beside = np.flatnonzero((turn == turn[row] + step) & (session == session[row]))
            expected = AROUND * own[beside].mean(axis=0) if len(beside) else np.zeros(width)
            np.testing.assert_allclose(block[row], expected, atol=1e-5)
    assert not before[0].any()
    assert not after[-1].any()


def test_with_many_landmarks_products_are_close_to_the_kernel(tmp_path: Path) -> None:
    X = example()
    features = EmbeddingFeatures(write_encoder(tmp_path / "e"), landmarks=100).fit(X)
    count = len(features.landmarks_)
    found = features.transform(X)
    near = found[:, :count] @ found[:, :count].T
    own = found[:, count : count + features.embeddings_.n_features_out_]
    squares = ((own[:, None] - own[None]) ** 2).sum(axis=2)
    assert np.abs(near - np.exp(-0.5 * squares)).mean() < 0.03
    assert np.abs(near - np.exp(-1.0 * squares)).mean() > 0.03
    assert np.abs(near - np.exp(-0.25 * squares)).mean() > 0.03


def test_columns_do_not_depend_on_which_segments_are_asked_for(tmp_path: Path) -> None:
    X = example()
    features = EmbeddingFeatures(write_encoder(tmp_path / "e"), landmarks=5).fit(X[:20])
    rows = np.array([7, 3, 40])
    np.testing.assert_allclose(features.transform(X[rows]), features.transform(X)[rows], atol=1e-5)
    again = clone(features).fit(X[:20])
    np.testing.assert_array_equal(again.transform(X), features.transform(X))


def test_arrays_give_the_same_features_back(tmp_path: Path) -> None:
    X = example()
    features = EmbeddingFeatures(write_encoder(tmp_path / "e"), landmarks=5).fit(X)
    arrays = features.arrays()
    assert needs_encoder(arrays)
    assert not needs_encoder({"data": np.zeros(1)})
    again = EmbeddingFeatures.read(tmp_path / "e", arrays)
    np.testing.assert_allclose(again.transform(X), features.transform(X), atol=1e-6)
    with pytest.raises(ModelError, match="odd shapes"):
        EmbeddingFeatures.read(tmp_path / "e", {**arrays, "embedding_middle": np.zeros(3, dtype=np.float32)})


def test_another_encoder_is_refused_by_name(tmp_path: Path) -> None:
    features = EmbeddingFeatures(write_encoder(tmp_path / "e"), landmarks=5).fit(example())
    other = EmbeddingFeatures(write_encoder(tmp_path / "f", seed=1), landmarks=5).fit(example())
    names = [each.embeddings_.encoder_.sha256[:12] for each in (features, other)]
    with pytest.raises(ModelError) as caught:
        EmbeddingFeatures.read(tmp_path / "f", features.arrays())
    assert all(name in str(caught.value) for name in names)
    with pytest.raises(ModelError, match="there is no folder"):
        EmbeddingFeatures.read(tmp_path / "nowhere", features.arrays())


@pytest.mark.slow
def test_a_model_with_embeddings_keeps_its_encoder(tmp_path: Path) -> None:
    study = small_study(3)
    folder = write_encoder(tmp_path / "e", pooling="mean", normalize=True)
    options = {"embeddings": folder, "cache": tmp_path / "vectors.sqlite"}
    model = train(study.sessions, study.labels, SMALL, recipe=Recipe(options=options, folds=3, thorough=False))
    save_model(model, tmp_path / "m")
    shutil.rmtree(folder)  # it is not needed any more
    X = segments_of(study.sessions)
    loaded = load_model(tmp_path / "m")
    np.testing.assert_allclose(loaded.probabilities(X), model.probabilities(X), atol=1e-5)
    plain = train(study.sessions, study.labels, SMALL, recipe=Recipe(folds=3, thorough=False))
    with_vectors, without = (each.classifier.decision_function(X) for each in (model, plain))
    assert not np.allclose(with_vectors, without, atol=1e-2)


@pytest.mark.slow
def test_a_model_whose_encoder_was_taken_away_is_refused(tmp_path: Path) -> None:
    study = small_study(3)
    recipe = Recipe(options={"embeddings": write_encoder(tmp_path / "e")}, folds=3, thorough=False)
    save_model(train(study.sessions, study.labels, SMALL, recipe=recipe), tmp_path / "m")
    (tmp_path / "m" / "encoder" / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"encoder/model\.onnx"):
        load_model(tmp_path / "m")
