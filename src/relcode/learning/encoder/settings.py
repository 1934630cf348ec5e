"""How the encoder reads and is fine-tuned. The values are those that measured best (docs/models.md)."""

from __future__ import annotations

from dataclasses import dataclass

from relcode.errors import ModelError
from relcode.learning.encoder.base import Base
from relcode.learning.encoder.windows import Sizes

SIZES = Sizes(length=160, before=40, behind=20)


@dataclass(frozen=True)
class Settings:
    """`sizes` of the windows, in word pieces; `frozen`: how many of the lower layers stay as they are.

    `cuts`: in how many ways the sessions are cut into windows for learning, by turns one an epoch; `examples`: the share
    of the codebook's examples in an epoch. `head_rate`, `top_rate`: learning rates of the head and of the uppermost
    layer; each layer below has `rate_decay` of the one above. `warm_up`: the share of steps in which rates rise.
    `weight_power`, `weight_most`: a positive counts (negatives / positives) ** power, at most so much. `hide_pieces`,
    `hide_hints`, `hide_states`: shares hidden at random from the upper layers, of what stands beside them, and from the
    head. `linear`: how much the linear companion's word counts at the start.
    `describe`: how much a code's definition counts where its weights start. `averaged`: share that the running mean of
    the weights keeps at a step.
    """

    sizes: Sizes = SIZES
    frozen: int = 3
    epochs: int = 6
    windows: int = 6
    cuts: int = 2
    examples: float = 0.5
    head_rate: float = 1.5e-3
    top_rate: float = 1.5e-4
    rate_decay: float = 0.85
    warm_up: float = 0.08
    weight_power: float = 0.5
    weight_most: float = 12.0
    hide_pieces: float = 0.05
    hide_hints: float = 0.2
    linear: float = 0.7
    hide_states: float = 0.2
    describe: float = 1.0
    weight_decay: float = 0.01
    averaged: float = 0.99
    steepest: float = 1.0  # the longest step: gradients above are shortened to it

    def check(self, base: Base) -> None:
        """Refuse a base that is too small for these settings.

        Raises
        ------
        ModelError
            It has too few layers, or reads shorter windows.
        """
        faults = []
        if base.layers <= self.frozen:
            faults.append(f"it has {base.layers} layers, and {self.frozen} are to stay as they are")
        if base.positions < self.sizes.length:
            faults.append(f"it reads {base.positions} word pieces at once, and windows have {self.sizes.length}")
        if self.sizes.judged < 1:
            faults.append("windows have no room for what is judged")
        if faults:
            raise ModelError(f"The base in {base.folder} does not fit the settings:", faults)
