"""Labels made before de-identification: each keeps its words, or covers the replacement that it touches."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.deid import Key, OffsetMap, deidentify, move_spans
from relcode.deid.offsets import offset_lines
from relcode.errors import LabelError
from relcode.records import Session, Span, Turn

PIECES = [
    "I felt sad. ",
    "I told Casimir ",
    "that Dr. Okafor called on March 3rd, ",
    "so, ",
    "at 260-555-0112 and ",
    "é–ß ",
]
PIECES += ["casimir said ", "we met in Toledo ", "naïve 🙂 words, "]


def test_spans_keep_their_words_or_cover_the_replacement(session_of: Callable[..., Session]) -> None:
    text = "I told Casimir that I was sad."
    session = session_of(f"C: {text}")
    result = deidentify([session])
    spans = [Span("S1", 1, s, e, text[s:e], "X") for s, e in ((0, 6), (7, 14), (9, 12), (15, 30), (0, 30))]
    moved = [span.text for span in move_spans(spans, result)]
    assert moved == ["I told", "[NAME_1]", "[NAME_1]", "that I was sad.", "I told [NAME_1] that I was sad."]


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 6), st.integers(1, 9)), max_size=4), st.data())
def test_offsets_outside_replacements_keep_their_character(
    steps: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    text, new, edits = "", "", []
    for gap, old_length, new_length in steps:
        keep = "".join(chr(97 + (len(text) + i) % 26) for i in range(gap))
        edits.append((len(text) + gap, len(text) + gap + old_length, len(new) + gap, len(new) + gap + new_length))
        text, new = text + keep + "#" * old_length, new + keep + "@" * new_length
    text, new = text + "tail", new + "tail"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    a, b = OffsetMap(tuple(edits)).move(start, end)
    assert 0 <= a < b <= len(new)
    assert text[start:end].replace("#", "") == new[a:b].replace("@", "")


@settings(deadline=None)  # the first call loads the lists
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8), st.sampled_from(["tag", "surrogate"]), st.data())
def test_every_label_outside_a_replacement_keeps_its_exact_words(
    pieces: list[str], mode: str, data: st.DataObject
) -> None:
    text = "".join(pieces)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    session = Session("S1", (Turn(1, "C", text),))
    result = deidentify([session], mode="surrogate" if mode == "surrogate" else "tag")
    (moved,) = move_spans([Span("S1", 1, start, end, text[start:end], "X")], result)
    new = result.sessions[0].turns[0].text
    assert new[moved.start : moved.end] == moved.text
    if all(f.end <= start or end <= f.start for f in result.findings):
        assert moved.text == text[start:end]
    offsets = result.offset_maps.get(("S1", 1), OffsetMap())
    for old_start, old_end, new_start, new_end in offsets.edits:
        if old_start < end and start < old_end:
            assert moved.start <= new_start
            assert new_end <= moved.end


def test_labels_follow_a_session_whose_id_held_a_name(session_of: Callable[..., Session]) -> None:
    session = session_of("C: I told Casimir.", session_id="Sarah Jones 3")
    (moved,) = move_spans([Span("Sarah Jones 3", 1, 0, 6, "I told", "X")], deidentify([session]))
    assert (moved.session_id, moved.text) == ("S-1", "I told")


def test_labels_of_other_sessions_are_refused_because_their_words_would_stay(
    session_of: Callable[..., Session],
) -> None:
    result = deidentify([session_of("C: Yes.")])
    with pytest.raises(LabelError, match="session S9, turn 1"):
        move_spans([Span("S9", 1, 0, 7, "Casimir", "X")], result)


def test_the_file_of_offsets_holds_no_words(session_of: Callable[..., Session]) -> None:
    session = session_of("C: Hm.", "C: I told Casimir.", session_id="Sarah Jones 3")
    result = deidentify([session], key=Key())
    lines = list(offset_lines(result.sessions, result.session_ids, result.offset_maps))
    assert lines == [{"session_id": "S-1", "turn": 2, "edits": ((7, 14, 7, 15),)}]
