"""What stands in a model folder: its files, their checksums, its card. Who asks for these needs no classifier."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from relcode.errors import ModelError
from relcode.provenance import hash_file

WEIGHTS, CARD = "model.skops", "card.yaml"
FILES = (WEIGHTS, CARD, "card.md")
PAGE = "card.html"  # models made before relcode wrote this page are without it
CODEBOOKS = "codebooks"  # the model's codebook, and those that it uses, in files of their own
_SUMS = "SHA256SUMS"
_SUM_LINE = re.compile(rb"^[0-9a-f]{64}  ((?:[\w@-][\w.@-]*/)*[\w@-][\w.@-]*)$", re.MULTILINE)


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
        known = {*FILES, PAGE, CODEBOOKS, _SUMS, *(name.partition("/")[0] for name in named)}
        others = sorted(path.name for path in folder.iterdir() if path.name not in known)
    if others:
        raise ModelError(
            f"{folder} is there and is no model folder, or holds more than a model ({', '.join(others[:3])}"
            f"{', ...' if len(others) > 3 else ''}); choose another --out."
        )


def put_in_place(beside: Path, folder: Path) -> None:
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


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a model folder, without its weights.

    Raises
    ------
    ModelError
        It is no model folder, or a file was changed since it was written.
    """
    check_sums(folder)
    try:
        card = read_yaml(folder / CARD)
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


def check_sums(folder: Path) -> None:
    sums = folder / _SUMS
    _check_is_model(folder)
    recorded = sums.read_bytes()
    named = [match.decode() for match in _SUM_LINE.findall(recorded)]
    lines = {name: _sum_line(folder, name) for name in sorted({*FILES, *named, *_beside(folder, named)}, key=_order)}
    changed = [name for name, line in lines.items() if line not in recorded]
    if not changed and recorded != b"".join(lines.values()):
        changed = [_SUMS]
    if changed:
        raise ModelError(f"The model in {folder} is refused: not as written: {', '.join(changed)}.")


def write_sums(folder: Path) -> None:
    """Write the checksums of all files of a model folder: the last thing that is written into it."""
    names = sorted((path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()), key=_order)
    (folder / _SUMS).write_bytes(b"".join(_sum_line(folder, name) for name in names))


def _check_is_model(folder: Path) -> None:
    if not (folder / _SUMS).is_file():
        missing = f"{_SUMS} is missing" if folder.is_dir() else "there is no such folder"
        raise ModelError(f"{folder} is no model folder: {missing}. `relcode train` makes one.")


def _beside(folder: Path, named: list[str]) -> list[str]:
    """What stands in a model's own subfolders, and the page: all of it has to be what was written."""
    inside = {CODEBOOKS, *(name.partition("/")[0] for name in named if "/" in name)}
    found = [path for part in inside for path in (folder / part).rglob("*") if not path.is_dir()]
    found += [folder / PAGE] if (folder / PAGE).exists() else []
    return [path.relative_to(folder).as_posix() for path in found]


def _order(name: str) -> tuple[int, str]:
    return (FILES.index(name) if name in FILES else len(FILES)), name


def _sum_line(folder: Path, name: str) -> bytes:
    digest = hash_file(folder / name) if (folder / name).is_file() else "missing"
    return f"{digest}  {name}\n".encode()


def read_yaml(path: Path) -> Any:
    """The values of a YAML file of a model's, read in C where PyYAML brings it: a card has thousands of lines."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
