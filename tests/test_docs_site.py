"""The documentation as a site: every page is in it, every link leads somewhere, nothing comes from another machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from relcode.cli import VERBS

REPOSITORY = Path(__file__).parents[1]
LOADED = re.compile(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=[\"']?(https?:|//)")

pytest.importorskip("mkdocs", reason="needs the extra relcode[docs]")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    made = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def test_every_page_is_in_it(site: Path) -> None:
    pages = {path.stem for path in (REPOSITORY / "docs").glob("*.md")}
    assert pages | {"commands"} <= {path.stem for path in site.glob("*.html")}


def test_every_page_is_named_in_the_navigation() -> None:
    navigation = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")
    assert [path.name for path in (REPOSITORY / "docs").glob("*.md") if path.name not in navigation] == []


def test_every_command_is_in_it(site: Path) -> None:
    commands = (site / "commands.html").read_text(encoding="utf-8")
    assert [verb for verb in VERBS if f"relcode {verb}" not in commands] == []


def test_nothing_is_loaded_from_another_machine(site: Path) -> None:
    loaded = {path.name: LOADED.findall(path.read_text(encoding="utf-8")) for path in site.glob("*.html")}
    assert {name: found for name, found in loaded.items() if found} == {}
