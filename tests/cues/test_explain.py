"""Explain: what fired, what it added, and which rule took a code out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relcode.codebook.schema import Code, Codebook, Cue
from relcode.cues import explain
from relcode.errors import UsageError
from relcode.records import Session


def code(name: str, word: str, weight: float = 4.0, *, beats: tuple[str, ...] = (), mode: bool = False) -> Code:
    cues = [Cue(id=f"says-{word}", weight=weight, patterns=[word]), Cue(id="says-not", weight=-1.0, patterns=["not"])]
    return Code(id=name, name=name, speakers=["T"], definition=name, prior=0.1, cues=cues, beats=list(beats), mode=mode)


BOOK = Codebook(
    id="small",
    version="1.0.0",
    title="Small",
    authors=["t"],
    codes=[
        code("A", "alpha", beats=("B",)),
        code("B", "beta"),
        code("M", "mild", mode=True),
        code("N", "mild", 5.0, mode=True),
    ],
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("T: alpha", {"A": "offered"}),
        ("T: alpha and beta", {"A": "offered", "B": "gives way to A (precedence)"}),
        ("T: alpha mild", {"A": "offered", "M": "gives way to a relational code (ordinary mode)",
                           "N": "gives way to a relational code (ordinary mode)"}),
        ("T: mild", {"N": "offered", "M": "gives way to a more probable code of its group"}),
        ("T: not", {"A": "below its threshold", "B": "below its threshold", "M": "below its threshold",
                    "N": "below its threshold"}),
        ("C: alpha", {}),
    ],
)  # fmt: skip
def test_outcomes(line: str, expected: dict[str, str], session_of: Callable[..., Session]) -> None:
    (reading,) = explain(session_of(line), 1, BOOK)
    assert {each.code: each.outcome for each in reading.codes} == expected


def test_cues_and_prior_add_up_to_the_probability(session_of: Callable[..., Session]) -> None:
    from scipy.special import expit

    (reading,) = explain(session_of("T: not alpha"), 1, BOOK)
    first = reading.codes[0]
    assert first.cues == [("says-alpha", 4.0), ("says-not", -1.0)]
    assert first.probability == pytest.approx(expit(first.prior + 3.0), abs=0.002)
    assert (reading.start, reading.end) == (0, 9)


def test_each_segment_is_read_apart(session_of: Callable[..., Session]) -> None:
    first, second = explain(session_of("C: x", "T: Alpha. Beta."), 2, BOOK)
    assert [first.codes[0].code, second.codes[0].code] == ["A", "B"]


def test_a_turn_that_is_not_there_is_named(session_of: Callable[..., Session]) -> None:
    with pytest.raises(UsageError, match="no turn 9"):
        explain(session_of("T: x"), 9, BOOK)
