"""What rates are made from: sums by session, over the whole corpus and over what was coded by hand."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Predictor = Literal["probability", "decision"]


@dataclass(frozen=True)
class Sums:
    """Sums of one code by session, or by cluster of sessions (`together`).

    A *unit* is a segment or turn whose speaker may carry the code.

    Attributes
    ----------
    units, decided, probable, squared
        Of all units of the corpus: how many there are, in how many the machine holds the code, the sums of its
        probabilities and of their squares. Axis: session.
    coded, present
        Of the units coded by hand: how many there are, and how many carry the code. Axis: session.
    weight, w_present, w_decided, w_probable, w_both, w_expected
        Of the same units, weighted by 1 / (how likely they were to be coded): their weights, and of these the sums where
        the code is present, where the machine holds it, by its probabilities, where both say so, and by the
        probabilities where the code is present. Axis: session.
    """

    units: Floats
    decided: Floats
    probable: Floats
    squared: Floats
    coded: Floats
    present: Floats
    weight: Floats
    w_present: Floats
    w_decided: Floats
    w_probable: Floats
    w_both: Floats
    w_expected: Floats

    def together(self, cluster: Ints) -> Sums:
        """The sums by cluster of sessions, such as those of one client. `cluster`: by session, its number from 0 on."""
        counted = (np.bincount(cluster, getattr(self, each.name)) for each in fields(self))
        return Sums(*(np.asarray(each, dtype=np.float64) for each in counted))

    @property
    def is_coded(self) -> Bools:
        """By session: whether any of its units was coded by hand, and stands for others."""
        return self.weight > 0

    def predicted(self, predictor: Predictor) -> tuple[Floats, Floats, Floats, Floats]:
        """The machine's sums of the corpus and of their squares; weighted, those of what was coded, and where present."""
        if predictor == "probability":
            return self.probable, self.squared, self.w_probable, self.w_expected
        return self.decided, self.decided, self.w_decided, self.w_both
