"""A classifier at work on its material: fitted on some segments, asked for scores of others, taught beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from relcode.errors import ModelError
from relcode.learning.folds import learnable
from relcode.learning.held_out import Ground, Scores
from relcode.learning.kinds import Classifier
from relcode.learning.segments import Rows, Segments
from relcode.transcripts.tokens import Bools, Floats


@dataclass(frozen=True, repr=False)
class Learner:
    """Fits copies of a classifier; called with rows, it scores as `held_out.Score`.

    Attributes
    ----------
    segments
        All segments, in the order of the ground's axes.
    taught
        Axes (segment, code): a teacher's probabilities, NaN where it did not speak; None without a teacher. Taught
        segments are learned from in every fit but those that judge their dyad.
    """

    classifier: Any
    segments: Segments
    ground: Ground
    taught: Floats | None = None

    def __call__(self, train: Rows, test: Rows) -> Scores:
        fitted, learned = self.fit(train, without=np.unique(self.ground.fold[test]))
        scores = fitted.decision_function(self.segments[test])
        self._check(scores, test)
        return Scores(scores, learned)

    def fit(self, train: Rows, *, without: npt.NDArray[Any] | None = None) -> tuple[Classifier, Bools]:
        """Fit on segments, and on what was taught but in some folds; also which codes there was enough to learn of.

        One dyad is enough here: that two bear the code is seen when the model is calibrated with dyads that it did not see.
        """
        ground = self.ground
        dyads = self.segments.dyads[train]
        learned = learnable(ground.marks[train], ground.allowed[train], dyads, least_dyads=1)
        targets: npt.NDArray[Any] = ground.marks & learned
        if self.taught is not None:
            speaks = ~np.isnan(self.taught).all(axis=1) & ~np.isin(ground.fold, [] if without is None else without)
            targets = np.where(speaks[:, None], self.taught * learned, targets)
            train = np.union1d(train, np.flatnonzero(speaks))
        fitted: Classifier = clone(self.classifier).fit(self.segments[train], targets[train])
        return fitted, learned

    def _check(self, scores: Floats, rows: Rows) -> None:
        """Refuse scores that are no numbers, with the sessions that they are of."""
        bad = ~np.isfinite(scores).all(axis=1)
        if bad.any():
            table = self.ground.table
            names = sorted({table.sessions[number].session_id for number in table.segment_session[rows[bad]]})
            raise ModelError(
                f"The {self.classifier.kind} classifier gives scores that are no numbers for {int(bad.sum())} segment(s); "
                "look at the embeddings or the base that it was given.",
                [f"session {name}" for name in names],
            )
