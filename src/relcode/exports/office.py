"""Word and Excel: a paragraph or a row a turn, for people to read."""

from __future__ import annotations

import io

from relcode.exports.errors import ExportError
from relcode.exports.text import COLUMNS, one_line, rows
from relcode.records import Session


def to_word(session: Session) -> bytes:
    """Paragraphs `T: words`. Author and title of the document stay empty.

    Raises
    ------
    ExportError
        Control characters, which Word cannot hold.
    """
    import docx

    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.title = properties.comments = properties.last_modified_by = ""
    for turn in session.turns:
        try:
            document.add_paragraph(f"{turn.speaker}: {one_line(turn.text)}")
        except ValueError:
            raise ExportError("", [f"turn {turn.turn}: a control character, which Word cannot hold"]) from None
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def to_excel(session: Session) -> bytes:
    """A sheet with the columns turn, speaker, t0, t1 and text; words are never taken for a formula.

    Raises
    ------
    ExportError
        Control characters, which Excel cannot hold.
    """
    import openpyxl
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(COLUMNS)
    for number, row in enumerate(rows(session), start=2):
        for column, value in enumerate(row, start=1):
            try:
                cell = sheet.cell(number, column, value)
            except IllegalCharacterError:
                raise ExportError("", [f"turn {row[0]}: a control character, which Excel cannot hold"]) from None
            if isinstance(value, str):
                cell.data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
