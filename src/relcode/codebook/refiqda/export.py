"""Write a codebook as REFI-QDA codebook: a folder for the book, in it its codes, their families nested."""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

from relcode.codebook.refiqda.text import (
    AT_MOST_ONE,
    MODES,
    SPEAKER_SETS,
    describe_code,
    describe_codebook,
    with_block,
    xml_text,
)
from relcode.codebook.schema import Code, Codebook
from relcode.codebook.write import as_mapping
from relcode.errors import CodebookError
from relcode.provenance import written_beside

NAMESPACE = "urn:QDA-XML:codebook:1.0"
_GUIDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:relcode:codebook")


def write_qdc(codebook: Codebook, path: Path) -> None:
    """Write a codebook as `.qdc`, valid against the standard's schema, so that `read_qdc` gives the same codebook.

    The book is a folder (a code that is not codable) with its codes in it. A code lies in its parent, or in the code or
    folder that its dotted id names (`INT.genetic` in `INT`). Sets say who speaks a code, and which codes exclude each
    other. GUIDs come from the ids of codebook and code, so a later version's export agrees with this one.

    Raises
    ------
    CodebookError
        Several codebooks put together: each is exported by itself.
    """
    if codebook.members:
        raise CodebookError(
            f"{codebook.reference} is put together from {len(codebook.members)} codebooks. Export them one at a time."
        )
    tree = ElementTree.ElementTree(_Export(codebook, set()).root())
    ElementTree.indent(tree)
    with written_beside(path) as beside:
        tree.write(beside, encoding="utf-8", xml_declaration=True)


def codes_element(codebooks: Iterable[Codebook]) -> ElementTree.Element:
    """The element `Codes` of a project: a folder a codebook, codes as in a `.qdc`, names unique among all; no sets."""
    codes = ElementTree.Element("Codes")
    names: set[str] = set()
    for codebook in codebooks:
        _Export(codebook, names).put_codes(codes)
    return codes


def guid_of(codebook_id: str, kind: str, name: str) -> str:
    """The GUID of a `code`, `folder` or `set` of a codebook, or of its `book`: the same at every export."""
    return str(uuid.uuid5(_GUIDS, f"{codebook_id}/{kind}/{name}"))


class _Export:
    def __init__(self, codebook: Codebook, names: set[str]) -> None:
        self._book = codebook
        self._names = names
        self._elements: dict[str, ElementTree.Element] = {}

    def root(self) -> ElementTree.Element:
        root = ElementTree.Element("CodeBook", {"xmlns": NAMESPACE, "origin": "relcode"})
        self.put_codes(ElementTree.SubElement(root, "Codes"))
        self._sets(root)
        return root

    def put_codes(self, outer: ElementTree.Element) -> None:
        """Put the book's folder with its codes into an element."""
        book = self._folder(outer, "book", "", self._book.title)
        fields = {key: value for key, value in as_mapping(self._book).items() if key != "codes"}
        block = {"codebook": fields, "name": book.get("name"), "codes": list(self._book.code_ids)}
        self._describe(book, with_block(describe_codebook(self._book), block))
        for code in self._book.codes:
            self._place(code, book)

    def _place(self, code: Code, book: ElementTree.Element, below: tuple[str, ...] = ()) -> ElementTree.Element:
        """The element of a code, made with those around it where they are not made yet."""
        if code.id in self._elements:
            return self._elements[code.id]
        family = code.id.rpartition(".")[0]
        around = code.parent or family
        outer = book
        if around in self._book.by_id and around not in (code.id, *below):
            outer = self._place(self._book.by_id[around], book, (*below, code.id))
        elif family and around not in self._book.by_id:
            outer = self._family(family, book)
        attributes = {"guid": guid_of(self._book.id, "code", code.id), "name": self._name(code.name, code.id)}
        element = ElementTree.SubElement(outer, "Code", {**attributes, "isCodable": "true", "color": code.color})
        self._elements[code.id] = element
        block = {"code": as_mapping(code), "name": element.get("name")}
        self._describe(element, with_block(describe_code(code), block))
        return element

    def _family(self, name: str, book: ElementTree.Element) -> ElementTree.Element:
        """The folder of a family whose name is no code."""
        key = f"folder {name}"
        if key not in self._elements:
            self._elements[key] = self._folder(book, "folder", name, name)
            text = f"The codes {name}.*; a folder, not a code."
            self._describe(self._elements[key], with_block(text, {"folder": name}))
        return self._elements[key]

    def _folder(self, outer: ElementTree.Element, kind: str, name: str, title: str) -> ElementTree.Element:
        guid = guid_of(self._book.id, kind, name)
        attributes = {"guid": guid, "name": self._name(title, name or self._book.id), "isCodable": "false"}
        return ElementTree.SubElement(outer, "Code", attributes)

    def _name(self, name: str, name_id: str) -> str:
        """The name; with the id behind it where it is empty or taken, as some programs merge codes of one name."""
        found = " ".join(xml_text(name).split())
        if not found or found.casefold() in self._names:
            found = f"{found} ({name_id})".lstrip()
        self._names.add(found.casefold())
        return found

    @staticmethod
    def _describe(element: ElementTree.Element, text: str) -> None:
        description = ElementTree.Element("Description")
        description.text = text
        element.insert(0, description)

    def _sets(self, root: ElementTree.Element) -> None:
        codes = self._book.codes
        groups = {name: [code for code in codes if who in code.speakers] for who, name in SPEAKER_SETS.items()}
        for code in codes:
            if code.exclusive:
                groups.setdefault(f"{AT_MOST_ONE}{code.exclusive}", []).append(code)
        groups[MODES] = [code for code in codes if code.mode]
        filled = {name: members for name, members in groups.items() if members}
        if filled:
            self._add_sets(ElementTree.SubElement(root, "Sets"), filled.items())

    def _add_sets(self, sets: ElementTree.Element, groups: Iterable[tuple[str, list[Code]]]) -> None:
        for name, members in groups:
            guid = guid_of(self._book.id, "set", name)
            element = ElementTree.SubElement(sets, "Set", {"guid": guid, "name": xml_text(name)})
            for code in members:
                ElementTree.SubElement(element, "MemberCode", {"guid": guid_of(self._book.id, "code", code.id)})
