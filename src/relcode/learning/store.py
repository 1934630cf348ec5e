"""The model folder: written beside and renamed, without pickle; loaded only if every file is what was written."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import msgspec
import numpy as np
import skops.io
import yaml
from scipy import sparse

from relcode.codebook import load_codebook
from relcode.errors import CodebookError, ModelError
from relcode.learning.card import as_markdown
from relcode.learning.model import Model
from relcode.provenance import hash_file

_FILES = ("model.skops", "card.yaml", "card.md", "codebook.yaml")
_SUMS = "SHA256SUMS"


def save_model(model: Model, folder: Path) -> None:
    """Write a model folder: `model.skops`, `card.yaml`, `card.md`, `codebook.yaml`, `SHA256SUMS`.

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
        if folder.exists():
            shutil.rmtree(folder)
        beside.chmod(0o755)
        os.replace(beside, folder)
    except OSError as error:
        raise ModelError(f"Cannot write the model folder {folder}: {error.strerror}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def check_target(folder: Path) -> None:
    """Refuse a target that holds something else than a model, before any work is done."""
    if folder.exists() and not (folder / _SUMS).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise ModelError(f"{folder} is there and is no model folder; choose another --out.")


def load_model(folder: Path) -> Model:
    """Load a model folder.

    Raises
    ------
    ModelError
        It is no model folder, a file was changed since it was written, or the file asks for types beyond arrays.
    """
    sums = folder / _SUMS
    if not sums.is_file():
        raise ModelError(f"{folder} is no model folder: {_SUMS} is missing. `relcode train` makes one.")
    lines = (line.partition("  ") for line in sums.read_text(encoding="utf-8").splitlines())
    recorded = {name: digest for digest, _, name in lines}
    changed = [n for n in _FILES if not (folder / n).is_file() or hash_file(folder / n) != recorded.get(n)]
    if changed:
        raise ModelError(f"The model in {folder} is refused: {', '.join(changed)} is not what was written.")
    path = folder / "model.skops"
    untrusted = skops.io.get_untrusted_types(file=path)
    if untrusted:
        raise ModelError(f"The model in {folder} is refused: it asks for types that are not arrays ({len(untrusted)}).")
    arrays = skops.io.load(path, trusted=[])
    card = yaml.safe_load((folder / "card.yaml").read_text(encoding="utf-8"))
    try:
        codebook = load_codebook(folder / "codebook.yaml")
    except CodebookError as error:
        raise ModelError(f"The model in {folder} cannot be used: {error}") from error
    weights = sparse.csr_matrix(
        (arrays["data"].astype(np.float64), arrays["indices"], arrays["indptr"]), shape=tuple(arrays["shape"])
    )
    return Model(
        codebook,
        weights,
        arrays["intercepts"],
        arrays["slopes"],
        arrays["offsets"],
        arrays["thresholds"],
        arrays["learned"],
        card,
    )


def _write(model: Model, folder: Path) -> None:
    arrays = {
        "data": model.weights.data.astype(np.float32),
        "indices": model.weights.indices,
        "indptr": model.weights.indptr,
        "shape": np.array(model.weights.shape),
        "intercepts": model.intercepts,
        "slopes": model.slopes,
        "offsets": model.offsets,
        "thresholds": model.thresholds,
        "learned": model.learned,
    }
    import zipfile

    skops.io.dump(arrays, folder / "model.skops", compression=zipfile.ZIP_DEFLATED)
    text = yaml.safe_dump(model.card, sort_keys=False, allow_unicode=True, width=100)
    (folder / "card.yaml").write_text(text, encoding="utf-8")
    (folder / "card.md").write_text(as_markdown(model.card), encoding="utf-8")
    book = yaml.safe_dump(msgspec.to_builtins(model.codebook), sort_keys=False, allow_unicode=True, width=100)
    (folder / "codebook.yaml").write_text(book, encoding="utf-8")
    sums = [f"{hash_file(folder / name)}  {name}" for name in _FILES]
    (folder / _SUMS).write_text("\n".join(sums) + "\n", encoding="utf-8")
