"""Gamma: the best alignment of units, the disorder left in it, and what chance would leave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.reliability import session_draws
from relcode.reliability.alignment import best_disorder, dissimilarity
from relcode.reliability.bootstrap import with_interval
from relcode.reliability.continuum import Ints, Units, merged
from relcode.reliability.gamma import session_disorders
from relcode.reliability.spans import gamma

DATA = Path(__file__).parent / "data"
PYGAMMA = json.loads((DATA / "pygamma.json").read_text())["cases"]
NOTHING = np.zeros((0, 2), dtype=np.int64)


def as_units(pairs: list[Any]) -> Ints:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def one_session(*coders: list[Any], words: int) -> Units:
    covered = np.ones((len(coders), words), dtype=np.bool_)
    return Units(np.zeros(words, dtype=np.int64), covered, tuple(as_units(own) for own in coders), 1)


def value(units: Units, seed: int = 0) -> float:
    observed, expected = session_disorders(units, seed=seed)
    return float(1 - observed.sum() / expected.sum())


@pytest.mark.parametrize("case", PYGAMMA)
def test_the_disorder_of_the_best_alignment_is_that_of_pygamma_agreement(case: dict[str, Any]) -> None:
    units = [as_units(own) for own in case["units"]]
    mean = sum(map(len, units)) / len(units)
    assert best_disorder(units) / mean == pytest.approx(case["observed"], abs=1e-5)


@pytest.mark.parametrize("case", PYGAMMA)
def test_gamma_is_that_of_pygamma_agreement_but_for_the_samples(case: dict[str, Any]) -> None:
    """Ours is never much lower: pygamma lets shifts come nearer, which makes chance agree more."""
    theirs = 1 - case["observed"] / case["expected"]
    ours = value(one_session(*case["units"], words=case["words"]))
    assert theirs - 0.015 < ours < theirs + 0.03


def test_dissimilarity_by_hand() -> None:
    # 2 words apart at each edge, 10 words each: (4 / 20) squared; without overlap it is 1 or more.
    assert dissimilarity(as_units([(0, 10)]), as_units([(2, 12)])) == pytest.approx(0.04)
    assert dissimilarity(as_units([(0, 10)]), as_units([(10, 20)])) == pytest.approx(1)
    assert dissimilarity(as_units([(0, 10)]), as_units([(12, 22)])) == pytest.approx(1.44)


def test_units_are_paired_while_that_costs_less_than_leaving_both_alone() -> None:
    assert best_disorder([as_units([(0, 10)]), as_units([(14, 24)])]) == pytest.approx(1.96)
    assert best_disorder([as_units([(0, 10)]), as_units([(15, 25)])]) == 2
    assert best_disorder([as_units([(0, 10)]), NOTHING]) == 1
    assert best_disorder([NOTHING, NOTHING]) == 0


def alignments(coders: list[list[tuple[int, int]]]) -> Iterator[list[dict[int, tuple[int, int]]]]:
    """Every way to put the units of different coders together, a set (coder -> unit) at a time."""
    units = [(coder, unit) for coder, own in enumerate(coders) for unit in own]

    def grown(position: int, sets: list[dict[int, tuple[int, int]]]) -> Iterator[list[dict[int, tuple[int, int]]]]:
        if position == len(units):
            yield sets
            return
        coder, unit = units[position]
        for number, each in enumerate(sets):
            if coder not in each:
                yield from grown(position + 1, [*sets[:number], each | {coder: unit}, *sets[number + 1 :]])
        yield from grown(position + 1, [*sets, {coder: unit}])

    yield from grown(0, [])


def disorder_of(sets: list[dict[int, tuple[int, int]]], coders: int) -> float:
    total = 0.0
    for each in sets:
        for one in range(coders):
            for other in range(one):
                if one in each and other in each:
                    total += float(dissimilarity(as_units([each[one]]), as_units([each[other]]))[0, 0])
                else:
                    total += 1
    return total / (coders * (coders - 1) / 2)


def coders_units(coders: int, most: int, words: int = 60) -> st.SearchStrategy[list[list[tuple[int, int]]]]:
    unit = st.tuples(st.integers(0, words - 12), st.integers(1, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))
    own = st.lists(unit, max_size=most).map(lambda units: [tuple(u) for u in merged(as_units(units)).tolist()])
    return st.lists(own, min_size=coders, max_size=coders)


@settings(max_examples=60, deadline=None)
@given(st.one_of(coders_units(2, 4), coders_units(3, 2), coders_units(4, 1, words=25)))
def test_no_other_alignment_has_less_disorder(coders: list[list[tuple[int, int]]]) -> None:
    least = min(disorder_of(sets, len(coders)) for sets in alignments(coders))
    assert best_disorder([as_units(own) for own in coders]) == pytest.approx(least)


@settings(max_examples=40, deadline=None)
@given(coders_units(3, 5), st.permutations(range(3)), st.integers(0, 100))
def test_coders_may_change_places_and_all_units_may_move_alike(
    coders: list[list[tuple[int, int]]], order: list[int], shift: int
) -> None:
    before = best_disorder([as_units(own) for own in coders])
    assert best_disorder([as_units(coders[number]) + shift for number in order]) == pytest.approx(before)
    assert best_disorder([as_units(coders[0])] * 3) == 0


def test_the_same_units_give_one_and_units_put_anywhere_nought() -> None:
    random = np.random.default_rng(2)
    own = merged(np.sort(random.integers(0, 990, 20))[:, None] + [0, 6])
    assert value(one_session(own, own, words=1000)) == 1
    found = []
    for _ in range(30):
        coders = [merged(random.integers(0, 990, 15)[:, None] + np.array([0, 6])) for _ in range(2)]
        found.append(value(one_session(*coders, words=1000)))
    assert np.mean(found) == pytest.approx(0, abs=0.03)


def test_the_samples_depend_on_the_seed_alone_and_differ_by_the_stated_precision() -> None:
    case = PYGAMMA[1]
    units = one_session(*case["units"], words=case["words"])
    first = session_disorders(units, seed=1)
    assert (first[1] == session_disorders(units, seed=1)[1]).all()
    expected = [session_disorders(units, seed=seed)[1].sum() for seed in range(20)]
    assert len(set(expected)) > 1
    assert np.std(expected) / np.mean(expected) < 0.02 / 1.96 * 1.3


def test_sessions_are_aligned_apart_and_count_by_their_units() -> None:
    rows = np.repeat([0, 1], 100)
    covered = np.ones((2, 200), dtype=np.bool_)
    across = Units(rows, covered, (as_units([(92, 99)]), as_units([(100, 107)])), 2)
    observed, _ = session_disorders(across, seed=0)
    assert observed.tolist() == [1, 1]
    within = Units(np.zeros(200, dtype=np.int64), covered, across.of_coder, 1)
    assert session_disorders(within, seed=0)[0][0] == pytest.approx((16 / 14) ** 2)


def test_turns_that_other_coders_shared_are_a_continuum_of_their_own() -> None:
    covered = np.ones((3, 200), dtype=np.bool_)
    covered[2, :100] = False
    units = Units(np.zeros(200, dtype=np.int64), covered, (as_units([(10, 20)]), as_units([(10, 20)]), NOTHING), 1)
    assert value(units) == 1  # the third coder did not see the first part, and nobody marked anything in the second
    covered[2, :100] = True
    assert value(units) < 0.8


def test_undefined_cases_say_why() -> None:
    draws = session_draws(1, 0, 0)
    assert gamma(one_session([], [], words=50), draws, seed=0).reason == "no coder gave this code"
    many = one_session(*[[(1, 5)]] * 6, words=50)
    assert gamma(many, draws, seed=0).reason == "gamma is not computed for more than 5 coders of a turn"
    assert gamma(one_session([(1, 5)], [(1, 5)], words=50), draws, seed=0).value == 1


def test_a_draw_of_sessions_needs_no_new_alignment() -> None:
    rows = np.repeat(np.arange(4), 100)
    first = as_units([(10, 20), (110, 120), (150, 160), (210, 220), (310, 320)])
    second = as_units([(12, 20), (112, 125), (250, 260), (310, 318)])
    units = Units(rows, np.ones((2, 400), dtype=np.bool_), (first, second), 4)
    found = gamma(units, session_draws(4, 500, 1), seed=0)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


@pytest.mark.slow
@pytest.mark.parametrize(("n_sessions", "stated"), [(10, 0.94), (20, 0.95)])
def test_intervals_cover_as_often_as_the_documentation_says(n_sessions: int, stated: float) -> None:
    random = np.random.default_rng(0)
    sessions, words = 1000, 200
    of_coder: list[list[tuple[int, int]]] = [[], []]
    for session in range(sessions):
        for place in range(10, words - 15, 20):
            if random.random() < 0.3 + 0.3 * (session % 2):
                for own in of_coder:
                    start = session * words + place + int(random.integers(-2, 3))
                    if random.random() < 0.8:
                        own.append((start, start + int(random.integers(4, 9))))
    covered = np.ones((2, sessions * words), dtype=np.bool_)
    units = Units(np.repeat(np.arange(sessions), words), covered, tuple(map(as_units, of_coder)), sessions)
    disorders = np.stack(session_disorders(units, seed=0), axis=-1)
    population = 1 - disorders[:, 0].sum() / disorders[:, 1].sum()
    hits = 0
    for study in range(400):
        drawn = disorders[random.choice(sessions, n_sessions, replace=False)]
        resampled = session_draws(n_sessions, 1000, study).astype(np.float64) @ drawn
        point = 1 - drawn[:, 0].sum() / drawn[:, 1].sum()
        found = with_interval(float(point), 1 - resampled[:, 0] / resampled[:, 1], n_sessions)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= population <= found.high
    assert hits / 400 == pytest.approx(stated, abs=0.01)
