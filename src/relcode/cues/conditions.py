"""Conditions of cues as numbers, so that compiled loops can ask whether they hold in a segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from relcode.codebook.schema import Condition
from relcode.cues.context import Context
from relcode.cues.firing import Conditions
from relcode.transcripts.tokens import Ints

_BRIEF, _LENGTHY = 1 / 3, 2.0
_BITS = 4  # that a feature takes of a segment's traits: one of them is set, which says its value
_ANY, _MOST = 0, np.iinfo(np.int64).max


def conditions_of(conditions: Sequence[Condition]) -> Conditions:
    """Read conditions; `quoted`, `after` and `with` are left to others."""
    forbidden = [_forbidden(condition) for condition in conditions]
    least = [[c.words_min, c.turn_words_min, c.after_words_min] for c in conditions]
    most = [[c.words_max, c.turn_words_max, c.after_words_max] for c in conditions]
    return Conditions(
        np.array(forbidden, dtype=np.int64),
        np.array([[_ANY if each is None else each for each in row] for row in least], dtype=np.int64).reshape(-1, 3),
        np.array([[_MOST if each is None else each for each in row] for row in most], dtype=np.int64).reshape(-1, 3),
    )


def traits_of(context: Context) -> Ints:
    """By segment: what it is, one bit a feature."""
    traits = np.zeros(len(context.question), dtype=np.int64)
    for place, value in enumerate(_features(context)):
        traits |= np.left_shift(1, np.asarray(value, dtype=np.int64) + _BITS * place)
    return traits


def _features(context: Context) -> tuple[Any, ...]:
    return (
        context.therapist,
        context.question,
        context.after_question,
        context.first,
        context.last,
        context.share_of_median < _BRIEF,
        context.share_of_median > _LENGTHY,
        context.third,
        context.we,
    )


def _forbidden(condition: Condition) -> int:
    """The traits that a segment must not have."""
    flags = (condition.question, condition.after_question, condition.first, condition.last)
    allowed: tuple[Sequence[int] | None, ...] = (
        None if condition.speaker is None else [condition.speaker == "T"],
        *(None if flag is None else [flag] for flag in (*flags, condition.brief, condition.lengthy)),
        condition.thirds,
        None if condition.we is None else [1 if condition.we == "dyad" else 2],
    )
    bits = 0
    for place, values in enumerate(allowed):
        if values is not None:
            bits |= sum(1 << _BITS * place + value for value in range(_BITS) if value not in values)
    return bits
