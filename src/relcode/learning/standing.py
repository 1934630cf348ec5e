"""The models of a study by their cards, and whether more coding still makes them better."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

WORTH = 0.01  # macro-F1 that ten more sessions should add
_CARD = "card.yaml"


class CurvePoint(msgspec.Struct, frozen=True):
    """A point of a learning curve: macro-F1 (0 to 1) of held-out dyads after so many sessions."""

    sessions: int
    macro_f1: float


class ModelStanding(msgspec.Struct, frozen=True):
    """A model by its card: sessions that it was trained on, macro-F1 at turn level with its 95 % interval.

    `curve`: its learning curve by sessions; empty where the card has none that can be read.
    """

    folder: str
    id: str
    codebook: str
    sessions: int
    macro_f1: float | None
    low: float | None
    high: float | None
    curve: tuple[CurvePoint, ...] = ()


def models_in(folder: Path) -> tuple[list[ModelStanding], list[str]]:
    """The models below a folder, the one written last first; and the cards that cannot be read."""
    cards = sorted(folder.glob(f"**/{_CARD}"), key=lambda path: (-path.stat().st_mtime_ns, str(path)))
    found: list[ModelStanding] = []
    faults: list[str] = []
    for path in cards:
        try:
            found.append(_standing(path.parent, yaml.safe_load(path.read_text(encoding="utf-8"))))
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
    }
    standing = msgspec.convert(values, ModelStanding)
    return msgspec.structs.replace(standing, curve=tuple(sorted(standing.curve, key=lambda point: point.sessions)))


def gain_of_ten_sessions(curve: Sequence[CurvePoint]) -> float | None:
    """What ten more sessions would add to macro-F1, were the curve to go on as in its last half; None where it has fewer
    than two numbers of sessions.

    The slope is that of a least-squares line over the points in the upper half of the sessions (over all where there is
    one alone): the last step by itself is mostly chance.
    """
    points = sorted(curve, key=lambda point: point.sessions)
    if len({point.sessions for point in points}) < 2:
        return None
    upper = [point for point in points if point.sessions >= points[-1].sessions / 2]
    used = upper if len({point.sessions for point in upper}) > 1 else points
    middle = sum(point.sessions for point in used) / len(used)
    level = sum(point.macro_f1 for point in used) / len(used)
    spread = sum((point.sessions - middle) ** 2 for point in used)
    return 10 * sum((point.sessions - middle) * (point.macro_f1 - level) for point in used) / spread
