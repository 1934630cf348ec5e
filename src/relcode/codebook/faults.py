"""What can be wrong in a codebook whose form is right: names that lead nowhere, circles, values out of range."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from relcode.codebook.features import feature_fault
from relcode.codebook.patterns import expand_pattern
from relcode.codebook.schema import Code, Codebook, Condition, Cue
from relcode.codebook.source import Place

_ID = re.compile(r"[a-z][a-z0-9-]*")
_CODE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_KEY = re.compile(r"[0-9a-z]")
Fault = tuple[Place, str]
_NO_CONDITION = Condition()


def find_faults(codebook: Codebook) -> list[Fault]:
    """All faults, each with its place in the YAML."""
    faults: list[Fault] = []
    if not codebook.members and not _ID.fullmatch(codebook.id):
        faults.append((("id",), f"id {codebook.id!r}: expected lower-case letters, digits and dashes"))
    if not codebook.members and not _VERSION.fullmatch(codebook.version):
        faults.append((("version",), f"version {codebook.version!r}: expected three numbers such as 1.0.0"))
    faults += _lexicon_faults(codebook)
    faults += _twice(codebook)
    faults += _circles(codebook)
    for number, code in enumerate(codebook.codes):
        faults += [(("codes", number, *place), f"code {code.id}: {fault}") for place, fault in _code(code, codebook)]
    return faults


def _lexicon_faults(codebook: Codebook) -> Iterator[Fault]:
    known = {name for book in (codebook, *codebook.all_used) for name in book.lexicons}
    for name, entries in codebook.lexicons.items():
        place = ("lexicons", name)
        if not entries:
            yield place, f"lexicon {name} is empty"
        for entry in entries:
            other = entry[1:-1] if entry.startswith("<") and entry.endswith(">") else None
            if other is not None and other not in known:
                yield place, f"lexicon {name}: there is no lexicon named {other!r}"
            elif " " in entry:
                yield place, f"lexicon {name}: {entry!r} has a space; entries are single words"
        if entries and name in known and not codebook.words[name]:
            yield place, f"lexicon {name} holds nothing but itself"


def _twice(codebook: Codebook) -> Iterator[Fault]:
    for number, code in enumerate(codebook.codes):
        if code.id in codebook.code_ids[:number]:
            yield ("codes", number, "id"), f"code {code.id} is defined twice"
        if code.key and code.key in [other.key for other in codebook.codes[:number]]:
            yield ("codes", number, "key"), f"key {code.key!r} is given to two codes"


def _circles(codebook: Codebook) -> Iterator[Fault]:
    for field in ("parent", "beats"):
        after: dict[str, list[str]] = {}
        for code in codebook.codes:
            value = getattr(code, field)
            after[code.id] = [value] if isinstance(value, str) else list(value or ())
        for number, code in enumerate(codebook.codes):
            if code.id in _reached(code.id, after):
                yield ("codes", number, field), f"code {code.id}: {field} goes round in a circle back to it"


def _reached(start: str, after: dict[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(after.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += after.get(name, ())
    return reached


def _code(code: Code, codebook: Codebook) -> Iterator[Fault]:
    if not _CODE_ID.fullmatch(code.id):
        yield ("id",), f"id {code.id!r}: expected letters, digits, dot, dash, underscore"
    if not 0 < code.prior < 1:
        yield ("prior",), f"prior {code.prior} is not between 0 and 1"
    if not 0 < code.offer_at < 1:
        yield ("offer_at",), f"offer_at {code.offer_at} is not between 0 and 1"
    if not code.speakers:
        yield ("speakers",), "no speaker may carry it"
    if not _COLOR.fullmatch(code.color):
        yield ("color",), f"color {code.color!r}: expected the form #RRGGBB"
    if code.key and not _KEY.fullmatch(code.key):
        yield ("key",), f"key {code.key!r}: expected one of 0-9, a-z"
    if code.parent is not None and code.parent not in codebook.by_id:
        yield ("parent",), f"parent {code.parent}: there is no such code"
    if code.mode and "T" not in code.speakers:
        yield ("mode",), "an ordinary mode is the therapist's, who may not carry it"
    for other in code.beats:
        if not _known([other], codebook):
            yield ("beats",), f"beats {other}: there is no such code"
    seen: set[str] = set()
    for number, cue in enumerate(code.cues):
        if cue.name and cue.name in seen:
            yield ("cues", number), f"cue {cue.name} is defined twice"
        seen.add(cue.name)
        yield from (
            (("cues", number, *place), f"cue {cue.name or number + 1}: {fault}") for place, fault in _cue(cue, codebook)
        )


def _cue(cue: Cue, codebook: Codebook) -> Iterator[Fault]:
    if not math.isfinite(cue.weight):
        yield ("weight",), f"weight {cue.weight} is no finite number"
    if cue.use is not None:
        if cue.patterns or cue.id or cue.in_ == "before" or cue.when != _NO_CONDITION:
            yield ("use",), "it takes over another cue, so it has no id, patterns or conditions of its own"
        if not _has_cue(cue.use, codebook):
            yield ("use",), f"there is no cue {cue.use} to take over; expected CODE/cue-id"
        return
    if not cue.id:
        yield (), "it needs an id (or `use`)"
    named = [*(cue.when.after or ()), *(cue.when.with_ or ())]
    for name in named:
        if not _known([name], codebook):
            yield ("when",), f"there is no code {name} here or in the codebooks used"
    if any(third not in (1, 2, 3) for third in cue.when.thirds or ()):
        yield ("when", "thirds"), "expected thirds of the session: 1, 2, 3"
    for name in cue.when.features or ():
        if fault := feature_fault(name):
            yield ("when", "features"), fault
    for number, pattern in enumerate(cue.patterns):
        try:
            expand_pattern(pattern, codebook.words, codebook.translated)
        except ValueError as error:
            yield ("patterns", number), f"pattern {number + 1}: {error}"


def _known(names: Iterable[str], codebook: Codebook) -> bool:
    return all(any(book.family(name) for book in (codebook, *codebook.all_used)) for name in names)


def _has_cue(use: str, codebook: Codebook) -> bool:
    code_id, _, cue_id = use.partition("/")
    return any(
        cue.id == cue_id and cue.use is None
        for book in (codebook, *codebook.all_used)
        if code_id in book.by_id
        for cue in book.by_id[code_id].cues
    )
