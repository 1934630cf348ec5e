"""What the head reads beside the encoder's states: a linear model's log-odds, the cues', and a few scalars.

The linear model knows words and cues by heart where the encoder knows what is meant; together they are right more often
than either. While the encoder is fine-tuned, it sees the linear model's scores of dyads that the linear model did not see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from relcode.codebook import Codebook
from relcode.cues.context import Context, read_context
from relcode.errors import ModelError
from relcode.learning.calibration import calibrate
from relcode.learning.folds import dyad_folds, out_of_fold
from relcode.learning.linear import LinearClassifier
from relcode.learning.segments import Segments, allowed_codes, engine_of, fired_cues
from relcode.transcripts.tokens import Bools, Floats, TokenTable

FOLDS = 3
CUES_AT_MOST = 6.0  # log-odds: what many cues add up to beyond this says nothing more
LOWEST, HIGHEST = -8.0, 4.0  # of the linear model's calibrated log-odds
_OWN = "companion_"


@dataclass(frozen=True, repr=False)
class Companion:
    """A linear model, and by code the slope and offset that calibrate it."""

    linear: LinearClassifier
    slopes: Floats
    offsets: Floats

    def scores(self, X: Segments) -> Floats:
        """Calibrated log-odds, axes (segment, code)."""
        return self.calibrated(self.linear.decision_function(X))

    def calibrated(self, scores: Floats) -> Floats:
        """Log-odds from scores, none beyond where they still say something."""
        found: Floats = np.clip(self.slopes * scores + self.offsets, LOWEST, HIGHEST)
        return found

    def arrays(self) -> dict[str, Any]:
        """By name, for the file of arrays."""
        own = {"slopes": self.slopes, "offsets": self.offsets, **self.linear.arrays()}
        return {_OWN + name: array for name, array in own.items()}

    @classmethod
    def read(cls, folder: Path, arrays: Mapping[str, Any], codebook: Codebook) -> Self:
        """The companion of a model folder.

        Raises
        ------
        ModelError
            It is not there, or is of another shape or version.
        """
        own = {name.removeprefix(_OWN): array for name, array in arrays.items() if name.startswith(_OWN)}
        try:
            linear = LinearClassifier.read(folder, own, codebook)
            found = cls(linear, np.asarray(own["slopes"], np.float64), np.asarray(own["offsets"], np.float64))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise ModelError("The encoder cannot be used: its linear companion is not there.") from error
        whole = (found.slopes, found.offsets)
        if any(part.shape != (len(codebook.codes),) or not np.isfinite(part).all() for part in whole):
            raise ModelError("The encoder cannot be used: its linear companion has not one number a code.")
        return found


def fit_companion(
    X: Segments, y: Bools, codebook: Codebook, *, seed: int, step: Callable[[str], None]
) -> tuple[Companion, Floats]:
    """The companion, fitted on all chosen segments; and its log-odds of each by one that saw none of its dyad.

    With one dyad alone nothing can be held out; its slopes are then 0, so that only base rates are left.
    """
    linear = LinearClassifier(codebook, random_state=seed)
    allowed = allowed_codes(X, codebook)
    positives = (y & allowed).sum(axis=0)
    rates = np.log((positives + 1) / (allowed.sum(axis=0) - positives + 1))
    slopes, offsets, scores = np.zeros(len(rates)), rates, np.zeros(y.shape)
    if len(np.unique(X.dyads)) > 1:
        splits = list(dyad_folds(X.dyads, FOLDS, seed=seed))
        scores = out_of_fold(linear, X, y, splits, step=lambda line: step(f"linear companion, {line}"))
        both = (positives > 0) & (positives < allowed.sum(axis=0))
        found = calibrate(scores, y, allowed, both)
        slopes, offsets = np.where(both, found[0], 0.0), np.where(both, found[1], rates)
    companion = Companion(linear.fit(X, y), slopes, offsets)
    return companion, companion.calibrated(scores)


def context_hints(X: Segments, codebook: Codebook) -> Floats:
    """For the chosen segments, axes (segment, hint): the cues' log-odds of each code without its base rate, scalars."""
    fired = fired_cues(X, codebook)

    def make(table: TokenTable) -> Floats:
        cues = np.asarray((fired @ engine_of(codebook).weights).todense())
        return np.concatenate([np.clip(cues, -CUES_AT_MOST, CUES_AT_MOST), _scalars(read_context(table))], axis=1)

    return X.shared(("encoder hints", codebook.fingerprint), make)[X.rows]


def _scalars(context: Context) -> npt.NDArray[np.float64]:
    """How long the segment, its turn and the turn before are, and where it stands."""
    columns = (
        np.log1p(context.words) / 4,
        np.log1p(context.turn_words) / 5,
        np.log1p(context.before_words) / 5,
        context.question,
        context.after_question,
        context.first,
        context.third == 2,
        context.third == 3,
    )
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)
