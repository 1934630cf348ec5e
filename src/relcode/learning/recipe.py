"""How a model is to be trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

THOROUGH = ("linear",)  # kinds that are quick enough for nested folds and a learning curve


@dataclass(frozen=True)
class Recipe:
    """How a model is trained.

    Attributes
    ----------
    kind
        Of `kinds.KINDS`.
    options
        Of the kind's own: keyword arguments of its class.
    folds
        Of the cross-validation; dyads are never split.
    thorough
        Whether calibration and thresholds of each fold are *nested* (else *quick*, see `held_out`), and a learning curve is
        drawn. None: as the kind can afford.
    """

    kind: str = "linear"
    options: Mapping[str, Any] = field(default_factory=dict)
    folds: int = 5
    seed: int = 0
    thorough: bool | None = None

    @property
    def is_thorough(self) -> bool:
        return self.kind in THOROUGH if self.thorough is None else self.thorough
