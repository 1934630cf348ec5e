"""Array matching gives spaCy's Matcher's spans, exactly."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.matcher import Matcher

from array_matcher import ArrayMatcher, plan_patterns
from relcode.codebook.patterns import expand_pattern
from relcode.records import Session, Turn
from relcode.transcripts.tokens import english, tokenize

LEXICONS = {"feeling": ["sad", "glad", "moved"], "you": ["you", "your"]}


def spans(pattern: object, text: str) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Token spans by the array matcher, and by spaCy's for each segment of the text."""
    table = tokenize([Session("S", (Turn(1, "T", text),))])
    tokens = expand_pattern(pattern, LEXICONS)  # type: ignore[arg-type]
    first, last = ArrayMatcher(table).find(tokens)
    nlp = english()
    matcher = Matcher(nlp.vocab)
    matcher.add("x", [tokens])
    doc = nlp(text)
    spacys = {
        (int(begin) + s, int(begin) + e)
        for begin, end in zip(table.first_token, table.last_token, strict=True)
        for _, s, e in matcher(doc[int(begin) : int(end)].as_doc())
    }
    return set(zip(first.tolist(), last.tolist(), strict=True)), spacys


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


PATTERNS = st.lists(
    st.tuples(
        st.booleans(),
        st.lists(st.sampled_from(["i", "you|i", "sad?", "..", "*", "!sad", "felt"]), min_size=1, max_size=4),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=100, deadline=None)
@given(PATTERNS, st.lists(st.sampled_from([*WORDS, ".", "?"]), min_size=1, max_size=12))
def test_many_patterns_at_once_match_as_each_does_alone(
    shapes: list[tuple[bool, list[str], bool]], words: list[str]
) -> None:
    table = tokenize([Session("S", (Turn(1, "T", " ".join(words)), Turn(2, "C", "i felt sad")))])
    memo: dict[str, dict[str, object]] = {}
    patterns = []
    for opens, elements, closes in shapes:
        short = " ".join(["^"] * opens + elements + ["$"] * closes)
        try:
            patterns.append(expand_pattern(short, LEXICONS, memo))  # the memo makes beginnings shared
        except ValueError:
            continue  # all optional
    together: dict[int, set[tuple[int, int]]] = {number: set() for number in range(len(patterns))}
    for number, (first, last) in ArrayMatcher(table).find_all(plan_patterns(patterns)):
        together[number] |= set(zip(first.tolist(), last.tolist(), strict=True))
    for number, pattern in enumerate(patterns):
        first, last = ArrayMatcher(table).find(pattern)
        pairs = list(zip(first.tolist(), last.tolist(), strict=True))
        assert pairs == sorted(together[number])


def texts_matched(pattern: object, text: str) -> list[str]:
    """The words of each match in a turn, in order."""
    table = tokenize([Session("S", (Turn(1, "T", text),))])
    first, last = ArrayMatcher(table).find(expand_pattern(pattern, LEXICONS))  # type: ignore[arg-type]
    return [text[table.start[a] : table.end[b - 1]] for a, b in zip(first, last, strict=True)]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("^ sad", "Sad. I am sad.", ["Sad"]),
        ("^ sad", "So sad.", []),
        ("^ sad", '"Sad" she said', ["Sad"]),  # punctuation before the first word
        ("^ sad", "- (sad) then", ["sad"]),
        ("^ sad", "[pause] sad again", ["sad"]),  # a note is no word
        ("^ sad", "um [pause] sad again", []),
        ("sad $", "I am sad.", ["sad"]),
        ("sad $", "I am sad?!", ["sad"]),
        ("sad $", "I am sad -- [pause]", ["sad"]),
        ("sad $", "I am sad now.", []),
        ("sad $", "sad, I am sad", ["sad"]),
        ("^ sad $", "(sad)", ["sad"]),
        ("^ sad $", "sad sad", []),
        ("^ so? sad", "So sad. Sad. Oh so sad.", ["So sad", "Sad"]),
        ("^ .. sad $", "I am so sad. I am so very very sad.", ["I am so sad"]),
        ("sad \\?", "sad? sad. sad!", ["sad?"]),
        ("i felt sad", "I [pause 2 seconds] felt [laughs] sad [sighs]", ["I [pause 2 seconds] felt [laughs] sad"]),
        ("i felt sad", "I (or so) felt sad", []),  # round brackets may hold words
        (
            "i .. sad",
            "I told [NAME_1] sad things [sad]",
            ["I told [NAME_1] sad"],
        ),  # a tag is a word, its brackets are not
        ("felt \\[", "felt [pause] sad", ["felt ["]),  # the pattern names the bracket
        ("sad", "so [sad]", ["sad"]),
        ("sad you", "[sad] you", []),
        ("i felt", "I. [pause] Felt", []),
        ("i felt", "I [felt] felt", ["I [felt] felt"]),
        ("sad \\, glad", "sad, glad", ["sad, glad"]),
        ("sad \\, glad", "sad glad", []),
        ("sad -- glad", "sad -- glad", ["sad -- glad"]),
        ("i 'm", "I’m I'm Im", ["I’m", "I'm"]),  # curly apostrophe in the text
        ("i ’m", "I’m I'm Im", ["I’m", "I'm"]),  # in the pattern
        ([{"LOWER": "sad", "OP": "{0}"}, {"LOWER": "glad"}], "sad glad", ["glad"]),
        ([{"TEXT": "Sad"}], "Sad sad", ["Sad"]),
        ([{"LIKE_NUM": True}, {"IS_ALPHA": True}], "7 days, seven days, some days", ["7 days", "seven days"]),
    ],
)
def test_anchors_escapes_and_apostrophes(pattern: object, text: str, expected: list[str]) -> None:
    assert texts_matched(pattern, text) == expected


def test_curly_apostrophes_in_lexicons_and_escapes_are_straightened() -> None:
    assert expand_pattern("<not> \\’", {"not": ["n’t"]}) == [{"LOWER": "n't"}, {"LOWER": "'"}]


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("^ $", "empty"),
        ("^ sad? $", "optional"),
        ("sad ||", "names no word"),
        ("re:*", "no regular expression"),
        ("<nothing>", "no lexicon named 'nothing'"),
        ([{"LEMMA": "be"}], "attribute LEMMA"),
        ([{"LOWER": "a", "OP": "!"}], "repetition '!'"),
        ([{"LOWER": {"FUZZY": "sad"}}], "expected a word"),
        ([{"LOWER": {"REGEX": "("}}], "no regular expression"),
        ([{"LOWER": {"IN": "sad"}}], "expected a word"),
        ([{"IS_PUNCT": "yes"}], "true or false"),
    ],
)
def test_patterns_that_cannot_be_matched_are_refused(pattern: object, fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        expand_pattern(pattern, LEXICONS)  # type: ignore[arg-type]


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


def test_repetitions_without_an_end_reach_over_a_hundred_words() -> None:
    """In a turn of 50,000 words all stretches would be more than a thousand million."""
    table = tokenize([Session("S", (Turn(1, "C", "sad " * 3_000),))])
    first, last = ArrayMatcher(table).find(expand_pattern([{"LOWER": "sad", "OP": "+"}], LEXICONS))
    assert (last - first).max() == 100
    assert np.array_equal(np.unique(first), np.arange(3_000))
