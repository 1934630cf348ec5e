"""Thresholds: highest F1 over turns with at least three hits, as low as a wished precision allows, or for the right rate;
what is offered is right in half of the cases too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from relcode.codebook import Code, Codebook
from relcode.cues import decide
from relcode.errors import UsageError
from relcode.learning.thresholds import NEVER, ThresholdRule, choose_offers, choose_thresholds, never_offered
from relcode.records import Session, Turn
from relcode.transcripts.tokens import TokenTable, tokenize


def code(name: str, *, mode: bool = False, offer_at: float = 0.5) -> Code:
    return Code(id=name, name=name, speakers=["T"], definition=name, prior=0.1, mode=mode, offer_at=offer_at)


def book(*codes: Code) -> Codebook:
    return Codebook(id="b", version="1.0.0", title="b", authors=["t"], codes=list(codes))


def turns(count: int, words: str = "so") -> TokenTable:
    return tokenize([Session("S", tuple(Turn(n, "T", words) for n in range(1, count + 1)))])


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)[:, None]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.25, 0.5, 0.9]), st.booleans()), min_size=1, max_size=25))
def test_no_threshold_has_a_higher_f1(rows: list[tuple[float, bool]]) -> None:
    probability, marks = column(*(p for p, _ in rows)), column(*(y for _, y in rows)).astype(bool)
    found = choose_thresholds(book(code("A")), turns(len(rows)), probability, marks)[0]

    def f1(at: float) -> float:
        held = probability[:, 0] >= at
        enough = (held & marks[:, 0]).sum() >= 3
        return float(f1_score(marks[:, 0], held, zero_division=0)) if enough else -1.0

    best = max(f1(at) for at in probability[:, 0])
    assert found == 0.5 if best < 0 else f1(found) == pytest.approx(best)


@pytest.mark.parametrize(
    ("probability", "labels", "expected"),
    [
        ([0.9, 0.8, 0.7, 0.3, 0.1], [1, 1, 1, 0, 0], 0.5),  # midway to the next below
        ([0.9, 0.8, 0.7, 0.3, 0.1], [1, 1, 1, 1, 1], 0.05),  # all positive: all hold
        ([0.9, 0.8, 0.7, 0.3, 0.1], [1, 1, 0, 0, 0], 0.42),  # too few hits: the code's own
        ([0.9, 0.6, 0.6, 0.6, 0.2], [1, 1, 1, 0, 0], 0.4),  # ties hold together
    ],
)
def test_thresholds(probability: list[float], labels: list[int], expected: float) -> None:
    marks = column(*labels).astype(bool)
    found = choose_thresholds(book(code("A", offer_at=0.42)), turns(len(labels)), column(*probability), marks)
    assert found[0] == pytest.approx(expected)


def test_a_turn_counts_once_by_its_likeliest_segment() -> None:
    table = turns(4, "So. So.")
    probability = column(0.9, 0.1, 0.1, 0.8, 0.7, 0.1, 0.3, 0.2)
    marks = column(1, 0, 0, 1, 1, 0, 0, 0).astype(bool)
    assert choose_thresholds(book(code("A")), table, probability, marks)[0] == pytest.approx(0.5)


def test_only_the_rows_named_count() -> None:
    probability, marks = column(0.9, 0.8, 0.7, 0.6, 0.5, 0.4), column(1, 1, 1, 0, 0, 0).astype(bool)
    rows = np.array([True, True, True, False, False, True])
    assert choose_thresholds(book(code("A")), turns(6), probability, marks, rows=rows)[0] == pytest.approx(0.55)


def test_an_ordinary_mode_is_judged_where_no_relational_code_holds() -> None:
    modes = book(code("A"), code("M", mode=True))
    probability = np.array([[0.9, 0.8], [0.9, 0.8], [0.9, 0.8], [0.1, 0.7], [0.1, 0.7], [0.1, 0.7], [0.1, 0.3]])
    marks = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [0, 0]]).astype(bool)
    assert choose_offers(modes, turns(7), probability, marks).tolist() == pytest.approx([0.5, 0.5])
    found = choose_thresholds(modes, turns(7), probability, marks, rule=ThresholdRule("rate"))
    assert found.tolist() == pytest.approx([0.5, 0.5])  # the three at 0.8 do not count against M


def test_offers_keep_half_of_them_right() -> None:
    two = book(code("A"), code("B"))
    table = tokenize([Session("S", tuple(Turn(n, "T", "so") for n in range(1, 9)))])
    probability = np.array(
        [[0.9, 0.9], [0.8, 0.8], [0.7, 0.7], [0.6, 0.6], [0.4, 0.4], [0.3, 0.3], [0.2, 0.2], [0.1, 0.1]]
    )
    marks = np.zeros((8, 2), dtype=np.bool_)
    marks[[0, 1, 3, 5], 0] = True  # best F1 at the first six: 4 of 6 right
    marks[[0, 6, 7], 1] = True  # never three hits with half of them right
    offers = choose_offers(two, table, probability, marks)
    assert 0.2 < offers[0] < 0.3
    assert offers[1] == 0.5


def ranked(labels: str) -> tuple[TokenTable, np.ndarray, np.ndarray]:
    """Turns with falling probabilities, .99, .98 ...; `x` bears the code."""
    probability = column(*(0.99 - 0.01 * place for place in range(len(labels))))
    return turns(len(labels)), probability, column(*(mark == "x" for mark in labels)).astype(bool)


@pytest.mark.parametrize(
    ("labels", "wished", "held"),
    [
        ("xxxxxxxxxx..", 0.8, 12),  # 10 of 12 are right: lower than that there is nothing
        ("xxxxxxxxxx...", 0.8, 12),  # 10 of 13 are too few
        ("xxxxxxxxxx..x", 0.8, 13),
        ("..xxxxxxxxxx", 0.8, 12),  # not reached at the top, but at the end
        ("xxxxx.....xxxxxxxxxxxxxxxxxxxxxxxxxx", 0.8, 36),  # passed under on the way, reached again
        ("xxxxxxxxx", 0.8, 0),  # nine hits are not enough
        ("xxxxxxxxx....x", 0.8, 0),
        ("x.x.x.x.x.x.x.x.x.x.x.", 0.5, 22),
        ("x.x.x.x.x.x.x.x.x.x.x.", 0.6, 0),  # at ten hits 10 of 19
        ("......", 0.5, 0),
    ],
)
def test_the_lowest_threshold_that_is_precise_enough(labels: str, wished: float, held: int) -> None:
    table, probability, marks = ranked(labels)
    at = choose_thresholds(book(code("A")), table, probability, marks, rule=ThresholdRule("precision", wished))[0]
    assert (probability >= at).sum() == held
    assert (at == NEVER) == (held == 0)


@pytest.mark.parametrize(
    ("probability", "labels", "held"),
    [
        ([0.9, 0.8, 0.7, 0.3, 0.1], [1, 0, 0, 0, 1], 2),
        ([0.9, 0.8, 0.7, 0.3, 0.1], [0, 0, 0, 1, 0], 1),  # which ones bear it is not asked
        ([0.9, 0.8, 0.7, 0.3, 0.1], [1, 1, 1, 1, 1], 5),
        ([0.9, 0.6, 0.6, 0.6, 0.2], [1, 1, 1, 0, 0], 4),  # ties: four are nearer to three than one
        ([0.9, 0.6, 0.6, 0.6, 0.2], [1, 1, 0, 0, 0], 1),
        ([0.9, 0.6, 0.0, 0.0, 0.0], [1, 1, 1, 0, 0], 2),  # what the speaker rule excludes never holds
        ([0.9, 0.8, 0.7, 0.3, 0.1], [0, 0, 0, 0, 0], 0),
        ([0.0, 0.0, 0.0, 0.0, 0.0], [1, 0, 0, 0, 0], 0),
    ],
)
def test_as_many_turns_hold_as_bear_the_code(probability: list[float], labels: list[int], held: int) -> None:
    marks = column(*labels).astype(bool)
    rule = ThresholdRule("rate")
    at = choose_thresholds(book(code("A")), turns(len(labels)), column(*probability), marks, rule=rule)[0]
    assert (np.array(probability) >= at).sum() == held
    assert (at == NEVER) == (held == 0)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.2, 0.25, 0.5, 0.9]), st.booleans()), min_size=1, max_size=40))
def test_no_threshold_is_nearer_to_the_rate(rows: list[tuple[float, bool]]) -> None:
    probability, marks = column(*(p for p, _ in rows)), column(*(y for _, y in rows)).astype(bool)
    at = choose_thresholds(book(code("A")), turns(len(rows)), probability, marks, rule=ThresholdRule("rate"))[0]
    held = int((probability >= at).sum())
    if marks.any() and probability.any():
        others = [int((probability >= other).sum()) for other in probability if other > 0]
        assert abs(held - marks.sum()) == min(abs(other - marks.sum()) for other in others)
    else:
        assert held == 0


def test_the_rate_is_right_after_precedence_and_with_one_ordinary_mode_a_segment() -> None:
    modes = book(code("A"), code("M", mode=True), code("N", mode=True))
    rng = np.random.default_rng(0)
    marks = np.zeros((300, 3), dtype=np.bool_)
    marks[np.arange(150), rng.integers(0, 3, size=150)] = True
    probability = 0.3 * marks + rng.uniform(0.01, 0.69, size=(300, 3))
    thresholds = choose_thresholds(modes, turns(300), probability, marks, rule=ThresholdRule("rate"))
    assert np.abs(decide(modes, probability, thresholds).sum(axis=0) - marks.sum(axis=0)).max() <= 1


def test_what_is_never_offered_never_holds() -> None:
    modes = book(code("A"), code("M", mode=True))
    holds = decide(modes, np.array([[1.0, 1.0], [0.0, 0.9]]), np.array([NEVER, 0.5]))
    assert holds.tolist() == [[False, True], [False, True]]
    assert not decide(modes, np.ones((2, 2)), np.array([NEVER, NEVER])).any()


def test_what_is_never_offered_is_said_with_its_reason() -> None:
    thresholds = np.array([0.3, NEVER])
    by_precision = never_offered(["A", "B"], thresholds, ThresholdRule("precision", 0.8))
    assert by_precision == {"B": "never offered: a precision of 0.8 is not reached with 10 hits"}
    assert never_offered(["A", "B"], thresholds, ThresholdRule("rate")) == {"B": "never offered: no turn bears it"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("f1", ThresholdRule()),
        ("rate", ThresholdRule("rate")),
        ("precision=0.8", ThresholdRule("precision", 0.8)),
        ("precision=.75", ThresholdRule("precision", 0.75)),
    ],
)
def test_a_rule_is_read_and_said_again(text: str, rule: ThresholdRule) -> None:
    assert ThresholdRule.parse(text) == rule
    assert ThresholdRule.parse(str(rule)) == rule


@pytest.mark.parametrize(
    "text", ["", "F1", "precision", "precision=", "precision=80", "precision=0", "precision=1", "precision=nan",
             "rate=0.5", "f1=0.8", "0.8"]
)  # fmt: skip
def test_no_other_rule_is_taken(text: str) -> None:
    with pytest.raises(UsageError, match=r"expected f1, rate, or precision="):
        ThresholdRule.parse(text)
