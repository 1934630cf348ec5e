"""What is offered to coders: speaker rules, precedence, ordinary modes, joined segments, reasons."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from relcode.codebook import compose_codebooks
from relcode.codebook.schema import Code, Codebook, Condition, Cue
from relcode.cues import CueEngine, decide, preannotate
from relcode.records import Session, Turn
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


def code(code_id: str, word: str, *, weight: float = 9, **more: object) -> Code:
    """A code whose one cue is a word."""
    cues = [Cue(id="word", weight=weight, patterns=[word])]
    return Code(id=code_id, name="n", speakers=["T"], definition="d", prior=0.1, cues=cues, **more)  # type: ignore[arg-type]


def book(name: str, *codes: Code) -> Codebook:
    return Codebook(id=name, version="1.0.0", title=name, authors=["A"], codes=list(codes))


def offered(codebook: Codebook, text: str) -> list[str]:
    return [span.code for span in preannotate([Session("S", (Turn(1, "T", text),))], codebook)]


@pytest.mark.parametrize(
    ("codes", "text", "expected"),
    [
        ([code("A", "a", beats=["B", "GONE"]), code("B", "b")], "a b", ["A"]),  # GONE is in no codebook here
        ([code("A", "a", beats=["B"]), code("B", "b")], "b", ["B"]),
        ([code("A", "a", beats=["B"]), code("B", "b", beats=["C"]), code("C", "c")], "a b c", ["A", "C"]),
        ([code("C", "c"), code("B", "b", beats=["C"]), code("A", "a", beats=["B"])], "a b c", ["A", "C"]),  # any order
        ([code("C", "c"), code("B", "b", beats=["C"]), code("A", "a", beats=["B"])], "b c", ["B"]),
        ([code("A", "a", beats=["F"]), code("F.one", "b"), code("F.two", "c")], "a b c", ["A"]),  # a family
        ([code("F", "a"), code("F.one", "b", beats=["F"]), code("F.two", "c")], "a b c", ["F.one", "F.two"]),
        ([code("A", "a", exclusive="g"), code("B", "b", exclusive="g", weight=8)], "a b", ["A"]),
        ([code("A", "a", exclusive="g", weight=8), code("B", "b", exclusive="g")], "a b", ["B"]),
        ([code("A", "a", exclusive="g"), code("B", "b", exclusive="h")], "a b", ["A", "B"]),
        ([code("A", "a", exclusive="g"), code("B", "b")], "a b", ["A", "B"]),
        # what precedence took out does not win its group
        ([code("A", "a", exclusive="g"), code("B", "b", exclusive="g", weight=8), code("D", "d", beats=["A"])],
         "a b d", ["B", "D"]),
        ([code("M", "a", mode=True), code("N", "b", mode=True, weight=8)], "a b", ["M"]),
        ([code("M", "a", mode=True), code("R", "b")], "a b", ["R"]),
        ([code("M", "a", mode=True, beats=["R"]), code("R", "b")], "a b", ["M"]),
    ],
)  # fmt: skip
def test_precedence_groups_and_modes(codes: list[Code], text: str, expected: list[str]) -> None:
    assert sorted(offered(book("one", *codes), text)) == expected


def test_each_codebook_keeps_its_own_groups_and_modes_when_put_together() -> None:
    one = book("one", code("A", "a", exclusive="g"), code("M", "m", mode=True, weight=8), code("R", "r"))
    two = book("two", code("B", "b", exclusive="g", weight=8), code("N", "n", mode=True), code("Q", "q"))
    both = compose_codebooks([one, two])
    for text in ("a b", "m n", "m q", "n r", "m r", "a m n q", "x"):
        assert sorted(offered(both, text)) == sorted(offered(one, text) + offered(two, text))
    assert offered(both, "m r") == ["R"]
    assert sorted(offered(both, "m q")) == ["M", "Q"]  # a relational code of another codebook


def test_labels_name_the_codebook_that_the_code_is_from() -> None:
    both = compose_codebooks([book("one", code("A", "a")), book("two", code("B", "b"))])
    found = preannotate([Session("S", (Turn(1, "T", "a b"),))], both)
    assert {span.code: span.codebook for span in found} == {"A": "one@1.0.0", "B": "two@1.0.0"}
    assert both.reference == "one@1.0.0+two@1.0.0"


def test_a_codes_own_threshold_is_what_it_is_offered_at() -> None:
    late = book("one", code("A", "a", weight=3, offer_at=0.7), code("B", "b", weight=3, offer_at=0.6))
    assert offered(late, "a b") == ["B"]  # both have 0.69


@pytest.mark.parametrize(
    ("segments", "runs"), [("Sad. Sad. So. Sad.", ["Sad. Sad.", "Sad."]), ("So.", []), ("Sad.", ["Sad."])]
)
def test_runs_of_segments_are_joined(segments: str, runs: list[str]) -> None:
    found = preannotate([Session("S", (Turn(1, "T", segments), Turn(2, "T", "Sad.")))], book("one", code("A", "sad")))
    assert [span.text for span in found] == [*runs, "Sad."]
