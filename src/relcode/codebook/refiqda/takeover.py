"""Read a REFI-QDA codebook: relcode's own with what was edited elsewhere, or another program's, with notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from relcode.codebook.convert import convert_codebook
from relcode.codebook.faults import find_faults
from relcode.codebook.load import load_codebook
from relcode.codebook.refiqda.codes import CodeReader
from relcode.codebook.refiqda.elements import Element, read_elements
from relcode.codebook.refiqda.names import id_from_name
from relcode.codebook.refiqda.text import read_codebook_text, split_block, text_hash
from relcode.codebook.schema import Codebook
from relcode.errors import CodebookError

DEFAULT_PRIOR = 0.05


class ImportedCodebook(NamedTuple):
    """A codebook from a `.qdc`, and what was assumed, left out, changed elsewhere or is still to be mended in it."""

    codebook: Codebook
    notes: list[str]


def read_qdc(
    path: Path,
    *,
    codebook_id: str | None = None,
    prior: float = DEFAULT_PRIOR,
    keep_colors: bool = False,
    folders: Sequence[Path] = (),
) -> ImportedCodebook:
    """Read a `.qdc`.

    What relcode exported comes back without loss; where another program changed a name, a description or a colour, the
    changed value is taken and the rest kept. Of another program's codes the ids are made from the names (`fear.of-loss`
    within `Fear`), the definition is the description, either speaker may carry them, and their prior is `prior`;
    folders (codes that are not codable) become the front part of ids.

    Parameters
    ----------
    codebook_id
        Which codebook, where the file holds several of relcode's; the id of another program's codebook, which is made
        from the file's name otherwise.
    prior
        Base rate (0 to 1) of codes that relcode did not write; to be replaced by what coders find.
    keep_colors
        Codes that relcode wrote keep their colours whatever the file says: QualCoder moves every colour to the nearest of
        its own palette, so that all seem to be changed.
    folders
        Where the codebooks that this one uses are looked for before those that relcode ships.

    Raises
    ------
    CodebookError
        The file cannot be read as a REFI-QDA codebook: all faults are listed, with their lines.
    """
    root, notes = read_elements(path)
    return _Takeover(path, root, notes, prior, keep_colors).take(codebook_id, folders)


@dataclass
class _Takeover:
    path: Path
    root: Element
    notes: list[str]
    prior: float
    keep_colors: bool
    faults: list[str] = field(default_factory=list)

    def take(self, codebook_id: str | None, folders: Sequence[Path]) -> ImportedCodebook:
        tops = [code for codes in self.root.all("Codes") for code in codes.all("Code")]
        books = {block["codebook"]["id"]: (element, block) for element, block in _books(tops)}
        if books and codebook_id is None and len(books) > 1:
            raise CodebookError(
                f"{self.path} holds several of relcode's codebooks: {', '.join(books)}. Say which one is to be read."
            )
        if books and codebook_id is not None and codebook_id not in books:
            raise CodebookError(f"{self.path} holds {', '.join(books)}, not {codebook_id}.")
        reader = CodeReader(self.path, self.root, self.prior, keep_colors=self.keep_colors)
        if books:
            element, block = books[codebook_id or next(iter(books))]
            raw, line = self._own(element, block), element.line
            others = [found for found, _ in books.values() if found is not element]
            reader.read([element] if others else tops)
            raw["codes"] = reader.in_order(block.get("codes"))
        else:
            raw, line = self._foreign(codebook_id), 1
            reader.read(tops)
            raw["codes"] = reader.in_order(None)
        extra = "\n\n".join(reader.extra)
        raw["description"] = "\n\n".join(part for part in (raw.get("description", ""), extra) if part)
        self.notes += reader.notes
        self.faults += reader.faults
        codebook = self._convert(raw, line, reader)
        return ImportedCodebook(self._with_used(codebook, folders), self.notes)

    def _own(self, element: Element, block: dict[str, Any]) -> dict[str, Any]:
        raw = dict(block["codebook"])
        text, _, _ = split_block(element.description)
        if element.name != block.get("name"):
            raw["title"] = element.name
            self.notes.append("The codebook's title was changed elsewhere; the new one was taken.")
        if text_hash(text) != block.get("text"):
            raw["description"] = read_codebook_text(text)
            self.notes.append("The codebook's description was changed elsewhere; the new one was taken.")
        return raw

    def _foreign(self, codebook_id: str | None) -> dict[str, Any]:
        origin = self.root.attributes.get("origin", "").strip() or "another program"
        self.notes.append(
            f"Version 1.0.0 and no authors were assumed, and the title {self.path.stem!r} from the file's name."
        )
        return {
            "id": codebook_id
            or id_from_name(self.path.stem.lower(), (), fallback="codebook").replace("_", "-").lower(),
            "version": "1.0.0",
            "title": self.path.stem,
            "authors": [],
            "sources": [f"REFI-QDA codebook exported by {origin}."],
        }

    def _convert(self, raw: dict[str, Any], line: int, reader: CodeReader) -> Codebook:
        codebook = None
        if raw["codes"]:
            codebook, faults = convert_codebook(raw)
            lines = [reader.lines[entry["id"]] for entry in raw["codes"]]
            for place, fault in faults:
                own = place[:1] == ("codes",) and len(place) > 1
                self.faults.append(f"{self.path}:{lines[int(place[1])] if own else line}: {fault}")
        elif not self.faults:
            self.faults.append(f"{self.path}:{line}: there is no code in it that can be given to text")
        if self.faults or codebook is None:
            raise CodebookError(f"The REFI-QDA codebook {self.path} has {len(self.faults)} fault(s):", self.faults)
        return codebook

    def _with_used(self, codebook: Codebook, folders: Sequence[Path]) -> Codebook:
        """With the codebooks that it uses; what does not fit together is noted, as the YAML is the place to mend it."""
        used = []
        for reference in codebook.uses:
            try:
                used.append(load_codebook(reference, folders))
            except CodebookError as error:
                self.notes.append(f"Uses {reference}, which could not be loaded: {error.message}")
        if len(used) == len(codebook.uses):
            codebook = msgspec.structs.replace(codebook, used=used)
            self.notes += [f"To be mended: {fault}." for _, fault in find_faults(codebook)]
        return codebook


def _books(elements: Sequence[Element]) -> list[tuple[Element, dict[str, Any]]]:
    """The folders of relcode's codebooks, wherever they lie, with their blocks."""
    found = []
    for element in elements:
        _, block, _ = split_block(element.description)
        if block and "codebook" in block:
            found.append((element, block))
        else:
            found += _books(element.all("Code"))
    return found
