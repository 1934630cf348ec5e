"""Sentence embeddings as columns for a linear model: nearness to typical vectors, and the turns around."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cluster import MiniBatchKMeans

from relcode.errors import ModelError
from relcode.learning.embeddings import SentenceEmbeddings
from relcode.learning.onnx_encoder import Vectors
from relcode.learning.segments import Segments, silent
from relcode.transcripts.tokens import TokenTable

LANDMARKS = 400
GAMMA = 0.5
AROUND = 0.55
_ARRAYS = ("middle", "spread", "landmarks", "root")
_PREFIX = "embedding_"


class EmbeddingFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Columns from sentence embeddings, axes (segment, column), dense.

    Vectors are standardised. Columns: a segment's nearness (radial basis functions) to `landmarks` typical vectors, which
    lets a linear model draw curved borders (Nystroem's method); its own vector; and the means of the segments of the turn
    before and of the turn after. Landmarks are centres of many segments, so that no segment's vector is kept.

    Parameters
    ----------
    folder, cache, threads, step
        As for `SentenceEmbeddings`.
    landmarks
        How many; fewer where there are fewer segments.
    """

    def __init__(
        self,
        folder: Path,
        *,
        landmarks: int = LANDMARKS,
        cache: Path | None = None,
        threads: int = 1,
        random_state: int = 0,
        step: Callable[[str], None] = silent,
    ) -> None:
        self.folder = folder
        self.landmarks = landmarks
        self.cache = cache
        self.threads = threads
        self.random_state = random_state
        self.step = step

    def fit(self, X: Segments, y: Any = None) -> EmbeddingFeatures:
        """Load the encoder; find the middle, the spread and the landmarks of the segments of `X`."""
        self.embeddings_ = self._embeddings().fit(X)
        vectors = self.embeddings_.transform(X)
        self.middle_: Vectors = vectors.mean(axis=0)
        self.spread_: Vectors = np.maximum(vectors.std(axis=0), 1e-6) * np.float32(np.sqrt(vectors.shape[1]))
        scaled = (vectors - self.middle_) / self.spread_
        distinct = np.unique(scaled, axis=0)
        count = min(self.landmarks, len(distinct))
        clusters = MiniBatchKMeans(count, random_state=self.random_state, n_init=1, batch_size=2048, max_iter=20)
        self.landmarks_: Vectors = clusters.fit(distinct).cluster_centers_.astype(np.float32)
        values, axes = np.linalg.eigh(_nearness(self.landmarks_, self.landmarks_).astype(np.float64))
        self.root_: Vectors = (axes / np.sqrt(np.maximum(values, 1e-6))).astype(np.float32)
        return self

    def transform(self, X: Segments) -> Vectors:
        """Columns of the chosen segments, axes (segment, column)."""
        vectors = (self.embeddings_.transform(X) - self.middle_) / self.spread_
        whole = self.embeddings_.transform(_all_of(X))
        by_turn = (_turn_means(X.table, whole) - self.middle_) / self.spread_
        before, after = _turns_around(X.table, by_turn, X.table.segment_turn[X.rows])
        near = _nearness(vectors, self.landmarks_) @ self.root_
        return np.hstack([near, vectors, AROUND * before, AROUND * after]).astype(np.float32)

    @property
    def column_count(self) -> int:
        """Columns of `transform`."""
        return len(self.landmarks_) + 3 * len(self.middle_)

    def arrays(self) -> dict[str, Any]:
        """What a model keeps, by name; the encoder itself is named by its hash."""
        kept = {f"{_PREFIX}{name}": getattr(self, f"{name}_") for name in _ARRAYS}
        digest = np.frombuffer(bytes.fromhex(self.embeddings_.encoder_.sha256), dtype=np.uint8)
        return {**kept, f"{_PREFIX}encoder": digest}

    @classmethod
    def read(cls, folder: Path, arrays: dict[str, Any], **options: Any) -> EmbeddingFeatures:
        """What `arrays` kept, with the encoder in a folder.

        Raises
        ------
        ModelError
            The folder is not there, or holds another encoder than the model was trained with; or arrays have odd shapes.
        """
        needed = bytes(np.asarray(arrays[f"{_PREFIX}encoder"], dtype=np.uint8)).hex()
        if not folder.is_dir():
            raise ModelError(
                f"The model was trained with the sentence encoder {needed[:12]}, and there is no folder {folder}; take the "
                "model folder with all that is in it."
            )
        features = cls(folder, **options)
        features.embeddings_ = features._embeddings().fit()
        found = features.embeddings_.encoder_.sha256
        if found != needed:
            raise ModelError(
                f"The model was trained with the sentence encoder {needed[:12]}, and {folder} holds {found[:12]}; take the "
                "model folder as it was written, or train the model again."
            )
        for name in _ARRAYS:
            setattr(features, f"{name}_", np.asarray(arrays[f"{_PREFIX}{name}"], dtype=np.float32))
        width, count = features.embeddings_.n_features_out_, len(features.landmarks_)
        shapes = {"middle": (width,), "spread": (width,), "landmarks": (count, width), "root": (count, count)}
        if odd := [name for name, shape in shapes.items() if getattr(features, f"{name}_").shape != shape]:
            raise ModelError(f"The model's {', '.join(odd)} of sentence embeddings have odd shapes; train it again.")
        return features

    def _embeddings(self) -> SentenceEmbeddings:
        return SentenceEmbeddings(self.folder, cache=self.cache, threads=self.threads, step=self.step)


def needs_encoder(arrays: dict[str, Any]) -> bool:
    """Whether a model's arrays are of one that was trained with sentence embeddings."""
    return f"{_PREFIX}encoder" in arrays


def _all_of(X: Segments) -> Segments:
    """All segments of the table that `X` is a view of."""
    whole = X[:0]
    whole.rows = np.arange(len(X.table.segment_turn))
    return whole


def _nearness(vectors: Vectors, landmarks: Vectors) -> Vectors:
    """exp(-gamma * squared distance), axes (vector, landmark)."""
    squares = (vectors**2).sum(axis=1)[:, None] + (landmarks**2).sum(axis=1) - 2 * vectors @ landmarks.T
    near: Vectors = np.exp(-GAMMA * np.maximum(squares, 0)).astype(np.float32)
    return near


def _turn_means(table: TokenTable, vectors: Vectors) -> Vectors:
    """The mean vector of each turn's segments, axes (turn, number); 0 for a turn without any."""
    total = np.zeros((len(table.turn_session), vectors.shape[1]), dtype=np.float32)
    np.add.at(total, table.segment_turn, vectors)
    count = np.maximum(np.bincount(table.segment_turn, minlength=len(total)), 1)
    means: Vectors = (total / count[:, None]).astype(np.float32)
    return means


def _turns_around(table: TokenTable, by_turn: Vectors, turns: npt.NDArray[np.int64]) -> tuple[Vectors, Vectors]:
    """Of each of some turns: what belongs to the turn before and after it; 0 at the session's edge."""
    found = []
    for step in (-1, 1):
        other = np.clip(turns + step, 0, len(by_turn) - 1)
        same = (table.turn_session[other] == table.turn_session[turns]) & (other != turns)
        found.append(by_turn[other] * same[:, None])
    return found[0], found[1]
