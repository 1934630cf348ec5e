"""From a YAML mapping to the codebook's records, past every fault: each is listed, the rest is converted."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, TypeVar

import msgspec

from relcode.codebook.schema import Code, Codebook, Cue
from relcode.codebook.source import Place

Faults = list[tuple[Place, str]]
Kind = TypeVar("Kind", bound=msgspec.Struct)
_NOT_WRITTEN = {"used", "members", "origin"}  # what loading fills in
_AT = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")


def convert_codebook(raw: dict[str, Any]) -> tuple[Codebook | None, Faults]:
    """The codebook as far as it can be understood (None where its head cannot), and every fault of form."""
    faults: Faults = []
    entries = raw.get("codes")
    if not isinstance(entries, list) or not entries:
        faults.append((("codes",), "codes: expected a list with at least one code"))
        entries = []
    found = [_convert_code(entry, ("codes", number), faults) for number, entry in enumerate(entries)]
    codes = [code for code in found if code is not None]
    head = _convert({**raw, "codes": []}, Codebook, (), faults)
    return (None if head is None else msgspec.structs.replace(head, codes=codes)), faults


def _convert_code(entry: Any, place: Place, faults: Faults) -> Code | None:
    name = (
        f"code {entry.get('id', int(place[-1]) + 1)}: " if isinstance(entry, dict) else f"code {int(place[-1]) + 1}: "
    )
    cues = entry.get("cues", []) if isinstance(entry, dict) else []
    if not isinstance(cues, list):
        faults.append(((*place, "cues"), f"{name}cues: expected a list"))
        cues = []
    kept = [_convert(cue, Cue, (*place, "cues", number), faults, name) for number, cue in enumerate(cues)]
    code = _convert({**entry, "cues": []} if isinstance(entry, dict) else entry, Code, place, faults, name)
    return None if code is None else msgspec.structs.replace(code, cues=[cue for cue in kept if cue is not None])


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The fields of a record by the key that they have in YAML."""
    fields = msgspec.structs.fields(kind)
    return {field.encode_name: field for field in fields if field.encode_name not in _NOT_WRITTEN}


def _convert(entry: Any, kind: type[Kind], place: Place, faults: Faults, name: str = "") -> Kind | None:
    """The record, with what is faulty and may be missing left out; None where something needed is faulty."""
    if not isinstance(entry, dict):
        faults.append((place, f"{name}expected the keys of a {kind.__name__.lower()}"))
        return None
    fields = _fields(kind)
    for key in [key for key in entry if key not in fields]:
        faults.append(((*place, str(key)), f"{name}there is no key {str(key)!r} here; known are {', '.join(fields)}"))
    kept = {key: value for key, value in entry.items() if key in fields}
    while True:
        try:
            return msgspec.convert(kept, kind)
        except msgspec.ValidationError as error:
            message = str(error)
            at = _AT.search(message)
            inner: Place = tuple(int(step[1]) if step[1] else step[0] for step in _STEP.findall(at[1])) if at else ()
            what = f"{'.'.join(map(str, inner))}: " if inner else ""
            faults.append(((*place, *inner), f"{name}{what}{_AT.sub('', message)}"))
            if not inner or inner[0] not in kept or fields[str(inner[0])].required:
                return None
            del kept[inner[0]]
