"""Run within QualCoder's environment: texts coded by two people there, exported by its own REFI-QDA export.

    python qualcoder_coding.py CHECKOUT JOB.json FOLDER

JOB names a codebook (`qdc`) to be imported, `texts` (paths) and `codings` (text's name, start, end, code's name, coder), start
and end in code points. QualCoder's window takes positions from Qt's cursor, which counts UTF-16 units; so does this. Its
loading of a text makes every line end one `\\n`. Writes FOLDER/coded.qdpx; the dialogs are answered here.
"""

from __future__ import annotations

import builtins
import json
import os
import sqlite3
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from qualcoder_import import package_of, statements

WHEN = "2026-11-28 12:00:00"


def main() -> None:
    checkout, job_file, folder = map(Path, sys.argv[1:])
    job: dict[str, Any] = json.loads(job_file.read_text(encoding="utf-8"))
    package = package_of(checkout)
    sys.path.insert(0, str(package.parent))
    os.environ["HOME"] = str(folder)  # the export is put together in ~/.qualcoder
    (folder / ".qualcoder").mkdir(parents=True)
    (folder / "documents").mkdir()
    builtins._ = lambda text: text  # type: ignore[attr-defined]  # its translation of messages
    from PyQt6 import QtWidgets
    from qualcoder import refi

    application = QtWidgets.QApplication([])
    refi.Message = lambda *_: SimpleNamespace(exec=lambda: None)
    choice = SimpleNamespace(radioButton_maxqda=SimpleNamespace(isChecked=lambda: False))
    refi.RefiLineEndings = lambda *_: SimpleNamespace(exec=lambda: None, ui=choice)
    refi.QtWidgets.QFileDialog.getOpenFileName = lambda *_, **__: (job["qdc"], True)
    refi.QtWidgets.QFileDialog.getExistingDirectory = lambda *_, **__: str(folder)
    connection = sqlite3.connect(":memory:")
    for statement in statements(package / "__main__.py"):
        connection.execute(statement)
    connection.execute("insert into project (date) values (?)", (WHEN,))
    settings = {"directory": str(folder), "codername": "default", "ai_enable": "False", "font": "Sans", "fontsize": 10}
    app = SimpleNamespace(conn=connection, settings=settings, project_path=str(folder), project_name="coded.qda")
    app.version, app.get_annotations = "QualCoder (tests)", list
    log = SimpleNamespace(append=lambda *_: None)
    refi.RefiImport(app, log, "qdc")
    _load(connection, [Path(path) for path in job["texts"]])
    _code(connection, job["codings"])
    refi.RefiExport(app, log, "project")
    application.quit()


def _load(connection: sqlite3.Connection, paths: list[Path]) -> None:
    for path in paths:
        text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        connection.execute(
            "insert into source (name, fulltext, memo, owner, date) values (?, ?, '', 'default', ?)",
            (path.name, text, WHEN),
        )


def _code(connection: sqlite3.Connection, codings: list[tuple[str, int, int, str, str]]) -> None:
    """Select with a cursor as the coding window does, and store what it says."""
    from PyQt6.QtGui import QTextCursor, QTextDocument

    texts = {name: (number, text) for number, name, text in connection.execute("select id, name, fulltext from source")}
    codes = dict(connection.execute("select name, cid from code_name"))
    for name, start, end, code, coder in codings:
        number, text = texts[name]
        document = QTextDocument()
        document.setPlainText(text)
        cursor = QTextCursor(document)
        cursor.setPosition(_units(text[:start]))
        cursor.setPosition(_units(text[:end]), QTextCursor.MoveMode.KeepAnchor)
        words = cursor.selectedText().replace("\u2029", "\n")
        assert words == text[start:end], (name, start, end)
        connection.execute(
            "insert into code_text (cid, fid, seltext, pos0, pos1, owner, memo, date) values (?, ?, ?, ?, ?, ?, '', ?)",
            (codes[code], number, words, cursor.selectionStart(), cursor.selectionEnd(), coder, WHEN),
        )


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


if __name__ == "__main__":
    main()
