"""The linear kind: logistic regressions on words, cues and context of segments and turns, and a second step that reads what
was predicted around a segment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.embedding_features import EmbeddingFeatures, needs_encoder
from relcode.learning.encoder_folder import copy_encoder
from relcode.learning.features import CueEvidence
from relcode.learning.features.base import UNITS, Unit
from relcode.learning.first_scores import first_scores
from relcode.learning.first_step import KEPT_AS, FirstStep, Labelled, fit_first_step
from relcode.learning.folds import dyad_folds
from relcode.learning.packed_weights import Applied, pack
from relcode.learning.segments import Rows, Segments, allowed_codes, silent
from relcode.learning.sequence import SEEN, UNCHANGED, Seen, around, fit_sequence, may_of_turns, move_scores
from relcode.learning.sights import Dense, column_count, own_columns, sight_of
from relcode.transcripts.tokens import Bools, Floats, Ints

LEAST_DYADS = 3  # for the second step: fewer leave nobody to predict for
FOLDS = 3
ENCODER = "encoder"  # the sentence encoder's place in the model folder


class LinearClassifier(BaseEstimator):  # type: ignore[misc]
    """Linear classifiers for a codebook's codes.

    Parameters
    ----------
    C
        Inverse strength of the penalty on squared weights.
    embeddings
        Folder of a sentence encoder whose vectors of segments are seen too (`EmbeddingFeatures`); none by default. The model
        keeps a copy of it, and refuses another.
    cache
        File in which these vectors are kept.
    start_from
        The first step of another model of the same codes, to whose weights what the labels say beyond them is added.
    random_state
        Which dyads are held out together while the second step is learned.

    Attributes
    ----------
    steps_
        Of `segment` and of `turn`: the first step.
    coefficients_, offsets_
        Of the second step, axes (code, `sequence.SEEN`) and (code).
    """

    kind: ClassVar[str] = "linear"

    def __init__(
        self,
        codebook: Codebook,
        *,
        C: float = 3.0,
        embeddings: Path | None = None,
        cache: Path | None = None,
        start_from: Mapping[Unit, FirstStep] | None = None,
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
        allowed = allowed_codes(X, self.codebook)
        targets = np.where(allowed, y, 0).astype(np.float64)
        self._fit_embeddings(X)
        therapist = X.table.segment_is_therapist[X.rows]
        of_segments = Labelled(X.rows, therapist, targets, allowed, self._embedded(X))
        of_turns, turn = _of_turns(X, of_segments)
        folds = self._folds(X)
        begun: Mapping[Unit, FirstStep] = self.start_from or {}
        sights = {unit: sight_of(X, self.codebook, unit) for unit in UNITS}
        first, unseen = fit_first_step(sights["segment"], of_segments, folds, C=self.C, start_from=begun.get("segment"))
        folds = [(np.unique(turn[train]), np.unique(turn[test])) for train, test in folds]
        second, unseen_turns = fit_first_step(sights["turn"], of_turns, folds, C=self.C, start_from=begun.get("turn"))
        self.steps_: dict[Unit, FirstStep] = {"segment": first, "turn": second}
        self.__dict__.pop("applied", None)
        self.coefficients_, self.offsets_ = np.tile(UNCHANGED, (targets.shape[1], 1)), np.zeros(targets.shape[1])
        if folds:
            near, place = self._near(X, unseen_turns)
            evidence = CueEvidence(self.codebook, unit="turn").matrix(X)[np.unique(X.table.segment_turn[X.rows])]
            seen = Seen(unseen, near, evidence.toarray(), place)
            self.coefficients_, self.offsets_ = fit_sequence(seen, targets, allowed)
        return self

    def decision_function(self, X: Segments) -> Floats:
        """Log-odds before calibration, axes (segment, code)."""
        scores, of_turns, evidence = first_scores(X, self.applied, self.codebook)
        if (embedded := self._embedded(X)) is not None:
            scores += self.steps_["segment"].of_vectors(embedded, X.table.segment_is_therapist[X.rows])
        near, turn = self._near(X, of_turns)
        return move_scores(Seen(scores, near, evidence, turn), self.coefficients_, self.offsets_)

    def arrays(self) -> dict[str, Any]:
        """What is kept in the file of arrays."""
        kept: dict[str, Any] = {"coefficients": self.coefficients_, "sequence": self.offsets_}
        if self.embedded_ is not None:
            kept |= self.embedded_.arrays() | {"embedding_weights": self.steps_["segment"].embedding_weights}
        for unit, step in self.steps_.items():
            kept |= {
                f"{unit}_data": step.weights.data.astype(KEPT_AS),
                f"{unit}_indices": step.weights.indices,
                f"{unit}_indptr": step.weights.indptr,
                f"{unit}_intercepts": step.intercepts,
            }
        return kept

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
        shapes = {"coefficients": (codes, len(SEEN)), "sequence": (codes,)}
        for unit in UNITS:
            shapes |= {f"{unit}_indptr": (column_count(codebook, unit) + 1,), f"{unit}_intercepts": (2 * codes,)}
        if odd := [name for name, shape in shapes.items() if name not in arrays or np.shape(arrays[name]) != shape]:
            raise ModelError(
                f"The model in {folder} has weights of another shape than this relcode makes features for "
                f"({', '.join(odd)}); train it again with this version."
            )
        classifier = cls(codebook)
        of_vectors = classifier._read_embeddings(folder, arrays)
        classifier.steps_ = {
            "segment": _read_step(arrays, "segment", codebook, of_vectors),
            "turn": _read_step(arrays, "turn", codebook, None),
        }
        classifier.coefficients_, classifier.offsets_ = arrays["coefficients"], arrays["sequence"]
        return classifier

    @property
    def weights_to_begin_from(self) -> Mapping[Unit, FirstStep]:
        """What a further classifier can `start_from`.

        Raises
        ------
        ModelError
            It reads embeddings, whose weights mean nothing without them.
        """
        if self.embedded_ is not None:
            raise ModelError("A model that reads embeddings cannot be begun from; leave --start-from out.")
        return self.steps_

    def _fit_embeddings(self, X: Segments) -> None:
        self.embedded_: EmbeddingFeatures | None = None
        if self.embeddings is not None:
            block = EmbeddingFeatures(self.embeddings, cache=self.cache, random_state=self.random_state, step=self.step)
            self.embedded_ = block.fit(X)

    def _embedded(self, X: Segments) -> Dense | None:
        return None if self.embedded_ is None else self.embedded_.transform(X)

    def _read_embeddings(self, folder: Path, arrays: dict[str, Any]) -> Dense | None:
        """The weights of embeddings, where a model reads them; then its encoder is there too."""
        self.embedded_ = None
        if not needs_encoder(arrays):
            return None
        self.embeddings = folder / ENCODER
        self.embedded_ = EmbeddingFeatures.read(self.embeddings, arrays)
        weights: Dense = np.asarray(arrays["embedding_weights"])
        if weights.shape != (self.embedded_.column_count, 2 * len(self.codebook.codes)):
            raise ModelError(f"The model in {folder} cannot be used: its weights of embeddings have another shape.")
        return weights

    def _folds(self, X: Segments) -> list[tuple[Rows, Rows]]:
        """Folds for the second step; none where too few dyads are there to hold any out."""
        if len(np.unique(X.dyads)) < LEAST_DYADS:
            self.step(f"fewer than {LEAST_DYADS} dyads: what is predicted of turns around a segment is not used")
            return []
        return list(dyad_folds(X.dyads, FOLDS, seed=self.random_state))

    @cached_property
    def applied(self) -> Applied:
        """The first steps' weights, ready to be applied: packed when they are first needed."""
        return pack(self.steps_)

    def _near(self, X: Segments, turn_scores: Floats) -> tuple[Floats, Ints]:
        """What is predicted of the turns of the chosen segments and around them: see `around`. Beside it, by segment, its
        turn among these."""
        turns, turn = np.unique(X.table.segment_turn[X.rows], return_inverse=True)
        may = may_of_turns(allowed_codes(X, self.codebook), turn, len(turns))
        return around(turn_scores, may, _stretches(X, turns)), turn


