"""Where spans begin and end: what coders do is learned, and what is offered follows from how likely it is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.codebook import Codebook
from relcode.codebook.schema import Code
from relcode.errors import ModelError
from relcode.learning.boundaries import LEAST_SPANS, OFFERED_FROM, Boundaries, fit_boundaries
from relcode.learning.load import load_model
from relcode.learning.model import Model
from relcode.learning.runs import LONG_RUN, LONG_TURN, Evidence, runs_of_spans
from relcode.learning.save import save_model
from relcode.records import Session, Span, Turn
from relcode.scoring.score import score_spans, suggest_spans
from relcode.transcripts.tokens import TokenTable, tokenize

# coders mark the whole turn with ALL, one sentence with ONE, and what follows a turn's first sentence with REST
BOOK = Codebook(
    id="b", version="1.0.0", title="b", authors=["test"],
    codes=[Code(id=name, name=name, speakers=["T"], definition=name, prior=0.1, mode=name == "ASK")
           for name in ("ALL", "ONE", "REST", "ASK")],
)  # fmt: skip
SENTENCES = ("I drove home.", "It was late.", "Nobody spoke.", "The rain had stopped.", "You slept.")


def turns_of(count: int, sentences: int) -> Session:
    words = [" ".join(SENTENCES[(row + place) % 5] for place in range(sentences)) for row in range(count)]
    return Session("S", tuple(Turn(row + 1, "T", text) for row, text in enumerate(words)))


def likely(table: TokenTable, sure: int, rest: float, high: float = 0.7) -> np.ndarray:
    """One segment of each turn is surer than the others."""
    return np.tile(np.where(table.segment_number == sure, high, rest)[:, None], (1, len(BOOK.codes)))


def labels_of(session: Session, code: str, first: int, last: int, turns: range) -> list[Span]:
    """From one sentence of a turn to another."""
    found = []
    for turn in session.turns:
        if turn.turn in turns:
            ends = [place + 1 for place, sign in enumerate(turn.text) if sign == "."]
            start = 0 if first == 1 else ends[first - 2] + 1
            span = Span("S", turn.turn, start, ends[last - 1], turn.text[start : ends[last - 1]], code)
            found.append(span)
    return found


@pytest.fixture(scope="module")
def learned() -> Boundaries:
    """Of turns with four sentences, the second of them sure; every code in four turns of five."""
    session = turns_of(50, 4)
    table = tokenize([session])
    labels = [
        *labels_of(session, "ALL", 1, 4, range(1, 41)),
        *labels_of(session, "ONE", 2, 2, range(1, 41)),
        *labels_of(session, "REST", 2, 4, range(1, 41)),
    ]
    probability = likely(table, 2, 0.2)
    probability[table.segment_turn >= 40] = 0.03
    probability[:, 3] = 0
    found = fit_boundaries(BOOK, table, probability, labels)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sentences", "sure", "code", "expected"),
    [
        (4, 2, "ALL", (1, 4)),
        (3, 2, "ALL", (1, 3)),
        (4, 2, "ONE", (2, 2)),
        (5, 4, "ONE", (4, 4)),
        (4, 2, "REST", (2, 4)),
        (3, 2, "REST", (2, 3)),
        (1, 1, "REST", (1, 1)),
    ],
)
def test_a_code_gets_the_boundaries_that_coders_give_it(
    learned: Boundaries, sentences: int, sure: int, code: str, expected: tuple[int, int]
) -> None:
    table = tokenize([turns_of(1, sentences)])
    proposals = {BOOK.code_ids[each.code]: each for each in learned.propose(table, likely(table, sure, 0.2))}
    found = proposals[code]
    assert (found.first + 1, found.last + 1) == expected


def test_nothing_is_proposed_where_a_code_cannot_be(learned: Boundaries) -> None:
    table = tokenize([turns_of(2, 3)])
    assert learned.propose(table, np.zeros((6, 4))) == []
    one = np.zeros((6, 4))
    one[3, 1] = 0.5
    assert [(each.code, each.first) for each in learned.propose(table, one)] == [(1, 3)]
    assert learned.propose(tokenize([]), np.zeros((0, 4))) == []


def test_offered_is_what_is_likely_enough(learned: Boundaries) -> None:
    table = tokenize([turns_of(1, 4)])
    sure, unsure = (learned.offer(table, part) for part in (likely(table, 2, 0.2), likely(table, 2, 0.03, 0.03)))
    assert len(learned.propose(table, likely(table, 2, 0.03, 0.03))) == 4
    assert {BOOK.code_ids[each.code] for each in sure} == {"ALL", "ONE", "REST"}
    assert all(each.probability >= OFFERED_FROM for each in sure)
    assert unsure == []


def test_an_ordinary_mode_is_not_offered_beside_a_relational_code(learned: Boundaries) -> None:
    every = replace(learned, whether_by_code=np.full(4, 9.0))
    table = tokenize([turns_of(1, 1)])
    both, alone = np.full((1, 4), 0.9), np.array([[0, 0, 0, 0.9]])
    assert "ASK" not in {BOOK.code_ids[each.code] for each in every.offer(table, both)}
    assert [BOOK.code_ids[each.code] for each in every.offer(table, alone)] == ["ASK"]


def test_too_few_spans_teach_nothing() -> None:
    session = turns_of(60, 2)
    table = tokenize([session])
    probability = likely(table, 1, 0.2)
    labels = labels_of(session, "ALL", 1, 2, range(1, LEAST_SPANS))
    assert fit_boundaries(BOOK, table, probability, labels) is None
    more = labels_of(session, "ALL", 1, 2, range(1, LEAST_SPANS + 1))
    assert fit_boundaries(BOOK, table, probability, more) is not None
    assert fit_boundaries(BOOK, table, probability * np.array([1, 0, 0, 0]), labels_of(
        session, "ALL", 1, 2, range(1, 61))) is None  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "run"),
    [
        (0, 13, (0, 0)),
        (2, 7, (0, 0)),  # within a sentence
        (0, 14, (0, 0)),  # and the space after it
        (12, 26, (1, 1)),  # the full stop of the first is no word of it
        (8, 16, (0, 1)),
        (14, 40, (1, 2)),
    ],
)
def test_a_span_is_the_run_of_segments_whose_words_it_covers(start: int, end: int, run: tuple[int, int]) -> None:
    session = turns_of(1, 3)
    span = Span("S", 1, start, end, session.turns[0].text[start:end], "ONE")
    table = tokenize([session])
    assert runs_of_spans(table, [span], BOOK.code_ids) == {(0, 1): {run}}
    assert runs_of_spans(table, [span], ("ALL",)) == {}


@given(st.integers(1, 40))
def test_every_run_of_a_turn_is_looked_at_once(count: int) -> None:
    words = tuple(Turn(row + 1, "T", "Yes." if row else " ".join(["I know."] * count)) for row in range(2))
    table = tokenize([Session("S", words)])
    runs = Evidence(table, np.full((count + 1, 1), 0.5)).runs([(0, 0), (1, 0)])
    pairs = list(zip(runs.first[runs.place == 0].tolist(), runs.last[runs.place == 0].tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert all(0 <= first <= last < count for first, last in pairs)
    assert (0, count - 1) in pairs
    if count <= LONG_TURN:
        assert len(pairs) == count * (count + 1) // 2
    else:
        inner = {pair for pair in pairs if pair[0] > 0 and pair[1] < count - 1}
        assert max(last - first for first, last in inner) == LONG_RUN - 1
    assert np.isfinite(runs.features).all()


def test_a_model_folder_keeps_them(small_model: Model, small_study: Callable[..., Any], tmp_path: Path) -> None:
    sessions = small_study(4).sessions
    save_model(small_model, tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert small_model.boundaries is not None
    assert suggest_spans(sessions, again) == suggest_spans(sessions, small_model) != []


def test_arrays_of_another_version_are_refused(small_model: Model, tmp_path: Path) -> None:
    assert small_model.boundaries is not None
    odd = replace(small_model.boundaries, whether=np.zeros(3))
    save_model(replace(small_model, boundaries=odd), tmp_path / "m")
    with pytest.raises(ModelError, match="not of the expected shape: whether"):
        load_model(tmp_path / "m")


def test_a_model_without_them_suggests_what_it_holds(
    small_model: Model, small_study: Callable[..., Any], tmp_path: Path
) -> None:
    sessions = small_study(4).sessions
    save_model(replace(small_model, boundaries=None), tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.boundaries is None
    assert suggest_spans(sessions, again) == score_spans(sessions, small_model) != []
