"""Inner loops compiled by numba, where array operations would go over the same tokens many times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """Compile a function of arrays and numbers when it is first called.

    The machine code is kept beside the source, or in the user's cache where that cannot be written to, and made again for
    another processor. Sums are not reordered (no `fastmath`): the same arrays give the same bits in every process.
    """
    try:
        made: Loop = njit(cache=True, error_model="numpy")(loop)
    except RuntimeError:  # nowhere to write: compiled anew in each process
        made = njit(error_model="numpy")(loop)
    return made
