"""What is offered to coders: speaker rules, precedence, ordinary modes, joined segments, reasons."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from relcode.codebook.schema import Code, Codebook, Condition, Cue
from relcode.cues import CueEngine, decide, preannotate
from relcode.records import Session
from relcode.transcripts.tokens import tokenize

BOOK = Codebook(
    id="small",
    version="1.0.0",
    title="Small",
    authors=["test"],
    lexicons={"feeling": ["moved", "sad"]},
    codes=[
        Code(
            id="TSI", name="a", speakers=["T"], definition="a", prior=0.05, beats=["SUPP"],
            cues=[
                Cue(id="own-reaction", weight=4.0, patterns=["i 'm <feeling>"], when=Condition(quoted=False)),
                Cue(id="third-party", weight=-3.0, patterns=["for her"]),
            ],
        ),
        Code(id="SUPP", name="b", speakers=["T"], definition="b", prior=0.05, mode=True,
             cues=[Cue(id="sorry", weight=4.0, patterns=["sorry"])]),
        Code(id="QUEST", name="c", speakers=["T"], definition="c", prior=0.05, mode=True,
             cues=[Cue(id="asks", weight=5.0, when=Condition(question=True))]),
        Code(id="WARM", name="d", speakers=["C"], definition="d", prior=0.05,
             cues=[Cue(id="thanks", weight=4.0, patterns=["thank you"])]),
    ],
)  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("T: I'm moved.", [("I'm moved.", "TSI", ("own-reaction",))]),
        ("T: I'm moved for her.", []),  # a cue against
        ("C: I'm moved.", []),  # the speaker rule
        ('T: You said, "I\'m sad", then.', []),  # quoted
        ("T: I'm sad, sorry.", [("I'm sad, sorry.", "TSI", ("own-reaction",))]),  # precedence
        ("T: Sorry.", [("Sorry.", "SUPP", ("sorry",))]),
        ("T: Sorry?", [("Sorry?", "QUEST", ("asks",))]),  # one ordinary mode, the more probable
        ("T: I'm moved. I'm sad. Well.", [("I'm moved. I'm sad.", "TSI", ("own-reaction",))]),  # joined
        ("C: Thank you.", [("Thank you.", "WARM", ("thanks",))]),
    ],
)
def test_offered_spans(
    line: str, expected: list[tuple[str, str, tuple[str, ...]]], session_of: Callable[..., Session]
) -> None:
    found = preannotate([session_of(line)], BOOK)
    assert [(span.text, span.code, span.why) for span in found] == expected
    assert all(span.source == "cues" and span.codebook == "small@1.0.0" for span in found)


def test_the_threshold_changes_what_is_offered(session_of: Callable[..., Session]) -> None:
    session = session_of("T: I'm moved.", "T: Hm.")
    assert len(preannotate([session], BOOK, threshold=0.99)) == 0
    assert len(preannotate([session], BOOK, threshold=0.01)) > 1


def test_probability_is_the_prior_moved_by_the_weights(session_of: Callable[..., Session]) -> None:
    engine = CueEngine(BOOK)
    table = tokenize([session_of("T: I'm moved.", "T: Hm.", "C: Hm.", "T: [pause]")])
    probability = engine.probabilities(engine.fire(table), engine.allowed(table))[:, 0]
    odds = 0.05 / 0.95 * np.exp(4.0)
    assert probability == pytest.approx([odds / (1 + odds), 0.05, 0.0, 0.0])


def test_words_of_a_later_session_are_its_own(session_of: Callable[..., Session]) -> None:
    sessions = [session_of("T: Hm.", "T: I'm sad.", session_id="A"), session_of("T: I'm moved.", session_id="B")]
    assert [(s.session_id, s.turn, s.text) for s in preannotate(sessions, BOOK)] == [
        ("A", 2, "I'm sad."),
        ("B", 1, "I'm moved."),
    ]


def test_no_session_gives_no_suggestion() -> None:
    assert preannotate([], BOOK) == []


def test_a_relational_code_leaves_no_ordinary_mode() -> None:
    probability = np.array([[0.9, 0.95, 0.0, 0.0], [0.1, 0.6, 0.7, 0.0]])
    assert decide(BOOK, probability, np.full(4, 0.5)).tolist() == [
        [True, False, False, False],
        [False, False, True, False],
    ]
