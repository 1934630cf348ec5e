"""All patterns at once give the spans that each gives alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.codebook.patterns import expand_pattern
from relcode.cues.automaton import Automaton
from relcode.cues.matcher import ArrayMatcher, plan_patterns
from relcode.cues.number_map import NumberMap
from relcode.records import Session, Turn
from relcode.transcripts.tokens import TokenTable, tokenize

LEXICONS = {"feeling": ["sad", "glad"]}
WORDS = ["i", "I", "you", "sad", "felt", ",", "do", "glad", "[", "]", ".", "?", '"']
ELEMENTS = ["i", "you|i", "sad?", "..", "*", "!sad", "felt", "<feeling>", "\\[", "re:^s"]
SHAPES = st.lists(
    st.tuples(st.booleans(), st.lists(st.sampled_from(ELEMENTS), min_size=1, max_size=5), st.booleans()),
    min_size=1,
    max_size=8,
)
DICTIONARY = st.lists(
    st.fixed_dictionaries(
        {"LOWER": st.sampled_from(["i", "sad", "you"])},
        optional={"OP": st.sampled_from(["?", "*", "+", "{0,3}", "{2}", "{1,2}"]), "IS_PUNCT": st.just(False)},
    ),
    min_size=1,
    max_size=4,
)
Spans = set[tuple[int, int, int]]


def table_of(words: list[str]) -> TokenTable:
    return tokenize([Session("S", (Turn(1, "T", " ".join(words)), Turn(2, "C", "i felt sad")))])


def alone(patterns: list[list[dict[str, object]]], table: TokenTable) -> Spans:
    found = [(number, *ArrayMatcher(table).find(pattern)) for number, pattern in enumerate(patterns)]
    return {(number, int(a), int(b)) for number, first, last in found for a, b in zip(first, last, strict=True)}


def at_once(automaton: Automaton, table: TokenTable) -> Spans:
    found: Spans = set()
    for owner, first, last in automaton.find(table):
        found |= set(zip(owner.tolist(), first.tolist(), last.tolist(), strict=True))
    return found


@settings(max_examples=150, deadline=None)
@given(
    SHAPES,
    st.lists(DICTIONARY, max_size=3),
    st.lists(st.lists(st.sampled_from(WORDS), max_size=14), min_size=1, max_size=3),
)
def test_all_patterns_at_once_match_as_each_does_alone(
    shapes: list[tuple[bool, list[str], bool]], dictionaries: list[list[dict[str, object]]], texts: list[list[str]]
) -> None:
    memo: dict[str, dict[str, object]] = {}
    patterns = []
    for opens, elements, closes in shapes:
        try:
            patterns.append(expand_pattern(" ".join(["^"] * opens + elements + ["$"] * closes), LEXICONS, memo))
        except ValueError:
            continue  # all optional
    patterns += [
        each for each in dictionaries if any(token.get("OP", "1") in ("1", "+", "{2}", "{1,2}") for token in each)
    ]
    automaton = Automaton(plan_patterns(patterns), range(len(patterns)))
    for words in texts:  # the second text meets what the first has left
        assert at_once(automaton, table_of(words)) == alone(patterns, table_of(words))


def test_what_is_forgotten_is_worked_out_again() -> None:
    patterns = [expand_pattern("i .. <feeling>", LEXICONS), expand_pattern("^ i felt|do", LEXICONS)]
    automaton = Automaton(plan_patterns(patterns), [7, 7], most_known=0)
    for words in (["i", "felt", "so", "sad"], ["so", "i", "do"]):
        table = table_of(words)
        assert at_once(automaton, table) == {(7, first, last) for _, first, last in alone(patterns, table)}


@given(st.dictionaries(st.integers(0, 2**60), st.integers(0, 2**60)), st.lists(st.integers(0, 2**60)))
def test_a_number_map_keeps_what_was_put_there(pairs: dict[int, int], others: list[int]) -> None:
    known = NumberMap()
    keys, values = np.array([*pairs], dtype=np.int64), np.array([*pairs.values()], dtype=np.int64)
    half = len(keys) // 2
    known.put(keys[:half], values[:half])
    known.put(keys[half:], values[half:])
    asked = [*pairs, *others]
    assert known.get(np.array(asked, dtype=np.int64)).tolist() == [pairs.get(key, -1) for key in asked]


def test_a_number_map_grows() -> None:
    known = NumberMap()
    for start in range(0, 100_000, 7_000):
        known.put(np.arange(start, start + 7_000) << 32, np.arange(start, start + 7_000))
    assert known.get(np.arange(98_000) << 32).tolist() == list(range(98_000))
    assert len(known) == 105_000
