"""The command line as a whole: help, exit codes, and that it starts without heavy imports."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from relcode.cli import VERBS
from relcode.cli.default_command import DEFAULT, DefaultCommandGroup
from relcode.deid import deidentify, record_deid
from relcode.project import Project
from relcode.records import Session, Span
from relcode.spans import write_spans
from relcode.transcripts import write_session


def commands() -> list[tuple[str, ...]]:
    """Every command that runs something, by its words: (train,), (codebook, lint), ..."""

    def leaves(words: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
        below = {name: each for name, each in getattr(command, "commands", {}).items() if name != DEFAULT}
        if not below or isinstance(command, DefaultCommandGroup):
            yield words
        for name, each in below.items():
            yield from leaves((*words, name), each)

    apps = {verb: import_module(f"relcode.cli.{module}").app for verb, (module, _) in VERBS.items()}
    return [found for verb, app in apps.items() for found in leaves((verb,), typer.main.get_command(app))]


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


@pytest.mark.parametrize("line", ["init study --coder anna", "status", "models list", "codebook list", "ledger verify"])
def test_commands_that_read_no_transcript_start_without_the_libraries_for_it(tmp_path: Path, line: str) -> None:
    """These take seconds to import: see `benchmarks/start`."""
    if "init" not in line:
        Project.create(tmp_path, coders=["anna"])
    code = (
        "import sys; from relcode.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as ended: assert not ended.code, ended.code\n"
        "heavy = ('numpy', 'numba', 'spacy', 'scipy', 'sklearn', 'skops', 'pandas', 'pyarrow', 'altair', 'requests')\n"
        "print([module for module in heavy if module in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, *line.split()], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr


def test_the_commands_were_found() -> None:
    assert {("status",), ("deid",), ("deid", "review"), ("models", "convert"), ("ledger", "restore")} <= set(commands())


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(relcode: Callable[..., Any], words: tuple[str, ...]) -> None:
    done = relcode(*words, "--help")
    assert done.status == 0
    assert f"Example: relcode {' '.join(words)}" in " ".join(done.out.split())
    assert "completion" not in done.out  # it is installed by `relcode --install-completion` alone
    assert all(word in relcode(*words[:end], "--help").out for end, word in enumerate(words))


@pytest.mark.parametrize(
    "line",
    [
        "init other",
        "import ../S1.jsonl --out raw",
        "deid ../S1.jsonl --out transcripts",
        "deid transcripts --check",
        "deid review ../S1.jsonl --html ../review.html",
        "deid transcripts --override S1 --reason read",
        "preannotate ../S1.jsonl --out suggestions/cues.jsonl",
        "doccano status",
        "doccano down",
        "agreement ../a.jsonl ../b.jsonl --bootstrap 0",
        "audit ../S1.jsonl --labels ../a.jsonl",
        "codebook list",
        "codebook lint rupture-repair",
        "codebook show relational-core",
        "models list",
        "ledger verify",
        "ledger export --out ledger.csv",
    ],
)
def test_with_json_there_is_json_alone_on_stdout(
    relcode: Callable[..., Any],
    session_of: Callable[..., Session],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
) -> None:
    project = Project.create(tmp_path / "study")
    session = session_of("T: I feel sad with you.", "C: Yes.")
    write_session(session, tmp_path)
    deidentified = deidentify([session])
    write_session(deidentified.sessions[0], project.transcripts)
    record_deid(deidentified, project.open_ledger())
    for coder in ("a", "b"):
        write_spans(tmp_path / f"{coder}.jsonl", [Span("S1", 1, 0, 6, "I feel", "TSI", source=f"coder:{coder}")])
    monkeypatch.chdir(project.folder)
    done = relcode(*line.split(), "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["nonsense"], 2), (["codebook", "lint", "no-such-codebook"], 1), (["codebook", "show"], 2), (["--version"], 0)],
)
def test_exit_codes(arguments: list[str], status: int) -> None:
    result = run(*arguments)
    assert result.returncode == status
    assert "Traceback" not in result.stderr
