"""The model folder: written beside and renamed, without pickle; loaded only if every file is what was written."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import skops.io
import yaml
from scipy import sparse

from relcode.codebook import load_codebook
from relcode.codebook.write import write_codebook
from relcode.errors import CodebookError, ModelError
from relcode.learning.card import as_markdown
from relcode.learning.features import column_count
from relcode.learning.model import Model
from relcode.provenance import hash_file

_FILES = ("model.skops", "card.yaml", "card.md")
_CODEBOOKS = "codebooks"  # the model's codebook, and those that it uses, in files of their own
_SUMS = "SHA256SUMS"
_CODEBOOK_LINE = re.compile(rb"^[0-9a-f]{64}  (codebooks/[\w.@-]+)$", re.MULTILINE)
_BY_CODE = ("intercepts", "slopes", "offsets", "thresholds", "learned")


def save_model(model: Model, folder: Path) -> None:
    """Write a model folder: `model.skops`, `card.yaml`, `card.md`, `codebooks/`, `SHA256SUMS`.

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
        _put_in_place(beside, folder)
    except OSError as error:
        raise ModelError(f"Cannot write the model folder {folder}: {error.strerror}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def check_target(folder: Path) -> None:
    """Refuse a target that holds anything else than a model, before any work is done."""
    if not folder.exists():
        parent = next(above for above in folder.absolute().parents if above.exists())
        if not parent.is_dir() or not os.access(parent, os.W_OK):
            raise ModelError(f"Cannot write the model folder {folder}: {parent} is no folder that you may write to.")
        return
    others = [] if folder.is_dir() else [folder.name]
    if folder.is_dir():
        others = sorted(path.name for path in folder.iterdir() if path.name not in (*_FILES, _CODEBOOKS, _SUMS))
    if others:
        raise ModelError(
            f"{folder} is there and is no model folder, or holds more than a model ({', '.join(others[:3])}"
            f"{', ...' if len(others) > 3 else ''}); choose another --out."
        )


def load_model(folder: Path) -> Model:
    """Load a model folder.

    Raises
    ------
    ModelError
        It is no model folder, a file was changed since it was written, the file asks for types beyond arrays, or its
        weights are for features of another version of relcode.
    """
    sums = folder / _SUMS
    if not sums.is_file():
        raise ModelError(f"{folder} is no model folder: {_SUMS} is missing. `relcode train` makes one.")
    recorded = sums.read_bytes()
    named = [match.decode() for match in _CODEBOOK_LINE.findall(recorded)]
    lines = {name: _sum_line(folder, name) for name in sorted({*_names(folder), *named}, key=_order)}
    changed = [name for name, line in lines.items() if line not in recorded]
    if not changed and recorded != b"".join(lines.values()):
        changed = [_SUMS]
    if changed:
        raise ModelError(f"The model in {folder} is refused: not as written: {', '.join(changed)}.")
    path = folder / "model.skops"
    try:
        untrusted = skops.io.get_untrusted_types(file=path)
        arrays = {} if untrusted else skops.io.load(path, trusted=[])
        card = yaml.safe_load((folder / "card.yaml").read_text(encoding="utf-8"))
        codebook = load_codebook(str(card["codebook"]), [folder / _CODEBOOKS])
    except (CodebookError, zipfile.BadZipFile, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ModelError(f"The model in {folder} cannot be used: {error}") from error
    if untrusted:
        raise ModelError(f"The model in {folder} is refused: it asks for types that are not arrays ({len(untrusted)}).")
    weights = sparse.csr_matrix(
        (arrays["data"].astype(np.float64), arrays["indices"], arrays["indptr"]), shape=tuple(arrays["shape"])
    )
    model = Model(codebook, weights, card=card, **{name: arrays[name] for name in _BY_CODE})
    expected = (column_count(model.engine), len(codebook.codes))
    if weights.shape != expected:
        raise ModelError(
            f"The model in {folder} has weights of shape {weights.shape}, but this relcode makes features for {expected}; "
            "train it again with this version."
        )
    return model


def _write(model: Model, folder: Path) -> None:
    arrays = {
        "data": model.weights.data.astype(np.float32),
        "indices": model.weights.indices,
        "indptr": model.weights.indptr,
        "shape": np.array(model.weights.shape),
        **{name: getattr(model, name) for name in _BY_CODE},
    }
    skops.io.dump(arrays, folder / "model.skops", compression=zipfile.ZIP_DEFLATED)
    text = yaml.safe_dump(model.card, sort_keys=False, allow_unicode=True, width=100)
    (folder / "card.yaml").write_text(text, encoding="utf-8")
    (folder / "card.md").write_text(as_markdown(model.card), encoding="utf-8")
    (folder / _CODEBOOKS).mkdir()
    for book in {book.id: book for book in (model.codebook, *model.codebook.all_used) if not book.members}.values():
        write_codebook(book, folder / _CODEBOOKS / f"{book.id}.yaml")
    (folder / _SUMS).write_bytes(b"".join(_sum_line(folder, name) for name in _names(folder)))


def _names(folder: Path) -> list[str]:
    """The files of a model folder that are summed, by their paths in it."""
    return sorted([*_FILES, *(f"{_CODEBOOKS}/{path.name}" for path in (folder / _CODEBOOKS).glob("*"))], key=_order)


def _order(name: str) -> tuple[int, str]:
    return (_FILES.index(name) if name in _FILES else len(_FILES)), name


def _sum_line(folder: Path, name: str) -> bytes:
    digest = hash_file(folder / name) if (folder / name).is_file() else "missing"
    return f"{digest}  {name}\n".encode()


def _put_in_place(beside: Path, folder: Path) -> None:
    """Rename `beside` to `folder`; an earlier model there is moved aside first, and back if the renaming fails."""
    if not folder.exists():
        os.replace(beside, folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        os.replace(folder, aside)
        try:
            os.replace(beside, folder)
        except OSError:
            os.replace(aside, folder)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
