"""How the encoder reads and is fine-tuned. The values are those that measured best (docs/models.md)."""

from __future__ import annotations

from dataclasses import dataclass

from relcode.errors import ModelError
from relcode.learning.encoder.base import Base
from relcode.learning.encoder.windows import Sizes

SIZES = Sizes(length=160, before=40, behind=20)


@dataclass(frozen=True)
class Settings:
    """What can be set. Shares are from 0 to 1.

    Attributes
    ----------
    sizes
        Of the windows, in word pieces.
    frozen
        How many of the lower layers stay as they are.
    epochs, pieces
        How often everything is learned from, and how many word pieces in one step.
    cuts
        In how many ways the sessions are cut into windows for learning, by turns one an epoch.
    examples
        The share of the codebook's examples that is drawn for an epoch.
    head_rate, top_rate, rate_decay, warm_up
        Learning rates of the head and of the uppermost layer; each layer below has `rate_decay` of the one above. Rates
        rise over the share `warm_up` of the steps, then fall.
    weight_power, weight_most
        A positive counts (negatives / positives) ** power, at most so much.
    hide_pieces, hide_hints, hide_states
        Shares hidden at random: of the pieces from the upper layers, of the companion's and the cues' hints, of the
        states from the head.
    linear
        How much the linear companion's word counts at the start.
    turn_share
        How much a turn's loss counts beside that of its segments.
    describe
        How much a code's definition counts where its weights start.
    weight_decay, averaged, steepest
        Decay of the weights; the share that their running mean keeps at a step; the norm to which gradients are shortened.
    """

    sizes: Sizes = SIZES
    frozen: int = 3
    epochs: int = 3
    pieces: int = 1000
    cuts: int = 3
    examples: float = 0.5
    head_rate: float = 1e-3
    top_rate: float = 7e-5
    rate_decay: float = 0.85
    warm_up: float = 0.08
    weight_power: float = 0.5
    weight_most: float = 12.0
    hide_pieces: float = 0.1
    hide_hints: float = 0.2
    linear: float = 0.7
    hide_states: float = 0.3
    turn_share: float = 0.3
    describe: float = 0.5
    weight_decay: float = 0.03
    averaged: float = 0.99
    steepest: float = 1.0

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
