"""The notebook for analysts, run from its first cell to its last, as Jupyter runs it: in order, in one namespace."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
NOTEBOOK = json.loads((EXAMPLES / "analysis.ipynb").read_text(encoding="utf-8"))
CODE = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def test_it_has_ten_cells_of_code_and_keeps_no_output() -> None:
    assert len(CODE) == 10
    cells = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


def run_cell(source: str, namespace: dict[str, Any]) -> Any:
    """Run a cell; what Jupyter would show: the value of its last expression."""
    *statements, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        statements, last = [*statements, last], None
    exec(compile(ast.Module(statements, []), "cell", "exec"), namespace)
    return None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)


@pytest.mark.slow
def test_every_cell_runs_and_shows_something(monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    monkeypatch.chdir(EXAMPLES)
    namespace: dict[str, Any] = {}
    shown = [run_cell(source, namespace) for source in CODE]
    tables = [value for value in shown if isinstance(value, pd.DataFrame)]
    charts = [value.to_dict() for value in shown if hasattr(value, "to_dict") and not isinstance(value, pd.DataFrame)]
    assert (len(tables), len(charts)) == (6, 3)
    assert all(len(table) for table in tables)
    assert all(chart["$schema"] for chart in charts)
    agreement, scores, report = namespace["agreement"], namespace["scores"], namespace["figures"]
    assert agreement.value.between(-1, 1).sum() > 10
    assert len(scores) > 1000
    assert scores.attrs["codebook"] == namespace["book"].id
    assert report.value.notna().any()
