"""Where spans lie: unitizing alpha, and F1 of spans and of words, on a continuum of words."""

from __future__ import annotations

import json
from itertools import pairwise, permutations
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from relcode.reliability import session_draws
from relcode.reliability.bootstrap import with_interval
from relcode.reliability.continuum import Ints, Units, merged
from relcode.reliability.spans import span_coefficients
from relcode.reliability.unitizing import matches, span_sums, span_values

DATA = Path(__file__).parent / "data"
Pairs = list[tuple[int, int]]


def of_units(*coders: Pairs, words: int = 60, sessions: int = 1) -> Units:
    """Units of coders who coded everything; sessions are of equal length."""
    of_coder = tuple(np.array(own, dtype=np.int64).reshape(-1, 2) for own in coders)
    rows = np.repeat(np.arange(sessions), words // sessions)
    return Units(rows, np.ones((len(coders), words), dtype=np.bool_), of_coder, sessions)


def values(units: Units) -> dict[str, float]:
    return {name: float(value) for name, value in span_values(span_sums(units).sum(axis=0)).items()}


def continua(coders: int = 3, words: int = 60) -> st.SearchStrategy[list[Pairs]]:
    unit = st.tuples(st.integers(0, words - 12), st.integers(1, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))
    own = st.lists(unit, max_size=6).map(lambda units: [tuple(u) for u in merged(np.array(units).reshape(-1, 2))])
    return st.lists(own, min_size=2, max_size=coders)


def by_the_paper(units: list[Pairs], words: int) -> float:
    """Krippendorff et al. (2016), equations 1 to 5, literally: sections, their intersections, and their self-pairs."""
    sections = []
    for own in units:
        edges = [0, *(edge for unit in own for edge in unit), words]
        cut = [(start, end, number % 2) for number, (start, end) in enumerate(pairwise(edges))]
        sections.append([section for section in cut if section[0] < section[1]])
    observed = np.zeros((2, 2))
    for one, other in permutations(sections, 2):
        for start, end, value in one:
            for start_2, end_2, value_2 in other:
                observed[value, value_2] += max(0, min(end, end_2) - max(start, start_2)) / (len(units) - 1)
    totals = observed.sum(axis=1)
    alone = np.zeros(2)
    for own_sections in sections:
        for start, end, value in own_sections:
            alone[value] += (end - start) ** 2 if value else end - start
    n = totals.sum()
    expected = n * (np.outer(totals, totals) - np.diag(alone)) / (n**2 - alone.sum())
    return float(1 - (n - np.trace(observed)) / (n - np.trace(expected)))


@pytest.mark.parametrize("case", json.loads((DATA / "unitized_alpha.json").read_text())["cases"])
def test_random_continua_have_the_figures_of_another_program(case: dict[str, Any]) -> None:
    """github.com/lindanna/unitized_alpha; the file names its commit."""
    units = [[(start, end) for start, end in own] for own in case["units"]]
    assert values(of_units(*units, words=case["words"]))["unitizing_alpha"] == pytest.approx(case["unitizing_alpha"])


@given(continua())
def test_unitizing_alpha_is_that_of_the_papers_equations(units: list[Pairs]) -> None:
    found = values(of_units(*units))["unitizing_alpha"]
    if not any(units):
        assert np.isnan(found)
    else:
        assert found == pytest.approx(by_the_paper(units, 60))


@given(continua(coders=2))
def test_word_f1_of_two_coders_is_f1(units: list[Pairs]) -> None:
    marks = np.zeros((2, 60), dtype=int)
    for row, own in zip(marks, units, strict=True):
        for start, end in own:
            row[start:end] = 1
    found = values(of_units(*units))["word_f1"]
    assert found == pytest.approx(f1_score(*marks)) if marks.any() else np.isnan(found)


def test_a_span_matches_when_half_of_all_words_are_shared_and_not_when_fewer_are() -> None:
    assert values(of_units([(10, 20)], [(15, 20)]))["span_f1"] == 1
    assert values(of_units([(10, 20)], [(16, 20)]))["span_f1"] == 0
    assert values(of_units([(10, 20)], [(14, 24)]))["span_f1"] == 0
    assert values(of_units([(10, 22)], [(14, 26)]))["span_f1"] == 1


def test_each_span_is_matched_once() -> None:
    assert values(of_units([(10, 20)], [(10, 15), (15, 20)]))["span_f1"] == pytest.approx(2 / 3)
    assert values(of_units([(10, 15), (15, 20)], [(10, 20)]))["span_f1"] == pytest.approx(2 / 3)
    assert values(of_units([(10, 15), (15, 20)], [(10, 15), (15, 20)]))["span_f1"] == 1


def test_span_f1_of_three_coders_counts_every_pair_in_both_directions() -> None:
    # A and B match, C has another place: 2 of the 2 + 2 + 2 chances.
    assert values(of_units([(10, 20)], [(11, 20)], [(30, 40)]))["span_f1"] == pytest.approx(2 / 6)


def naive_matches(first: Ints, second: Ints) -> int:
    count, used = 0, set()
    for start, end in first:
        for number, (start_2, end_2) in enumerate(second):
            shared = min(end, end_2) - max(start, start_2)
            if number not in used and 2 * shared >= max(end, end_2) - min(start, start_2):
                used.add(number)
                count += 1
                break
    return count


@given(continua(coders=2))
def test_matches_are_those_of_a_plain_search_and_the_same_from_both_sides(units: list[Pairs]) -> None:
    first, second = (np.array(own, dtype=np.int64).reshape(-1, 2) for own in units)
    assert len(matches(first, second)) == len(matches(second, first)) == naive_matches(first, second)


@given(continua(), st.randoms())
def test_coders_may_change_places(units: list[Pairs], random: Random) -> None:
    shuffled = list(units)
    random.shuffle(shuffled)
    assert values(of_units(*shuffled)) == pytest.approx(values(of_units(*units)), nan_ok=True)


@given(continua(), st.integers(1, 30))
def test_shifting_all_units_alike_changes_nothing(units: list[Pairs], shift: int) -> None:
    moved = [[(start + shift, end + shift) for start, end in own] for own in units]
    assert values(of_units(*moved, words=90)) == pytest.approx(values(of_units(*units, words=90)), nan_ok=True)


@given(continua(coders=2))
def test_the_same_units_give_one_and_others_less(units: list[Pairs]) -> None:
    own, other = units
    if own:
        assert values(of_units(own, own, own)) == pytest.approx({"span_f1": 1, "word_f1": 1, "unitizing_alpha": 1})
    if own != other:
        found = values(of_units(own, other))
        assert found["unitizing_alpha"] <= 1
        assert (found["unitizing_alpha"], found["word_f1"], found["span_f1"]) != (1, 1, 1)


def test_units_put_anywhere_agree_no_more_than_chance() -> None:
    random = np.random.default_rng(1)
    found = []
    for _ in range(300):
        coders = []
        for _ in range(3):
            start = random.integers(0, 590, 20)
            units = merged(np.column_stack([start, start + random.integers(1, 10, 20)]))
            coders.append([(int(first), int(after)) for first, after in units])
        found.append(values(of_units(*coders, words=600))["unitizing_alpha"])
    assert np.mean(found) == pytest.approx(0, abs=0.01)
    assert np.max(found) < 0.25


def test_chance_never_pairs_a_unit_with_itself() -> None:
    """The same words in agreement are worth more as one unit than as many: many could agree with one another."""
    one = values(of_units([(0, 20)], [(10, 30)]))["unitizing_alpha"]
    many = values(of_units([(n, n + 1) for n in range(20)], [(n, n + 1) for n in range(10, 30)]))["unitizing_alpha"]
    assert (one, many) == pytest.approx((0.2958, 0.2563), abs=5e-5)


def test_undefined_cases_say_why() -> None:
    nobody = span_coefficients(of_units([], []), session_draws(1, 0, 0))
    assert {(c.value, c.reason) for c in nobody.values()} == {(None, "no coder gave this code")}
    all_of_it = span_coefficients(of_units([(0, 60)], [(0, 60)]), session_draws(1, 0, 0))
    assert all_of_it["unitizing_alpha"].reason == "the code covers every word"
    assert all_of_it["span_f1"].value == all_of_it["word_f1"].value == 1
    nothing = Units(np.zeros(0, dtype=np.int64), np.zeros((2, 0), dtype=np.bool_), of_units([], []).of_coder, 1)
    shown = span_coefficients(nothing, session_draws(1, 0, 0))
    assert {c.reason for c in shown.values()} == {"no turn was coded by two coders"}


def test_a_draw_is_worth_what_the_repeated_sessions_are_worth() -> None:
    units = of_units([(2, 9), (25, 30), (41, 44)], [(2, 8), (26, 33)], words=60, sessions=3)
    sums = span_sums(units)
    for draw in session_draws(3, 20, seed=2):
        repeated = span_values(np.repeat(sums, draw, axis=0).sum(axis=0))
        for name, drawn in span_values(draw.astype(np.float64) @ sums).items():
            assert float(drawn) == pytest.approx(float(repeated[name]), nan_ok=True)


def some_sessions(sessions: int, seed: int, words: int = 200) -> Units:
    """Two coders who each find most of the true places, more in some sessions than in others, and miss the edges."""
    random = np.random.default_rng(seed)
    of_coder: list[list[list[int]]] = [[], []]
    for session in range(sessions):
        for place in range(10, words - 15, 20):
            if random.random() < 0.3 + 0.3 * (session % 2):
                for own in of_coder:
                    start = session * words + place + int(random.integers(-2, 3))
                    if random.random() < 0.8:
                        own.append([start, start + int(random.integers(4, 9))])
    return of_units(*[[(a, b) for a, b in own] for own in of_coder], words=sessions * words, sessions=sessions)


@pytest.mark.parametrize(("n_sessions", "stated"), [(10, 0.93), (20, 0.93)])
def test_intervals_cover_as_often_as_the_documentation_says(n_sessions: int, stated: float) -> None:
    sums = span_sums(some_sessions(3000, seed=0))
    population = span_values(sums.sum(axis=0))
    random = np.random.default_rng(1)
    hits = dict.fromkeys(population, 0)
    for study in range(400):
        drawn = sums[random.choice(len(sums), n_sessions, replace=False)]
        by_draw = span_values(session_draws(n_sessions, 1000, study).astype(np.float64) @ drawn)
        for name, resampled in by_draw.items():
            found = with_interval(float(span_values(drawn.sum(axis=0))[name]), resampled, n_sessions)
            assert found.low is not None
            assert found.high is not None
            hits[name] += found.low <= float(population[name]) <= found.high
    for hit in hits.values():
        assert hit / 400 == pytest.approx(stated, abs=0.015)
