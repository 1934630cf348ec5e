"""The linear kind: logistic regressions on words, cues and context of segments and turns, and a second step that reads what
was predicted around a segment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.features import CueEvidence
from relcode.learning.features.base import Unit
from relcode.learning.first_step import FirstStep, Labelled, fit_first_step
from relcode.learning.folds import dyad_folds
from relcode.learning.segments import Rows, Segments, allowed_codes, silent
from relcode.learning.sequence import SEEN, UNCHANGED, around, fit_sequence, move_scores
from relcode.learning.sights import column_count, own_columns, sight_of
from relcode.transcripts.tokens import Bools, Floats, Ints

LEAST_DYADS = 3  # for the second step: fewer leave nobody to predict for
FOLDS = 3
UNITS: tuple[Unit, ...] = ("segment", "turn")


class LinearClassifier(BaseEstimator):  # type: ignore[misc]
    """Linear classifiers for a codebook's codes.

    Parameters
    ----------
    C
        Inverse strength of the penalty on squared weights.
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
        self, codebook: Codebook, *, C: float = 3.0, random_state: int = 0, step: Callable[[str], None] = silent
    ) -> None:
        self.codebook = codebook
        self.C = C
        self.random_state = random_state
        self.step = step

    def fit(self, X: Segments, y: Bools | Floats) -> LinearClassifier:
        """Fit on segments with labels, axes (segment, code): bools, or probabilities where another model teaches."""
        allowed = allowed_codes(X, self.codebook)
        targets = np.where(allowed, y, 0).astype(np.float64)
        of_segments = Labelled(X.rows, X.table.segment_is_therapist[X.rows], targets, allowed)
        of_turns, turn = _of_turns(X, of_segments)
        folds = self._folds(X)
        sights = {unit: sight_of(X, self.codebook, unit) for unit in UNITS}
        first, unseen = fit_first_step(sights["segment"], of_segments, folds, C=self.C)
        folds = [(np.unique(turn[train]), np.unique(turn[test])) for train, test in folds]
        second, unseen_turns = fit_first_step(sights["turn"], of_turns, folds, C=self.C)
        self.steps_ = {"segment": first, "turn": second}
        self.coefficients_, self.offsets_ = np.tile(UNCHANGED, (targets.shape[1], 1)), np.zeros(targets.shape[1])
        if folds:
            seen = self._seen(X, unseen, unseen_turns)
            self.coefficients_, self.offsets_ = fit_sequence(seen, targets, allowed)
        return self

    def decision_function(self, X: Segments) -> Floats:
        """Log-odds before calibration, axes (segment, code)."""
        turns = np.unique(X.table.segment_turn[X.rows])
        rows: dict[Unit, Ints] = {"segment": X.rows, "turn": turns}
        sides = {"segment": X.table.segment_is_therapist[X.rows], "turn": X.table.is_therapist[turns]}
        scores = [self.steps_[unit].scores(sight_of(X, self.codebook, unit), rows[unit], sides[unit]) for unit in UNITS]
        return move_scores(self._seen(X, *scores), self.coefficients_, self.offsets_)

    def arrays(self) -> dict[str, Any]:
        """What is kept in the file of arrays."""
        kept: dict[str, Any] = {"coefficients": self.coefficients_, "sequence": self.offsets_}
        for unit, step in self.steps_.items():
            kept |= {
                f"{unit}_data": step.weights.data.astype(np.float32),
                f"{unit}_indices": step.weights.indices,
                f"{unit}_indptr": step.weights.indptr,
                f"{unit}_intercepts": step.intercepts,
            }
        return kept

    def write(self, folder: Path) -> None:
        """Write what does not go into arrays: nothing."""

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
        classifier.steps_ = {unit: _read_step(arrays, unit, codebook) for unit in UNITS}
        classifier.coefficients_, classifier.offsets_ = arrays["coefficients"], arrays["sequence"]
        return classifier

    def _folds(self, X: Segments) -> list[tuple[Rows, Rows]]:
        """Folds for the second step; none where too few dyads are there to hold any out."""
        if len(np.unique(X.dyads)) < LEAST_DYADS:
            self.step(f"fewer than {LEAST_DYADS} dyads: what is predicted of turns around a segment is not used")
            return []
        return list(dyad_folds(X.dyads, FOLDS, seed=self.random_state))

    def _seen(self, X: Segments, scores: Floats, turn_scores: Floats) -> Floats:
        """What the second step reads, axes (segment, code, `SEEN`), from scores of segments and of their turns."""
        allowed = allowed_codes(X, self.codebook)
        turns, turn = np.unique(X.table.segment_turn[X.rows], return_inverse=True)
        may = np.zeros(turn_scores.shape, dtype=np.bool_)
        np.logical_or.at(may, turn, allowed)
        near = around(turn_scores, may, X.table.turn_session[turns])[turn]
        cues = CueEvidence(self.codebook, unit="turn").transform(X).toarray()
        return np.concatenate([scores[:, :, None], near, cues[:, :, None]], axis=2)


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


def _read_step(arrays: dict[str, Any], unit: Unit, codebook: Codebook) -> FirstStep:
    data, indices, indptr = (arrays[f"{unit}_{name}"] for name in ("data", "indices", "indptr"))
    shape = (len(indptr) - 1, 2 * len(codebook.codes))
    weights = sparse.csr_matrix((data.astype(np.float64), indices, indptr), shape=shape)
    return FirstStep(weights, arrays[f"{unit}_intercepts"], own_columns(codebook, unit))
