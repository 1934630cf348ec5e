"""Where turns are cut: sentences, clauses of long unpunctuated speech, and what stays together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.records import Session, Span, Turn
from relcode.transcripts.tokens import segment_codes, tokenize

CUTS = [
    ("Come in. Sit down.", ["Come in.", "Sit down."]),
    ("Dr. Tag said so.", ["Dr. Tag said so."]),  # near miss: the point belongs to the title
    ('He said, "What now?" And I left.', ['He said, "What now?"', "And I left."]),
    ("Really?! Yes.", ["Really?!", "Yes."]),
    ("I was... I was late.", ["I was... I was late."]),  # a restart is no new sentence
    ("I was late... She was not.", ["I was late...", "She was not."]),
    ("[pause] I see. [laughs]", ["[pause] I see. [laughs]"]),  # notes stay with the words
    ("[pause]", ["[pause]"]),
    ("[NAME_1]. Yes.", ["[NAME_1].", "Yes."]),  # a tag stands for words
    ("I stayed; she left.", ["I stayed;", "she left."]),
    ("i went home and i sat down", ["i went home and i sat down"]),  # short: one unit
    (
        "i went all the way home on the bus that day and i sat down in the dark kitchen by myself",
        ["i went all the way home on the bus that day", "and i sat down in the dark kitchen by myself"],
    ),
]


@pytest.mark.parametrize(("text", "pieces"), CUTS)
def test_turns_are_cut_into_response_units(text: str, pieces: list[str]) -> None:
    session = Session("S", (Turn(1, "T", text),))
    assert [text[s.start : s.end] for s in tokenize([session]).segments] == pieces


@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
def test_segments_cover_every_token_once_and_in_order(texts: list[str]) -> None:
    session = Session("S", tuple(Turn(n, "C", text) for n, text in enumerate(texts, start=1)))
    table = tokenize([session])
    for turn in session.turns:
        own = [segment for segment in table.segments if segment.turn == turn.turn]
        assert [segment.segment for segment in own] == list(range(1, len(own) + 1))
        edges = [edge for segment in own for edge in (segment.start, segment.end)]
        assert edges == sorted(edges)
        covered = "".join(turn.text[segment.start : segment.end] for segment in own)
        assert "".join(covered.split()) == "".join(turn.text.split())


def test_offsets_count_code_points_after_emoji_and_combining_marks() -> None:
    text = "🙂👨‍👩‍👧 ok. Cafe\u0301 then."
    table = tokenize([Session("S", (Turn(1, "C", text),))])
    assert text[table.segments[-1].start : table.segments[-1].end].startswith("Cafe")


def test_a_segment_carries_a_code_when_a_word_of_it_is_covered(session_of: Callable[..., Session]) -> None:
    session = session_of("T: I felt it. [pause] You too.")
    table = tokenize([session])
    text = session.turns[0].text

    def marks(start: int, end: int) -> list[bool]:
        return segment_codes(table, [Span("S1", 1, start, end, text[start:end], "TSI")], ("TSI",))[:, 0].tolist()

    assert marks(2, 6) == [True, False]
    assert marks(0, len(text)) == [True, True]
    assert marks(9, 10) == [False, False]  # punctuation alone
    assert marks(11, 18) == [False, False]  # a bracketed note alone
    assert segment_codes(table, [Span("S2", 1, 0, 1, "I", "TSI")], ("TSI",)).sum() == 0
