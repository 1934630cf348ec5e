"""What all transformers of segments have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin

from relcode.learning.segments import Segments
from relcode.transcripts.tokens import Ints, TokenTable

Unit = Literal["segment", "turn"]
UNITS: tuple[Unit, ...] = ("segment", "turn")


class SegmentFeatures(TransformerMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """A transformer of `Segments` that learns nothing. Subclasses say what a unit (segment or turn) is like."""

    unit: Unit

    @abstractmethod
    def matrix(self, X: Segments) -> sparse.csr_matrix:
        """Features of all units of the whole table, axes (unit, column)."""

    def column_names(self) -> Sequence[str] | None:
        """Names of the columns, where they have names (columns of hashes have none)."""
        return None

    def fit(self, X: Segments, y: Any = None) -> Self:
        """Learn nothing."""
        return self

    def transform(self, X: Segments) -> sparse.csr_matrix:
        """Features of the chosen segments, axes (segment, column); of a turn, all its segments have the same."""
        return self.matrix(X)[unit_of(X.table, self.unit)[X.rows]]

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of the columns.

        Raises
        ------
        AttributeError
            The columns are hashes.
        """
        names = self.column_names()
        if names is None:
            raise AttributeError(f"the columns of {type(self).__name__} are hashes and have no names; see `spell`")
        return np.array(names, dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def unit_of(table: TokenTable, unit: Unit) -> Ints:
    """By segment: its unit's row."""
    return np.arange(len(table.segment_turn)) if unit == "segment" else table.segment_turn


def unit_count(table: TokenTable, unit: Unit) -> int:
    """How many units a table has."""
    return len(table.segment_turn) if unit == "segment" else len(table.turn_session)


def stacked(features: Sequence[SegmentFeatures], X: Segments) -> sparse.csr_matrix:
    """The features of several transformers of one unit side by side, of the whole table, axes (unit, column)."""
    return sparse.csr_matrix(sparse.hstack([each.matrix(X) for each in features], format="csr", dtype=np.float32))
