"""The file of a model's weights: arrays by name, in skops' format, read without skops.

`import skops.io` imports all of scikit-learn, a second of every command that loads a model; of its format a model uses arrays
alone, so that what reads them can be short, and refuses everything else.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from relcode.errors import ModelError

_SCHEMA = "schema.json"
_ARRAY = {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "type": "numpy"}
_DICT = {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode"}


def read_weights(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays by name that `skops.io.dump` wrote of a dictionary of them.

    Raises
    ------
    ModelError
        The file asks for anything else than arrays.
    KeyError, ValueError, zipfile.BadZipFile
        It is no file of skops', or is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        schema = json.loads(archive.read(_SCHEMA))
        if not _is(schema, _DICT):
            raise ModelError(f"The model in {path.parent} is refused: its weights are no arrays by name.")
        entries = schema["content"]
        if odd := [name for name, entry in entries.items() if not _is(entry, _ARRAY)]:
            raise ModelError(
                f"The model in {path.parent} is refused: it asks for types that are not arrays ({len(odd)})."
            )
        return {
            name: np.load(io.BytesIO(archive.read(entry["file"])), allow_pickle=False)
            for name, entry in entries.items()
        }


def _is(entry: Any, kind: dict[str, str]) -> bool:
    return isinstance(entry, dict) and kind.items() <= entry.items()
