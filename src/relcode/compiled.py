"""Inner loops compiled by numba, where array operations would go over the same tokens many times."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, get_type_hints

import numpy as np
from numba import njit
from numba.core.dispatcher import Dispatcher

Loop = TypeVar("Loop", bound=Callable[..., Any])
_Number = (bool, int, float, np.generic)


def compiled(loop: Loop) -> Loop:
    """Compile a function of arrays and numbers when it is first called.

    The machine code is kept beside the source, or in the user's cache where that cannot be written to, and made again for
    another processor and when anything changes that is compiled into it: the loop's own file, and the loops, numbers and
    named tuples that the file takes from others. Sums are not reordered (no `fastmath`): the same arrays give the same
    bits in every process.
    """
    try:
        made = njit(cache=True, error_model="numpy")(loop)
        file = _cache_file(made)
        file._source_stamp = _stamp(file._source_stamp, loop.__globals__)
    except (RuntimeError, AttributeError):  # nowhere to write, or another cache than is known: compiled in each process
        made = njit(error_model="numpy")(loop)
    kept: Loop = made
    return kept


def _cache_file(made: Any) -> Any:
    """Where numba looks for a loop's machine code; it uses what is there only while `_source_stamp` is the same."""
    return made._cache._cache_file


def _stamp(own: Any, names: dict[str, Any]) -> str:
    """A hash of a loop's own stamp (numba's, of its file alone) and of what else is compiled into the loop."""
    return hashlib.sha256(repr((own, *_parts(names))).encode()).hexdigest()


def _parts(names: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the names of a loop's file stand for, as far as machine code can hold it."""
    for name, value in sorted(names.items()):
        if isinstance(value, Dispatcher):
            yield name, _cache_file(value)._source_stamp
        elif isinstance(value, type) and issubclass(value, tuple):
            yield name, _fields(value)
        elif isinstance(value, np.ndarray):
            yield name, (value.dtype.str, value.shape, value.tobytes())
        elif isinstance(value, _Number) or (
            isinstance(value, tuple) and all(isinstance(part, _Number) for part in value)
        ):
            yield name, value


def _fields(named: type) -> list[Any]:
    """A named tuple's fields in their order, and those of named tuples in it: machine code reads them by their place."""
    hints = get_type_hints(named).items()
    return [
        (name, _fields(kind) if isinstance(kind, type) and issubclass(kind, tuple) else None) for name, kind in hints
    ]
