"""Conditions of cues as numbers, so that compiled loops can ask whether they hold in a segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from relcode.codebook.schema import Condition
from relcode.cues.context import Context
from relcode.cues.firing_arrays import Conditions
from relcode.errors import PluginError
from relcode.transcripts.tokens import Bools, Ints

_BRIEF, _LENGTHY = 1 / 3, 2.0
_BITS = 4  # that a feature takes of a segment's traits: one of them is set, which says its value
_OWN = 9  # features of relcode's own; each plug-in's takes one bit behind theirs, which is set where it does not say so
_MOST_FEATURES = 63 - _BITS * _OWN
_ANY, _MOST = 0, np.iinfo(np.int64).max


def conditions_of(conditions: Sequence[Condition], features: Sequence[str] = ()) -> Conditions:
    """Read conditions; `quoted`, `after` and `with` are left to others. `features`: all plug-ins that they name, in order.

    Raises
    ------
    PluginError
        They are more than fit into a segment's traits.
    """
    if len(features) > _MOST_FEATURES:
        raise PluginError(f"The cues name {len(features)} features of plug-ins; there may be {_MOST_FEATURES}.")
    places = {name: 1 << _BITS * _OWN + number for number, name in enumerate(features)}
    forbidden = [_forbidden(each) | sum(places[name] for name in set(each.features or ())) for each in conditions]
    least = [[c.words_min, c.turn_words_min, c.after_words_min] for c in conditions]
    most = [[c.words_max, c.turn_words_max, c.after_words_max] for c in conditions]
    return Conditions(
        np.array(forbidden, dtype=np.int64),
        np.array([[_ANY if each is None else each for each in row] for row in least], dtype=np.int64).reshape(-1, 3),
        np.array([[_MOST if each is None else each for each in row] for row in most], dtype=np.int64).reshape(-1, 3),
    )


def traits_of(context: Context, features: Sequence[Bools] = ()) -> Ints:
    """By segment: what it is, one bit a feature. `features`: what plug-ins say of each segment, in the order of
    `conditions_of`."""
    traits = np.zeros(len(context.question), dtype=np.int64)
    for place, value in enumerate(_features(context)):
        traits |= np.left_shift(1, np.asarray(value, dtype=np.int64) + _BITS * place)
    for number, holds in enumerate(features):
        traits |= np.left_shift(1, _BITS * _OWN + number, dtype=np.int64) * ~holds
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
