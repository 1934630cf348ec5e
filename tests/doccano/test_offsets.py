"""Offsets in code points and UTF-16 code units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.doccano.offsets import Utf16Map

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # three wide characters and two joiners
ODD = st.lists(st.sampled_from(["a", "é", "e\u0301", "🙂", FAMILY, "\u2019", "\r\n", " "]), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("text", "offset", "units"),
    [
        ("plain", 3, 3),
        ("a🙂b", 1, 1),
        ("a🙂b", 2, 3),
        ("a🙂b", 3, 4),
        (FAMILY, 5, 8),
        ("e\u0301🙂", 2, 2),  # a combining mark is one of each
        ("\u2019x", 1, 1),
        ("", 0, 0),
    ],
)
def test_known_offsets(text: str, offset: int, units: int) -> None:
    offsets = Utf16Map(text)
    assert offsets.to_utf16(offset) == units
    assert offsets.to_code_points(units) == offset


@given(ODD)
def test_both_ways_agree_with_the_codec_at_every_offset(text: str) -> None:
    offsets = Utf16Map(text)
    for offset in range(len(text) + 1):
        units = len(text[:offset].encode("utf-16-le")) // 2
        assert offsets.to_utf16(offset) == units
        assert offsets.to_code_points(units) == offset


@pytest.mark.parametrize("units", [-1, 2, 5])
def test_an_offset_outside_or_within_a_character_is_refused(units: int) -> None:
    with pytest.raises(ValueError, match=f"offset {units} lies"):
        Utf16Map("a🙂b").to_code_points(units)


@pytest.mark.parametrize("offset", [-1, 4])
def test_a_code_point_offset_outside_the_text_is_refused(offset: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        Utf16Map("a🙂b").to_utf16(offset)
