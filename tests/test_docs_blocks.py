"""The blocks of the documentation, run as they stand, in a folder that holds what they name.

`ELSEWHERE` names the tests that run the pages which need another folder, a server, a cluster or a package of their own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from relcode.codebook import Codebook, load_codebook
from relcode.deid import deidentify, move_spans
from relcode.provenance import hash_session
from relcode.records import Session
from relcode.spans import read_spans, write_spans
from relcode.transcripts import read_sessions, write_session

REPOSITORY = Path(__file__).parents[1]
CORPUS = REPOSITORY / "examples" / "corpus"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
RUN = ("audit", "codebooks", "figures", "rates", "scoring")
ELSEWHERE = {  # page -> the test that runs its blocks as they stand; of architecture, all are drawings
    "adjudication": "tests/test_docs_servers.py",
    "cluster": "tests/test_docs_servers.py",
    "coding": "tests/test_docs_servers.py",
    "deid": "tests/test_docs_studies.py",
    "doccano": "tests/test_docs_servers.py",
    "double-coding": "tests/test_docs_guides.py",
    "formats": "tests/test_docs_formats.py",
    "ledger": "tests/test_docs_servers.py",
    "models": "tests/test_docs_studies.py",
    "plugins": "tests/plugins/test_docs.py",
    "qda": "tests/test_docs_guides.py",
    "retraining": "tests/test_docs_guides.py",
    "server": "tests/test_docs_servers.py",
    "start": "tests/test_docs_studies.py",
    "tutorial": "tests/test_tutorial.py",
}
UNMARKED = {  # pages with blocks that do not say what they are
    "architecture": "drawings",
    "coding": "a page of Doccano, drawn",
    "tutorial": "commands for a reader's own copy: a clone, and a file from the browser's downloads (as on the page deid)",
}
LINES_ELSEWHERE = {"--project study": "tests/rates, with a ledger", "--model, or neither": "tests/audit"}


class Block(NamedTuple):
    page: str
    kind: str
    text: str


def blocks(page: str) -> list[Block]:
    text = (REPOSITORY / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return [Block(page, kind, body) for kind, body in BLOCK.findall(text)]


def test_every_page_with_blocks_is_run_somewhere() -> None:
    pages = {path.stem for path in (REPOSITORY / "docs").glob("*.md") if blocks(path.stem)}
    assert pages <= {*RUN, *ELSEWHERE, "architecture"}
    for page in pages - set(RUN) - {"architecture"}:
        test = ELSEWHERE[page]
        assert re.search(rf"\b{page}\b", (REPOSITORY / test).read_text(encoding="utf-8")), f"{test} runs {page}"


def test_every_block_says_what_it_is() -> None:
    """So that nothing is taken for a drawing that ought to be run."""
    pages = {path.stem for path in (REPOSITORY / "docs").glob("*.md")} - set(UNMARKED)
    assert {(block.page, block.kind) for page in pages for block in blocks(page) if not block.kind} == set()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sessions with dates, labels, a model that does not know them, and a study."""
    place = tmp_path_factory.mktemp("docs")
    sessions = [dated(session) for session in read_sessions([CORPUS / "transcripts"])]
    for folder in ("transcripts", "corpus", "sessions"):
        for session in sessions:
            write_session(session, place / folder)
    labels = read_spans(CORPUS / "labels" / "accepted.jsonl")
    for name in ("accepted.jsonl", "hand.jsonl"):
        write_spans(place / name, labels)
    run(f"relcode train --transcripts {CORPUS}/transcripts2 --labels {CORPUS}/labels/coder_A_set2.jsonl "
        "--codebook relational-core --folds 2 --out models/first", place)  # fmt: skip
    run("relcode init study --coder anna --codebook relational-core", place)
    run("relcode deid sessions --out study/transcripts", place)
    moved = move_spans(labels, deidentify(sessions))
    write_spans(place / "study/labels/accepted.jsonl", moved)
    run("relcode score study/transcripts --model models/first --out study/reports/scores", place)
    deidentified = {session.session_id: session for session in read_sessions([place / "study/transcripts"])}
    mark = msgspec.to_builtins(msgspec.structs.replace(moved[0], source="review:wrong"))
    mark |= {"of": ["accepted"], "session_sha256": hash_session(deidentified[moved[0].session_id])}
    (place / "review.jsonl").write_text(json.dumps(mark) + "\n", encoding="utf-8")
    return place


def dated(session: Session) -> Session:
    month = min(int(session.metadata["session_number"]), 12)
    return msgspec.structs.replace(session, metadata={**session.metadata, "date": f"2024-{month:02d}-15"})


def run(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN)
def test_the_blocks_of_a_page_run(page: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    done, said = 0, ""
    for block in blocks(page):
        if block.kind == "sh":
            for line in block.text.splitlines():
                if not any(part in line for part in LINES_ELSEWHERE):
                    prepare(line, place)
                    said = run(line, place)
                    done += 1
        elif block.kind == "python" and not missing(block.text):
            exec(compile(block.text, page, "exec"), {})
            done += 1
        elif block.kind == "yaml":
            assert load_own(block.text, place).codes
            done += 1
        elif block.kind == "text":
            assert re.search(figures_apart(block.text), said), f"{block.text}\n{said}"
            done += 1
    assert done


def prepare(line: str, place: Path) -> None:
    """What a command takes that another program, or another page's command, would have made."""
    if "compare T01.json" in line:
        for therapist in ("T01", "T02"):
            chosen = " ".join(str(path) for path in (place / "sessions").glob(f"*-{therapist}-*"))
            run(f"relcode audit {chosen} --labels accepted.jsonl --json > {therapist}.json", place)
    if "scores.parquet" in line and not (place / "scores.parquet").exists():
        run("relcode score sessions --model models/first --out scores.parquet", place)


def missing(text: str) -> bool:
    """Whether a library is not here that does not come with relcode."""
    from importlib.util import find_spec

    return any(f"import {name}" in text and find_spec(name) is None for name in ("duckdb", "polars"))


def load_own(text: str, place: Path) -> Codebook:
    """A codebook of the page, checked as `relcode codebook lint` checks it."""
    (name,) = re.findall(r"^id: (\S+)", text, re.MULTILINE)
    path = place / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    run(f"relcode codebook lint {path.name}", place)
    return load_codebook(str(path))


def figures_apart(text: str) -> str:
    """What a command printed, as a pattern in which other sessions may give other numbers."""
    return re.sub(r"\d+(\\\.\d+)?", r"\\d+(\\.\\d+)?", re.escape(text.strip()))
