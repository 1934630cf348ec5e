"""What comes with relcode: codebooks and models, in the source tree or inside the installed package."""

from __future__ import annotations

from pathlib import Path

from relcode.errors import ModelError

_PACKAGE = Path(__file__).parent
DEFAULT_MODEL = "relational-synthetic"


def shipped_folder(kind: str) -> Path:
    """The folder of shipped `codebooks` or `models`."""
    installed = _PACKAGE / "shipped" / kind
    return installed if installed.is_dir() else _PACKAGE.parents[1] / kind


def shipped_models() -> dict[str, Path]:
    """The models that relcode ships: name -> folder."""
    return {path.name: path for path in sorted(shipped_folder("models").glob("*")) if path.is_dir()}


def shipped_model(name: str = DEFAULT_MODEL) -> Path:
    """The folder of a model that relcode ships. Both were trained on synthetic sessions: read their cards first.

    Raises
    ------
    ModelError
        It ships none of that name.
    """
    known = shipped_models()
    if name not in known:
        raise ModelError(f"relcode ships no model {name!r}; it ships: {', '.join(known) or 'none here'}.")
    return known[name]
