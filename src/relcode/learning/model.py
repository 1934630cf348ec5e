"""A trained model: a classifier, its calibration and its thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from relcode.codebook import Codebook
from relcode.cues import CueEngine, decide
from relcode.learning.boundaries import Boundaries
from relcode.learning.calibration import calibrated
from relcode.learning.domain import Domain
from relcode.learning.kinds import Classifier
from relcode.learning.segments import Segments, allowed_codes, engine_of, fired_cues
from relcode.transcripts.tokens import Bools, Floats


@dataclass(frozen=True, repr=False)
class Model:
    """A classifier of any kind with what makes its scores probabilities and decisions.

    Attributes
    ----------
    classifier
        Scores of segments, axes (segment, code); see `relcode.learning.kinds`.
    slopes, offsets
        Platt's calibration by code: probability = logistic(slope * score + offset).
    thresholds
        By code: the probability from which it holds.
    learned
        By code: False where too little was there to learn from; the cues' probability stands in then.
    card
        What the card says (see `learning.card`).
    boundaries
        Where spans begin and end, and which of them are offered; None where too few were there to learn from.
    domain
        What the sessions of training are like; None where they were too few, or by a relcode that did not look.
    """

    codebook: Codebook
    classifier: Classifier
    slopes: Floats
    offsets: Floats
    thresholds: Floats
    learned: Bools
    card: dict[str, Any]
    boundaries: Boundaries | None = None
    domain: Domain | None = None

    def __repr__(self) -> str:
        return f"Model({self.id!r}, {int(self.learned.sum())} of {len(self.learned)} codes learned)"

    @property
    def id(self) -> str:
        """Codebook id and the first digits of the content hash."""
        return str(self.card["id"])

    @property
    def is_exact_in_company(self) -> bool:
        """Whether the probabilities of a session are the same to the last bit whatever other sessions are in the table.

        Matrix products of vectors are not: how they are summed depends on how many there are.
        """
        return self.classifier.kind == "linear" and getattr(self.classifier, "embedded_", None) is None

    @cached_property
    def engine(self) -> CueEngine:
        return engine_of(self.codebook)

    def probabilities(self, segments: Segments) -> Floats:
        """Calibrated probability, axes (segment, code); 0 where the speaker rule excludes the code."""
        return calibrated(
            self.classifier.decision_function(segments),
            self.slopes,
            self.offsets,
            cues=None if self.learned.all() else cue_probabilities(segments, self.codebook),
            allowed=allowed_codes(segments, self.codebook),
            learned=self.learned,
        )

    def decide(self, probability: Floats) -> Bools:
        """Which codes hold, axes (segment, code): thresholds, precedence, one ordinary mode."""
        return decide(self.codebook, probability, self.thresholds)


def cue_probabilities(segments: Segments, codebook: Codebook) -> Floats:
    """What the cues alone say of the chosen segments, axes (segment, code)."""
    fired, allowed = fired_cues(segments, codebook), allowed_codes(segments, codebook)
    return engine_of(codebook).probabilities(fired[segments.rows], allowed)
