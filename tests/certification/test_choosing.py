"""Which pages a coder in training gets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from relcode.certification import Candidate, candidate_of, choose_pages
from relcode.records import Span


def candidate(name: str, **counts: int) -> Candidate:
    return Candidate(name, "S1", 1, 15, counts)


def test_a_page_counts_turns_not_labels() -> None:
    spans = [
        Span("S1", turn, at, at + 2, "xx", code)
        for turn, at, code in [(1, 0, "A"), (1, 5, "A"), (2, 0, "B"), (9, 0, "A")]
    ]
    assert candidate_of("p", "S1", (1, 5), spans).counts == {"A": 1, "B": 1}


def test_pages_are_taken_until_each_code_occurs_often_enough() -> None:
    pages = [candidate("a", A=2), candidate("b", A=2, B=1), candidate("c", B=1), candidate("d"), candidate("e", A=1)]
    choice = choose_pages(pages, ["A", "B"], instances=2)
    assert {each.page for each in choice.pages} == {"b", "c"}
    assert choice.short == {}


def test_what_no_page_brings_is_named() -> None:
    choice = choose_pages([candidate("a", A=3), candidate("b")], ["A", "B", "C"], instances=2)
    assert [each.page for each in choice.pages] == ["a"]
    assert choice.short == {"B": 0, "C": 0}


def test_a_rare_code_comes_before_more_of_a_frequent_one() -> None:
    pages = [candidate(f"f{number}", A=2) for number in range(9)] + [candidate("rare", B=1)]
    assert [each.page for each in choose_pages(pages, ["A", "B"], instances=5, pages=1).pages] == ["rare"]


def test_a_number_of_pages_is_filled_up_by_lot() -> None:
    pages = [candidate("a", A=1), *(candidate(f"x{number}") for number in range(20))]
    one = choose_pages(pages, ["A"], instances=1, pages=5, seed=1)
    assert len(one.pages) == 5
    assert "a" in {each.page for each in one.pages}
    choices = [choose_pages(pages, ["A"], instances=1, pages=5, seed=seed) for seed in range(5)]
    others = {frozenset(each.page for each in choice.pages) for choice in choices}
    assert len(others) > 1


@given(st.lists(st.dictionaries(st.sampled_from("ABC"), st.integers(1, 4)), max_size=12), st.integers(1, 6))
def test_more_pages_would_bring_nothing_that_is_missing(counts: list[dict[str, int]], instances: int) -> None:
    pages = [candidate(str(number), **each) for number, each in enumerate(counts)]
    choice = choose_pages(pages, "ABC", instances=instances)
    left = [page for page in pages if page not in choice.pages]
    assert not any(code in page.counts for page in left for code in choice.short)
    for code in "ABC":
        total = sum(page.counts.get(code, 0) for page in choice.pages)
        assert choice.short.get(code, instances) == min(total, instances)
