r"""Rich Text (`.rtf`, as f4, Word, TextEdit and LibreOffice save it) as plain text: a line a paragraph.

striprtf knows code pages, fonts and escapes. What it would take for text is taken out before: hidden text, tracked
deletions, automatic numbers, pictures.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from relcode.errors import TranscriptError

_BEGINS = b"{\\rtf"
_TOKEN = re.compile(
    rb"\\(?P<word>[a-z]+)(?P<number>-?\d{1,10})? ?|\\'[0-9a-f]{2}|\\[^a-z]|(?P<brace>[{}])|[^\\{}]+|\\",
    re.IGNORECASE | re.DOTALL,
)
# groups that hold nothing that stands on the page, or what Word documents are read without too
_NO_TEXT = {
    b"fonttbl",
    b"pict",
    b"listtext",
    b"pntext",
    b"stylesheet",
    b"info",
    b"object",
    b"annotation",
    b"footnote",
    b"shp",
}
_LEFT_OUT = {
    b"annotation": "comment(s) left out",
    b"footnote": "footnote(s) left out",
    b"shptxt": "text box(es) left out",
    b"deleted": "tracked deletion(s) left out",
    b"v": "run(s) of hidden text left out",
    b"revised": "tracked insertion(s) kept",
}
_WITHIN = {b"annotation", b"shptxt"}  # these stand in groups that are left out as a whole
# cells are parted as plain text is; a backslash before a line end is a paragraph, also before one of Windows
_WRITTEN = {b"cell": b"\\tab ", b"nestcell": b"\\tab ", b"\\\r": b"\\par "}
_CODE_PAGES = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_TEXT_WORDS = {b"u", b"tab", b"line", b"emdash", b"endash", b"bullet", b"lquote", b"rquote", b"ldblquote", b"rdblquote"}
_MAC = re.compile(rb"\\ansicpg10000(?!\d) ?")
_SIGNS = str.maketrans({"\xad": None, "\u2011": "-", "\x00": None, "\r": None})


@dataclass(frozen=True, repr=False)
class RichText:
    """The text on the page, and doubts: what else the document holds."""

    text: str
    doubts: tuple[str, ...] = ()


def is_rtf(data: bytes) -> bool:
    return data[:16].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(_BEGINS)


def read_rtf(path: Path, data: bytes) -> RichText:
    r"""The document with all changes accepted: a paragraph or soft break ends a line, a tab parts the cells of a table.

    Headers, footers, footnotes, comments, text boxes, hidden text and properties are left out.

    Raises
    ------
    TranscriptError
        Control words or signs that no reader of RTF can make out.
    """
    shown, found, code_page = _on_the_page(_MAC.sub(rb"\\mac ", data[data.index(_BEGINS) :]))
    ascii_only = _in_ascii(shown)
    try:
        text = rtf_to_text(ascii_only, encoding=code_page)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16")  # two halves of a sign are one
    except (ValueError, TypeError, LookupError, OverflowError):
        raise TranscriptError(
            f"{path} is an RTF document that cannot be read: it may be cut off, or holds signs that are not in its code "
            "page; open it in Word or LibreOffice and save it as .docx."
        ) from None
    return RichText(text.translate(_SIGNS), tuple(f"{count} {what}" for what, count in found.items()))


def _on_the_page(data: bytes) -> tuple[bytes, Counter[str], str]:
    """The document without what is not shown, how much that was, and the code page that its first words name."""
    shown: list[bytes] = []
    found: Counter[str] = Counter()
    code_page = "cp1252"
    states: list[frozenset[bytes]] = []
    hidden: frozenset[bytes] = frozenset()  # of `v` and `deleted`, what holds here
    skipped = 0  # depth within a group that is left out
    place = 0
    font, charsets = b"0", dict[bytes, bytes]()
    while match := _TOKEN.match(data, place):
        place = match.end()
        word, brace = (match["word"] or b"").lower(), match["brace"]
        is_on = match["number"] != b"0"
        if word == b"bin":
            place += max(0, int(match["number"] or 0))
            continue
        if word in _LEFT_OUT and is_on and (not skipped or word in _WITHIN):
            found[_LEFT_OUT[word]] += 1
        if skipped:
            skipped += (brace == b"{") - (brace == b"}")
            if word == b"f":
                font = match["number"] or b"0"
            elif word == b"fcharset":
                charsets[font] = match["number"] or b"0"
            if skipped:
                continue
        if brace == b"{":
            states.append(hidden)
        elif brace == b"}":
            hidden = states.pop() if states else hidden
        elif word in _NO_TEXT or match[0] == b"\\*":
            skipped = 1
            continue
        elif word in (b"v", b"deleted"):
            hidden = hidden | {word} if is_on else hidden - {word}
        elif word == b"plain":
            hidden = frozenset()
        elif word in _CODE_PAGES:
            code_page = _CODE_PAGES[word]
        elif hidden and (not word or word in _TEXT_WORDS):
            continue
        shown.append(_WRITTEN.get(word or match[0], match[0]))
    return b"{" + _font_table(charsets) + b"".join(shown[1:]), found, code_page


def _font_table(charsets: Mapping[bytes, bytes]) -> bytes:
    """The table of fonts with what matters of it: striprtf takes minutes for one that is made to be slow."""
    return b"{\\fonttbl%s}" % b"".join(b"{\\f%s\\fcharset%s x;}" % font for font in charsets.items())


def _in_ascii(data: bytes) -> str:
    """Bytes beyond ASCII as escapes: they are of the document's code page, unless all of it is UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return re.sub(rb"[\x80-\xff]", lambda byte: b"\\'%02x" % byte[0][0], data).decode("ascii")
