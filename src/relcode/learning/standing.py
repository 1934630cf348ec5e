"""The models of a study by their cards, and whether more coding still makes them better."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import yaml

from relcode.learning.model_folder import read_yaml

WORTH = 0.01  # macro-F1 that ten more sessions should add
ENOUGH = 20  # accepted instances from which a code is not rare any more
_CARD = "card.yaml"


class CurvePoint(msgspec.Struct, frozen=True):
    """A point of a learning curve: turn-level macro-F1 (0 to 1) of held-out dyads after learning from so many sessions (a
    mean over folds), with its 95 % interval. `dyads`: of how many dyads they were, in all folds together."""

    sessions: int
    macro_f1: float
    macro_f1_low: float | None = None
    macro_f1_high: float | None = None
    dyads: int | None = None


class Gain(msgspec.Struct, frozen=True):
    """What `more` sessions beyond `sessions` would add to macro-F1, with its 95 % interval; or the `reason` why that cannot
    be said."""

    sessions: int
    more: int
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    @property
    def in_words(self) -> str:
        """Whether more coding pays, as a sentence without its end."""
        if self.gain is None:
            return f"whether more coding pays cannot be told: {self.reason}"
        interval = "" if self.low is None or self.high is None else f" [{self.low:+.3f}, {self.high:+.3f}]"
        figure = f"{self.more} more sessions would add {self.gain:+.3f}{interval} to macro-F1"
        if self.high is not None and self.high < WORTH:
            return f"more coding hardly pays: {figure}, less than {WORTH}"
        if self.gain >= WORTH and self.low is not None and self.low > 0:
            return f"more coding pays: {figure}"
        return f"more coding may pay or not: {figure}"


class ModelStanding(msgspec.Struct, frozen=True):
    """A model by its card: sessions that it was trained on, macro-F1 at turn level with its 95 % interval.

    `curve`: its learning curve by sessions; empty where it was trained without one. `gain`: what more sessions would add.
    """

    folder: str
    id: str
    codebook: str
    sessions: int
    macro_f1: float | None
    low: float | None
    high: float | None
    curve: tuple[CurvePoint, ...] = ()
    gain: Gain | None = None

    @property
    def more_in_words(self) -> str:
        """Whether more coding pays, by the card."""
        return gain_in_words(self.gain, self.id)


def models_in(folder: Path) -> tuple[list[ModelStanding], list[str]]:
    """The models below a folder, the one written last first; and the cards that cannot be read."""
    cards = sorted(folder.glob(f"**/{_CARD}"), key=lambda path: (-path.stat().st_mtime_ns, str(path)))
    found: list[ModelStanding] = []
    faults: list[str] = []
    for path in cards:
        try:
            found.append(_standing(path.parent, read_yaml(path)))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, msgspec.ValidationError):
            faults.append(f"{path} is no card of a model that this relcode reads")
    return found, faults


def _standing(folder: Path, card: dict[str, Any]) -> ModelStanding:
    turn = card["cross_validation"]["turn"]
    values = {
        "folder": str(folder),
        "id": card["id"],
        "codebook": card["codebook"],
        "sessions": len(card["training"]["sessions"]),
        "macro_f1": turn["macro_f1"],
        "low": turn["macro_f1_low"],
        "high": turn["macro_f1_high"],
        "curve": card.get("learning_curve") or [],
        "gain": gain_of_card(card),
    }
    standing = msgspec.convert(values, ModelStanding)
    return msgspec.structs.replace(standing, curve=tuple(sorted(standing.curve, key=lambda point: point.sessions)))


def gain_in_words(gain: Gain | None, model: str) -> str:
    """Whether more coding pays, by the card of a model."""
    if gain is None:
        return f"whether more coding pays cannot be told: {model} was trained without a learning curve"
    return f"{gain.in_words} (by the curve of {model})"


def gain_of_card(card: dict[str, Any]) -> Gain | None:
    """What more sessions would add, as a card says it."""
    held = card.get("gain_of_ten_sessions")
    return None if held is None else msgspec.convert(held, Gain)
