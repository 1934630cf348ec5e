"""Lines along the session: a local share, by hand, and where it cannot be had."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from relcode.audit.along import POSITIONS, lines_along, segments_along, turns_along
from relcode.audit.material import Material, material_from_labels
from relcode.codebook import Codebook

Make = Callable[..., Material]


def test_a_level_session_has_a_level_line(material: Make) -> None:
    lines = segments_along(material(*["T: Here now. | HN", "C: Oh well."] * 200), "x", "x", "T", ("HN",))
    assert [point.position for point in lines.points] == list(POSITIONS)
    assert all(point.estimate.value == pytest.approx(100) for point in lines.points)
    assert (lines.count, lines.places_total) == (200, 200)


def test_what_stands_in_the_second_half_rises_from_the_first_and_is_half_in_the_middle(material: Make) -> None:
    table = material(*["T: It rained.", "C: Oh well."] * 100, *["T: Here now. | HN", "C: Oh well."] * 100)
    values = [point.estimate.value or 0 for point in segments_along(table, "x", "x", "T", ("HN",)).points]
    assert values == sorted(values)
    assert values[0] < 0.1
    assert values[10] == pytest.approx(50, abs=1)
    assert values[20] > 99.9


def test_a_point_is_the_share_weighted_by_a_normal_curve_of_a_tenth(material: Make) -> None:
    # 200 turns of two words: the middle of turn k lies at (k + .5) / 200; the marked ones are those of the last fifth.
    table = material(*["T: It rained.", "C: Oh well."] * 80, *["T: Here now. | HN", "C: Oh well."] * 20)
    position = (np.arange(0, 200, 2) + 0.5) / 200
    weight = np.exp(-0.5 * ((position - 0.7) / 0.1) ** 2)
    point = segments_along(table, "x", "x", "T", ("HN",)).points[14]
    assert point.position == 0.7
    assert point.estimate.value == pytest.approx(100 * weight[80:].sum() / weight.sum())
    assert point.estimate.n == int(weight.sum() ** 2 / (weight**2).sum())


def test_a_point_worth_fewer_than_20_segments_has_a_reason_instead_of_a_value(material: Make) -> None:
    line = segments_along(material(*["T: Here now. | HN", "C: Oh well."] * 30), "x", "x", "T", ("HN",))
    assert all(point.estimate.value is None for point in line.points)
    assert "a figure needs 20" in line.points[0].estimate.reason


def test_several_sessions_are_laid_over_each_other_with_a_band_by_session(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    made = [coded(*["T: Here now." + mark, "C: Oh well."] * 60, session_id=mark) for mark in ("", " | HN")]
    table = material_from_labels([s for s, _ in made], codebook, made[1][1])
    middle = segments_along(table, "x", "x", "T", ("HN",)).points[10].estimate
    assert middle.value == pytest.approx(50)
    assert (middle.low, middle.high) == (pytest.approx(0), pytest.approx(100))  # one session has all, one none


@pytest.fixture
def staged(codebook: Codebook) -> Codebook:
    stage = msgspec.structs.replace(
        codebook.by_id["HN"], id="STAGE.exploration", name="Stage: exploration", exclusive="STAGE"
    )
    return msgspec.structs.replace(codebook, codes=[*codebook.codes, stage])


def test_stages_are_counted_in_turns_of_either_speaker(staged: Codebook, coded) -> None:  # type: ignore[no-untyped-def]
    session, labels = coded(*["T: Stay there. Slowly. | STAGE.exploration", "C: Oh well."] * 40)
    table = material_from_labels([session], staged, labels)
    line = turns_along(table, "STAGE.exploration", "x")
    assert line.speaker is None
    assert line.points[10].estimate.value == pytest.approx(50, abs=1)
    measures = [line.measure for line in lines_along(table)]
    assert measures == ["here_and_now_T", "here_and_now_C", "past", "present", "STAGE.exploration"]


def test_a_codebook_without_stages_has_a_line_that_says_so(material: Make) -> None:
    line = lines_along(material("T: Yes."))[-1]
    assert line.measure == "STAGE"
    assert line.points == ()
    assert "does not know STAGE" in line.reason
