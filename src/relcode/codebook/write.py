"""A codebook as YAML that people read and edit: the way the shipped ones are written; loading it gives the same book."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from relcode.codebook.schema import Codebook
from relcode.errors import CodebookError
from relcode.provenance import write_text

WIDTH = 120
# In the order of the shipped files, where a cue's id comes first and a code's numbers stand beside its cues.
_CODE_KEYS = [
    *("id", "name", "parent", "speakers", "exclusive", "was", "definition", "include", "exclude", "rules", "examples"),
    *("beats", "mode", "color", "key", "prior", "offer_at", "cues"),
]
_CUE_KEYS = ["id", "use", "weight", "in", "when", "patterns", "note"]
_NOT_WRITTEN = {"used", "members", "origin"}  # what loading fills in
_ITEMS = {"sources", "include", "exclude"}  # lists of sentences: an item a line
_FOLDED = {"description", "definition"}
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}  # some reader of YAML takes these for values
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_START = re.compile(r"[^\W\d_]")
_NOT_PLAIN = re.compile(r":(\s|$)|\s#|\s$")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def write_codebook(codebook: Codebook, path: Path, *, heading: str = "") -> None:
    """Write a codebook as YAML.

    Parameters
    ----------
    heading
        What a comment at the top says. Comments of the file that a codebook was loaded from are not kept.

    Raises
    ------
    CodebookError
        Several codebooks put together: they stand in files of their own.
    """
    write_text(path, as_yaml(codebook, heading=heading))


def as_yaml(codebook: Codebook, *, heading: str = "") -> str:
    """The text that `write_codebook` writes: values that are the default left out."""
    if codebook.members:
        raise CodebookError(
            f"{codebook.reference} is put together from {len(codebook.members)} codebooks. Write them one at a time."
        )
    mapping = as_mapping(codebook)
    lexicons, codes = mapping.pop("lexicons", {}), mapping.pop("codes", [])
    lines = [f"# {line}".rstrip() for line in heading.splitlines()]
    for key, value in mapping.items():
        lines += _entry(key, value, "")
    if lexicons:
        lines += ["", "lexicons:"]
        for name, entries in lexicons.items():
            lines += _wrapped(f"  {_scalar(name)}: ", [_scalar(entry, flow=True) for entry in entries], "    ")
    lines += ["", "codes:" if codes else "codes: []"]
    for number, code in enumerate(codes):
        code_lines = [line for key in _in_order(code, _CODE_KEYS) for line in _entry(key, code[key], "    ")]
        lines += [*([""] if number else []), "  - " + code_lines[0].lstrip(), *code_lines[1:]]
    return "\n".join(lines) + "\n"


def as_mapping(record: msgspec.Struct) -> dict[str, Any]:
    """A record by its keys in YAML, in the schema's order; what is the default, or filled in by loading, left out."""
    mapping = {}
    for field in msgspec.structs.fields(type(record)):
        value = getattr(record, field.name)
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        if field.name not in _NOT_WRITTEN and (field.required or value != default):
            mapping[field.encode_name] = _builtin(value)
    return mapping


def _builtin(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return as_mapping(value)
    return [_builtin(item) for item in value] if isinstance(value, list) else value


def _in_order(mapping: Iterable[str], order: Sequence[str]) -> list[str]:
    return sorted(mapping, key=lambda key: order.index(key) if key in order else len(order))


def _entry(key: str, value: Any, indent: str) -> list[str]:
    """The lines of a key and its value, in block style as far as the shipped files have it."""
    head = f"{indent}{key}: "
    if key in _ITEMS and value:
        return [f"{indent}{key}:", *(f"{indent}  - {_scalar(item)}" for item in value)]
    if key == "rules" and value:
        rules = (f"{{against: {_scalar(rule['against'], flow=True)}, ask: {_quoted(rule['ask'])}}}" for rule in value)
        return [f"{indent}{key}:", *(f"{indent}  - {rule}" for rule in rules)]
    if key == "examples":
        lines = [f"{indent}{key}:"]
        for kind, texts in value.items():
            lines += _wrapped(f"{indent}  {kind}: ", [_quoted(text) for text in texts], indent + "    ")
        return lines
    if key == "cues" and value:
        return [f"{indent}{key}:", *(f"{indent}  - {_flow_cue(cue)}" for cue in value)]
    if isinstance(value, list):
        return _wrapped(head, [_scalar(item, flow=True) for item in value], indent + "  ")
    if key in _FOLDED and isinstance(value, str) and (len(head) + len(value) > WIDTH or "\n" in value):
        folded = _folded(value, indent + "  ")
        return [f"{head}>-", *folded] if folded else [head + _quoted(value)]
    return [head + _scalar(value)]


def _wrapped(head: str, items: Sequence[str], indent: str) -> list[str]:
    """A list in flow style, broken before WIDTH where it can be."""
    lines = [f"{head}["]
    for number, item in enumerate(items):
        piece = item + ("]" if number == len(items) - 1 else ",")
        gap = " " if number else ""
        if gap and len(lines[-1]) + len(gap) + len(piece) > WIDTH:
            lines.append(indent)
            gap = ""
        lines[-1] += gap + piece
    return lines if items else [f"{head}[]"]


def _folded(text: str, indent: str) -> list[str]:
    """The lines of a folded text; none where folding would not give the same text back."""
    if not text.replace("\n", "").isprintable() or re.search(r"^\s|\s$|\n ", text):
        return []
    lines: list[str] = []
    for line in re.sub(r"\n+", lambda breaks: breaks[0] + "\n", text).split("\n"):
        lines.append("")
        for word in re.split(r"(?<=[^ ]) (?=[^ ])", line):
            if lines[-1] and len(lines[-1]) + 1 + len(word) > WIDTH:
                lines.append("")
            lines[-1] += f" {word}" if lines[-1] else f"{indent}{word}" if word else ""
    return lines


def _flow_cue(cue: dict[str, Any]) -> str:
    pairs = []
    for key in _in_order(cue, _CUE_KEYS):
        if key == "patterns":
            patterns = [_quoted(each) if isinstance(each, str) else _scalar(each, flow=True) for each in cue[key]]
            pairs.append(f"{key}: [{', '.join(patterns)}]")
        else:
            pairs.append(f"{key}: {_scalar(cue[key], flow=True)}")
    return f"{{{', '.join(pairs)}}}"


def _scalar(value: Any, *, flow: bool = False) -> str:
    """A value on one line; `flow`: within brackets, where commas and brackets end a plain text."""
    if isinstance(value, dict):
        pairs = (f"{_scalar(key, flow=True)}: {_scalar(each, flow=True)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(_scalar(each, flow=True) for each in value)}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        text = repr(value)
        return re.sub(r"^(-?\d+)e", r"\1.0e", text).replace("inf", ".inf").replace("nan", ".nan")
    text = str(value)
    plain = text.isprintable() and text.lower() not in _WORDS and not _NOT_PLAIN.search(text)
    if plain and (_VERSION.fullmatch(text) or (_START.match(text) and not (flow and re.search(r"[,\[\]{}:]", text)))):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    return f'"{"".join(_ESCAPES.get(sign) or _escaped(sign) for sign in text)}"'


def _escaped(sign: str) -> str:
    if sign.isprintable():
        return sign
    number = ord(sign)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"
