"""What `--model` may be: a folder, the id of a model in the store, the name of a shipped one, or `promoted`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relcode.learning.model_store import ModelStore

HELP = "Folder of a model, id of one in the store, a shipped one (`relational-synthetic`), or `promoted` (`promoted:CODEBOOK`)"


def model_folder(name: str, store: Path | None = None) -> Path:
    """The folder of a model. A folder that is there goes before an id, an id before the name of a shipped model;
    `promoted` is of the project's codebook. The store is that of `open_store(store)`.

    Raises
    ------
    ModelError
        No model is promoted, it is not as it was when it was promoted, or there is none of this name.
    """
    from relcode.errors import ModelError
    from relcode.learning.model_store import PROMOTED
    from relcode.project import Project
    from relcode.shipped import shipped_models

    word, _, codebook = name.partition(":")
    if word == PROMOTED:
        project = Project.around()
        return open_store(store).promoted(codebook or (project.codebook if project else None))
    if "/" in name or Path(name).exists():
        return Path(name)
    models, shipped = open_store(store), shipped_models()
    if name in shipped and name not in models.ids:
        return shipped[name]
    if models.ids:
        return models.find(name)
    raise ModelError(
        f"There is no model {name}: no folder of this name, no model in {models.folder}, and relcode ships "
        f"{', '.join(shipped) or 'none here'}. `relcode train` makes one."
    )


def open_store(folder: Path | None = None) -> ModelStore:
    """The store in `folder`; by default the project's, and outside of a project `models/` here."""
    from relcode.learning.model_store import ModelStore
    from relcode.project import Project

    if folder is None:
        project = Project.around()
        folder = project.models if project else Path("models")
    return ModelStore(folder)
