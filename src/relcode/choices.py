"""A project's choices on adjudication and certification: what `relcode.toml` may say, and what holds without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

CODE_DISPUTES = 1.0  # boundaries are never in dispute where the words overlap at all


class AdjudicationChoices(msgspec.Struct, frozen=True):
    """`disputes`: what goes to the adjudicator (see `boundary_distance`). `single`: whether what one coder alone has coded
    is accepted or left. `reasons`: whether the adjudicator is asked for reasons, or a session waits for them."""

    disputes: str = "code"
    single: str = "accept"
    reasons: str = "asked"


class CertificationChoices(msgspec.Struct, frozen=True):
    """A coder is certified for a code with this coefficient (at least the threshold) on this many instances or more."""

    coefficient: str = "kappa"
    threshold: float = 0.6
    instances: int = 5


def boundary_distance(rule: str) -> float:
    """How far boundaries may lie apart before they are in dispute; 1 - overlap / union of the characters, 0 to 1.

    `all`: any difference is in dispute (0). `code`: no boundaries are, as long as the words overlap (1).
    `distance:0.5`: boundaries farther apart than that.

    Raises
    ------
    ValueError
        There is no such rule.
    """
    named = {"all": 0.0, "code": CODE_DISPUTES}
    if rule in named:
        return named[rule]
    name, _, number = rule.partition(":")
    try:
        distance = float(number) if name == "distance" else math.nan
    except ValueError:
        distance = math.nan
    if not 0 <= distance <= 1:
        raise ValueError(f"There is no rule of disputes {rule!r}; expected all, code or distance:D with D from 0 to 1.")
    return distance


def choice_faults(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with the tables `[adjudication]` and `[certification]` of a configuration."""
    faults = []
    for table, checks in _CHECKS.items():
        inner = values.get(table, {})
        if not isinstance(inner, dict):
            faults.append(f"{table}: expected a table [{table}]")
            continue
        for key, value in inner.items():
            if key not in checks:
                faults.append(f"{table}.{key}: there is no such key")
            elif fault := checks[key](value):
                faults.append(f"{table}.{key}: {fault}")
    return faults


def _one_of(*names: str) -> Callable[[Any], str | None]:
    return lambda value: None if value in names else f"expected one of {', '.join(names)}"


def _disputes_fault(value: Any) -> str | None:
    try:
        boundary_distance(value if isinstance(value, str) else "")
    except ValueError:
        return 'expected "all", "code" or "distance:0.5"'
    return None


def _threshold_fault(value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
    return None if number else "expected a number above 0, at most 1"


def _instances_fault(value: Any) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return None if whole else "expected a whole number, at least 1"


_CHECKS: dict[str, dict[str, Callable[[Any], str | None]]] = {
    "adjudication": {
        "disputes": _disputes_fault,
        "single": _one_of("accept", "leave"),
        "reasons": _one_of("asked", "required"),
    },
    "certification": {
        "coefficient": _one_of("kappa", "f1"),
        "threshold": _threshold_fault,
        "instances": _instances_fault,
    },
}
