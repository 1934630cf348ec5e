"""Carry a codebook through QualCoder and back: relcode -> .qdc -> QualCoder's reader -> its writer -> .qdc -> relcode.

    python benchmarks/exchange/qualcoder.py PYTHON [--source FOLDER] [--codebook relational-core]

PYTHON is the interpreter of an environment in which QualCoder can be imported, or, with --source, of one that has PyQt6,
pymupdf and Pillow, FOLDER then holding QualCoder's package `qualcoder` (the folder `src` of its repository). QualCoder's
own classes RefiImport and RefiExport do the work, without a window; its dialogs are answered here, and its database is
one in memory with the columns that they use. Prints what arrived; exits with 1 if a code, category or text did not.
"""

from __future__ import annotations

import argparse
import builtins
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_TABLES = {
    "code_cat": "catid integer primary key, name text unique, owner text, date text, memo text, supercatid integer",
    "code_name": "cid integer primary key, name text unique, memo text, catid integer, owner text, date text, color text, "
    "supercid integer",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python", type=Path)
    parser.add_argument("--source", type=Path)
    parser.add_argument("--codebook", default="relational-core")
    arguments = parser.parse_args()

    from relcode.codebook import load_codebook
    from relcode.codebook.refiqda import read_qdc, write_qdc

    book = load_codebook(arguments.codebook)
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder) / f"{book.id}.qdc"
        write_qdc(book, sent)
        found = _through(arguments.python, arguments.source, sent)
        back, notes = read_qdc(Path(found["exported"]))
        colored, _ = read_qdc(Path(found["exported"]), keep_colors=True)
    sys.exit(_report(book, found, back, colored, notes))


def _through(python: Path, source: Path | None, sent: Path) -> dict[str, Any]:
    """What QualCoder has after reading the file, and where it wrote it again."""
    paths = [str(source)] if source else []
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [str(python), __file__, "--inside", str(sent)], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"QualCoder could not be run:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _report(book: Any, found: dict[str, Any], back: Any, colored: Any, notes: list[str]) -> int:
    rows = {row["name"]: row for row in found["codes"]}
    same = sum(code.name in rows and rows[code.name]["memo"].startswith(f"Code {code.id};") for code in book.codes)
    colors = sum(code.name in rows and rows[code.name]["color"].upper() == code.color.upper() for code in book.codes)
    nested = sum(rows[code.name]["parent"] is not None for code in book.codes if code.name in rows)
    print(f"{book.reference}: {len(book.codes)} codes sent")
    print(f"QualCoder read {len(rows)} codes, {same} with their text, {nested} of them in a category or code;")
    print(f"  categories: {', '.join(found['categories'])}")
    print(f"  colours: {colors} as sent, {len(book.codes) - colors} moved to the nearest of QualCoder's palette")
    made = [code for code in back.codes if code.id not in book.by_id]
    kept = [code for code in colored.codes if code.id in book.by_id]
    whole = kept == book.codes
    print(f"back in relcode: {len(kept)} codes, all equal but for colours: {whole}; made in QualCoder: {len(made)}")
    print(*(f"  note: {note}" for note in notes), sep="\n")
    return 0 if same == len(book.codes) and whole and len(made) == 1 else 1


def inside(sent: Path) -> None:
    """Run within QualCoder's environment: read the file, add a code, write the codebook, print what is there."""
    sys.path[:] = [path for path in sys.path if Path(path).resolve() != Path(__file__).parent]  # this file has its name
    builtins._ = lambda text: text  # type: ignore[attr-defined]  # QualCoder's translation of messages
    from PyQt6 import QtWidgets
    from qualcoder import refi

    application = QtWidgets.QApplication([])
    folder = sent.parent / "exported"
    folder.mkdir()
    refi.Message = lambda *_: SimpleNamespace(exec=lambda: None)
    refi.QtWidgets.QFileDialog.getOpenFileName = lambda *_, **__: (str(sent), True)
    refi.QtWidgets.QFileDialog.getExistingDirectory = lambda *_, **__: str(folder)
    connection = sqlite3.connect(":memory:")
    for table, columns in _TABLES.items():
        connection.execute(f"create table {table} ({columns})")
    settings = {"directory": str(folder), "fontsize": 10, "font": "Sans"}
    app = SimpleNamespace(conn=connection, settings=settings, project_name="exchange.qda", get_annotations=list)
    log = SimpleNamespace(append=lambda _: None)

    refi.RefiImport(app, log, "qdc")
    query = (
        "select c.name, c.memo, c.color, coalesce(o.name, k.name) from code_name c "
        "left join code_name o on o.cid = c.supercid left join code_cat k on k.catid = c.catid"
    )
    names = ("name", "memo", "color", "parent")
    codes = [dict(zip(names, row, strict=True)) for row in connection.execute(query)]
    categories = [name for (name,) in connection.execute("select name from code_cat")]
    connection.execute(
        "insert into code_name (name, memo, owner, date, catid, color) values (?, ?, ?, ?, 1, ?)",
        ("A code made in QualCoder", "What it means.", "me", "2026-01-01 00:00:00", "#F5A9A9"),
    )

    class Export(refi.RefiExport):  # type: ignore[misc]
        """Without the tables of sources and coders, which a codebook does not need."""

        def get_sources(self) -> None: ...

        def get_users(self) -> None: ...

    Export(app, log, "codebook")
    exported = next(folder.iterdir())
    application.quit()
    print(json.dumps({"codes": codes, "categories": categories, "exported": str(exported)}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(Path(sys.argv[2]))
    else:
        main()
