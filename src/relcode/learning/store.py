"""The model folder: written beside and renamed, without pickle; loaded only if every file is what was written."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
import yaml

from relcode.codebook import load_codebook
from relcode.codebook.write import write_codebook
from relcode.errors import CodebookError, ModelError
from relcode.learning.boundaries import Boundaries
from relcode.learning.card import as_markdown
from relcode.learning.card_page import render_card
from relcode.learning.domain import Domain
from relcode.learning.kinds import classifier_class
from relcode.learning.model import Model
from relcode.learning.plugins import check_plugins
from relcode.provenance import hash_file

_FILES = ("model.skops", "card.yaml", "card.md")
_PAGE = "card.html"  # models made before relcode wrote this page are without it
_CODEBOOKS = "codebooks"  # the model's codebook, and those that it uses, in files of their own
_SUMS = "SHA256SUMS"
_SUM_LINE = re.compile(rb"^[0-9a-f]{64}  ((?:[\w@-][\w.@-]*/)*[\w@-][\w.@-]*)$", re.MULTILINE)
_BY_CODE = ("slopes", "offsets", "thresholds", "learned")
_BOUNDARIES = "where"  # an array of theirs; models made before relcode learned them, or from few spans, are without
_NO_ARRAYS = (AttributeError, TypeError, ValueError)  # of what stands where an array is expected; also no UTF-8


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
        sums = folder / _SUMS
        named = [match.decode() for match in _SUM_LINE.findall(sums.read_bytes())] if sums.is_file() else []
        known = {*_FILES, _PAGE, _CODEBOOKS, _SUMS, *(name.partition("/")[0] for name in named)}
        others = sorted(path.name for path in folder.iterdir() if path.name not in known)
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
    _check_sums(folder)
    try:
        arrays = _read_arrays(folder)
        card = yaml.safe_load((folder / "card.yaml").read_text(encoding="utf-8"))
        check_plugins(card)
        codebook = load_codebook(str(card["codebook"]), [folder / _CODEBOOKS])
        classifier = classifier_class(str(card["kind"])).read(folder, arrays, codebook)
        by_code = {name: arrays[name] for name in _BY_CODE}
        boundaries = Boundaries.read(arrays, codebook) if _BOUNDARIES in arrays else None
        domain = Domain.read(arrays)
        model = Model(codebook, classifier, card=card, boundaries=boundaries, domain=domain, **by_code)
    except (CodebookError, zipfile.BadZipFile, yaml.YAMLError, LookupError, *_NO_ARRAYS) as error:
        raise ModelError(f"The model in {folder} cannot be used: {error}") from error
    if odd := [name for name in _BY_CODE if np.shape(arrays[name]) != (len(codebook.codes),)]:
        raise ModelError(f"The model in {folder} cannot be used: not one number a code: {', '.join(odd)}.")
    return model


def _read_arrays(folder: Path) -> dict[str, Any]:
    """What the file of weights holds, after a look at the types that it asks for."""
    path = folder / "model.skops"
    untrusted = skops.io.get_untrusted_types(file=path)
    if untrusted:
        raise ModelError(f"The model in {folder} is refused: it asks for types that are not arrays ({len(untrusted)}).")
    arrays = skops.io.load(path, trusted=[])
    if not isinstance(arrays, dict):
        raise ModelError(f"The model in {folder} is refused: its weights are no arrays by name.")
    return arrays


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a model folder, without its weights.

    Raises
    ------
    ModelError
        It is no model folder, or a file was changed since it was written.
    """
    _check_sums(folder)
    try:
        card = yaml.safe_load((folder / "card.yaml").read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ModelError(f"The model in {folder} cannot be used: card.yaml is no YAML.") from error
    if not isinstance(card, dict) or not {"id", "kind", "codebook", "training"} <= card.keys():
        raise ModelError(f"The model in {folder} cannot be used: card.yaml is no card of a model.")
    return card


def folder_hash(folder: Path) -> str:
    """SHA-256 over the checksums of all files of a model folder: the same only where every file is.

    Raises
    ------
    ModelError
        It is no model folder.
    """
    _check_is_model(folder)
    return hash_file(folder / _SUMS)


def _check_is_model(folder: Path) -> None:
    if not (folder / _SUMS).is_file():
        missing = f"{_SUMS} is missing" if folder.is_dir() else "there is no such folder"
        raise ModelError(f"{folder} is no model folder: {missing}. `relcode train` makes one.")


def _check_sums(folder: Path) -> None:
    sums = folder / _SUMS
    _check_is_model(folder)
    recorded = sums.read_bytes()
    named = [match.decode() for match in _SUM_LINE.findall(recorded)]
    lines = {name: _sum_line(folder, name) for name in sorted({*_FILES, *named, *_beside(folder, named)}, key=_order)}
    changed = [name for name, line in lines.items() if line not in recorded]
    if not changed and recorded != b"".join(lines.values()):
        changed = [_SUMS]
    if changed:
        raise ModelError(f"The model in {folder} is refused: not as written: {', '.join(changed)}.")


def _write(model: Model, folder: Path) -> None:
    arrays = model.classifier.arrays() | {name: getattr(model, name) for name in _BY_CODE}
    arrays |= {} if model.boundaries is None else model.boundaries.arrays()
    arrays |= {} if model.domain is None else model.domain.arrays()
    skops.io.dump(arrays, folder / "model.skops", compression=zipfile.ZIP_DEFLATED)
    model.classifier.write(folder)
    text = yaml.safe_dump(model.card, sort_keys=False, allow_unicode=True, width=100)
    (folder / "card.yaml").write_text(text, encoding="utf-8")
    (folder / "card.md").write_text(as_markdown(model.card), encoding="utf-8")
    (folder / _PAGE).write_text(render_card(model.card), encoding="utf-8")
    (folder / _CODEBOOKS).mkdir()
    for book in {book.id: book for book in (model.codebook, *model.codebook.all_used) if not book.members}.values():
        write_codebook(book, folder / _CODEBOOKS / f"{book.id}.yaml")
    names = sorted((path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()), key=_order)
    (folder / _SUMS).write_bytes(b"".join(_sum_line(folder, name) for name in names))


def _beside(folder: Path, named: list[str]) -> list[str]:
    """What stands in a model's own subfolders, and the page: all of it has to be what was written."""
    inside = {_CODEBOOKS, *(name.partition("/")[0] for name in named if "/" in name)}
    found = [path for part in inside for path in (folder / part).rglob("*") if not path.is_dir()]
    found += [folder / _PAGE] if (folder / _PAGE).exists() else []
    return [path.relative_to(folder).as_posix() for path in found]


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
