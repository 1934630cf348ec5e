"""The text of a Word document as it reads with all changes accepted; what is left out is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# What only wraps text. Tracked insertions count, deletions do not: the document as it reads with all changes accepted.
_WRAPPERS = {
    W + name
    for name in (
        *("sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml", "hyperlink", "fldSimple"),
        "dir",
        "bdo",
    )
}
_CHARACTERS = {W + "tab": "\t", W + "ptab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
_LEFT_OUT = {
    "del": "tracked deletion(s) left out",
    "moveFrom": "tracked deletion(s) left out",
    "commentReference": "comment(s) left out",
    "footnoteReference": "footnote(s) left out",
    "endnoteReference": "footnote(s) left out",
    "txbxContent": "text box(es) left out",
}
_HIDDEN = "run(s) of hidden text left out"
_INSERTED = "tracked insertion(s) kept"


def inside(parent: Any, *names: str) -> Iterator[Any]:
    """Children of these names, also where they are wrapped (content controls, tracked insertions)."""
    for child in parent:
        if child.tag in {W + name for name in names}:
            yield child
        elif child.tag in _WRAPPERS:
            yield from inside(child, *names)


def text_of(paragraph: Any) -> str:
    """The text of a paragraph: soft line breaks as line breaks, tabs as tabs; no hidden text."""
    return "".join(
        (piece.text or "") if piece.tag == W + "t" else _CHARACTERS.get(piece.tag, "")
        for run in inside(paragraph, "r")
        if not _is_hidden(run)
        for piece in run
    ).strip(" ")


def rows_of(table: Any) -> Iterator[Any]:
    """The rows of a table that are not deleted."""
    return (row for row in inside(table, "tr") if row.find(f"{W}trPr/{W}del") is None)


def left_out(body: Any) -> list[str]:
    """Doubts on what a document holds beside its text: comments, tracked changes, footnotes, boxes, hidden text."""
    found: Counter[str] = Counter()
    for element in body.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.tag.removeprefix(W)
        if name in _LEFT_OUT and (name != "del" or element.find(f".//{W}delText") is not None):
            found[_LEFT_OUT[name]] += 1
        elif name == "ins" and element.find(f".//{W}t") is not None:
            found[_INSERTED] += 1
        elif name == "r" and _is_hidden(element) and element.find(f"{W}t") is not None:
            found[_HIDDEN] += 1
    # the same box stands in the file twice, once for older programs
    twice = sum(len(list(fallback.iter(f"{W}txbxContent"))) for fallback in body.iter(f"{_COMPATIBLE}Fallback"))
    if twice:
        found[_LEFT_OUT["txbxContent"]] -= twice
    return [f"{count} {what}" for what, count in found.items() if count]


def _is_hidden(run: Any) -> bool:
    vanish = run.find(f"{W}rPr/{W}vanish")
    return vanish is not None and vanish.get(f"{W}val") not in ("0", "false", "off")
