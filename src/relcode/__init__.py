"""relcode: annotate and code therapy-session transcripts for relational markers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relcode.scoring.read import read_scores as read_scores

__version__ = "0.1.0"
__all__ = ["__version__", "read_scores"]


def __getattr__(name: str) -> Any:
    """Import what is offered here when it is first asked for: the command line starts without the heavy libraries."""
    if name != "read_scores":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from relcode.scoring.read import read_scores

    return read_scores
