"""Find and load codebooks; every fault is listed, with its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from relcode.codebook.convert import convert_codebook
from relcode.codebook.faults import Fault, find_faults
from relcode.codebook.schema import Codebook
from relcode.codebook.source import Lines, read_source
from relcode.errors import CodebookError
from relcode.shipped import shipped_folder


def list_codebooks(folders: Sequence[Path] = ()) -> dict[str, Path]:
    """The codebooks in `folders` (searched first) and those shipped: id -> file."""
    found: dict[str, Path] = {}
    for folder in [*folders, shipped_folder("codebooks")]:
        for path in sorted(folder.glob("*.yaml")):
            found.setdefault(path.stem, path)
    return found


def load_codebook(name: str | Path, folders: Sequence[Path] = ()) -> Codebook:
    """Load a codebook by id (`relational-core`, `relational-core@1.0.0`) or by the path of its YAML file; several
    put together by joining their names with `+`.

    Parameters
    ----------
    name
        An id is looked up in `folders`, then among the codebooks that relcode ships.
    folders
        Folders with codebooks that override the shipped ones (a project's `codebooks/`).

    Raises
    ------
    CodebookError
        No such codebook or version, two that define the same code, or a file with faults: all are listed.
    """
    text = str(name)
    if isinstance(name, str) and "+" in text:
        return compose_codebooks([load_codebook(part, folders) for part in text.split("+")])
    return _load(text, folders, ())


def compose_codebooks(books: Sequence[Codebook]) -> Codebook:
    """Put codebooks together: the codes of all, each with its own rules, words and reference.

    Raises
    ------
    CodebookError
        Two define the same code.
    """
    if len(books) == 1:
        return books[0]
    seen: dict[str, str] = {}
    faults = []
    for book in books:
        for code in book.codes:
            if code.id in seen:
                faults.append(f"code {code.id} stands in {seen[code.id]} and in {book.reference}")
            seen[code.id] = book.reference
    if faults:
        raise CodebookError("These codebooks cannot be put together:", faults)
    return Codebook(
        id="+".join(book.id for book in books),
        version="+".join(book.version for book in books),
        title="; ".join(book.title for book in books),
        authors=list(dict.fromkeys(author for book in books for author in book.authors)),
        description="\n\n".join(book.description for book in books if book.description),
        sources=list(dict.fromkeys(source for book in books for source in book.sources)),
        codes=[msgspec.structs.replace(code, origin=book.reference) for book in books for code in book.codes],
        members=list(books),
    )


def split_reference(reference: str) -> str:
    """The name of a codebook, or of several put together, without versions: `a@1.0.0+b@2.0.0` gives `a+b`."""
    return "+".join(part.partition("@")[0] for part in reference.split("+"))


def codebook_faults(path: Path, folders: Sequence[Path] = ()) -> tuple[Codebook | None, list[str]]:
    """A codebook file as far as it can be understood, and its faults as `FILE:LINE: what is wrong`.

    Raises
    ------
    CodebookError
        The file cannot be read as YAML, or a codebook that it uses cannot be loaded.
    """
    codebook, faults, lines = _read(path, folders, ())
    return codebook, _placed(faults, lines)


def _load(text: str, folders: Sequence[Path], above: tuple[str, ...]) -> Codebook:
    version = ""
    if text.endswith((".yaml", ".yml")):
        path = Path(text)
    else:
        codebook_id, _, version = text.partition("@")
        known = list_codebooks(folders)
        if codebook_id not in known:
            raise CodebookError(
                f"There is no codebook {codebook_id!r}. Known are: {', '.join(known) or 'none'}; or name a .yaml file."
            )
        path = known[codebook_id]
    codebook, faults, lines = _read(path, folders, above)
    if faults or codebook is None:
        raise CodebookError(f"The codebook {path} has {len(faults)} fault(s):", _placed(faults, lines))
    if version and codebook.version != version:
        raise CodebookError(
            f"Codebook {codebook.id} is here in version {codebook.version}, not {version} ({path}). Ask for "
            f"{codebook.id}@{codebook.version}, or name the file of the other version."
        )
    return codebook


def _read(path: Path, folders: Sequence[Path], above: tuple[str, ...]) -> tuple[Codebook | None, list[Fault], Lines]:
    raw = read_source(path)
    lines = Lines(path)
    codebook, faults = convert_codebook(raw)
    faults += [(place, f"the key {place[-1]!r} stands here twice") for place, _ in lines.twice]
    if codebook is None:
        return None, faults, lines
    if codebook.uses and not codebook.used:
        used = []
        for number, reference in enumerate(codebook.uses):
            if reference.partition("@")[0] in (codebook.id, *above):
                faults.append((("uses", number), f"uses {reference}: it goes round in a circle"))
                continue
            try:
                used.append(_load(reference, [*folders, path.parent], (*above, codebook.id)))
            except CodebookError as error:
                faults.append((("uses", number), f"uses {reference}: {error.message}"))
        codebook = msgspec.structs.replace(codebook, used=used)
    return codebook, [*faults, *find_faults(codebook)], lines


def _placed(faults: Sequence[Fault], lines: Lines) -> list[str]:
    return list(dict.fromkeys(f"{lines.where(place)}: {fault}" for place, fault in faults))
