"""Arrays that grow: compiled loops fill what is there, and ask for more when it does not do."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.generic)


def with_room(array: npt.NDArray[Number], used: int, more: int, fill: Any = 0) -> npt.NDArray[Number]:
    """An array with room for so many more rows than are used, itself where it has it; else at least twice as long."""
    if used + more <= len(array):
        return array
    grown = np.full((max(2 * len(array), used + more), *array.shape[1:]), fill, dtype=array.dtype)
    grown[:used] = array[:used]
    return grown
