"""Packages with plug-ins: made by hand in a folder on the path, and the example package installed with pip."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugin"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install a package: `package("lab-tools", "1.2.0", {"readers": {"x": "module:thing"}}, module="source")`."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    count = 0

    def install(name: str, version: str, groups: dict[str, dict[str, str]], **modules: str) -> None:
        nonlocal count
        count += 1
        folder = site / f"of_{count}"  # a folder of its own on the path: what is found is kept by path
        info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        lines = []
        for group, entries in groups.items():
            lines += [f"[relcode.{group}]", *(f"{entry} = {value}" for entry, value in entries.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        for module, source in modules.items():
            (folder / f"{module}.py").write_text(source)
            monkeypatch.delitem(sys.modules, module, raising=False)
        monkeypatch.syspath_prepend(str(folder))

    return install


@pytest.fixture(scope="session")
def example_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example package, without a network."""
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    done = subprocess.run([*command, "--target", str(site), str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture
def run(example_site: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run relcode as a process of its own in `tmp_path`, with the example package installed (`installed=False`: without)."""

    def run(*arguments: object, installed: bool = True) -> subprocess.CompletedProcess[str]:
        path = [str(example_site)] if installed else []
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*path, *filter(None, sys.path)]),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        command = [sys.executable, "-m", "relcode", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)

    return run
