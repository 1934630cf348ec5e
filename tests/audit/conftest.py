"""A small codebook, and sessions whose turns are labelled in one line each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relcode.audit.material import Material, material_from_labels
from relcode.codebook import Code, Codebook
from relcode.records import Role, Session, Span, Turn

BOTH = ["META", "HN", "ENACT"]
THERAPIST = [
    *("TSI", "TSI.impact", "TSD", "INT.genetic", "INT.transference", "INT.dynamic", "INQ"),
    *("REP.immediate", "REP.exploratory"),
]
CLIENT = ["RUP.withdrawal", "RUP.confrontation", "COOP", "MCOG", "WARM", "HOST"]
MODES = ["REFL", "QUEST", "ENC"]


def _code(code_id: str) -> Code:
    speakers: list[Role] = ["T", "C"] if code_id in BOTH else ["C"] if code_id in CLIENT else ["T"]
    return Code(
        id=code_id,
        name=f"name of {code_id}",
        speakers=speakers,
        definition=f"What {code_id} is.",
        prior=0.05,
        mode=code_id in MODES,
        color="#336699",
    )


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    ids = [*THERAPIST, *BOTH, *CLIENT, *MODES]
    return Codebook(id="small", version="1.0.0", title="Small", authors=["tests"], codes=[_code(i) for i in ids])


def make_coded(*lines: str, session_id: str = "S1", **metadata: object) -> tuple[Session, list[Span]]:
    """A session and its labels from lines `T: words of the turn | TSI HN`; a label covers its whole turn."""
    turns, labels = [], []
    for number, line in enumerate(lines, start=1):
        head, _, codes = line.partition(" | ")
        speaker, _, text = head.partition(": ")
        turns.append(Turn(number, speaker, text))
        labels += [
            Span(session_id, number, 0, len(text), text, code, "small@1.0.0", "accepted") for code in codes.split()
        ]
    return Session(session_id, tuple(turns), dict(metadata)), labels


@pytest.fixture(scope="session")
def coded() -> Callable[..., tuple[Session, list[Span]]]:
    return make_coded


@pytest.fixture(scope="session")
def material(codebook: Codebook) -> Callable[..., Material]:
    """The table of one session given as lines."""

    def _make(*lines: str) -> Material:
        session, labels = make_coded(*lines)
        return material_from_labels([session], codebook, labels)

    return _make