def _stretches(X: Segments, turns: Rows) -> Ints:
    """By turn, the stretch that it is in: where turns between two were left out, or a session ends, another begins."""
    place = np.searchsorted(np.unique(X.table.segment_turn), turns)  # turns in which nothing is said are no gap
    session = X.table.turn_session[turns]
    return np.cumsum((np.diff(place, prepend=place[:1]) > 1) | (np.diff(session, prepend=session[:1]) != 0))


def _of_turns(X: Segments, known: Labelled) -> tuple[Labelled, Rows]:
    """The turns of labelled segments: a turn bears what any of its segments does. Beside it, by segment, its turn."""
    turns, turn = np.unique(X.table.segment_turn[X.rows], return_inverse=True)
    targets, allowed = (
        np.zeros((len(turns), known.targets.shape[1])),
        np.zeros((len(turns), known.targets.shape[1]), bool),
    )
    np.maximum.at(targets, turn, known.targets)
    np.logical_or.at(allowed, turn, known.allowed)
    return Labelled(turns, X.table.is_therapist[turns], targets, allowed), turn


def _read_step(arrays: dict[str, Any], unit: Unit, codebook: Codebook, of_vectors: Dense | None) -> FirstStep:
    data, indices, indptr = (arrays[f"{unit}_{name}"] for name in ("data", "indices", "indptr"))
    shape = (len(indptr) - 1, 2 * len(codebook.codes))
    weights = sparse.csr_matrix((data.astype(np.float32), indices, indptr), shape=shape)
    return FirstStep(weights, arrays[f"{unit}_intercepts"], own_columns(codebook, unit), of_vectors)
