"""The band in which a person decides: as narrow as the wishes allow, and open where they cannot be kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.rates import band_of


def simulated(units: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(seed)
    probable = drawn.beta(0.3, 1.2, units)
    return probable, drawn.random(units) < probable


def test_the_wishes_are_kept_where_the_band_was_chosen() -> None:
    probable, present = simulated(4000, 1)
    band = band_of(probable, present, precision=0.8, recall=0.9)
    held, kept = probable >= band.high, probable >= band.low
    assert present[held].mean() >= 0.8
    assert present[held].sum() >= 10
    assert present[kept].sum() >= 0.9 * present.sum()
    assert band.unsure == pytest.approx(band.holds(probable).mean())
    assert 0 < band.unsure < 0.4
    assert (band.precision, band.recall) == (present[held].mean(), kept[present].mean())


def test_the_wishes_are_kept_elsewhere_too() -> None:
    band = band_of(*simulated(4000, 2), precision=0.8, recall=0.9)
    probable, present = simulated(40_000, 3)
    assert present[probable >= band.high].mean() == pytest.approx(0.8, abs=0.05)
    assert present[probable >= band.low].sum() / present.sum() == pytest.approx(0.9, abs=0.03)


def test_stricter_wishes_leave_more_to_a_person() -> None:
    probable, present = simulated(4000, 1)
    loose, strict = (band_of(probable, present, precision=p, recall=r) for p, r in ((0.6, 0.8), (0.9, 0.95)))
    assert strict.low < loose.low
    assert strict.high > loose.high


def test_too_few_instances_leave_all_to_a_person() -> None:
    probable = np.linspace(0.01, 0.9, 50)
    band = band_of(probable, probable > 0.8, precision=0.8, recall=0.9)  # six bear the code
    assert (band.low, band.high) == (0.0, np.inf)
    assert band.unsure == 1


def test_a_machine_that_is_good_enough_leaves_nothing() -> None:
    present = np.arange(400) % 4 == 0
    probable = np.where(present, 0.9, 0.1) + np.linspace(0, 0.01, 400)
    band = band_of(probable, present, precision=0.8, recall=0.9)
    assert band.low == band.high
    assert band.unsure == 0


def test_without_units_there_is_no_band() -> None:
    with pytest.raises(ValueError, match="needs hand-coded units"):
        band_of(np.array([]), np.array([], dtype=bool))


@given(
    st.lists(st.tuples(st.sampled_from([0.05, 0.2, 0.4, 0.7, 0.95]), st.booleans()), min_size=1, max_size=200),
    st.floats(0.5, 0.95),
    st.floats(0.5, 0.95),
)
def test_what_is_decided_is_as_right_as_wished(
    units: list[tuple[float, bool]], precision: float, recall: float
) -> None:
    probable, present = (np.array(each) for each in zip(*units, strict=True))
    band = band_of(probable, present, precision=precision, recall=recall)
    held, missed = probable >= band.high, present & (probable < band.low)
    assert missed.sum() <= (1 - recall) * max(present.sum(), 1)
    if band.low < band.high and held.any():
        assert present[held].mean() >= precision


def test_query_lists_what_a_person_should_look_at(
    relcode: Callable[..., Any], study: Path, frame: pd.DataFrame
) -> None:
    given = ("query", "--scores", study / "scores.parquet", "--code", "TSI", "--transcripts", study / "transcripts")
    given = (*given, "--codebook", study / "tiny.yaml", "--unsure", "--labels", study / "hand.jsonl")
    done = relcode(*given, "--precision", "0.99", "--recall", "0.5")
    assert done.status == 0, done.err
    lines = done.out.splitlines()[1:]
    allowed = frame.speaker == "T"
    assert len(lines) == (allowed & (frame.p_TSI >= 0.7)).sum()  # half are found there, .99 are nowhere right
    assert "nowhere is it safe to say that it holds, below 0.7000 it does not" in done.err
    assert "moved" not in done.out + done.err


def test_query_unsure_needs_what_was_coded_by_hand(relcode: Callable[..., Any], study: Path) -> None:
    given = ("query", "--scores", study / "scores.parquet", "--code", "TSI", "--transcripts", study / "transcripts")
    hand = ("--labels", study / "hand.jsonl")
    assert "belong together" in relcode(*given, "--unsure").err
    assert "belong together" in relcode(*given, *hand).err
    assert "one of them" in relcode(*given, "--unsure", *hand, "--at-least", "0.2").err
    wrong = relcode(*given, "--unsure", *hand, "--precision", "80", "--codebook", study / "tiny.yaml")
    assert (wrong.status, "--precision 80: expected a number above 0 and below 1" in wrong.err) == (2, True)
