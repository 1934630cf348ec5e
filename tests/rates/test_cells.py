"""Adding up scores and labels by session and third; conditions and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from relcode.codebook import Codebook
from relcode.errors import LabelError, UsageError
from relcode.rates import Cells, Condition, even_weights, hand_coded
from relcode.rates.groups import groups_of
from relcode.rates.sums import Sums
from relcode.records import Session, Span, Turn

CODES = ("TSI", "INT.genetic", "RUPT")
Material = tuple[list[Session], list[Span]]


def cells_of(
    book: Codebook, parts: Sequence[pd.DataFrame], material: Material, coded: int = 14, unit: str = "segment"
) -> Cells:
    sessions, spans = material
    weights = even_weights({each.session_id: [turn.turn for turn in each] for each in sessions[:coded]})
    cells = Cells(book, CODES, hand_coded(sessions, spans, CODES, weights), unit)  # type: ignore[arg-type]
    for part in parts:
        cells.add(part.reset_index(drop=True))
    return cells


def equal(ours: Sums, theirs: Sums) -> bool:
    return all(np.allclose(getattr(ours, each.name), getattr(theirs, each.name)) for each in fields(Sums))


def test_sums_are_those_of_the_rows(book: Codebook, frame: pd.DataFrame, material: Material) -> None:
    sums = cells_of(book, [frame], material).of("INT.genetic")
    own = frame[(frame.session_id == "S02") & (frame.speaker == "T")]
    assert sums.units[1] == len(own)
    assert sums.decided[1] == own["y_INT_genetic"].sum()
    assert sums.probable[1] == pytest.approx(own["p_INT_genetic"].sum())
    assert sums.squared[1] == pytest.approx((own["p_INT_genetic"] ** 2).sum())
    said = [span for span in material[1] if span.session_id == "S02" and span.code == "INT.genetic"]
    assert len(said) <= sums.present[1] > 0  # a turn may say it twice, of which one span is made
    assert sums.w_both[1] <= min(sums.present[1], sums.decided[1])
    assert sums.w_expected[1] <= sums.w_probable[1]
    assert sums.is_coded.sum() == 14


def test_units_are_of_the_speakers_who_may_carry_the_code(
    book: Codebook, frame: pd.DataFrame, material: Material
) -> None:
    cells = cells_of(book, [frame], material)
    assert cells.of("RUPT").units.sum() == (frame.speaker == "C").sum()
    assert cells.of("TSI").units.sum() == (frame.speaker == "T").sum()


def test_neither_parts_nor_the_order_of_rows_matter(book: Codebook, frame: pd.DataFrame, material: Material) -> None:
    whole = cells_of(book, [frame], material)
    parts = [part for _, part in frame.groupby("session_id", sort=False)]
    assert equal(cells_of(book, parts, material).of("TSI"), whole.of("TSI"))
    shuffled = [part.sample(frac=1, random_state=1) for part in parts]
    assert equal(cells_of(book, shuffled, material).of("TSI"), whole.of("TSI"))


def test_thirds_add_up_and_are_cut_by_turns(book: Codebook, frame: pd.DataFrame, material: Material) -> None:
    cells = cells_of(book, [frame], material)
    masks = [np.tile(np.arange(3) == third, (24, 1)) for third in range(3)]
    parts = [cells.of("TSI", None, mask) for mask in masks]
    assert sum(part.units for part in parts) == pytest.approx(cells.of("TSI").units)
    first = frame[(frame.session_id == "S01") & (frame.speaker == "T") & (frame.turn <= 4)]  # of twelve turns
    assert parts[0].units[0] == len(first)


def test_a_turn_bears_what_one_of_its_segments_bears(book: Codebook, frame: pd.DataFrame, material: Material) -> None:
    sums = cells_of(book, [frame], material, unit="turn").of("TSI")
    own = frame[(frame.session_id == "S01") & (frame.speaker == "T")].groupby("turn")
    assert sums.units[0] == len(own) == 6
    assert sums.decided[0] == own["y_TSI"].any().sum()
    assert sums.probable[0] == pytest.approx(own["p_TSI"].max().sum())


def test_other_segments_than_those_of_the_scores_are_refused_by_session(
    book: Codebook, frame: pd.DataFrame, material: Material
) -> None:
    sessions, spans = material
    changed = Session("S03", (Turn(1, "T", "Other words."), *sessions[2].turns[1:]), sessions[2].metadata)
    with pytest.raises(LabelError, match=r"session S03: its transcript has \d+ segments"):
        cells_of(book, [frame], ([*sessions[:2], changed], [span for span in spans if span.session_id < "S03"]))


@pytest.mark.parametrize(
    ("text", "said", "holds"),
    [
        ("n<9", 8, True),
        ("n<9", "10", False),  # as numbers, not as text
        ("n>=10", 10, True),
        ("date>=2024-05-01", "2024-05-01", True),
        ("date>=2024-05-01", "2024-04-30", False),
        ("therapist = T01", "T01", True),
        ("therapist!=T01", "T02", True),
        ("therapist!=T01", None, False),  # nothing is said
    ],
)
def test_conditions(text: str, said: object, holds: bool) -> None:
    assert Condition.parse(text).holds(said) is holds


@pytest.mark.parametrize("text", ["therapist", "=T01", "n<", "n ~ 3"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no condition"):
        Condition.parse(text)


def test_groups_are_sorted_by_number_and_those_that_say_nothing_have_a_name() -> None:
    metadata = {"A": {"n": 10}, "B": {"n": 9}, "C": {}, "D": {"n": 10}}
    groups = groups_of(["A", "B", "C", "D"], metadata, ["n"], [])
    assert [(group.name, group.rows.tolist()) for group in groups] == [
        (("9",), [1]),
        (("10",), [0, 3]),
        (("not said",), [2]),
    ]
    parts = groups_of(["A", "B"], metadata, ["n", "third"], [Condition.parse("third>1")])
    assert [group.name for group in parts] == [("9", "2"), ("9", "3"), ("10", "2"), ("10", "3")]


def test_a_key_that_nobody_says_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"No session says clinic; known are session, session_id, therapist, third"):
        groups_of(["A"], {"A": {"therapist": "T01"}}, ["clinic"], [])
