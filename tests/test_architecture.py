"""docs/architecture.md and CONTRIBUTING.md say what is there: each module, arrow, file and make target that they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relcode.transcripts.readers import READERS
from test_layers import ALLOWED, BASE, STAGES

REPOSITORY = Path(__file__).parents[1]
SOURCE = REPOSITORY / "src" / "relcode"
PAGE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRIBUTING = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROWS = re.findall(
    r"^\| (.+?) \| (.+) \|$", PAGE[PAGE.index("| part | may import |") : PAGE.index("## How a file")], re.M
)


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def named(cell: str) -> set[str]:
    """What stands in code in a cell, files and folders left out."""
    return set(re.findall(r"`([a-z_0-9]+)`", cell))


def test_the_layout_names_every_part_and_no_other() -> None:
    listed = re.findall(r"^  ([a-z_]+)(?:\.py|/) ", section("Layout"), re.M)
    parts = {path.name.removesuffix(".py") for path in SOURCE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert len(listed) == len(set(listed))
    assert set(listed) == parts - {"__init__", "__main__", "__pycache__"}


def test_its_table_of_imports_is_that_of_the_tests() -> None:
    found: dict[str, set[str]] = {}
    for parts, imports in ROWS[1:]:
        allowed = BASE if "all of the above" in imports or "the same" in imports else set()
        for part in named(parts):
            found[part] = allowed | named(imports)
    found.pop("cli")
    assert found == {part: ALLOWED.get(part, BASE) for part in BASE | STAGES}


def test_the_steps_of_a_file_name_modules_that_are_there_and_every_reader() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| .+ \|$", section("How a file becomes a session"), re.M)[1:]
    modules = {
        name for _, cell in rows for name in named(re.sub(r"\([^()]*\)", "", cell)) if not name.startswith("sniff")
    }
    assert [name for name in sorted(modules) if not (SOURCE / "transcripts" / f"{name}.py").is_file()] == []
    read = {SOURCE / "transcripts" / f"{name}.py" for name in named(dict(rows)["read"])}
    assert len(read) == len(READERS)


@pytest.mark.parametrize("module", sorted(set(re.findall(r"`((?:transcripts|cues|learning)\.[a-z_]+)", PAGE))))
def test_a_module_named_in_words_is_there(module: str) -> None:
    assert (SOURCE / f"{module.replace('.', '/')}.py").is_file()


@pytest.mark.parametrize("page", ["architecture", "CONTRIBUTING"])
def test_files_that_are_named_are_there(page: str) -> None:
    text = PAGE if page == "architecture" else CONTRIBUTING
    names = set(re.findall(r"(?<![\w/.])(?:tests|src|docs|release|examples)/[\w./-]*\.(?:py|md|txt)\b", text))
    names |= {f"src/relcode/{name}" for name in re.findall(r"`(transcripts/\w+\.py)`", text)}
    assert len(names) > 1
    assert [name for name in sorted(names) if not (REPOSITORY / name).is_file()] == []


def test_contributing_names_make_targets_and_tests_that_are_there() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    wanted = set(re.findall(r"`make ([a-z-]+)", CONTRIBUTING)) | set(re.findall(r"^make ([a-z-]+)", CONTRIBUTING, re.M))
    assert len(wanted) > 4
    assert wanted <= targets
    tests = " ".join(path.name for path in (REPOSITORY / "tests").rglob("test_*.py"))
    assert [name for name in re.findall(r"`(test_\w+\.py)`", CONTRIBUTING) if name not in tests] == []
