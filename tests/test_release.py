"""What a release is made of: licences that allow it, versions that were tested, a version by tag, typed and fast to import."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
# `dev` is not passed on to anyone; `encoder` brings torch, whose builds for graphics cards bring NVIDIA's own licences
EXTRAS = ("doccano", "cluster", "postgresql", "embeddings")


def loaded(name: str) -> Any:
    """A script of `release/` as a module."""
    spec = importlib.util.spec_from_file_location(name, REPOSITORY / "release" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


licences = loaded("licences")


def test_every_package_that_relcode_needs_may_be_passed_on_with_it() -> None:
    findings = licences.check("relcode", EXTRAS)
    assert [finding for finding in findings if finding.fault] == []
    names = {finding.name for finding in findings}
    assert {"relcode", "spacy", "numpy", "certifi"} <= names  # certifi: also what needed packages need
    assert "krippendorff" not in names  # under the GPL, and so of the extra dev alone


class Package(Distribution):
    """A package of which there are metadata alone."""

    def __init__(self, fields: str) -> None:
        self.fields = f"Metadata-Version: 2.4\nName: some-package\nVersion: 1\n{fields}"

    def read_text(self, filename: str) -> str | None:
        return self.fields if filename == "METADATA" else None

    def locate_file(self, path: Any) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("fields", "licence", "allowed"),
    [
        ("License-Expression: MIT\n", "MIT", True),
        ("License-Expression: MIT AND Apache-2.0\n", "MIT AND Apache-2.0", True),
        ("License-Expression: AGPL-3.0-only\n", "AGPL-3.0-only", False),
        ("License-Expression: MIT AND GPL-3.0-or-later\n", "MIT AND GPL-3.0-or-later", False),
        ("License-Expression: GPL-2.0-only OR BSD-3-Clause\n", "GPL-2.0-only OR BSD-3-Clause", True),
        ("License-Expression: MPL-2.0\n", "MPL-2.0", False),  # where it is not explained
        ("License: MIT License\n", "MIT", True),
        ("License: BSD-ish\n", "BSD-ish", False),
        ("License: MIT\nClassifier: License :: OSI Approved :: GNU AGPL v3\n", "GNU AGPL v3", False),
        ("Classifier: License :: OSI Approved\n", "OSI Approved", False),
        ("", "none named", False),
    ],
)  # fmt: skip
def test_a_licence_that_is_copyleft_or_unknown_is_named(fields: str, licence: str, allowed: bool) -> None:
    assert licences.licence_of(Package(fields)) == licence
    finding = licences._finding(Package(fields))
    assert (finding.fault is None) is allowed


def test_the_constraints_fit_what_the_project_asks_for() -> None:
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0]: line.partition("==")[2] for line in lines if not line.startswith("#")}
    extras = PROJECT["project"]["optional-dependencies"]
    asked = [
        Requirement(line) for line in [*PROJECT["project"]["dependencies"], *extras["doccano"], *extras["cluster"]]
    ]
    missing = [each.name for each in asked if canonicalize_name(each.name) not in pinned]
    outside = [str(each) for each in asked if not each.specifier.contains(pinned[canonicalize_name(each.name)])]
    assert (missing, outside) == ([], [])


def test_the_bounds_of_licences_and_of_doccano_stay() -> None:
    """Older or newer versions install, and fail or are under another licence; see the comments in pyproject.toml."""
    asked = {each.name: each.specifier for each in map(Requirement, PROJECT["project"]["dependencies"])}
    assert not asked["cleanlab"].contains("2.7.1")
    doccano = {
        each.name: each.specifier for each in map(Requirement, PROJECT["project"]["optional-dependencies"]["doccano"])
    }
    assert not doccano["urllib3"].contains("2.0.0")
    assert not doccano["pydantic"].contains("2.0.0")


@pytest.mark.parametrize(("python", "by_the_extra"), [("3.11", True), ("3.12", True), ("3.13", False)])
def test_the_extra_brings_no_two_pydantics(python: str, by_the_extra: bool) -> None:
    """spaCy for Python 3.13 needs pydantic 2: there the client comes by a second command, without what it asks for."""
    asked = map(Requirement, PROJECT["project"]["optional-dependencies"]["doccano"])
    names = {each.name for each in asked if each.marker is None or each.marker.evaluate({"python_version": python})}
    assert ({"doccano-client", "pydantic"} <= names) is by_the_extra
    assert names.isdisjoint({"doccano-client", "pydantic"}) is not by_the_extra
    assert {"dataclasses-json", "requests", "requests-toolbelt", "urllib3"} <= names


def test_the_licences_of_shipped_models_go_with_them() -> None:
    assert PROJECT["project"]["license-files"] == ["LICENSE", "models/LICENSE-all-MiniLM-L6-v2.txt"]
    assert all((REPOSITORY / name).is_file() for name in PROJECT["project"]["license-files"])


def test_the_version_is_that_of_the_tag() -> None:
    """`make package` builds and looks at the file; here, that nothing else names a version."""
    assert "version" not in PROJECT["project"]
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["source"] == "vcs"


def test_the_package_is_typed() -> None:
    assert (REPOSITORY / "src/relcode/py.typed").is_file()


PUBLIC = [
    "__version__", "agreement", "audit", "evaluate", "load_codebook", "load_model", "preannotate", "read_codings",
    "read_labels", "read_scores", "read_transcripts", "save_model", "score", "shipped_model", "train",
]  # fmt: skip


def test_the_librarys_names_are_these_and_have_docstrings() -> None:
    import inspect

    import relcode

    assert relcode.__all__ == PUBLIC
    assert set(PUBLIC) <= set(dir(relcode))
    for name in PUBLIC[1:]:
        function = getattr(relcode, name)
        assert callable(function), name
        assert inspect.getdoc(function), name
        assert inspect.signature(function).return_annotation is not inspect.Signature.empty, name
    with pytest.raises(AttributeError, match="nonsense"):
        relcode.nonsense  # noqa: B018


def test_an_editor_sees_the_same_names() -> None:
    """What a type checker reads (`TYPE_CHECKING`) and what is imported when asked for are one list."""
    import ast

    import relcode

    tree = ast.parse(Path(relcode.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        (alias.asname, node.module, alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert {name for name, _, _ in seen} == set(PUBLIC) - {"__version__"}
    for name, module, attribute in seen:
        if name != "audit":  # the package itself: it can be called
            assert getattr(importlib.import_module(module), attribute) is getattr(relcode, name), name


@pytest.mark.slow
def test_audit_is_a_function_and_a_package_whichever_is_imported_first() -> None:
    code = "import {}; import relcode; print(callable(relcode.audit), relcode.audit.render_report.__name__)"
    for first in ("relcode", "relcode.audit"):
        done = subprocess.run([sys.executable, "-c", code.format(first)], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["True", "render_report"]


def test_the_import_of_relcode_alone_is_fast() -> None:
    """In processor time, so that a busy machine does not count; 12 ms where this was written."""
    code = (
        "import sys, time; began = time.process_time(); import relcode; used = time.process_time() - began\n"
        "heavy = ('numpy', 'pandas', 'spacy', 'msgspec', 'importlib.metadata')\n"
        "print(used < 0.1, [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"
