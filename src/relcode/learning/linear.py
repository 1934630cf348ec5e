"""The linear kind: one L2 logistic regression a code on n-grams, cues and context."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.embedding_features import EmbeddingFeatures, needs_encoder
from relcode.learning.encoder_folder import copy_encoder
from relcode.learning.features import build_features, column_count
from relcode.learning.segments import Segments, allowed_codes, engine_of, fired_cues, silent
from relcode.transcripts.tokens import Bools, Floats

ONE_CLASS = 5.0
ENCODER = "encoder"  # the sentence encoder's place in the model folder
_SMALLEST = 1e-3  # weights below this change no probability that is printed


class LinearFit(NamedTuple):
    """`weights` (column, code), `intercepts` (code)."""

    weights: sparse.csr_matrix
    intercepts: Floats

    def scores(self, features: sparse.csr_matrix) -> Floats:
        """Log-odds before calibration, axes (segment, code)."""
        scores: Floats = np.asarray((features @ self.weights).todense()) + self.intercepts
        return scores


class LinearClassifier(BaseEstimator):  # type: ignore[misc]
    """One linear classifier a code on shared features.

    Parameters
    ----------
    embeddings
        Folder of a sentence encoder whose vectors are further features (`EmbeddingFeatures`); none by default. The model
        keeps a copy, and refuses another encoder.
    cache
        File in which these vectors are kept.

    Attributes
    ----------
    weights_, intercepts_
        Axes (column, code) and (code): log-odds before calibration. Weights are kept as the model folder keeps them (32
        bits, none below a thousandth), so that saving changes nothing.
    """

    kind: ClassVar[str] = "linear"

    def __init__(
        self,
        codebook: Codebook,
        *,
        C: float = 0.3,
        embeddings: Path | None = None,
        cache: Path | None = None,
        random_state: int = 0,
        step: Callable[[str], None] = silent,
    ) -> None:
        self.codebook = codebook
        self.C = C
        self.embeddings = embeddings
        self.cache = cache
        self.random_state = random_state
        self.step = step

    def fit(self, X: Segments, y: npt.NDArray[Any]) -> LinearClassifier:
        """Fit on segments with labels, or probabilities, axes (segment, code); classes weighted evenly."""
        self.engine_ = engine_of(self.codebook)
        allowed = allowed_codes(X, self.codebook)
        self.embedding_features_ = None
        if self.embeddings is not None:
            block = EmbeddingFeatures(self.embeddings, cache=self.cache, random_state=self.random_state, step=self.step)
            self.embedding_features_ = block.fit(X)
        fitted = fit_weights(self._features(X), y, allowed, C=self.C, seed=self.random_state)
        self.weights_, self.intercepts_ = _as_stored(fitted.weights), fitted.intercepts
        return self

    def decision_function(self, X: Segments) -> Floats:
        """Log-odds before calibration, axes (segment, code)."""
        return LinearFit(self.weights_, self.intercepts_).scores(self._features(X))

    def arrays(self) -> dict[str, Any]:
        """What is kept in the file of arrays."""
        block = self.embedding_features_
        return {
            **({} if block is None else block.arrays()),
            "data": self.weights_.data.astype(np.float32),
            "indices": self.weights_.indices,
            "indptr": self.weights_.indptr,
            "shape": np.array(self.weights_.shape),
            "intercepts": self.intercepts_,
        }

    def write(self, folder: Path) -> None:
        """Write the sentence encoder, where there is one, so that the model needs nothing beside its folder."""
        if self.embedding_features_ is not None:
            copy_encoder(self.embedding_features_.embeddings_.encoder_, folder / ENCODER)

    @classmethod
    def read(cls, folder: Path, arrays: dict[str, Any], codebook: Codebook) -> LinearClassifier:
        """The classifier of a model folder.

        Raises
        ------
        ModelError
            The weights are for features of another version of relcode, or the sentence encoder is missing or another.
        """
        classifier = cls(codebook)
        classifier.embedding_features_ = None
        if needs_encoder(arrays):
            classifier.embeddings = folder / ENCODER
            classifier.embedding_features_ = EmbeddingFeatures.read(folder / ENCODER, arrays)
        classifier.engine_ = engine_of(codebook)
        parts = (arrays["data"].astype(np.float64), arrays["indices"], arrays["indptr"])
        classifier.weights_ = sparse.csr_matrix(parts, shape=tuple(arrays["shape"]))
        classifier.intercepts_ = arrays["intercepts"]
        block = classifier.embedding_features_
        columns = column_count(classifier.engine_) + (0 if block is None else block.column_count)
        expected = (columns, len(codebook.codes))
        if classifier.weights_.shape != expected:
            raise ModelError(
                f"The model in {folder} has weights of shape {classifier.weights_.shape}, but this relcode makes features "
                f"for {expected}; train it again with this version."
            )
        if np.shape(classifier.intercepts_) != expected[1:]:
            raise ModelError(f"The model in {folder} cannot be used: not one number a code: intercepts.")
        return classifier

    def _features(self, X: Segments) -> sparse.csr_matrix:
        fired = fired_cues(X, self.codebook)
        features = X.shared(
            ("linear", self.codebook.fingerprint),
            lambda table: build_features(table, self.engine_, fired),
        )
        chosen: sparse.csr_matrix = features[X.rows]
        if self.embedding_features_ is None:
            return chosen
        dense = sparse.csr_matrix(self.embedding_features_.transform(X))
        return sparse.csr_matrix(sparse.hstack([chosen, dense], format="csr"))


def fit_weights(
    features: sparse.csr_matrix, labels: npt.NDArray[Any], allowed: Bools, *, C: float, seed: int
) -> LinearFit:
    """One L2 logistic regression a code, from the segments whose speaker may carry the code.

    `labels`, `allowed`: axes (segment, code). Only columns that occur are fitted. Where all segments of a code are of
    one class, its score is a constant (`ONE_CLASS`) on that class's side.
    """
    used = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]))
    narrow = features[:, used]
    weights = np.zeros((len(used), labels.shape[1]))
    intercepts = np.full(labels.shape[1], -ONE_CLASS)
    for code in range(labels.shape[1]):
        rows = np.flatnonzero(allowed[:, code])
        target = labels[rows, code]
        if not target.any():
            continue
        if (target == 1).all():
            intercepts[code] = ONE_CLASS
            continue
        fitted = _logistic(narrow[rows], target, LogisticRegression(C=C, solver="liblinear", random_state=seed))
        weights[:, code], intercepts[code] = fitted.coef_[0], fitted.intercept_[0]
    spread = sparse.csr_matrix((np.ones(len(used)), (used, np.arange(len(used)))), (features.shape[1], len(used)))
    return LinearFit(sparse.csr_matrix(spread @ sparse.csr_matrix(weights)), intercepts)


def _logistic(features: sparse.csr_matrix, target: npt.NDArray[Any], model: LogisticRegression) -> LogisticRegression:
    """Fit with classes weighted evenly. Where the target is a probability, each segment counts as positive with it, and as
    negative with the rest."""
    share = np.asarray(target, dtype=np.float64)
    positive, negative = np.flatnonzero(share > 0), np.flatnonzero(share < 1)
    rows = np.concatenate([positive, negative])
    labels = np.arange(len(rows)) < len(positive)
    weight = np.concatenate([share[positive] / share.sum(), (1 - share[negative]) / (1 - share).sum()]) * len(share) / 2
    return model.fit(features[rows], labels, sample_weight=weight)


def _as_stored(weights: sparse.csr_matrix) -> sparse.csr_matrix:
    stored = weights.astype(np.float32).astype(np.float64)
    stored.data[np.abs(stored.data) < _SMALLEST] = 0
    stored.eliminate_zeros()
    return stored
