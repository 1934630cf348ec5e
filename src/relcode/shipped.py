"""What comes with relcode: codebooks and models, in the source tree or inside the installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped_folder(kind: str) -> Path:
    """The folder of shipped `codebooks` or `models`."""
    installed = _PACKAGE / "shipped" / kind
    return installed if installed.is_dir() else _PACKAGE.parents[1] / kind
