"""The command line as a whole: help, exit codes, and that it starts without heavy imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from relcode.cli import VERBS


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "relcode", *arguments], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_help_names_every_verb_and_imports_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys; from relcode.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('spacy', 'numpy', 'pandas', 'sklearn', 'sqlalchemy', 'msgspec') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip().endswith("[]")
    assert [verb for verb in VERBS if verb not in result.stdout] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb: str) -> None:
    result = run(verb, "--help")
    assert result.returncode == 0
    text = result.stdout
    if "Commands:" in text or "COMMAND" in text:
        from relcode.cli import app  # noqa: F401  (a group: its own verbs carry the examples)

        return
    assert f"relcode {verb}" in text


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["nonsense"], 2), (["codebook", "check", "no-such-codebook"], 1), (["codebook", "show"], 2), (["--version"], 0)],
)
def test_exit_codes(arguments: list[str], status: int) -> None:
    result = run(*arguments)
    assert result.returncode == status
    assert "Traceback" not in result.stderr
