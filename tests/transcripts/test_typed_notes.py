"""Notes of typed transcripts in the normal form, a near miss beside each."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.transcripts.typed_notes import to_normal_form

NOTES = [
    ("I (laughs) know.", "I [laughs] know."),
    ("I (my mother) know.", "I (my mother) know."),
    ("(my mother laughs) No.", "(my mother laughs) No."),  # perhaps said
    ("(both laugh)", "[both laugh]"),
    ("(Laughter.)", "[laughter]"),
    ("[LAUGHS]", "[laughs]"),
    ("*sighs* Fine.", "[sighs] Fine."),
    ("It was *so* good.", "It was *so* good."),
    ("<coughs>", "[coughs]"),
    ("a <b> c", "a <b> c"),
    ("((picks up the cup))", "[picks up the cup]"),  # doubled: a transcriber's comment by convention
    ("(picks up the cup)", "(picks up the cup)"),
    ("{clears throat}", "[clears throat]"),
    ("(Pause.)", "[pause]"),
    ("(p)", "(p)"),
    ("(pause: 00:00:05)", "[pause 5 seconds]"),
    ("(p: 5)", "[pause 5 seconds]"),
    ("(5 sec pause)", "[pause 5 seconds]"),
    ("(5-second silence)", "[pause 5 seconds]"),
    ("(Silence.)", "[silence]"),
    ("[silence]", "[silence]"),
    ("[silence, 10 seconds]", "[pause 10 seconds]"),
    ("(long pause)", "[long pause]"),
    ("(0.8) no", "[pause 0.8 seconds] no"),
    ("(8) no", "(8) no"),  # the eighth?
    ("(.) no", "[pause] no"),
    ("(...) no", "(...) no"),  # left out by the transcriber
    ("[pause]", "[pause]"),
    ("[inaudible]", "[unintelligible]"),
    ("[inaudible 00:02:32]", "[unintelligible at 0:02:32]"),
    ("(inaudible) xxx (//)", "[unintelligible] [unintelligible] [unintelligible]"),
    ("an unclear xxxl", "an unclear xxxl"),
    ("I / he", "I / he"),  # also a mark of units
    ("(?: Leeds)", "Leeds [?]"),
    ("[Leeds?]", "Leeds [?]"),
    ("(really?)", "(really?)"),
    ("Leeds (?)", "Leeds [?]"),
    ("Leeds [?]", "Leeds [?]"),
    ("[crosstalk 00:01:05]", "[crosstalk at 0:01:05]"),
    ("[crosstalk]", "[crosstalk]"),
    ("[NAME_3] and [LOCATION_2]", "[NAME_3] and [LOCATION_2]"),
    ("[overlap] yes [overlap ends]", "[overlap] yes [overlap ends]"),
]


@pytest.mark.parametrize(("text", "expected"), NOTES)
def test_notes_are_written_in_the_normal_form(text: str, expected: str) -> None:
    assert to_normal_form(text) == expected


PIECES = st.sampled_from([text for text, _ in NOTES] + list("()[]{}<>*?/ ") + ["we", "laughs", "pause", "3", "NAME_1"])


@given(st.lists(PIECES, max_size=8).map(" ".join))
def test_once_is_enough_and_no_word_outside_notes_is_lost(text: str) -> None:
    once = to_normal_form(text)
    assert to_normal_form(once) == once
    assert re.findall(r"\b(?:we|know|mother|Leeds|NAME_\d)\b", once) == re.findall(
        r"\b(?:we|know|mother|Leeds|NAME_\d)\b", text
    )
