"""The text of a TEI utterance, with signs for what stands in it, as readable text.

The signs are control characters, which XML cannot hold.
"""

from __future__ import annotations

import re

from relcode.transcripts.notation import DOUBTFUL, OVERLAP, OVERLAP_ENDS, balanced

WORD, WORD_ENDS, PUNCTUATION, DOUBT = "\x01", "\x02", "\x03", "\x06"
OVERLAP_SIGN, OVERLAP_ENDS_SIGN = "\x07", "\x08"
_ANCHOR, _ANCHOR_ENDS = "\x04", "\x05"
_ANCHORS = re.compile("\x04([^\x05]*)\x05")
_OPENERS = "(\\[“„«¿¡"


def anchor(point: str) -> str:
    """A point of the timeline in the text."""
    return f"{_ANCHOR}{point}{_ANCHOR_ENDS}"


def stretches(text: str, start: str | None, end: str | None) -> list[tuple[str | None, str | None, str]]:
    """The text between each point of the timeline and the next: (point, next point, text)."""
    pieces = _ANCHORS.split(text)
    points = [start, *pieces[1::2], end]
    return list(zip(points[:-1], points[1:], pieces[0::2], strict=True))


def readable(text: str) -> str:
    """Write the text in the normal form of docs/formats.md: words parted, signs as notes, white space as one space."""
    text = re.sub(r"\s+", " ", _ANCHORS.sub("", text))
    if re.search(f"\\s{WORD_ENDS}", text):  # the words bring their own spaces
        text = re.sub(f"[{WORD}{WORD_ENDS}{PUNCTUATION}]", "", text)
    else:
        text = re.sub(f"{PUNCTUATION}(?=[{_OPENERS}])", " ", text)
        text = re.sub(f"(?<=[{_OPENERS}])[\\s{WORD}]+", "", text)
        text = re.sub(f"[\\s{WORD_ENDS}]*{PUNCTUATION}", "", text).replace(WORD, " ").replace(WORD_ENDS, "")
    text = re.sub(f"{OVERLAP_ENDS_SIGN}(\\s*){OVERLAP_SIGN}", r"\1", text)
    text = re.sub(f"{DOUBT}([^\\s{DOUBT}]*)", rf"\1 {DOUBTFUL} ", text)
    pieces: list[str] = []
    for word in text.split():
        bare = word.replace(OVERLAP_SIGN, "").replace(OVERLAP_ENDS_SIGN, "")
        begins, ends = OVERLAP_SIGN in word, OVERLAP_ENDS_SIGN in word
        pieces += [*[OVERLAP] * begins, *[bare] * bool(bare), *[OVERLAP_ENDS] * ends]
    return re.sub(r" (?=[.,;:?!]+(?: |$))", "", " ".join(balanced(pieces)))
