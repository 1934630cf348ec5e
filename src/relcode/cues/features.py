"""What plug-ins say of segments: the features that conditions of cues may name, computed once a table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from relcode.codebook.features import FEATURES
from relcode.errors import PluginError
from relcode.plugins import running
from relcode.transcripts.tokens import Bools, TokenTable


def read_features(names: Iterable[str], table: TokenTable) -> dict[str, Bools]:
    """By name: whether each segment of a table has the feature.

    Raises
    ------
    PluginError
        A plug-in is not here, failed, or gave something else than a boolean a segment.
    """
    return {name: _of(name, table) for name in dict.fromkeys(names)}


def _of(name: str, table: TokenTable) -> Bools:
    function, plugin = FEATURES.load(name), FEATURES.plugin(name)
    with running(plugin):
        found = np.asarray(function(table))
    if found.dtype != np.bool_ or found.shape != (len(table.segment_turn),):
        raise PluginError(
            f"{plugin} gave an array of {found.dtype} with the axes {found.shape}; expected booleans, one a segment."
        )
    return found
