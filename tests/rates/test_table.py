"""Rows of rates: what is refused and why, groups, contrasts, and how much more coding would help."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from relcode.codebook import Codebook
from relcode.rates import Cells, Condition, RateRow, even_weights, hand_coded, rate_rows
from relcode.rates.estimates import Figure
from relcode.rates.estimators import powered_share
from relcode.rates.rules import LEAST_SESSIONS, Halving, figure_of, halving, results_of
from relcode.rates.sums import Sums
from relcode.records import Session, Span

CODES = ("TSI", "RUPT")
Material = tuple[list[Session], list[Span]]


@pytest.fixture(scope="module")
def metadata(material: Material) -> dict[str, dict[str, object]]:
    return {session.session_id: session.metadata for session in material[0]}


def cells_of(book: Codebook, frame: pd.DataFrame, material: Material, coded: int = 14) -> Cells:
    sessions, spans = material
    weights = even_weights({each.session_id: [turn.turn for turn in each] for each in sessions[:coded]})
    cells = Cells(book, CODES, hand_coded(sessions, spans, CODES, weights))
    cells.add(frame)
    return cells


@pytest.fixture(scope="module")
def cells(book: Codebook, frame: pd.DataFrame, material: Material) -> Cells:
    return cells_of(book, frame, material)


def truth(material: Material, frame: pd.DataFrame, code: str, speaker: str) -> float:
    """The share of segments that deserve a code, over all sessions."""
    sentence = {"TSI": "I feel moved now.", "RUPT": "We went home."}[code]
    texts = {(session.session_id, turn.turn): turn.text for session in material[0] for turn in session}
    own = frame[frame.speaker == speaker]
    said = [texts[row.session_id, row.turn][row.start : row.end].strip() for row in own.itertuples()]
    return float(np.mean([words == sentence for words in said]))


def test_the_corrected_rate_is_near_the_true_one_and_the_raw_is_not(
    cells: Cells, metadata: dict[str, dict[str, object]], material: Material, frame: pd.DataFrame
) -> None:
    tsi, _ = rate_rows(cells, metadata)
    true = truth(material, frame, "TSI", "T")
    assert isinstance(tsi, RateRow)
    for figure in (tsi.labels, tsi.adjusted, tsi.powered):
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low < true < figure.high
    assert (tsi.sessions, tsi.coded_sessions, tsi.speakers, tsi.group) == (24, 14, "T", {})
    assert tsi.sensitivity == pytest.approx(0.8, abs=0.12)
    assert tsi.specificity == pytest.approx(0.9, abs=0.08)


def test_a_sample_that_is_none_leaves_the_raw_count_and_the_reason(
    cells: Cells, metadata: dict[str, dict[str, object]]
) -> None:
    (row, _) = rate_rows(cells, metadata, unsampled="not random")
    assert row.raw.value is not None
    assert row.labels == row.adjusted == row.powered == Figure(reason="not random")
    assert (row.power, row.more_sessions) == (None, None)


@pytest.mark.parametrize(("coded", "given"), [(LEAST_SESSIONS - 1, False), (LEAST_SESSIONS, True)])
def test_too_few_coded_sessions_are_refused(
    book: Codebook,
    frame: pd.DataFrame,
    material: Material,
    metadata: dict[str, dict[str, object]],
    coded: int,
    given: bool,
) -> None:
    row = rate_rows(cells_of(book, frame, material, coded), metadata)[0]
    assert (row.powered.value is not None) is given
    if not given:
        assert row.powered.reason == row.adjusted.reason == "4 coded session(s); a correction needs 5"


def test_a_code_that_was_never_given_by_hand_is_refused(cells: Cells) -> None:
    sums = cells.of("TSI")
    none = replace(sums, present=sums.present * 0, w_present=sums.present * 0, w_both=sums.present * 0)
    results = results_of(none, none)
    assert isinstance(results.powered, str)
    assert results.powered.startswith("none of ")


def test_decisions_that_say_nothing_are_not_adjusted_by_but_the_powered_estimate_stands(cells: Cells) -> None:
    sums = cells.of("TSI")
    blind = replace(
        sums,
        decided=0.3 * sums.units,
        w_decided=0.3 * sums.weight,
        w_both=0.3 * sums.w_present * (1 + 0.1 * np.cos(np.arange(24))),
    )
    results = results_of(blind, blind)
    assert isinstance(results.adjusted, str)
    assert "do not tell it apart" in results.adjusted
    assert not isinstance(results.powered, str)


def test_groups_keep_their_own_sample_and_small_ones_say_why(
    cells: Cells, metadata: dict[str, dict[str, object]]
) -> None:
    first, second = rate_rows(cells, metadata, by=["therapist"])[:2]
    assert (first.group, first.sessions, first.coded_sessions) == ({"therapist": "T01"}, 12, 12)
    assert (second.group, second.coded_sessions) == ({"therapist": "T02"}, 2)
    assert first.powered.value is not None
    assert second.powered.reason == "2 coded session(s); a correction needs 5"
    assert second.adjusted.value is not None  # by the errors of the whole sample


def test_a_session_is_counted_where_it_was_coded_and_refused_where_not(
    cells: Cells, metadata: dict[str, dict[str, object]]
) -> None:
    rows = {row.group["session"]: row for row in rate_rows(cells, metadata, by=["session"]) if row.code == "TSI"}
    assert len(rows) == 24
    assert rows["S01"].labels.value == rows["S01"].instances / rows["S01"].units
    assert "counted" in rows["S01"].labels.reason
    assert rows["S20"].labels.value is None
    assert "errors differ between sessions" in rows["S20"].adjusted.reason
    assert rows["S20"].raw.low is not None


def test_a_contrast_is_the_difference_of_its_sides(cells: Cells, metadata: dict[str, dict[str, object]]) -> None:
    condition = Condition.parse("session_number<8")
    difference = rate_rows(cells, metadata, contrast=condition)[0]
    before = rate_rows(cells, metadata, where=[condition])[0]
    after = rate_rows(cells, metadata, where=[Condition.parse("session_number>=8")])[0]
    for name in ("raw", "labels", "adjusted", "powered"):
        ours, theirs, apart = (getattr(row, name) for row in (before, after, difference))
        assert apart.value == pytest.approx(ours.value - theirs.value), name
        assert apart.low < apart.value < apart.high
    assert (difference.contrast, difference.sessions) == ("session_number<8", 24)


def test_sessions_that_do_not_say_are_on_neither_side(cells: Cells, metadata: dict[str, dict[str, object]]) -> None:
    unsaid = {**metadata, "S24": {"therapist": "T02"}}
    row = rate_rows(cells, unsaid, contrast=Condition.parse("session_number<8"))[0]
    assert row.sessions == 23


def test_thirds_of_the_same_sessions_are_compared_within_them(
    cells: Cells, metadata: dict[str, dict[str, object]]
) -> None:
    row = rate_rows(cells, metadata, contrast=Condition.parse("third=3"))[0]
    assert row.powered.low is not None
    assert row.labels.value == pytest.approx(row.labels.low / 2 + row.labels.high / 2)


def _halving(sums: Sums) -> Halving:
    powered = powered_share(sums)
    return halving(powered.estimate, powered.of_coding, sums)


def test_halving_is_what_the_variance_says(cells: Cells) -> None:
    sums = cells.of("TSI")
    tiled = type(sums)(*(np.tile(getattr(sums, name), 40) for name in sums.__dataclass_fields__))
    few = np.arange(24 * 40) < 24
    names = ("coded", "present", "weight", "w_present", "w_decided", "w_probable", "w_both", "w_expected")
    large = replace(tiled, **{name: few * getattr(tiled, name) for name in names})  # 14 coded of 960 sessions
    found = _halving(large)
    assert found.sessions is not None
    assert 2.5 * 14 < found.sessions <= 4 * 14  # a little less than fourfold: degrees of freedom grow too
    small = _halving(sums)
    assert (small.sessions, small.units) == (None, None)
    assert "more sessions than there are" in small.reason


def test_a_raw_count_of_nothing_has_no_interval(cells: Cells) -> None:
    sums = cells.of("TSI")
    results = results_of(replace(sums, decided=0 * sums.decided), sums, unsampled="none")
    assert figure_of(results.raw) == Figure(0.0, reason="the same in every session: no interval")
