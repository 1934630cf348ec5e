"""Context features of cues: what is a question, what is quoted, what came before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relcode.codebook.schema import Condition
from relcode.cues.context import read_context
from relcode.records import Session, Turn
from relcode.transcripts.tokens import tokenize


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("How was it?", True),
        ("How it was.", False),
        ("and how were you", True),  # recogniser text
        ("you told me how you were", False),
        ("I wonder how it was.", False),
        ('"Why?" he said.', True),
    ],
)
def test_question_form(text: str, asked: bool) -> None:
    assert read_context(tokenize([Session("S", (Turn(1, "T", text),))])).question.any() == asked


@pytest.mark.parametrize(
    ("text", "word", "quoted"),
    [
        ('I told him, "you never listen" and left', "never", True),
        ('I told him, "you never listen" and left', "i", False),
        ("she said you never listen", "never", True),
        ("you never listen", "never", False),
        ("he was like you never listen", "never", True),
        ("it was like you never listen", "never", False),
        ('the so-called "fun was over', "over", False),  # an unpaired mark opens nothing
    ],
)
def test_quoted_and_reported_speech(text: str, word: str, quoted: bool) -> None:
    table = tokenize([Session("S", (Turn(1, "C", text),))])
    token = [table.lower_words[row] for row in table.word].index(word)
    assert bool(read_context(table).quoted[token]) == quoted


def test_the_turn_before_does_not_reach_over_sessions(session_of: Callable[..., Session]) -> None:
    one = session_of("T: How are you?", "C: Fine.", session_id="A")
    two = session_of("C: Fine.", session_id="B")
    context = read_context(tokenize([one, two]))
    assert context.after_question.tolist() == [False, True, False]
    assert context.before_words.tolist() == [0, 3, 0]


def test_conditions_combine(session_of: Callable[..., Session]) -> None:
    context = read_context(tokenize([session_of("T: Is it so?", "C: No.", "T: Well, that is quite a long one.")]))
    assert context.holds(Condition(words_max=1)).tolist() == [False, True, False]
    assert context.holds(Condition(after_question=True, words_max=1)).tolist() == [False, True, False]
    assert context.holds(Condition(question=True, words_min=4)).tolist() == [False, False, False]
    assert context.holds(Condition(thirds=[3])).tolist() == [False, False, True]
    assert context.holds(Condition()).all()
