"""The blocks of the documentation, run as they stand, in a folder that holds what they name.

Pages whose commands need a server, a cluster or a package of their own are run by the tests named in `ELSEWHERE`.
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

from relcode.deid import deidentify, move_spans
from relcode.provenance import hash_session
from relcode.records import Session
from relcode.spans import read_spans, write_spans
from relcode.transcripts import read_sessions, write_session

REPOSITORY = Path(__file__).parents[1]
CORPUS = REPOSITORY / "examples" / "corpus"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
RUN = ("audit", "codebooks", "figures", "rates", "scoring")
ELSEWHERE = {
    "architecture": "a drawing",
    "cluster": "tests/scoring/test_slurm.py runs it on a real SLURM",
    "coding": "tests/team and the README's study, with a real Doccano",
    "double-coding": "tests/test_docs_guides.py, with a real Doccano",
    "deid": "tests/deid/test_review_page.py, in a browser",
    "formats": "files, not commands: tests/transcripts reads them",
    "models": "tests/learning: storing, embeddings, likely errors",
    "plugins": "tests/plugins, with the example package installed",
    "qda": "tests/test_docs_guides.py",
    "retraining": "tests/test_docs_guides.py, with a real Doccano",
    "server": "tests/doccano, with real servers",
    "start": "tests/test_release.py and tests/test_completion.py",
    "tutorial": "tests/test_tutorial.py, with a real Doccano",
}
LINES_ELSEWHERE = {"--project study": "tests/rates, with a ledger", "--model, or neither": "tests/audit"}

pytestmark = pytest.mark.slow


class Block(NamedTuple):
    page: str
    kind: str
    text: str


def blocks(page: str) -> list[Block]:
    text = (REPOSITORY / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return [Block(page, kind, body) for kind, body in BLOCK.findall(text)]


def test_every_page_with_blocks_is_run_somewhere() -> None:
    pages = {path.stem for path in (REPOSITORY / "docs").glob("*.md") if blocks(path.stem)}
    assert pages == {*RUN, *ELSEWHERE}


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
        command, shell=True, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("page", RUN)
def test_the_blocks_of_a_page_run(page: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    done = 0
    for block in blocks(page):
        if block.kind == "sh":
            for line in block.text.splitlines():
                if not any(part in line for part in LINES_ELSEWHERE):
                    prepare(line, place)
                    run(line, place)
                    done += 1
        elif block.kind == "python" and not missing(block.text):
            exec(compile(block.text, page, "exec"), {})
            done += 1
        elif block.kind == "yaml":
            assert {"id", "version", "codes"} <= set(load_yaml(block.text))
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


def load_yaml(text: str) -> dict[str, object]:
    import yaml

    found: dict[str, object] = yaml.safe_load(text)
    return found
