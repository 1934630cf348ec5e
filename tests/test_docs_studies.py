"""The pages on de-identification, models and the guided start: their commands run as they stand, in order, in a folder that
holds what the page names."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename

from browser import needs_browser, opened_browser
from relcode.deid import deidentify, move_spans
from relcode.ledger import NewEvent
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.spans import read_spans, write_spans
from relcode.transcripts import read_sessions, write_session
from tiny_encoder import make_base
from written_commands import REPOSITORY, environment, run_block, sh_blocks

CORPUS = REPOSITORY / "examples" / "corpus"
NAMES = ("D1-T01-s03", "D2-T02-s05", "D3-T01-s02", "D4-T03-s04", "D5-T04-s01")
LATER = "D6-T02-s20"
ENCODER = "encoders/minilm"

pytestmark = pytest.mark.slow


def page(name: str) -> Path:
    return REPOSITORY / "docs" / f"{name}.md"


def lines(name: str) -> list[str]:
    return [line for block in sh_blocks(page(name)) for line in block.splitlines()]


def corpus_labels(names: Iterable[str]) -> list[Span]:
    return [span for span in read_spans(CORPUS / "labels" / "accepted.jsonl") if span.session_id in set(names)]


@pytest.mark.server
@needs_browser
def test_deid_runs_as_written(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for name in NAMES[:2]:
        shutil.copy(CORPUS / "transcripts" / f"{name}.jsonl", tmp_path / "raw")
    labels = corpus_labels(NAMES[:2])
    write_spans(tmp_path / "labels.jsonl", labels)
    (first,) = re.findall(r"`(relcode init [^`]+)`", page("deid").read_text(encoding="utf-8"))
    for line in [first, *lines("deid")]:
        if "--take deid-review.jsonl" in line:
            decide(tmp_path)
        run_block(line, tmp_path)
    done = read_sessions([tmp_path / "study" / "transcripts"])
    assert {session.session_id for session in done} == set(NAMES[:2])
    (decision,) = read_lines(tmp_path / "deid-decisions.jsonl")
    assert (decision["decision"], decision["who"]) == ("accept", "anna")
    moved = read_spans(tmp_path / "moved.jsonl", read_sessions([tmp_path / "tagged"]))
    assert [(span.turn, span.code) for span in moved] == [(span.turn, span.code) for span in labels]
    assert {"session_id", "turn", "edits"} == set(read_lines(tmp_path / "offsets.jsonl")[0])
    for private in ("review.html", "deid-decisions.jsonl", "keys/study.key"):
        assert (tmp_path / private).stat().st_mode & 0o777 == 0o600


def decide(folder: Path) -> None:
    """Accept the page's first finding and save, as a person does in a browser."""
    from time import monotonic, sleep

    with opened_browser(folder) as browser:
        browser.send("/url", {"url": (folder / "review.html").as_uri()})
        browser.press("as")
        ends = monotonic() + 20
        while not (folder / "deid-review.jsonl").exists() and monotonic() < ends:
            sleep(0.05)


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of five dyads that anna has coded wholly, and what the page names beside: a session coded later, an encoder.

    Her pages are written into the ledger as a pull writes them (with a server: the README's study). The codebook is the
    smallest of those that are shipped, so that training takes seconds.
    """
    folder = tmp_path_factory.mktemp("models")
    (folder / "raw").mkdir()
    for name in NAMES:
        shutil.copy(CORPUS / "transcripts" / f"{name}.jsonl", folder / "raw")
    run_block("relcode init study --coder anna --coder ben --codebook ccrt", folder)
    run_block("relcode deid raw --out study/transcripts", folder)
    raw = read_sessions([folder / "raw"])
    labels = move_spans(corpus_labels(NAMES), deidentify(raw))
    project = Project.load(folder / "study")
    for session in read_sessions([project.transcripts]):
        project.open_ledger().append(coded(session, labels))
    (later,) = deidentify(read_sessions([CORPUS / "transcripts" / f"{LATER}.jsonl"])).sessions
    write_session(later, project.folder / "later")
    own = deidentify(read_sessions([CORPUS / "transcripts" / f"{LATER}.jsonl"]))
    write_spans(project.folder / "later.jsonl", move_spans(corpus_labels([LATER]), own))
    return project.folder


def coded(session: Session, labels: list[Span]) -> list[NewEvent]:
    """One page with all turns of a session, coded with ccrt and confirmed."""
    last = session.turns[-1].turn
    where = {"page": f"one/anna/{session.session_id}", "batch": "one", "coder": "anna"}
    entry = {
        **where, "session_id": session.session_id, "session_sha256": hash_session(session), "first_turn": 1,
        "last_turn": last, "text_sha256": "", "codebook": "ccrt@1.1.0", "suggestions": [], "shown": True, "session_turns": last,
    }  # fmt: skip
    own = [span for span in labels if span.session_id == session.session_id and span.code.startswith("CCRT.")]
    spans = [msgspec.structs.replace(span, codebook="ccrt@1.1.0", source="coder:anna") for span in own]
    given = [{**where, "span": msgspec.to_builtins(span), "provenance": "added"} for span in spans]
    return [NewEvent("page", "test", entry), *(NewEvent("label", "test", each) for each in given),
            NewEvent("confirm", "test", where)]  # fmt: skip


def test_models_runs_as_written(study: Path) -> None:
    """But for the lines that need an encoder's extra: those are run below."""
    for line in lines("models"):
        if ENCODER not in line:
            run_block(line, study)
    assert len(read_lines(study / "again.jsonl")) <= 100
    compare_with_drawing(study)


def compare_with_drawing(study: Path) -> None:
    """The drawing of the store names what is in it, and nothing else."""
    (drawing,) = re.findall(r"^```text\nmodels/\n(.*?)^```", page("models").read_text(encoding="utf-8"), re.M | re.S)
    rows = re.findall(r"^( +)(\S.*?)(?:  |$)", drawing, re.MULTILINE)
    named = {(len(indent), name.rstrip("/")) for indent, names in rows for name in names.split(", ")}
    (model,) = (study / "models" / "ccrt").glob("ccrt-*")
    there = {(2, path.name) for path in (study / "models").iterdir()}
    there |= {(4, path.name) for path in (study / "models" / "ccrt").iterdir()}
    there |= {(6, path.name) for path in model.iterdir()}
    drawn = {(depth, re.sub(r"^relational-core(-\w{10})?$", _own(model.name), name)) for depth, name in named}
    assert drawn == there


def _own(model: str) -> Any:
    """The page's codebook and model under the names of the test's."""
    return lambda name: model if name[1] else "ccrt"


def test_models_converts_an_encoder_and_trains_with_it(study: Path) -> None:
    for extra in ("onnxruntime", "tokenizers", "safetensors", "torch", "transformers", "onnx"):
        pytest.importorskip(extra, reason="needs the extra relcode[encoder]")
    texts = (turn.text for session in read_sessions([study / "transcripts"]) for turn in session)
    make_base(study / "all-MiniLM-L6-v2", texts)
    for line in lines("models"):
        if ENCODER in line:
            run_block(line, study)
    assert (study / "models" / "embedded" / "encoder").is_dir()


def test_start_runs_as_written(tmp_path: Path) -> None:
    """But for the installation, which needs a registry (`make package` does it), and completion, which each shell does below."""
    (tmp_path / "my-sessions").mkdir()
    shutil.copy(CORPUS / "transcripts" / f"{NAMES[0]}.jsonl", tmp_path / "my-sessions")
    commands = [line for line in lines("start") if re.match("relcode (?!--)", line)]
    assert [line.split()[1] for line in commands] == ["init", "status", "doctor"]
    init, status, doctor = commands
    run_block(init, tmp_path)
    assert f"relcode import {tmp_path / 'my-sessions'} --out " in run_block(status, tmp_path)
    # problems of this machine, such as too little room on the disk, are none of the study's
    looked = subprocess.run(
        ["bash", "-c", f"{doctor} --json"], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    areas = {finding["area"] for finding in json.loads(looked.stdout)["findings"]}
    text = page("start").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w-]+) \| ", text[text.index("## What is wrong") :], re.MULTILINE)
    assert areas <= set(rows)
    assert {"environment", "study"} <= areas


