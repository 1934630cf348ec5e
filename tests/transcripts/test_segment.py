"""Where turns are cut: sentences, clauses of long unpunctuated speech, and what stays together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.records import Session, Span, Turn
from relcode.transcripts.tokens import segment_codes, tokenize

# By rule of tests/data/segments/README.md; `/` stands where a unit begins. A near miss beside each.
CUTS = {
    "sentences": [
        "Come in. / Sit down.",
        "Dr. Tag said so.",
        "Really?! / Yes.",
        "I stayed; / she left.",
        "Yeah. / Mm-hm.",
        "Yeah, I know.",
    ],
    "stops that end nothing": [
        "At 5 p.m. / He left at 6 p.m. with Dr. Tag.",
        "It took 2.5 hrs. or so. / No. 3 was worse.",
        "She said no. / 3 was worse.",
        "I saw Mr. Hale, the priest, etc. in town.",
    ],
    "quotes": [
        'He said, "What now?" / And I left.',
        '"Go!" she said.',
        '"Go!" / She left.',
        '"Go," she said.',
        'He said, "I\'m tired. / I want to go."',
        "I was like, no way, / and he was like, fine.",
    ],
    "trailing off and dashes": [
        "I was... I was late.",
        "I was late... / She was not.",
        "My sister— / It hurts.",
        "I want— I need it.",
        "He's kind - he's really kind.",
        "He came - drunk, again - and sat.",
        "She said -- and I heard it -- that I lied.",
        "I can't - / do you see that?",
        "I was going -",
    ],
    "notes, tags, pictures": [
        "[pause] I see. [laughs]",
        "I see. / [laughs] You don't.",  # behind a stop a note opens what follows
        "i agree [laughs] / you don't know",
        "[pause]",
        "[NAME_1]. / Yes.",
        "[NAME_1] left / and [NAME_2] stayed.",
        "I saw [NAME_1] and [NAME_2] in town.",
        "Was that [?] a knock?",
        "I'm fine 🙂 / See you.",
        "I'm fine 🙂 see you",
    ],
    "coordination": [
        "I went home, / and she stayed there with him.",
        "I went home and cried.",
        "He left, / but I stayed.",
        "Do you want to sit, / or would you rather stand?",
        "Do you want to sit or stand?",
        "My sister was late / and my brother was ill.",
        "My sister and my brother were late.",
        "He was late, / so I left.",
        "He whispered so I could sleep.",
        "She left, / I cried.",
        "She left, angry and tired.",
    ],
    "subordination": [
        "He left, because I stayed.",
        "When she left, I cried.",
        "She left, / and when I came back I cried.",
        "I stayed because I was tired and I was late.",
        "I was tired / and I stayed because I was late.",
        "I think you left.",
        "The thing you said hurt.",
        "She told me you left.",
    ],
    "tags": [
        "You went, didn't you?",
        "You went. / Didn't you?",
        "It was good, so it was.",
        "It was good, / so it was sold.",
        "they know dont they / they save it up",
    ],
    "disfluency": [
        "I, I, um, I was late.",
        "I was, I was late, / and she, she went.",
        "I know, I know.",
        "Well, I mean, you know, he left.",
        "I was sad, you know, / and he knew.",
    ],
    "a recogniser's words": [
        "i went home / and i sat down",
        "i went home and sat down",
        "its fine / its over",
        "what did you do / did you go",
        "i dont know what you did",
        "he was kind to me / i liked him",
        "he thought i liked him",
        "i was late [pause] / she laughed",
        "and every time i call he laughs",
        "i know that when you call he laughs",
    ],
}


def cut(*texts: str) -> list[list[str]]:
    """By turn of a session: its segments' words."""
    session = Session("S", tuple(Turn(n, "T", text) for n, text in enumerate(texts, start=1)))
    pieces: list[list[str]] = [[] for _ in texts]
    for segment in tokenize([session]).segments:
        pieces[segment.turn - 1].append(texts[segment.turn - 1][segment.start : segment.end])
    return pieces


@pytest.mark.parametrize("marked", [marked for group in CUTS.values() for marked in group])
def test_turns_are_cut_into_response_units(marked: str) -> None:
    assert cut(marked.replace(" / ", " ")) == [marked.split(" / ")]


PIECES = (
    "i you he it she that my sister and but so because when if what did do was 's n't went said know think like um well "
    'yeah you_know i_mean home sure , . ? ! ; … — - -- [pause] [?] " ” I He And Dr. p.m. 2.5 🙂'
)
SPEECH = st.lists(st.sampled_from([piece.replace("_", " ") for piece in PIECES.split()]), max_size=14).map(" ".join)


@given(st.lists(SPEECH, min_size=1, max_size=6))
def test_a_turn_is_cut_the_same_whatever_stands_around_it(texts: list[str]) -> None:
    alone = [cut(text)[0] for text in texts]
    assert cut(*texts) == alone
    assert cut(*reversed(texts)) == alone[::-1]
    sessions = [Session(f"S{n}", (Turn(1, "C", text),)) for n, text in enumerate(texts)]
    assert [len(pieces) for pieces in alone] == np.bincount(
        tokenize(sessions).segment_turn, minlength=len(texts)
    ).tolist()


@given(st.lists(st.text(max_size=60) | SPEECH, min_size=1, max_size=5))
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
