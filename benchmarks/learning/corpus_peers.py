"""The peers on the example corpus, as estimators over `Segments`: what each learns from is the same, and what follows its
scores (calibration, thresholds, rules) is relcode's for all."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from peer_settings import words_and_regression
from scipy.special import logit
from sklearn.base import BaseEstimator

from relcode.codebook import Codebook
from relcode.learning.kinds import classifier_class
from relcode.learning.model import cue_probabilities
from relcode.learning.segments import Segments, allowed_codes
from relcode.transcripts.tokens import Bools, Floats, Ints, TokenTable

LEAST = 1e-6
PEERS = ("cues", "tfidf", "tfidf-turns", "linear", "spacy", "encoder")


def peer(name: str, book: Codebook, *, base: Path | None, seed: int) -> Any:
    """The estimator of a peer; `base`: what the encoder starts from."""
    if name == "cues":
        return Cues(book)
    if name.startswith("tfidf"):
        return TfIdf(book, unit="turn" if name.endswith("turns") else "segment")
    options = {"base": base} if name == "encoder" else {}
    return classifier_class(name)(book, random_state=seed, **options)  # type: ignore[call-arg]


class Cues(BaseEstimator):  # type: ignore[misc]
    """The codebook's cues with its own weights. Nothing is learned but what all peers learn of their scores."""

    kind: ClassVar[str] = "cues"

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook

    def fit(self, X: Segments, y: Bools) -> Cues:
        return self

    def decision_function(self, X: Segments) -> Floats:
        scores: Floats = logit(np.clip(cue_probabilities(X, self.codebook), LEAST, 1 - LEAST))
        return scores


class TfIdf(BaseEstimator):  # type: ignore[misc]
    """TF-IDF of segments, or of whole turns, and a logistic regression for each code; sides apart."""

    kind: ClassVar[str] = "tfidf"

    def __init__(self, codebook: Codebook, *, unit: Literal["segment", "turn"] = "segment") -> None:
        self.codebook = codebook
        self.unit = unit

    def fit(self, X: Segments, y: Bools) -> TfIdf:
        units, unit = self._units(X)
        marks, allowed = (_any_of(unit, part, len(units)) for part in (y, allowed_codes(X, self.codebook)))
        therapist = self._is_therapist(X.table)[units]
        self.sides_: dict[bool, tuple[Any, dict[int, Any]]] = {}
        for side in (True, False):
            rows = np.flatnonzero(therapist == side)
            words, regression = words_and_regression()
            columns = words.fit_transform(self._texts(X, units[rows]))
            known = np.flatnonzero((marks & allowed)[rows].any(axis=0))
            fits = {int(code): _fitted(regression, columns, marks[rows, code]) for code in known}
            self.sides_[side] = (words, fits)
        return self

    def decision_function(self, X: Segments) -> Floats:
        units, unit = self._units(X)
        therapist = self._is_therapist(X.table)[units]
        scores = np.full((len(units), len(self.codebook.codes)), logit(LEAST))
        for side, (words, fits) in self.sides_.items():
            rows = np.flatnonzero(therapist == side)
            if len(rows):
                columns = words.transform(self._texts(X, units[rows]))
                for code, fitted in fits.items():
                    scores[rows, code] = fitted.decision_function(columns)
        of_segments: Floats = scores[unit]
        return of_segments

    def _units(self, X: Segments) -> tuple[Ints, Ints]:
        """The chosen units, and which of them each segment is in."""
        units, unit = np.unique(X.rows if self.unit == "segment" else X.table.segment_turn[X.rows], return_inverse=True)
        return units, unit

    def _is_therapist(self, table: TokenTable) -> Bools:
        return table.segment_is_therapist if self.unit == "segment" else table.is_therapist

    def _texts(self, X: Segments, units: Ints) -> list[str]:
        texts = X.shared(("texts", self.unit), segment_texts if self.unit == "segment" else turn_texts)
        return [texts[unit] for unit in units]


def turn_texts(table: TokenTable) -> list[str]:
    return [turn.text for session in table.sessions for turn in session.turns]


def segment_texts(table: TokenTable) -> list[str]:
    turns = turn_texts(table)
    places = zip(table.segment_turn, table.segment_start, table.segment_end, strict=True)
    return [turns[turn][start:end] for turn, start, end in places]


def _fitted(regression: Any, columns: Any, marks: Bools) -> Any:
    from sklearn.base import clone

    return clone(regression).fit(columns, marks)


def _any_of(unit: Ints, marks: Bools, units: int) -> Bools:
    found = np.zeros((units, marks.shape[1]), dtype=np.bool_)
    np.logical_or.at(found, unit, marks)
    return found
