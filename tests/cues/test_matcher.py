"""Array matching gives spaCy's Matcher's spans, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.matcher import Matcher

from relcode.codebook.patterns import expand_pattern
from relcode.cues.matcher import ArrayMatcher
from relcode.records import Session, Turn
from relcode.transcripts.tokens import english, tokenize

LEXICONS = {"feeling": ["sad", "glad", "moved"], "you": ["you", "your"]}


def spans(pattern: object, text: str) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Token spans by the array matcher and by spaCy's, for a text of one segment."""
    table = tokenize([Session("S", (Turn(1, "T", text),))])
    tokens = expand_pattern(pattern, LEXICONS)  # type: ignore[arg-type]
    first, last = ArrayMatcher(table).find(tokens)
    nlp = english()
    matcher = Matcher(nlp.vocab)
    matcher.add("x", [tokens])
    return set(zip(first.tolist(), last.tolist(), strict=True)), {(s, e) for _, s, e in matcher(nlp(text))}


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("i feel|felt <feeling>", "I felt sad", {(0, 3)}),
        ("i feel|felt <feeling>", "I fell sad", set()),
        ("i .. <feeling>", "I am really quite sad", {(0, 5)}),
        ("i .. <feeling>", "I am not really quite sad", set()),
        ("i .. <feeling>", "I am, sad", set()),
        ("i really? felt", "i felt i really felt", {(0, 2), (2, 5)}),
        ("i !felt", "i felt i saw", {(2, 4)}),
        ("* do n't", "You don't", {(0, 3)}),
        ("re:^sadd sad", "sadder sad", {(0, 2)}),
        ([{"LEX": "feeling", "OP": "+"}, {"IS_PUNCT": True}], "sad glad !", {(0, 3), (1, 3)}),
    ],
)
def test_short_patterns_match_their_words(pattern: object, text: str, expected: set[tuple[int, int]]) -> None:
    ours, spacys = spans(pattern, text)
    assert ours == expected
    assert spacys == expected


WORDS = ["i", "I", "you", "sad", "felt", ",", "do", "not", "glad"]
ELEMENT = st.fixed_dictionaries(
    {
        "LOWER": st.one_of(
            st.sampled_from(["i", "you", "sad", "felt"]),
            st.fixed_dictionaries({"IN": st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)}),
            st.fixed_dictionaries({"NOT_IN": st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)}),
        )
    },
    optional={"OP": st.sampled_from(["?", "*", "+", "{0,2}", "{2}", "{1,2}"])},
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ELEMENT, min_size=1, max_size=4), st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))
def test_the_array_matcher_equals_spacys_matcher(pattern: list[dict[str, object]], words: list[str]) -> None:
    if all(str(token.get("OP", "1")).startswith(("?", "*", "{0")) for token in pattern):
        return
    ours, spacys = spans(pattern, " ".join(words))
    assert ours == spacys


def test_a_match_does_not_cross_a_segment() -> None:
    table = tokenize([Session("S", (Turn(1, "T", "I felt. Sad I am."), Turn(2, "C", "sad")))])
    first, _ = ArrayMatcher(table).find(expand_pattern("felt re:.* sad", LEXICONS))
    assert not len(first)
    first, last = ArrayMatcher(table).find(expand_pattern("sad", LEXICONS))
    assert np.array_equal(table.turn_row[first], [0, 1])
    assert np.array_equal(last - first, [1, 1])


def test_what_the_arrays_do_not_hold_is_refused() -> None:
    table = tokenize([Session("S", (Turn(1, "T", "sad"),))])
    with pytest.raises(ValueError, match="POS"):
        ArrayMatcher(table).find([{"POS": "NOUN"}])
    with pytest.raises(ValueError, match="repetition"):
        ArrayMatcher(table).find([{"LOWER": "sad", "OP": "!"}])
