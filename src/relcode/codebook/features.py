"""Features that plug-ins add to the conditions of cues: `when: {features: [name]}`.

An entry point of the group `relcode.features` gives a function from a `TokenTable` to a boolean array, axis segment. What
it says of a segment may depend on the session of the segment alone: sessions are read in batches, in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from relcode.codebook.schema import Codebook, Condition
from relcode.errors import PluginError
from relcode.plugins import Plugin, Point

FEATURES: Point[Callable[[Any], Any]] = Point(
    "feature",
    tuple(field.encode_name for field in msgspec.structs.fields(Condition)),
    "function from a table of tokens to a boolean a segment",
    lambda _, given: callable(given),
)


def feature_fault(name: str) -> str | None:
    """Why a feature that a condition names cannot be had here; None where it can."""
    try:
        FEATURES.load(name)
    except PluginError as error:
        return error.message
    return None


def features_named(codebook: Codebook) -> tuple[str, ...]:
    """The features that conditions of a codebook, or of one that it uses, name, in order."""
    books = (codebook, *codebook.all_used)
    cues = (cue for book in books for code in book.codes for cue in code.cues)
    return tuple(sorted({name for cue in cues for name in cue.when.features or ()}))


def feature_plugins(codebook: Codebook) -> list[Plugin]:
    """The plug-ins that a codebook cannot do without.

    Raises
    ------
    PluginError
        One is not installed here.
    """
    return [FEATURES.plugin(name) for name in features_named(codebook)]
