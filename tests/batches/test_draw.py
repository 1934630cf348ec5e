"""Drawing and dealing: by its share, as likely as any other, and fair to the coders."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.batches.blind import Slot, draw_blind
from relcode.batches.deal import deal, pair_spread
from relcode.batches.draw import draw_evenly, share_of

SEEDS = st.integers(0, 2**32)
ITEMS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=30)


@given(ITEMS, st.integers(0, 30), SEEDS)
def test_every_stratum_gives_its_share_less_or_more_than_one(
    items: list[tuple[str, str]], count: int, seed: int
) -> None:
    count = min(count, len(items))
    found = draw_evenly(range(len(items)), count, lambda at: items[at], Random(seed))
    assert len(set(found)) == len(found) == count
    for depth in (1, 2):
        there = Counter(item[:depth] for item in items)
        drawn = Counter(items[at][:depth] for at in found)
        for stratum, number in there.items():
            assert abs(drawn[stratum] - number * count / len(items)) < 1


def test_every_item_is_drawn_as_often_as_any_other() -> None:
    items = ["a"] * 7 + ["b"] * 3
    hits = Counter(
        at for seed in range(3000) for at in draw_evenly(range(10), 3, lambda at: (items[at],), Random(seed))
    )
    assert all(abs(hits[at] / 3000 - 0.3) < 0.045 for at in range(10))  # five standard errors


@pytest.mark.parametrize(
    ("share", "count", "expected"), [(0, 10, 0), (0.2, 10, 2), (0.2, 1, 1), (0.2, 0, 0), (0.24, 10, 2), (1, 3, 3)]
)
def test_a_share_is_at_least_one_where_anything_was_asked_for(share: float, count: int, expected: int) -> None:
    assert share_of(share, count) == expected


@given(st.integers(1, 7), st.lists(st.tuples(st.integers(1, 80), st.integers(1, 3)), max_size=40), SEEDS)
def test_coders_differ_by_no_more_than_the_largest_unit(coders: int, units: list[tuple[int, int]], seed: int) -> None:
    sizes, wanted = [size for size, _ in units], [min(number, coders) for _, number in units]
    dealt = deal(sizes, wanted, coders, Random(seed))
    assert [len(set(chosen)) for chosen in dealt] == wanted
    loads = [sum(size for size, chosen in zip(sizes, dealt, strict=True) if coder in chosen) for coder in range(coders)]
    assert max(loads) - min(loads) <= max(sizes, default=0)


@given(st.integers(2, 6), st.integers(0, 40), st.integers(0, 30), SEEDS)
def test_doubly_coded_units_are_spread_over_all_pairs(coders: int, double: int, single: int, seed: int) -> None:
    dealt = deal([15] * (double + single), [2] * double + [1] * single, coders, Random(seed))
    assert pair_spread(dealt, coders) <= 2  # one more than where the number of pairs divides evenly


def test_no_coder_is_favoured() -> None:
    loads = [0, 0, 0]
    for seed in range(600):
        for chosen, size in zip(deal([30, 20], [1, 1], 3, Random(seed)), [30, 20], strict=True):
            loads[chosen[0]] += size
    assert all(abs(load - 10_000) < 1500 for load in loads)


def slots(pages: list[tuple[str, ...]]) -> list[Slot]:
    return [
        Slot(coder, (f"S{number}", 1, 15), ("T", "D", f"S{number % 4}"), len(coders))
        for number, coders in enumerate(pages)
        for coder in coders
    ]


@given(
    st.lists(st.sampled_from([("a",), ("b",), ("a", "b"), ("b", "c"), ("a", "b", "c")]), max_size=40),
    st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.8, 1.0]),
    SEEDS,
)
def test_each_coder_has_the_share_of_blind_pages(pages: list[tuple[str, ...]], share: float, seed: int) -> None:
    every = slots(pages)
    blind = draw_blind(every, share, Random(seed))
    for coder in {slot.coder for slot in every}:
        own = [slot for slot in every if slot.coder == coder]
        assert sum((coder, slot.place) in blind for slot in own) == share_of(share, len(own))


@given(st.integers(0, 20), st.integers(0, 20), st.sampled_from([0.1, 0.25, 0.5]), SEEDS)
def test_a_page_of_two_coders_is_hardly_ever_blind_for_both(double: int, single: int, share: float, seed: int) -> None:
    blind = draw_blind(slots([("a", "b")] * double + [("a",)] * single + [("b",)] * single), share, Random(seed))
    both = [place for place, coders in Counter(place for _, place in blind).items() if coders == 2]
    assert len(both) <= 2  # where the counts of both coders are rounded up


def test_a_page_is_as_likely_to_be_blind_whether_one_codes_it_or_two() -> None:
    every = slots([("a", "b")] * 3 + [("a",)] * 7 + [("b",)] * 7)
    counts = Counter(int(place[0][1:]) < 3 for seed in range(1000) for _, place in draw_blind(every, 0.2, Random(seed)))
    assert sum(counts.values()) == 4000
    assert abs(counts[True] / 4000 - 0.3) < 0.04
