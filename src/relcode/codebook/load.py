"""Find and load codebooks; every fault is listed, with its line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from relcode.codebook.convert import convert_codebook
from relcode.codebook.faults import Fault, find_faults
from relcode.codebook.schema import Codebook
from relcode.codebook.source import Lines, parse_source, read_text
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
    return load_codebooks([name], folders)


def load_codebooks(names: Sequence[str | Path], folders: Sequence[Path] = ()) -> Codebook:
    """Load codebooks as `load_codebook` does and put them together."""
    return compose_codebooks(_load_all([part for name in names for part in _parts(name)], folders))


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


def load_reference(reference: str, folders: Sequence[Path] = ()) -> Codebook:
    """The codebook that a label or a page names, in that version where it is still here, else in the newest one.

    Raises
    ------
    CodebookError
        As `load_codebook`.
    """
    try:
        return load_codebook(reference, folders)
    except CodebookError:
        return load_codebook(split_reference(reference), folders)


def split_reference(reference: str) -> str:
    """The name of a codebook, or of several put together, without versions: `a@1.0.0+b@2.0.0` gives `a+b`."""
    return "+".join(part.partition("@")[0] for part in reference.split("+"))


def part_of_reference(reference: str, codebook_id: str) -> str:
    """The one of several references that is of this codebook: of `a@1.0.0+b@2.0.0` and `b`, `b@2.0.0`."""
    return next((part for part in reference.split("+") if part.partition("@")[0] == codebook_id), reference)


def codebook_faults(path: Path, folders: Sequence[Path] = ()) -> tuple[Codebook | None, list[str]]:
    """A codebook file as far as it can be understood, and its faults as `FILE:LINE: what is wrong`.

    Raises
    ------
    CodebookError
        The file cannot be read as YAML, or a codebook that it uses cannot be loaded.
    """
    codebook, faults = _Loader(folders).read(path, ())
    return codebook, _placed(faults, path)


def _parts(name: str | Path) -> list[str]:
    """The names joined with `+`; a path stays whole."""
    return [str(name)] if isinstance(name, Path) or "/" in name else name.split("+")


def _load_all(names: Sequence[str], folders: Sequence[Path]) -> list[Codebook]:
    loader = _Loader(folders)
    return [loader.load(name, ()) for name in names]


@lru_cache(maxsize=16)
def _converted(path: Path, text: bytes) -> tuple[Codebook | None, tuple[Fault, ...]]:
    """What a file's text says. Kept, since one command asks for the same files several times (the doctor, say), and a
    codebook is never changed."""
    codebook, faults = convert_codebook(parse_source(path, text))
    return codebook, tuple(faults)


class _Loader:
    """Loads codebooks and those that they use, each file once."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._loaded: dict[Path, Codebook] = {}
        self._reading: set[Path] = set()

    def load(self, text: str, above: tuple[str, ...], beside: Sequence[Path] = ()) -> Codebook:
        """The codebook of an id or path; `above`: ids of those that use it; `beside`: folders to look into as well."""
        version = ""
        if text.endswith((".yaml", ".yml")):
            path = Path(text)
        else:
            codebook_id, _, version = text.partition("@")
            known = list_codebooks([*self._folders, *beside])
            if codebook_id not in known and text not in known:
                raise CodebookError(
                    f"There is no codebook {codebook_id!r}. Known are: {', '.join(known) or 'none'}; or name a .yaml file."
                )
            path = known.get(text) or known[codebook_id]  # an earlier version lies beside, as `id@1.0.0.yaml`
        place = path.resolve()
        if place in self._reading:
            raise CodebookError(f"it is found in {path}, which uses it itself: it goes round in a circle")
        if place not in self._loaded:
            codebook, faults = self.read(path, above)
            self._reading.discard(place)
            if faults or codebook is None:
                raise CodebookError(f"The codebook {path} has {len(faults)} fault(s):", _placed(faults, path))
            self._loaded[place] = codebook
        codebook = self._loaded[place]
        if version and codebook.version != version:
            raise CodebookError(
                f"Codebook {codebook.id} is here in version {codebook.version}, not {version} ({path}). Ask for "
                f"{codebook.id}@{codebook.version}, or name the file of the other version."
            )
        return codebook

    def read(self, path: Path, above: tuple[str, ...]) -> tuple[Codebook | None, list[Fault]]:
        """A codebook file as far as it can be understood, and its faults."""
        self._reading.add(path.resolve())
        codebook, known = _converted(path, read_text(path))
        faults = list(known)
        if codebook is None:
            return None, faults
        if codebook.uses and not codebook.used:
            used: list[Codebook] = []
            for number, reference in enumerate(codebook.uses):
                if reference.partition("@")[0] in (codebook.id, *above):
                    faults.append((("uses", number), f"uses {reference}: it goes round in a circle"))
                    continue
                try:
                    used.append(self.load(reference, (*above, codebook.id), [path.parent]))
                except CodebookError as error:
                    told = " ".join([error.message, "; ".join(error.faults)]).strip()
                    faults.append((("uses", number), f"uses {reference}: {told}"))
            if len(used) < len(codebook.uses):
                return codebook, faults  # what names the words of the missing ones would be faults of no interest
            codebook = msgspec.structs.replace(codebook, used=used)
        return codebook, [*faults, *find_faults(codebook)]


def _placed(faults: Sequence[Fault], path: Path) -> list[str]:
    lines = Lines(path)
    return list(dict.fromkeys(f"{lines.where(place)}: {fault}" for place, fault in faults))
