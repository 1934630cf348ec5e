"""The linear kind: logistic regressions on words, cues and context of a segment, its turn and the turns around it, and a
second step that reads what was predicted around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.embedding_features import EmbeddingFeatures, needs_encoder
from relcode.learning.encoder_folder import copy_encoder
from relcode.learning.features import CueEvidence
from relcode.learning.folds import dyad_folds
from relcode.learning.segments import Rows, Segments, allowed_codes, silent
from relcode.learning.sequence import SEEN, UNCHANGED, around, fit_sequence, move_scores
from relcode.learning.side import Side
from relcode.learning.sights import Packed, Views, apply, column_count, pack, view
from relcode.transcripts.tokens import Bools, Floats

# C of weights that begin from those of another model, as a part of C; strong, as measured best with earlier features
PULL = 0.01
LEAST_DYADS = 3  # for the second step: fewer leave nobody to predict for
FOLDS = 3
ENCODER = "encoder"  # the sentence encoder's place in the model folder
_SMALLEST = 3e-3  # weights below this change no probability that is printed


class Weights(NamedTuple):
    """Of the first step: `weights` (column, side x code), `intercepts` (side x code)."""

    weights: sparse.csr_matrix
    intercepts: Floats


class LinearClassifier(BaseEstimator):  # type: ignore[misc]
    """Linear classifiers for a codebook's codes; those of therapists' segments and of others' are fitted apart.

    Parameters
    ----------
    C
        Inverse strength of the penalty on squared weights.
    embeddings
        Folder of a sentence encoder whose vectors are seen too (`EmbeddingFeatures`); none by default. The model keeps a copy
        of it, and refuses another.
    cache
        File in which these vectors are kept.
    start_from
        Weights of another model of the same codes to which what the labels say beyond them is added, with a stronger penalty.
    random_state
        Which dyads are held out together while the second step is learned.

    Attributes
    ----------
    weights_, intercepts_
        Axes (column, side x code) and (side x code), first those of therapists' segments: log-odds of the first step.
        Weights are kept as the model folder keeps them (32 bits, none too small to matter), so that saving changes nothing.
    coefficients_, offsets_
        Of the second step, axes (code, `sequence.SEEN`) and (code).
    """

    kind: ClassVar[str] = "linear"

    def __init__(
        self,
        codebook: Codebook,
        *,
        C: float = 1.0,
        embeddings: Path | None = None,
        cache: Path | None = None,
        start_from: Weights | None = None,
        random_state: int = 0,
        step: Callable[[str], None] = silent,
    ) -> None:
        self.codebook = codebook
        self.C = C
        self.embeddings = embeddings
        self.cache = cache
        self.start_from = start_from
        self.random_state = random_state
        self.step = step

    def fit(self, X: Segments, y: Bools | Floats) -> LinearClassifier:
        """Fit on segments with labels, axes (segment, code): bools, or probabilities where another model teaches."""
        views, allowed = view(X, self.codebook), allowed_codes(X, self.codebook)
        targets = np.where(allowed, y, 0).astype(np.float64)
        self._fit_embeddings(X)
        folds = self._folds(X)
        unseen = np.zeros(targets.shape)
        sides = [self._fit_side(side, X, views, targets, folds, unseen) for side in (True, False)]
        self._keep(_as_stored([weights for weights, _ in sides]), np.concatenate([odds for _, odds in sides]))
        self.coefficients_, self.offsets_ = np.tile(UNCHANGED, (targets.shape[1], 1)), np.zeros(targets.shape[1])
        if folds:
            self.coefficients_, self.offsets_ = fit_sequence(self._around(unseen, X, allowed), targets, allowed)
        return self

    def decision_function(self, X: Segments) -> Floats:
        """Log-odds before calibration, axes (segment, code)."""
        views, allowed = view(X, self.codebook), allowed_codes(X, self.codebook)
        codes = len(self.codebook.codes)
        scores = np.zeros(allowed.shape)
        embedded = None if self.embedded_ is None else self.embedded_.transform(X)
        for number, side in enumerate((True, False)):
            rows = np.flatnonzero(X.table.segment_is_therapist[X.rows] == side)
            own = slice(number * codes, (number + 1) * codes)
            scores[rows] = apply(self._packed[number], views, X.rows[rows]) + self.intercepts_[own]
            if embedded is not None:
                scores[rows] += embedded[rows] @ self.embedding_weights_[:, own]
        return move_scores(self._around(scores, X, allowed), self.coefficients_, self.offsets_)

    def arrays(self) -> dict[str, Any]:
        """What is kept in the file of arrays."""
        block = (
            {} if self.embedded_ is None else self.embedded_.arrays() | {"embedding_weights": self.embedding_weights_}
        )
        return {
            **block,
            "data": self.weights_.data.astype(np.float32),
            "indices": self.weights_.indices,
            "indptr": self.weights_.indptr,
            "shape": np.array(self.weights_.shape),
            "intercepts": self.intercepts_,
            "coefficients": self.coefficients_,
            "sequence": self.offsets_,
        }

    def write(self, folder: Path) -> None:
        """Write the sentence encoder, where there is one, so that the model needs nothing beside its folder."""
        if self.embedded_ is not None:
            copy_encoder(self.embedded_.embeddings_.encoder_, folder / ENCODER)

    @classmethod
    def read(cls, folder: Path, arrays: dict[str, Any], codebook: Codebook) -> LinearClassifier:
        """The classifier of a model folder.

        Raises
        ------
        ModelError
            The weights are for features of another version of relcode.
        """
        codes = len(codebook.codes)
        parts = (arrays["data"].astype(np.float64), arrays["indices"], arrays["indptr"])
        weights = sparse.csr_matrix(parts, shape=tuple(arrays["shape"]))
        expected = (column_count(codebook), 2 * codes)
        if weights.shape != expected:
            raise ModelError(
                f"The model in {folder} has weights of shape {weights.shape}, but this relcode makes features "
                f"for {expected}; train it again with this version."
            )
        shapes = {"intercepts": (2 * codes,), "coefficients": (codes, len(SEEN)), "sequence": (codes,)}
        if odd := [name for name, shape in shapes.items() if np.shape(arrays[name]) != shape]:
            raise ModelError(f"The model in {folder} cannot be used: not one number a code: {', '.join(odd)}.")
        classifier = cls(codebook)
        classifier._read_embeddings(folder, arrays)
        classifier._keep(weights, arrays["intercepts"])
        classifier.coefficients_, classifier.offsets_ = arrays["coefficients"], arrays["sequence"]
        return classifier

    def _fit_embeddings(self, X: Segments) -> None:
        self.embedded_: EmbeddingFeatures | None = None
        columns = 0
        if self.embeddings is not None:
            block = EmbeddingFeatures(self.embeddings, cache=self.cache, random_state=self.random_state, step=self.step)
            self.embedded_ = block.fit(X)
            columns = block.column_count
        self.embedding_weights_ = np.zeros((columns, 2 * len(self.codebook.codes)), dtype=np.float32)

    def _read_embeddings(self, folder: Path, arrays: dict[str, Any]) -> None:
        self.embedded_ = None
        if not needs_encoder(arrays):
            return
        self.embeddings = folder / ENCODER
        self.embedded_ = EmbeddingFeatures.read(self.embeddings, arrays)
        self.embedding_weights_ = np.asarray(arrays["embedding_weights"])
        if self.embedding_weights_.shape != (self.embedded_.column_count, 2 * len(self.codebook.codes)):
            raise ModelError(f"The model in {folder} cannot be used: its weights of embeddings have another shape.")

    def _around(self, scores: Floats, X: Segments, allowed: Bools) -> Floats:
        cues = CueEvidence(self.codebook, unit="turn").transform(X).toarray()
        return around(scores, cues, allowed, X.table, X.rows)

    def _keep(self, weights: sparse.csr_matrix, intercepts: Floats) -> None:
        self.weights_, self.intercepts_ = weights, intercepts
        codes = len(self.codebook.codes)
        self._packed: list[Packed] = [
            pack(sparse.csr_matrix(weights[:, number * codes : (number + 1) * codes]), self.codebook)
            for number in (0, 1)
        ]

    def _folds(self, X: Segments) -> list[tuple[Rows, Rows]]:
        """Folds for the second step; none where too few dyads are there to hold any out."""
        if len(np.unique(X.dyads)) < LEAST_DYADS:
            self.step(f"fewer than {LEAST_DYADS} dyads: what is predicted of turns around a segment is not used")
            return []
        return list(dyad_folds(X.dyads, FOLDS, seed=self.random_state))

    def _fit_side(
        self, side: bool, X: Segments, views: Views, targets: Floats, folds: list[tuple[Rows, Rows]], unseen: Floats
    ) -> tuple[sparse.csr_matrix, Floats]:
        """Weights and intercepts of one side; scores of held-out dyads go into `unseen`."""
        allowed = allowed_codes(X, self.codebook)
        rows = np.flatnonzero((X.table.segment_is_therapist[X.rows] == side) & allowed.any(axis=1))
        weights, intercepts = self._beginning(side)
        codes = np.flatnonzero(allowed[rows].any(axis=0))
        begun = None
        if self.start_from is not None:
            begun = apply(pack(weights, self.codebook), views, X.rows[rows]) + intercepts
            unseen[rows] = begun
            # what is not in the labels stays as the other model knows it
            codes = codes[targets[np.ix_(rows, codes)].any(axis=0)]
            begun = begun[:, codes]
        if not len(rows) or not len(codes):
            return weights, intercepts
        embedded = None if self.embedded_ is None else self.embedded_.transform(X[rows])
        fit = Side(views, X.rows[rows], embedded, C=self.C * (1.0 if begun is None else PULL))
        wanted = targets[np.ix_(rows, codes)]
        for train, test in folds:
            known, held = (np.flatnonzero(np.isin(rows, part)) for part in (train, test))
            if len(known):
                unseen[np.ix_(rows[held], codes)] = fit.held_out(wanted, known, held, begun)
        found = fit.fit(wanted, begun)
        place = (np.ones(len(codes)), (np.arange(len(codes)), codes))
        spread = sparse.csr_matrix(place, (len(codes), targets.shape[1]))
        intercepts[codes] += found.intercepts
        # as the model folder keeps them, so that saving changes nothing
        place_of_codes = codes + (0 if side else targets.shape[1])
        self.embedding_weights_[:, place_of_codes] = found.embedding_weights.astype(np.float32)
        return sparse.csr_matrix(weights + found.weights @ spread), intercepts

    def _beginning(self, side: bool) -> tuple[sparse.csr_matrix, Floats]:
        """Weights and intercepts of one side before anything is learned."""
        codes = len(self.codebook.codes)
        if self.start_from is None:
            return sparse.csr_matrix((column_count(self.codebook), codes)), np.zeros(codes)
        own = slice(0, codes) if side else slice(codes, 2 * codes)
        return sparse.csr_matrix(self.start_from.weights[:, own]), self.start_from.intercepts[own].copy()

    @property
    def weights_to_begin_from(self) -> Weights:
        """What a further classifier can `start_from`.

        Raises
        ------
        ModelError
            It reads embeddings, whose weights mean nothing without them.
        """
        if self.embedded_ is not None:
            raise ModelError("A model that reads embeddings cannot be begun from; leave --start-from out.")
        return Weights(self.weights_, self.intercepts_)


def _as_stored(sides: list[sparse.csr_matrix]) -> sparse.csr_matrix:
    stored = sparse.csr_matrix(sparse.hstack(sides, format="csr")).astype(np.float32).astype(np.float64)
    stored.data[np.abs(stored.data) < _SMALLEST] = 0
    stored.eliminate_zeros()
    return stored
