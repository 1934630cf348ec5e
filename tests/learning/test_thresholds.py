"""Thresholds: highest F1 over turns, with at least three hits; what is offered is right in half of the cases too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from relcode.codebook import Code, Codebook
from relcode.learning.thresholds import choose_offers, choose_thresholds
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
    found = choose_thresholds(modes, turns(7), probability, marks, least_precision=0.9)
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
