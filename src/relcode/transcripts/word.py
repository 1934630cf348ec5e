"""Word documents: paragraphs `T: words`, or a table with a column for the speaker and one for the words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from relcode.errors import TranscriptError
from relcode.transcripts.roles import Utterance, is_role_word, split_mark
from relcode.transcripts.tables import columns_by_name, seconds

_MOST_BYTES = 200_000_000
_FEW_BYTES = 1_000_000
_MOST_RATIO = 200
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# What only wraps text. Tracked insertions count, deletions do not: the document as it reads with all changes accepted.
_WRAPPERS = {
    _W + name for name in ("sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml", "hyperlink", "fldSimple")
}
_CHARACTERS = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-"}


def read_word(path: Path, data: bytes | None = None) -> list[Utterance]:
    """Read a `.docx` in the order of the page; a paragraph or row without a mark continues the speaker before.

    Paragraphs before the first mark (a title) are passed over. `data` are its bytes, where it lies within another file.

    Raises
    ------
    TranscriptError
        No Word document, one that unpacks to far more than it holds, no paragraph with a speaker's mark, or a table
        without a header row beside paragraphs with marks (it may be the transcript, or particulars of the session).
    """
    import docx

    data = path.read_bytes() if data is None else data
    if "word/document.xml" not in office_parts(path, data):
        raise TranscriptError(f"{path} is a zip archive, but no Word document.")
    try:
        body = docx.Document(io.BytesIO(data)).element.body
    except Exception as error:  # python-docx lets XML and packaging errors of many kinds through
        raise TranscriptError(f"{path} is no Word document that can be read ({type(error).__name__}).") from error
    utterances: list[Utterance] = []
    kinds: set[str] = set()
    for number, block in enumerate(_inside(body, "p", "tbl"), start=1):
        if block.tag == _W + "tbl":
            found, kind = _read_table(path, block, number, utterances[-1:])
            kinds.add(kind)
            utterances += found
            continue
        for line in _text(block).split("\n"):
            mark, words = split_mark(line)
            kinds.add("marks" if mark else "")
            if mark or (words and utterances):
                utterances.append(Utterance(mark or utterances[-1].mark, words, place=f"paragraph {number}"))
    if "table without header" in kinds and kinds & {"marks", "table"}:
        raise TranscriptError(
            f"{path} holds a table without a header row beside other speech: give it a header row with Speaker and Text "
            "if it is part of the transcript, else remove it."
        )
    if not utterances:
        raise TranscriptError(f"{path}: no paragraph begins with a speaker's mark; expected `T: words`, or a table.")
    return utterances


def office_parts(path: Path, data: bytes) -> set[str]:
    """The names of the parts of an Office file.

    Raises
    ------
    TranscriptError
        Not a zip archive, or one that unpacks to far more than it holds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise TranscriptError(f"{path} is no Word or Excel file: it is not a zip archive that can be read.") from error
    size = sum(info.file_size for info in infos)
    ratio = size / max(len(data), 1)
    if size > _MOST_BYTES or (size > _FEW_BYTES and ratio > _MOST_RATIO):
        raise TranscriptError(f"{path} unpacks to {ratio:.0f} times its size; it is refused as a zip bomb.")
    return {info.filename for info in infos}


def _read_table(path: Path, table: Any, block: int, before: list[Utterance]) -> tuple[list[Utterance], str]:
    """Utterances of a table, and whether a header row names its columns."""
    rows = [["\n".join(map(_text, _inside(cell, "p"))).strip() for cell in _inside(row, "tc")] for row in _rows(table)]
    rows = [row for row in rows if any(row)]
    width = max(map(len, rows), default=0)
    if width < 2:
        raise TranscriptError(f"{path}: the table at paragraph {block} has one column; expected speaker and words.")
    rows = [row + [""] * (width - len(row)) for row in rows]
    columns = columns_by_name(rows[0])
    named = {"speaker", "text"} <= set(columns)
    if not named:
        columns = _columns_by_content(rows)
    found: list[Utterance] = []
    for number, row in enumerate(rows[int(named) :], start=1 + named):
        mark = row[columns["speaker"]] or (before + found)[-1:]
        if not mark:
            raise TranscriptError(f"{path}: row {number} of the table at paragraph {block} names no speaker.")
        speaker = mark if isinstance(mark, str) else mark[0].mark
        start = seconds(row[columns["time"]]) if "time" in columns else None
        found.append(Utterance(speaker, row[columns["text"]], start, place=f"row {number} of a table"))
    return found, "table" if named else "table without header"


def _columns_by_content(rows: list[list[str]]) -> dict[str, int]:
    """The widest column holds the words; of the others the one with most role words, then letters, the speakers."""
    columns = range(len(rows[0]))
    words = max(columns, key=lambda column: sum(len(row[column]) for row in rows))
    others = [column for column in columns if column != words]

    def speaks(column: int) -> tuple[int, int]:
        cells = [row[column] for row in rows if row[column]]
        return sum(map(is_role_word, cells)), sum(any(map(str.isalpha, cell)) for cell in cells)

    speaker = max(others, key=speaks)
    found = {"text": words, "speaker": speaker}
    times = [column for column in others if column != speaker and all(":" in row[column] for row in rows)]
    return found | ({"time": times[0]} if times else {})


def _rows(table: Any) -> Iterator[Any]:
    deleted = f"{_W}trPr/{_W}del"
    return (row for row in _inside(table, "tr") if row.find(deleted) is None)


def _inside(parent: Any, *names: str) -> Iterator[Any]:
    """Children of these names, also where they are wrapped (content controls, tracked insertions)."""
    for child in parent:
        if child.tag in {_W + name for name in names}:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inside(child, *names)


def _text(paragraph: Any) -> str:
    return "".join(
        (piece.text or "") if piece.tag == _W + "t" else _CHARACTERS.get(piece.tag, "")
        for run in _inside(paragraph, "r")
        for piece in run
    ).strip(" ")
