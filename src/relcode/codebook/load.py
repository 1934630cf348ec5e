"""Find and load codebooks; every fault is listed, with its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import yaml

from relcode.codebook.patterns import expand_pattern
from relcode.codebook.schema import Code, Codebook
from relcode.errors import CodebookError
from relcode.shipped import shipped_folder

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_KEY = re.compile(r"[0-9a-z]")


def list_codebooks(folders: Sequence[Path] = ()) -> dict[str, Path]:
    """The codebooks in `folders` (searched first) and those shipped: id -> file."""
    found: dict[str, Path] = {}
    for folder in [*folders, shipped_folder("codebooks")]:
        for path in sorted(folder.glob("*.yaml")):
            found.setdefault(path.stem, path)
    return found


def load_codebook(name: str | Path, folders: Sequence[Path] = ()) -> Codebook:
    """Load a codebook by id (`relational-core`, `relational-core@1.0.0`) or by the path of its YAML file.

    Parameters
    ----------
    name
        An id is looked up in `folders`, then among the codebooks that relcode ships.
    folders
        Folders with codebooks that override the shipped ones (a project's `codebooks/`).

    Raises
    ------
    CodebookError
        No such codebook or version, or the file has faults: all are listed.
    """
    text = str(name)
    if text.endswith((".yaml", ".yml")):
        return _load_file(Path(text))
    codebook_id, _, version = text.partition("@")
    known = list_codebooks(folders)
    if codebook_id not in known:
        raise CodebookError(
            f"There is no codebook {codebook_id!r}. Known are: {', '.join(known) or 'none'}; or name a .yaml file."
        )
    codebook = _load_file(known[codebook_id])
    if version and codebook.version != version:
        raise CodebookError(
            f"Codebook {codebook_id} is here in version {codebook.version}, not {version} ({known[codebook_id]}). Ask for "
            f"{codebook_id}@{codebook.version}, or name the file of the other version."
        )
    return codebook


def _load_file(path: Path) -> Codebook:
    try:
        raw = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise CodebookError(
            f"Cannot read the codebook {path}: {error.strerror}. `relcode codebook list` names those that are here."
        ) from error
    except yaml.reader.ReaderError as error:
        raise CodebookError(f"{path} is not valid YAML: it is no UTF-8 text; save it as UTF-8.") from error
    except (ValueError, RecursionError) as error:  # such as the date 2024-99-99
        raise CodebookError(
            f"{path} is not valid YAML: a value in it cannot be read ({type(error).__name__})."
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" line {mark.line + 1}" if mark else ""
        raise CodebookError(f"{path}{place} is not valid YAML: {getattr(error, 'problem', error)}.") from error
    if not isinstance(raw, dict):
        raise CodebookError(f"{path} holds no codebook: expected keys such as id, version, title, codes.")
    codes, faults = _convert_codes(raw)
    try:
        codebook = msgspec.convert({**raw, "codes": []}, Codebook)
    except msgspec.ValidationError as error:
        raise CodebookError(f"The codebook {path} has faults:", [*faults, str(error)]) from error
    codebook = msgspec.structs.replace(codebook, codes=codes)
    faults += _faults(codebook)
    if faults:
        raise CodebookError(f"The codebook {path} has {len(faults)} fault(s):", faults)
    return codebook


def _convert_codes(raw: dict[str, object]) -> tuple[list[Code], list[str]]:
    codes: list[Code] = []
    faults: list[str] = []
    entries = raw.get("codes")
    if not isinstance(entries, list) or not entries:
        return codes, ["codes: expected a list with at least one code"]
    for number, entry in enumerate(entries, start=1):
        name = entry.get("id", number) if isinstance(entry, dict) else number
        try:
            codes.append(msgspec.convert(entry, Code))
        except msgspec.ValidationError as error:
            faults.append(f"code {name}: {error}")
    return codes, faults


def _faults(codebook: Codebook) -> list[str]:
    faults: list[str] = []
    if not _VERSION.fullmatch(codebook.version):
        faults.append(f"version {codebook.version!r}: expected three numbers such as 1.0.0")
    faults += [f"lexicon {name} is empty" for name, words in codebook.lexicons.items() if not words]
    faults += [
        f"lexicon {name}: {word!r} has a space; entries are single words"
        for name, words in codebook.lexicons.items()
        for word in words
        if " " in str(word)
    ]
    ids = codebook.code_ids
    faults += [f"code {code_id} is defined twice" for code_id in sorted({i for i in ids if ids.count(i) > 1})]
    keys = [code.key for code in codebook.codes if code.key]
    faults += [f"key {key!r} is given to two codes" for key in sorted({k for k in keys if keys.count(k) > 1})]
    for code in codebook.codes:
        faults += [f"code {code.id}: {fault}" for fault in _code_faults(code, codebook)]
    return faults


def _code_faults(code: Code, codebook: Codebook) -> Iterator[str]:
    if not 0 < code.prior < 1:
        yield f"prior {code.prior} is not between 0 and 1"
    if not code.speakers:
        yield "no speaker may carry it"
    if not _COLOR.fullmatch(code.color):
        yield f"color {code.color!r}: expected the form #RRGGBB"
    if code.key and not _KEY.fullmatch(code.key):
        yield f"key {code.key!r}: expected one of 0-9, a-z"
    others = [("parent", code.parent), *(("beats", other) for other in code.beats)]
    others += [("rules against", rule.against) for rule in code.rules]
    for what, other in others:
        if other is not None and other not in codebook.by_id:
            yield f"{what} {other}: there is no such code"
    seen: set[str] = set()
    for cue in code.cues:
        if cue.id in seen:
            yield f"cue {cue.id} is defined twice"
        seen.add(cue.id)
        for number, pattern in enumerate(cue.patterns, start=1):
            try:
                expand_pattern(pattern, codebook.lexicons)
            except ValueError as error:
                yield f"cue {cue.id}, pattern {number}: {error}"
