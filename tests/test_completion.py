"""Completion in bash, zsh and fish: the scripts, and what is proposed where."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from relcode.project import Project

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def ask(line: str, cwd: Path, *, shell: str = "fish") -> list[str]:
    """What is proposed after a line, through the variables that the shells' scripts set."""
    words = line.split(" ")
    asked = {
        "_RELCODE_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "relcode"], env=os.environ | asked, cwd=cwd, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return [proposal.split("\t")[0] for proposal in done.stdout.splitlines() if proposal]


@pytest.fixture
def study(tmp_path: Path) -> Project:
    project = Project.create(tmp_path / "study", coders=["anna", "ben"])
    (project.codebooks / "relations-here.yaml").write_text("")
    model = project.models / "relational-core" / "relational-core-0123456789"
    model.mkdir(parents=True)
    (model / "SHA256SUMS").touch()
    return project


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("relcode pre", ["preannotate"]),
        ("relcode doccano ", ["up", "status", "close", "down"]),
        ("relcode deid --mo", ["--mode"]),
        ("relcode preannotate --codebook relations", ["relations-here"]),
        ("relcode explain --codebook ccrt+rup", ["ccrt+rupture-repair", "ccrt+rupture-repair@1.0.0"]),
        ("relcode codebook lint annom", ["annomi"]),
        ("relcode score SRC --model relational-c", ["relational-core-0123456789"]),
        ("relcode score SRC --model relational-synthetic-", ["relational-synthetic-encoder"]),
        ("relcode push --coder ", ["anna", "ben"]),
        ("relcode train --kind e", ["encoder"]),
        ("relcode preannotate --threshold ", []),
    ],
)  # fmt: skip
def test_what_is_proposed(study: Project, line: str, expected: list[str]) -> None:
    assert ask(line, study.folder) == expected


def test_bash_is_told_the_same_as_fish(study: Project) -> None:
    assert ask("relcode doccano ", study.folder, shell="bash") == ["up", "status", "close", "down"]
    assert ask("relcode push --coder a", study.folder, shell="bash") == ["anna"]


def test_coders_are_those_of_the_project_that_the_line_names(study: Project, tmp_path: Path) -> None:
    assert ask("relcode push --coder ", tmp_path) == []
    assert ask("relcode push --project study --coder b", tmp_path) == ["ben"]


def test_a_project_that_cannot_be_read_is_passed_over(study: Project) -> None:
    (study.folder / "relcode.toml").write_text("name = ")
    assert ask("relcode push --coder ", study.folder) == []
    assert ask("relcode pull --batch ", study.folder) == []


IN_SHELL = {
    "bash": 'eval "$(_RELCODE_COMPLETE=source_bash relcode)"; COMP_WORDS=(relcode codebook lint annom); COMP_CWORD=3; '
    '_relcode_completion relcode; echo "${COMPREPLY[@]}"',
    "fish": '_RELCODE_COMPLETE=source_fish relcode | source; complete -C "relcode codebook lint annom"',
    # zsh completes in its line editor alone: that the script is taken, and what it then asks for
    "zsh": 'autoload -Uz compinit; compinit -u -D; eval "$(_RELCODE_COMPLETE=source_zsh relcode)"; '
    '[[ $_comps[relcode] = _relcode_completion ]] && _RELCODE_COMPLETE=complete_zsh _TYPER_COMPLETE_ARGS="relcode '
    'codebook lint annom" relcode',
}


@pytest.mark.parametrize("shell", IN_SHELL)
def test_the_script_of_a_shell_is_one(shell: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "relcode"],
        env=os.environ | {"_RELCODE_COMPLETE": f"source_{shell}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"_RELCODE_COMPLETE=complete_{shell}" in done.stdout
    program = shutil.which(shell)
    if program is None or shutil.which("relcode", path=PATH) is None:
        pytest.skip(f"there is no {shell} here")
    plain = {"bash": ["--norc"], "fish": ["--no-config"], "zsh": ["-f"]}[shell]
    asked = subprocess.run(
        [program, *plain, "-c", IN_SHELL[shell]],
        env=os.environ | {"PATH": PATH, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "annomi" in asked.stdout