def test_start_names_a_wheel_and_the_extras_that_there_are() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (install,) = [line for line in lines("start") if line.startswith("pipx ")]
    wheel, extra = re.fullmatch(r"pipx install './dist/(.+)\[(\w+)\]'", install).groups()  # type: ignore[union-attr]
    name, *_ = parse_wheel_filename(wheel.replace("VERSION", "0.1.0"))
    assert (name, Requirement(f"{name}[{extra}]").extras <= set(project["optional-dependencies"])) == ("relcode", True)
    text = page("start").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ", text[: text.index("## Four questions")], re.MULTILINE)
    assert set(rows) == set(project["optional-dependencies"]) - {"dev", "docs"}


NEW_TERMINAL = {
    "bash": ["-i", "-c", "complete -p relcode"],
    "zsh": ["-i", "-c", "echo $_comps[relcode]"],
    "fish": ["-c", 'complete -C "relcode codebook lint annom"'],
}
COMPLETES = {"bash": "_relcode_completion", "zsh": "_relcode", "fish": "annomi"}


@pytest.mark.parametrize("shell", NEW_TERMINAL)
def test_start_installs_completion(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    (line,) = [line for line in lines("start") if line == "relcode --install-completion"]
    home = {**environment(), "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config"), "SHELL": program}

    def ask(*words: str) -> str:
        done = subprocess.run([program, *words], env=home, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    ask("-c", f"{line}; true")  # the shell stays, so that it is the one that is found
    assert COMPLETES[shell] in ask(*NEW_TERMINAL[shell])


def test_start_writes_the_script_for_zsh(tmp_path: Path) -> None:
    (block,) = [block for block in sh_blocks(page("start")) if "source_zsh" in block]
    done = subprocess.run(["bash", "-e", "-c", block], env={**environment(), "HOME": str(tmp_path)}, check=False)
    assert done.returncode == 0
    program = shutil.which("zsh")
    if program is None:
        pytest.skip("there is no zsh here")
    (read,) = re.findall(r"after `compinit`, the line `([^`]+)`", page("start").read_text(encoding="utf-8"))
    (tmp_path / ".zshrc").write_text(f"autoload -Uz compinit\ncompinit -u\n{read}\n", encoding="utf-8")
    home = {**environment(), "HOME": str(tmp_path), "ZDOTDIR": str(tmp_path)}
    asked = subprocess.run([program, *NEW_TERMINAL["zsh"]], env=home, capture_output=True, text=True, check=True)
    assert "_relcode" in asked.stdout
