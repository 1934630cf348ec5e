"""Run within QualCoder's environment: its own import of a REFI-QDA project into a new project; prints what is there then.

    python qualcoder_import.py CHECKOUT PROJECT.qdpx FOLDER

The tables are made by the statements that stand in QualCoder's `new_project`; its dialogs are answered here.
"""

from __future__ import annotations

import ast
import builtins
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

_TABLES = {
    "sources": "select id, name, fulltext, owner from source",
    "codings": "select fid, code_name.name, pos0, pos1, seltext, code_text.owner from code_text left join code_name using (cid)",
    "codes": "select name, memo, color from code_name",
    "categories": "select name from code_cat",
}


def main() -> None:
    checkout, project, folder = map(Path, sys.argv[1:])
    package = package_of(checkout)
    sys.path.insert(0, str(package.parent))
    builtins._ = lambda text: text  # type: ignore[attr-defined]  # its translation of messages
    from PyQt6 import QtWidgets
    from qualcoder import refi

    application = QtWidgets.QApplication([])
    refi.Message = lambda *_: SimpleNamespace(exec=lambda: None)
    refi.QtWidgets.QFileDialog.getOpenFileName = lambda *_, **__: (str(project), True)
    (folder / "documents").mkdir(parents=True)
    connection = sqlite3.connect(":memory:")
    for statement in statements(package / "__main__.py"):
        connection.execute(statement)
    settings = {"directory": str(folder), "codername": "default", "ai_enable": "False"}
    app = SimpleNamespace(conn=connection, settings=settings, project_path=str(folder), ai_models=[])
    app.write_config_ini = lambda *_: None
    said: list[str] = []
    refi.RefiImport(app, SimpleNamespace(append=said.append), "qdpx")
    found = {name: connection.execute(query).fetchall() for name, query in _TABLES.items()}
    application.quit()
    print(json.dumps({**found, "said": said}))


def package_of(checkout: Path) -> Path:
    """The folder of QualCoder's package."""
    return next(path.parent for path in sorted(checkout.glob("**/qualcoder/refi.py")))


def statements(module: Path) -> Iterator[str]:
    """The statements with which QualCoder makes the tables of a new project."""
    for function in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef) and function.name == "new_project":
            for node in ast.walk(function):
                if isinstance(node, ast.Constant) and str(node.value).upper().startswith("CREATE TABLE"):
                    yield node.value


if __name__ == "__main__":
    main()
