"""Save a model: its folder is written beside and renamed, without pickle. Put it into the store."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

import skops.io
import yaml

from relcode.codebook.write import write_codebook
from relcode.errors import ModelError
from relcode.learning.card import as_markdown
from relcode.learning.card_page import render_card
from relcode.learning.load import BY_CODE, load_model
from relcode.learning.model import Model
from relcode.learning.model_folder import CARD, CODEBOOKS, PAGE, WEIGHTS, check_target, put_in_place, write_sums
from relcode.learning.model_store import ModelStore
from relcode.learning.promotions import FILE


def save_model(model: Model, folder: Path) -> None:
    """Write a model folder: `model.skops`, `card.yaml`, `card.md`, `card.html`, `codebooks/`, `SHA256SUMS`.

    Raises
    ------
    ModelError
        `folder` is there and is no model folder, or cannot be written; it is then as it was.
    """
    check_target(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise ModelError(f"Cannot write the model folder {folder}: {error.strerror}.") from error
    try:
        _write(model, beside)
        beside.chmod(0o755)
        put_in_place(beside, folder)
    except OSError as error:
        raise ModelError(f"Cannot write the model folder {folder}: {error.strerror}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def put_model(store: ModelStore, model: Model) -> Path:
    """Write a model into the store, and give its folder. The same model, once more, changes nothing.

    Raises
    ------
    ModelError
        It cannot be written, or another of the same id stands there that has been promoted or kept aside.
    """
    folder = store.folder / model.codebook.id / model.id
    if folder.exists():
        if _is_same(folder, model):
            return folder
        if store.promotions(model.codebook.id).standing(model.id)[0] != "new":
            raise ModelError(
                f"{folder} is there with another card or codebook, and stands in {FILE}; choose a folder with --out."
            )
    save_model(model, folder)
    return folder


def _is_same(folder: Path, model: Model) -> bool:
    try:
        there = load_model(folder)
    except ModelError:
        return False
    return (there.card, there.codebook) == (model.card, model.codebook)


def _write(model: Model, folder: Path) -> None:
    arrays = model.classifier.arrays() | {name: getattr(model, name) for name in BY_CODE}
    arrays |= {} if model.boundaries is None else model.boundaries.arrays()
    arrays |= {} if model.domain is None else model.domain.arrays()
    skops.io.dump(arrays, folder / WEIGHTS, compression=zipfile.ZIP_DEFLATED)
    model.classifier.write(folder)
    text = yaml.safe_dump(model.card, sort_keys=False, allow_unicode=True, width=100)
    (folder / CARD).write_text(text, encoding="utf-8")
    (folder / "card.md").write_text(as_markdown(model.card), encoding="utf-8")
    (folder / PAGE).write_text(render_card(model.card), encoding="utf-8")
    (folder / CODEBOOKS).mkdir()
    for book in {book.id: book for book in (model.codebook, *model.codebook.all_used) if not book.members}.values():
        write_codebook(book, folder / CODEBOOKS / f"{book.id}.yaml")
    write_sums(folder)
