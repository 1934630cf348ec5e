"""The codes of a `.qdc`: relcode's own by their blocks, with what was edited; others by name and description."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from relcode.codebook.refiqda.elements import Element
from relcode.codebook.refiqda.names import id_from_name
from relcode.codebook.refiqda.text import (
    AT_MOST_ONE,
    MODES,
    SPEAKER_SETS,
    named_code,
    read_code_text,
    split_block,
    text_hash,
)

_SPEAKER_SETS = {name: who for who, name in SPEAKER_SETS.items()}


class CodeReader:
    """Reads the codes below some elements into entries as they stand in a codebook's YAML.

    Attributes
    ----------
    lines
        The line of each code, by id.
    extra
        What a codebook has no place for (descriptions of folders, sets), as paragraphs for its description.
    """

    def __init__(self, path: Path, root: Element, prior: float, *, keep_colors: bool = False) -> None:
        self._path = path
        self._prior = prior
        self._keep_colors = keep_colors
        self._sets = [each for sets in root.all("Sets") for each in sets.all("Set")]
        self._entries: dict[str, dict[str, Any]] = {}
        self._elements: dict[str, Element] = {}
        self._taken: set[str] = set()
        self._foreign: list[str] = []
        self._changed: dict[str, str] = {}
        self._said: dict[str, list[str]] = {}  # who may carry a code, as sets say
        self.lines: dict[str, int] = {}
        self.extra: list[str] = []
        self.notes: list[str] = []
        self.faults: list[str] = []

    def read(self, elements: Sequence[Element]) -> None:
        """Read the codes in these elements, themselves included."""
        self._taken = set(_own_ids(elements))
        for element in elements:
            self._read(element, "", None)
        for each in self._sets:
            self._take_set(each)
        for what in dict.fromkeys(self._changed.values()):
            named = [code_id for code_id, changed in self._changed.items() if changed == what]
            self.notes.append(f"{what} changed elsewhere, and taken as it is now: {', '.join(named)}.")
        if self._foreign:
            self.notes.append(
                f"{len(self._foreign)} code(s) that relcode did not write: the prior {self._prior} was assumed, and "
                f"either speaker where no set says who: {', '.join(self._foreign)}."
            )
        bare = [code_id for code_id in self._foreign if not self._elements[code_id].description.strip()]
        if bare:
            self.notes.append(f"{len(bare)} code(s) without description have their name for it: {', '.join(bare)}.")

    def in_order(self, order: object) -> list[dict[str, Any]]:
        """The entries in the codebook's own order, new ones after them as they stand in the file."""
        known = [name for name in order if isinstance(name, str)] if isinstance(order, list) else []
        gone = [name for name in known if name not in self._entries]
        if gone:
            self.notes.append(f"{len(gone)} code(s) are no longer there: {', '.join(gone)}.")
        kept = [self._entries[name] for name in known if name in self._entries]
        return kept + [entry for name, entry in self._entries.items() if name not in known]

    def ids_by_guid(self) -> dict[str, str]:
        """The id of each code by the guid by which codings and sets name it."""
        return {element.guid: code_id for code_id, element in self._elements.items() if element.guid}

    def _read(self, element: Element, within: str, parent: str | None) -> None:
        text, block, damaged = split_block(element.description)
        block = block or {}
        if "code" in block:
            parent = self._read_own(element, text, block)
            within = parent
        elif "folder" in block:
            within, parent = block["folder"], None
        elif "codebook" in block:
            within, parent = "", None
        elif element.codable or damaged:
            parent = self._read_foreign(element, text, within, parent, damaged)
            within = parent
        else:
            if text:
                self.extra.append(f"{element.name}: {text}")
            if not element.all("Code"):
                self.notes.append(
                    f"{self._path}:{element.line}: folder {element.name!r} has no codes; it was left out."
                )
            within, parent = id_from_name(element.name, (), within=within, fallback="folder"), None
        for inner in element.all("Code"):
            self._read(inner, within, parent)

    def _read_own(self, element: Element, text: str, block: dict[str, Any]) -> str:
        entry: dict[str, Any] = dict(block["code"])
        changed = []
        if element.name != block.get("name"):
            entry["name"] = element.name
            changed.append("name")
        if text_hash(text) != block.get("text"):
            entry.update(read_code_text(text))
            changed.append("description")
        color = None if self._keep_colors else element.color
        if color is not None and color != str(entry.get("color", "#888888")).upper():
            entry["color"] = color
            changed.append("colour")
        code_id: str = entry["id"]
        if self._keep(code_id, entry, element) and changed:
            self._changed[code_id] = ", ".join(changed).capitalize()
        return code_id

    def _read_foreign(self, element: Element, text: str, within: str, parent: str | None, damaged: bool) -> str:
        named = named_code(text)
        if damaged and named and named not in self._taken:
            code_id = named
        else:
            code_id = id_from_name(element.name, self._taken, within=within)
        self._taken.add(code_id)
        entry: dict[str, Any] = {"id": code_id, "name": element.name, "speakers": ["T", "C"], "prior": self._prior}
        entry.update(read_code_text(text) if named or damaged else {"definition": text})
        entry["definition"] = entry["definition"] or element.name
        if parent is not None:
            entry["parent"] = parent
        if element.color is not None:
            entry["color"] = element.color
        if damaged:
            self.notes.append(
                f"{self._path}:{element.line}: code {code_id}: relcode's line in its description is damaged; cues and "
                "whatever the text does not say are lost. Take them from the codebook that was exported."
            )
        self._keep(code_id, entry, element)
        self._foreign.append(code_id)
        return code_id

    def _keep(self, code_id: str, entry: dict[str, Any], element: Element) -> bool:
        """Keep the entry; of two with one id that which is codable, as some programs set a folder beside such a code."""
        other = self._elements.get(code_id)
        if other is not None and other.codable and element.codable:
            self.faults.append(f"{self._path}:{element.line}: code {code_id} stands also on line {other.line}")
            return False
        if other is not None and not element.codable:
            return False
        self._entries[code_id], self._elements[code_id] = entry, element
        self.lines[code_id] = element.line
        return True

    def _take_set(self, each: Element) -> None:
        """What a set says of codes that have no block; a set that is not relcode's goes to the description."""
        by_guid = self.ids_by_guid()
        members = [by_guid[member.guid] for member in each.all("MemberCode") if member.guid in by_guid]
        unread = [code_id for code_id in members if code_id in self._foreign]
        if each.name in _SPEAKER_SETS:
            for code_id in unread:
                self._said.setdefault(code_id, []).append(_SPEAKER_SETS[each.name])
                self._entries[code_id]["speakers"] = self._said[code_id]
        elif each.name.startswith(AT_MOST_ONE):
            for code_id in unread:
                self._entries[code_id]["exclusive"] = each.name.removeprefix(AT_MOST_ONE)
        elif each.name == MODES:
            for code_id in unread:
                self._entries[code_id]["mode"] = True
        elif members:
            text, _, _ = split_block(each.description)
            self.extra.append(f"Set {each.name}: {', '.join(members)}." + (f" {text}" if text else ""))
            self.notes.append(f"Set {each.name!r} has no place in a codebook; its members stand in the description.")


def _own_ids(elements: Iterable[Element]) -> Iterable[str]:
    for element in elements:
        _, block, _ = split_block(element.description)
        if block and "code" in block:
            yield block["code"]["id"]
        yield from _own_ids(element.all("Code"))
