"""A small codebook with a small study that it is learned from, and one model of real sessions for all tests here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from relcode.codebook import Codebook, load_codebook
from relcode.codebook.schema import Code, Condition, Cue
from relcode.learning.model import Model
from relcode.learning.recipe import Recipe
from relcode.learning.train import train
from relcode.records import Session, Span, Turn
from relcode.spans import read_spans
from relcode.transcripts import read_sessions

SMALL = Codebook(
    id="small",
    version="1.0.0",
    title="Small",
    authors=["test"],
    lexicons={"feeling": ["moved", "sad"]},
    codes=[
        Code(id="TSI", name="a", speakers=["T"], definition="a", prior=0.05,
             cues=[Cue(id="own-reaction", weight=4.0, patterns=["i 'm <feeling>"])]),
        Code(id="ASK", name="b", speakers=["T"], definition="b", prior=0.05, mode=True,
             cues=[Cue(id="asks", weight=5.0, when=Condition(question=True))]),
        Code(id="WARM", name="c", speakers=["C"], definition="c", prior=0.05,
             cues=[Cue(id="thanks", weight=4.0, patterns=["thank you"])]),
        Code(id="RARE.one", name="d", speakers=["T"], definition="d", prior=0.05,
             cues=[Cue(id="always", weight=4.0, patterns=["always"])]),
    ],
)  # fmt: skip
# a line, and the code that its turn carries
LINES = (
    ("T: I'm moved by what you say.", "TSI"),
    ("C: Thank you for that.", "WARM"),
    ("T: What happened after the meeting?", "ASK"),
    ("C: We drove home in the rain.", None),
    ("T: You drove home.", None),
    ("C: And nobody spoke.", None),
    ("T: I'm sad as I hear it.", "TSI"),
    ("C: Thank you, really.", "WARM"),
    ("T: And who was there with you?", "ASK"),
    ("C: My sister and the dog.", None),
    ("T: It's the two of them.", None),
)
CHOSEN = ("D1-T01-s03", "D2-T02-s05", "D3-T01-s02", "D4-T03-s04")
CORPUS = Path(__file__).parents[2] / "examples" / "corpus"


@dataclass
class Study:
    """Sessions with their labels."""

    sessions: list[Session]
    labels: list[Span]

    def only(self, *names: str) -> Study:
        """The part of these sessions."""
        return Study(
            [session for session in self.sessions if session.session_id in names],
            [label for label in self.labels if label.session_id in names],
        )


def span_of(session: Session, turn: int, code: str, /, **changes: object) -> Span:
    """A label over the whole of a turn."""
    text = session.turns[turn - 1].text
    values = {"session_id": session.session_id, "turn": turn, "start": 0, "end": len(text), "text": text, "code": code}
    return Span(**{**values, **changes})  # type: ignore[arg-type]


def small_study(dyads: int = 3) -> Study:
    """One session a dyad, three times the same lines in another order."""
    sessions, labels = [], []
    for number in range(1, dyads + 1):
        lines = [LINES[(place * (1 + number)) % len(LINES)] for place in range(3 * len(LINES))]
        turns = tuple(Turn(n, line[0], line[3:]) for n, (line, _) in enumerate(lines, start=1))
        session = Session(f"S{number}", turns, {"dyad": f"D{number}", "note": "synthetic"})
        sessions.append(session)
        labels += [span_of(session, n, code) for n, (_, code) in enumerate(lines, start=1) if code]
    return Study(sessions, labels)


@pytest.fixture(name="span_of", scope="session")
def _span_of() -> Callable[..., Span]:
    return span_of


@pytest.fixture(name="small_study", scope="session")
def _small_study() -> Callable[..., Study]:
    return small_study


@pytest.fixture(scope="session")
def small() -> Codebook:
    return SMALL


@pytest.fixture(scope="session")
def small_model() -> Model:
    """A model of the small codebook."""
    study = small_study()
    return train(study.sessions, study.labels, SMALL, folds=3)


@pytest.fixture(scope="session")
def book() -> Codebook:
    return load_codebook("relational-core@1.0.0")  # not fitted to the sessions of the tests


@pytest.fixture(scope="session")
def real_files() -> list[Path]:
    """Four sessions of four dyads."""
    return [CORPUS / "transcripts" / f"{name}.jsonl" for name in CHOSEN]


@pytest.fixture(scope="session")
def real(real_files: Sequence[Path]) -> Study:
    """Four sessions of four dyads with their accepted labels."""
    sessions = read_sessions(real_files)
    labels = read_spans(CORPUS / "labels" / "accepted.jsonl", sessions)
    return Study(sessions, labels).only(*CHOSEN)


@pytest.fixture(scope="session")
def model(real: Study, book: Codebook) -> Model:
    """A model of three real sessions; the fourth dyad, D4, is new to it."""
    known = real.only(*CHOSEN[:3])
    return train(known.sessions, known.labels, book, recipe=Recipe(folds=3, seed=1, thorough=False))
