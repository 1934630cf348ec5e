"""Codebooks and models: whether each can be used, and whether they belong together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from relcode.codebook import Codebook, load_codebook
from relcode.doctor.finding import Finding, note, ok, problem
from relcode.errors import CodebookError, RelcodeError
from relcode.project import Project

_CODEBOOKS, _MODELS = "codebooks", "models"


def look_at_codebooks(project: Project | None) -> Iterator[Finding]:
    """The study's own codebooks, and the one that it uses; outside of a study, those that relcode ships are taken as sound."""
    from relcode.cues import lint_codebook

    if project is None:
        return
    for path in sorted(project.codebooks.glob("*.yaml")):
        try:
            faults = lint_codebook(path, [project.codebooks])
        except CodebookError as error:
            faults = [str(error)]
        if faults:
            yield problem(
                _CODEBOOKS, f"{path} has {len(faults)} fault(s): {faults[0]}", f"relcode codebook lint {path}"
            )
        else:
            yield ok(_CODEBOOKS, f"{path.name} has no fault")
    try:
        book = load_codebook(project.codebook, [project.codebooks])
    except CodebookError as error:
        yield problem(
            _CODEBOOKS,
            f"the study's codebook {project.codebook} cannot be used: {error.message}",
            f"Put it into {project.codebooks}, or name another in relcode.toml (relcode codebook list).",
        )
        return
    yield ok(_CODEBOOKS, f"the study uses {book.reference}, {len(book.codes)} codes")


def look_at_models(project: Project | None) -> Iterator[Finding]:
    """Each model, of the study and shipped: as it was written, loadable here, of the study's codebook."""
    from relcode.shipped import shipped_models

    book = _book(project)
    own = sorted(path.parent for path in project.models.glob("**/SHA256SUMS")) if project else []
    for folder in [*own, *shipped_models().values()]:
        yield _model(folder, book if folder in own else None, shipped=folder not in own)
    yield from _promotions(project)


def _model(folder: Path, book: Codebook | None, *, shipped: bool) -> Finding:
    from relcode.learning.load import load_model

    mend = "Install relcode anew." if shipped else "Restore a copy of the folder, or train anew (relcode train)."
    try:
        model = load_model(folder)
    except ImportError as error:
        return note(
            _MODELS, f"{folder.name} needs {error.name}, which is not here", "pip install 'relcode[embeddings]'"
        )
    except RelcodeError as error:
        if "relcode[embeddings]" in str(error):
            return note(_MODELS, f"{folder.name} needs an extra that is not here", "pip install 'relcode[embeddings]'")
        return problem(_MODELS, str(error), mend)
    if book is not None and model.codebook.reference != book.reference:
        return note(
            _MODELS,
            f"{model.id} was trained with {model.codebook.reference}, and the study uses {book.reference}",
            "Train anew with the study's codebook, or name the model's in relcode.toml.",
        )
    return ok(_MODELS, f"{model.id} is as it was written, and loads ({'shipped' if shipped else folder})")


def _promotions(project: Project | None) -> Iterator[Finding]:
    """Whether what is promoted is there, and is what was promoted."""
    from relcode.learning.model_store import ModelStore
    from relcode.learning.promotions import FILE

    if project is None:
        return
    store = ModelStore(project.models)
    for path in sorted(project.models.glob(f"*/{FILE}")):
        try:
            present = store.promotions(path.parent.name).present
            if present is not None:
                store.checked(present, path.parent.name)
        except RelcodeError as error:
            yield problem(_MODELS, str(error), f"relcode models rollback {path.parent.name}, or restore a copy")


def _book(project: Project | None) -> Codebook | None:
    try:
        return load_codebook(project.codebook, [project.codebooks]) if project else None
    except CodebookError:
        return None  # said where codebooks are looked at
