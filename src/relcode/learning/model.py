"""A trained model: for each code a linear score, its calibration and its threshold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import expit

from relcode.codebook import Codebook
from relcode.cues import CueEngine, decide
from relcode.learning.features import build_features
from relcode.transcripts.tokens import Bools, Floats, TokenTable


@dataclass(frozen=True, repr=False)
class Model:
    """One linear classifier a code on shared features.

    Attributes
    ----------
    weights, intercepts
        Axes (column, code) and (code): log-odds before calibration.
    slopes, offsets
        Platt's calibration by code: probability = logistic(slope * score + offset).
    thresholds
        By code: the probability from which it holds.
    learned
        By code: False where too little was there to learn from; the cues' probability stands in then.
    card
        What the card says (see `learning.card`).
    """

    codebook: Codebook
    weights: sparse.csr_matrix
    intercepts: Floats
    slopes: Floats
    offsets: Floats
    thresholds: Floats
    learned: Bools
    card: dict[str, Any]

    def __repr__(self) -> str:
        return f"Model({self.id!r}, {int(self.learned.sum())} of {len(self.learned)} codes learned)"

    @property
    def id(self) -> str:
        """Codebook id and the first digits of the content hash."""
        return str(self.card["id"])

    @cached_property
    def engine(self) -> CueEngine:
        return CueEngine(self.codebook)

    def probabilities(self, table: TokenTable, fired: sparse.csr_matrix | None = None) -> Floats:
        """Calibrated probability, axes (segment, code); 0 where the speaker rule excludes the code.

        `fired`: the cues of `engine.fire(table)`, where they are there already.
        """
        allowed = self.engine.allowed(table)
        fired = self.engine.fire(table) if fired is None else fired
        features = build_features(table, self.engine, fired)
        scores = np.asarray((features @ self.weights).todense()) + self.intercepts
        calibrated = expit(self.slopes * scores + self.offsets)
        if not self.learned.all():
            cues = self.engine.probabilities(fired, allowed)
            calibrated[:, ~self.learned] = cues[:, ~self.learned]
        return np.where(allowed, calibrated, 0.0)

    def decide(self, probability: Floats) -> Bools:
        """Which codes hold, axes (segment, code): thresholds, precedence, one ordinary mode."""
        return decide(self.codebook, probability, self.thresholds)
