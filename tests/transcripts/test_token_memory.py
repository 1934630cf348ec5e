"""Tokens by the memory of chunks are spaCy's, exactly."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.records import Session, Turn
from relcode.transcripts.token_memory import TokenMemory
from relcode.transcripts.tokens import english, table_of_docs, tokenize

WHITE = [
    " ",
    "  ",
    "\n",
    "\t",
    "\r\n",
    "\x1c",
    "\x85",
    "\xa0",
    "\u2003",
    "\u2028",
    "\u3000",
    "\u200b",
]  # the last is none
PIECES = [
    "I", "don't", "don’t", "he's", "'s", "’s", "'cause", "can't've", "a.m.", "8am", "8", "am", "U.S.", ".", "...", "…", "?!",
    "[NAME_1]", "[pause]", "(laughs)", "“Well,”", "--", "—", "o", "O", ":", ")", "-", "(", ":-)", "^_^", "😀", "👍🏽",
    "https://example.org/a?b=c", "x@example.org", "café", "ﬁne", "é", "12,000", "$5", "C++", "n't", "gonna",
    "word-word", "I'd've", "co.", "e.g.", "b.", "°", "C.", "\u00ad", "א", "我很好",
]  # fmt: skip
TEXT = st.one_of(
    st.lists(
        st.one_of(
            st.sampled_from(PIECES),
            st.sampled_from(WHITE),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
        )
    ).map("".join),
    st.lists(st.sampled_from(PIECES)).map(" ".join),
)


def assert_as_spacys(texts: list[str]) -> None:
    session = Session("S", tuple(Turn(number, "T", text) for number, text in enumerate(texts, start=1)))
    ours = tokenize([session])
    spacys = table_of_docs([session], english().tokenizer.pipe(texts))
    for field in dataclasses.fields(ours):
        mine, theirs = getattr(ours, field.name), getattr(spacys, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == theirs.dtype, field.name
            assert mine.tolist() == theirs.tolist(), field.name
        else:
            assert mine == theirs, field.name


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(st.lists(TEXT, max_size=5))
def test_tokens_are_spacys(texts: list[str]) -> None:
    assert_as_spacys(texts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\n",
        "a",
        " a ",
        "a  b",
        "a \n b",
        "we : ) and",
        ": ' ) so",
        # a special case over two chunks hides a shorter one within a chunk: these texts are cut as a whole
        "I ( -:) now",
        "well :(*_ *) so",
        "a :(- : b",
        "a. m. b",
        "he 's",
        "x ( ° C",
        "o . O . o",
    ],
)
def test_white_space_and_special_cases_across_it_are_spacys(text: str) -> None:
    assert_as_spacys([text])
    assert_as_spacys(["before", text, "", text, "after"])


def test_a_special_case_is_looked_for_across_white_space() -> None:
    """spaCy searches special cases among tokens, and of two that overlap takes the longer one, white space or not."""
    nlp = spacy.blank("en")
    nlp.tokenizer.add_special_case("2())", [{"ORTH": "2())"}])
    nlp.tokenizer.add_special_case("1+2", [{"ORTH": "1+2"}])
    for text in ("1+2", "1+2 ())", "x 1+2 ()) x", "1+2", "2())", "2 ())"):
        doc = nlp.tokenizer(text)
        found = TokenMemory(nlp.tokenizer).cut([text])
        words = [found.words[row] for row in found.word]
        assert words == [token.text for token in doc if not token.is_space]
        assert found.start.tolist() == [token.idx for token in doc if not token.is_space]


def test_what_is_forgotten_is_learned_again() -> None:
    texts = ["I don't know .", "Well, I do.", "I don't: )"]
    small, large = TokenMemory(english().tokenizer, most_chunks=1), TokenMemory(english().tokenizer)
    for text in texts:
        for mine, theirs in zip(small.cut([text]), large.cut([text]), strict=True):
            assert list(mine) == list(theirs)
