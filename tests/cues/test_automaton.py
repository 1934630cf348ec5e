"""All patterns at once match where each does alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from array_matcher import ArrayMatcher, plan_patterns
from relcode.codebook.patterns import expand_pattern
from relcode.cues import automaton as automaton_module
from relcode.cues import known
from relcode.cues.automaton import Automaton
from relcode.records import Session, Turn
from relcode.transcripts.tokens import Bools, TokenTable, tokenize

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
BOTH_SIDES = [-1] * 11
BOTH = st.lists(st.sampled_from([-1, 0, 1]), min_size=11, max_size=11)
Hits = list[set[int]]  # by segment, the patterns that match in it


def table_of(words: list[str]) -> TokenTable:
    return tokenize([Session("S", (Turn(1, "T", " ".join(words)), Turn(2, "C", "i felt sad")))])


def patterns_from(
    shapes: list[tuple[bool, list[str], bool]], dictionaries: list[list[dict[str, object]]]
) -> list[list[dict[str, object]]]:
    memo: dict[str, dict[str, object]] = {}
    patterns = []
    for opens, elements, closes in shapes:
        try:
            patterns.append(expand_pattern(" ".join(["^"] * opens + elements + ["$"] * closes), LEXICONS, memo))
        except ValueError:
            continue  # all optional
    return patterns + [
        each for each in dictionaries if any(token.get("OP", "1") in ("1", "+", "{2}", "{1,2}") for token in each)
    ]


def alone(patterns: list[list[dict[str, object]]], table: TokenTable, quoted: Bools, wanted: list[int]) -> Hits:
    """Each pattern by itself, its matches one by one."""
    found: Hits = [set() for _ in table.segment_turn]
    for number, pattern in enumerate(patterns):
        for first, last in zip(*ArrayMatcher(table).find(pattern), strict=True):
            if wanted[number] in (-1, int(quoted[first] and quoted[last - 1])):
                found[int(table.segment_row[first])].add(number)
    return found


def at_once(automaton: Automaton, table: TokenTable, quoted: Bools) -> Hits:
    begin, owner = automaton.find(table, quoted)
    found = [owner[one:other].tolist() for one, other in pairwise(begin.tolist())]
    assert all(len(each) == len(set(each)) for each in found)
    return [set(each) for each in found]


def automaton_of(patterns: list[list[dict[str, object]]], wanted: list[int], **options: int) -> Automaton:
    return Automaton(patterns, range(len(patterns)), np.array(wanted[: len(patterns)], dtype=np.int8), **options)


@settings(max_examples=200, deadline=None)
@given(
    SHAPES,
    st.lists(DICTIONARY, max_size=3),
    st.lists(st.lists(st.sampled_from(WORDS), max_size=14), min_size=1, max_size=3),
    BOTH,
    st.integers(0, 2**32 - 1),
)
def test_all_patterns_at_once_match_as_each_does_alone(
    shapes: list[tuple[bool, list[str], bool]],
    dictionaries: list[list[dict[str, object]]],
    texts: list[list[str]],
    wanted: list[int],
    seed: int,
) -> None:
    """What is quoted speech is drawn by lot, so that a match has to begin and end where it does alone."""
    patterns = patterns_from(shapes, dictionaries)
    automaton = automaton_of(patterns, wanted)
    for words in texts:  # the second text meets what the first has left, and steps that are not known in mid-run
        table = table_of(words)
        quoted = np.random.default_rng(seed).random(len(table.word)) < 0.7
        assert at_once(automaton, table, quoted) == alone(patterns, table, quoted, wanted)


@settings(max_examples=40, deadline=None)
@given(SHAPES, st.lists(st.sampled_from(WORDS), min_size=30, max_size=60))
def test_what_is_forgotten_is_worked_out_again(shapes: list[tuple[bool, list[str], bool]], words: list[str]) -> None:
    patterns = patterns_from(shapes, [])
    automaton = automaton_of(patterns, BOTH_SIDES, most_known=0)
    for some in (words, words[::-1], words[:10]):
        table = table_of(some)
        quoted = np.zeros(len(table.word), dtype=np.bool_)
        assert at_once(automaton, table, quoted) == alone(patterns, table, quoted, BOTH_SIDES)


def test_sets_are_forgotten_in_mid_table_where_their_numbers_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns = patterns_from(
        [(False, ["i", "..", "felt", "sad"], False), (False, ["you|i", "..", "<feeling>", "*", "*"], False)], []
    )
    words = ["i", "felt", "so", "sad", ".", "you", "do", "glad", "i", "do", ".", "i", "you", "felt", "sad", "."] * 3
    table = table_of(words)
    quoted = np.zeros(len(table.word), dtype=np.bool_)
    expected = alone(patterns, table, quoted, BOTH_SIDES)
    assert any(expected)
    forgotten = []
    monkeypatch.setattr(known, "MOST_SETS", 13)
    monkeypatch.setattr(
        automaton_module, "nothing_known", lambda each: forgotten.append(1) or known.nothing_known(each)
    )
    assert at_once(automaton_of(patterns, BOTH_SIDES), table, quoted) == expected
    assert len(forgotten) > 1 + 2  # it begins with none
    monkeypatch.setattr(known, "MOST_SETS", 9)
    with pytest.raises(OverflowError, match="too long"):
        at_once(automaton_of(patterns, BOTH_SIDES), table, quoted)


def test_arrays_grow_in_mid_table() -> None:
    """Hundreds of words and patterns: more sets, steps and classes than there is room for at first."""
    names = [chr(97 + one) + chr(97 + other) + "x" for one in range(26) for other in range(20)]
    short = [f"{one} .. {other}" for one, other in pairwise(names)] + [f"{name} *" for name in names]
    patterns = [expand_pattern(each, {}) for each in short]
    words = [*np.random.default_rng(1).choice(names, 3000), *names]
    for at in range(0, len(words), 12):
        words[at] = "."
    table = table_of([str(word) for word in words])
    quoted = np.zeros(len(table.word), dtype=np.bool_)
    wanted = [-1] * len(patterns)
    automaton = automaton_of(patterns, wanted)
    found = at_once(automaton, table, quoted)
    matcher = ArrayMatcher(table)
    expected: Hits = [set() for _ in table.segment_turn]
    for number, (first, _) in matcher.find_all(plan_patterns(patterns)):
        for row in table.segment_row[first]:
            expected[int(row)].add(number)
    assert found == expected
    assert sum(map(len, found)) > 2000
    assert at_once(automaton, table, quoted) == expected
