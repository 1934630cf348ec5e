"""Word documents: paragraphs `T: words`, or a table with a column for the speaker and one for the words."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from relcode.errors import TranscriptError
from relcode.transcripts.roles import Utterance

_MARK = re.compile(r"\s*(?:\d+[.)]?\s+)?([^:\t]{1,40}?)\s*(?:\([\d:.]+\))?\s*:[\t ]*(.*)", re.DOTALL)
_MOST_BYTES = 200_000_000
_MOST_RATIO = 200


def read_word(path: Path) -> list[Utterance]:
    """Read a `.docx`; a paragraph without a mark continues the speaker before.

    Raises
    ------
    TranscriptError
        No Word document, one that unpacks to far more than it holds, or no paragraph with a speaker's mark.
    """
    import docx

    _check_archive(path)
    try:
        document = docx.Document(str(path))
    except Exception as error:  # python-docx lets XML and packaging errors of many kinds through
        raise TranscriptError(f"{path} is no Word document that can be read ({type(error).__name__}).") from error
    utterances = [found for table in document.tables for found in _read_table(table)]
    if utterances:
        return utterances
    for paragraph in document.paragraphs:
        text = paragraph.text.strip()
        match = _MARK.fullmatch(text)
        if match:
            utterances.append(Utterance(match.group(1), match.group(2)))
        elif text and utterances:
            last = utterances[-1]
            utterances[-1] = Utterance(last.mark, f"{last.text} {text}")
    if not utterances:
        raise TranscriptError(f"{path}: no paragraph begins with a speaker's mark; expected `T: words`, or a table.")
    return utterances


def _read_table(table: Any) -> list[Utterance]:
    """Rows of a table: the last two columns that look like speaker and words; a header row is passed over."""
    rows = [[cell.text.strip() for cell in row.cells] for row in table.rows]
    rows = [row for row in rows if any(row)]
    if not rows or len(rows[0]) < 2:
        return []
    words = max(range(len(rows[0])), key=lambda column: sum(len(row[column]) for row in rows if column < len(row)))
    candidates = [column for column in range(len(rows[0])) if column != words]
    letters = {c: sum(any(x.isalpha() for x in row[c]) for row in rows if c < len(row)) for c in candidates}
    speaker = max(candidates, key=lambda column: letters[column])
    header = rows[0][speaker].lower() in {"speaker", "who", "role", "person"}
    return [Utterance(row[speaker], row[words]) for row in rows[int(header) :] if row[speaker]]


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise TranscriptError(f"{path} is no Word document: it is not a zip archive.") from error
    size = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos) or 1
    if size > _MOST_BYTES or size / packed > _MOST_RATIO:
        raise TranscriptError(f"{path} unpacks to {size / packed:.0f} times its size; it is refused as a zip bomb.")
    if not any(info.filename == "word/document.xml" for info in infos):
        raise TranscriptError(f"{path} is a zip archive, but no Word document.")
