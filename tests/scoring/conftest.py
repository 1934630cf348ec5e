"""A model of three real sessions in its folder, and transcripts to score."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from relcode.codebook import Codebook, load_codebook
from relcode.codebook.schema import Code
from relcode.learning.load import load_model
from relcode.learning.model import Model
from relcode.learning.save import save_model
from relcode.learning.train import train
from relcode.scoring.files import score
from relcode.spans import read_spans
from relcode.transcripts import read_sessions

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"
LEARNED = ("D1-T01-s03", "D2-T02-s05", "D3-T01-s02")
SCORED = ("E1-Y01-s06", "E6-Y06-s05", "E8-Y08-s12")  # E6 is a couple: speakers T, C, C2


def lean() -> Codebook:
    """The codes of relational-core, each with two cues that need no word list, so that loading takes a moment."""
    codes = [
        Code(id=code.id, name=code.name, speakers=code.speakers, definition=code.name, prior=code.prior,
             beats=code.beats, mode=code.mode,
             cues=[cue for cue in code.cues if cue.patterns and "<" not in str(cue.patterns)][:2])
        for code in load_codebook("relational-core").codes
    ]  # fmt: skip
    return Codebook(id="lean", version="1.2.3", title="Lean", authors=["test"], codes=codes)


def many(texts: Path, copies: int) -> None:
    """More sessions: the same again under other ids."""
    for path in sorted(texts.glob("*.jsonl")):
        for number in range(copies):
            header, *turns = path.read_text().splitlines()
            session_id = f"{path.stem}-{number:02d}"
            line = json.dumps({**json.loads(header), "session_id": session_id})
            (texts / f"{session_id}.jsonl").write_text("\n".join([line, *turns]) + "\n")


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sessions = read_sessions([CORPUS / "transcripts" / f"{name}.jsonl" for name in LEARNED])
    labels = [span for span in read_spans(CORPUS / "labels" / "accepted.jsonl") if span.session_id in LEARNED]
    model = train(sessions, labels, lean(), folds=2)
    folder = tmp_path_factory.mktemp("models") / "first"
    save_model(model, folder)
    return folder


@pytest.fixture(scope="session")
def model(model_folder: Path) -> Model:
    return load_model(model_folder)


@pytest.fixture(scope="session")
def beginnings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first thirty turns of three transcripts."""
    folder = tmp_path_factory.mktemp("beginnings")
    for name in SCORED:
        lines = (CORPUS / "transcripts2" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / f"{name}.jsonl").write_text("".join(lines[:31]), encoding="utf-8")
    return folder


@pytest.fixture
def texts(beginnings: Path, tmp_path: Path) -> Path:
    """A folder with three transcripts of its own, to be written to."""
    return Path(shutil.copytree(beginnings, tmp_path / "texts"))


@pytest.fixture(scope="session")
def scored(beginnings: Path, model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scores of the three transcripts, not to be written to."""
    path = tmp_path_factory.mktemp("scored") / "scores.parquet"
    score([beginnings], model_folder, path)
    return path


@pytest.fixture
def out(scored: Path, tmp_path: Path) -> Path:
    """The scores of `texts`, to be written to."""
    return Path(shutil.copy(scored, tmp_path))
