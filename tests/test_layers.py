"""The arrows of docs/architecture.md: which part may import which; who may import spaCy, Doccano and scikit-learn."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "relcode"
BASE = {
    "errors",
    "records",
    "provenance",
    "resampling",
    "charts",
    "pages",
    "shipped",
    "spans",
    "choices",
    "compiled",
    "plugins",
    "suggestion_record",
    "codebook",
    "transcripts",
    "configuration",
    "project",
    "ledger",
    "batches",
    "version",
}
STAGES = {
    "adjudication",
    "audit",
    "certification",
    "cues",
    "deid",
    "doccano",
    "doctor",
    "exports",
    "learning",
    "rates",
    "reliability",
    "scoring",
    "suggesters",
}
# Scores are made from what was learned, and both read the cues: the one engine of suggestions.
ALLOWED = {
    "errors": set(),
    "records": set(),
    "pages": set(),
    "charts": set(),
    "compiled": set(),
    "shipped": {"errors"},
    "version": set(),
    "choices": set(),
    "resampling": set(),
    "plugins": {"errors"},
    "provenance": {"errors", "records"},
    "spans": {"errors", "records", "provenance"},
    "suggestion_record": {"errors", "provenance"},
    "codebook": {"errors", "pages", "plugins", "records", "provenance", "shipped"},
    # a project of another program brings its codes: they get the ids that `codebook import` gives them
    "transcripts": {"compiled", "errors", "plugins", "records", "provenance", "spans", "codebook", "version"},
    "configuration": {"choices"},
    "project": {"choices", "configuration", "errors", "records", "provenance", "ledger"},
    "ledger": {"errors", "records", "provenance", "spans"},
    # what is planned stands in the ledger, and every stage may ask who was to code what
    "batches": {"configuration", "errors", "records", "provenance", "transcripts", "ledger"},
    "learning": BASE | {"cues"},
    "scoring": BASE | {"cues", "learning"},
    # it looks at what others have made, and does nothing of its own
    "doctor": BASE | {"cues", "doccano", "learning"},
}
LIBRARIES = {
    "altair": {"charts", "audit", "learning", "reliability"},
    "vl_convert": {"charts"},
    "cleanlab": {"learning"},
    "cryptography": {"deid"},
    "spacy": {"transcripts", "deid", "cues", "learning", "exports", "suggesters"},  # exports: as a DocBin
    "dask_jobqueue": {"scoring"},
    "numba": {"compiled"},
    "distributed": {"scoring"},
    "fsspec": {"scoring"},
    "doccano_client": {"doccano"},
    "presidio_analyzer": {"deid"},
    "onnx": {"learning"},
    "onnxruntime": {"learning"},
    "requests": {"doccano"},
    "sklearn": {"learning"},
    "skops": {"learning"},
    "sqlalchemy": {"ledger"},
    "striprtf": {"transcripts"},
    "statsmodels": set(),  # for tests alone
    "tokenizers": {"learning"},
    "torch": {"learning"},
    "transformers": {"learning"},
    "tldextract": {"deid"},
    "typer": {"cli"},
    "rich": {"cli"},
}


@cache
def imports() -> list[tuple[str, str, str]]:
    """(part, file, imported module) for each import in the package."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        relative = path.relative_to(SOURCE)
        part = relative.parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found += [(part, str(relative), alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.module, f"{relative}: a relative import, which hides its part"
                # `from relcode import reliability` names the part behind the word `import`
                names = [f"relcode.{alias.name}" for alias in node.names] if node.module == "relcode" else [node.module]
                found += [(part, str(relative), name) for name in names]
    return found


def test_the_package_was_read() -> None:
    assert len(imports()) > 100


def test_parts_import_only_what_the_architecture_allows() -> None:
    wrong = []
    for part, file, module in imports():
        if not module.startswith("relcode.") or part in ("cli", "__main__", "__init__"):
            continue
        target = module.split(".")[1]
        if target != part and target not in ALLOWED.get(part, BASE):
            wrong.append(f"{file} imports {module}")
    assert wrong == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    users = {part for part, _, module in imports() if module.split(".")[0] == library}
    assert users <= LIBRARIES[library]


def test_stages_are_all_known() -> None:
    parts = {path.name.removesuffix(".py") for path in SOURCE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert parts - BASE - STAGES <= {"cli", "__init__", "__main__", "__pycache__", "py.typed"}


def test_torch_is_imported_by_training_and_converting_an_encoder_alone() -> None:
    users = {file for _, file, module in imports() if module.split(".")[0] in ("torch", "transformers", "onnx")}
    training = {f"learning/encoder/{name}.py" for name in ("graph", "network", "tune")}
    assert users == {*training, "learning/onnx_export.py"}
