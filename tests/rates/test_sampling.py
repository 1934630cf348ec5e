"""How much a coded turn stands for, by the plans of the batches, and by files of probabilities."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from pathlib import Path

import pytest

from relcode.batches import Assignment, Plan
from relcode.errors import DataError
from relcode.rates import batch_weights, read_sample


def page(session: str, first: int, last: int, probability: float | None, coder: str = "ana") -> Assignment:
    return Assignment(coder, session, "sha", first, last, 1, 1, probability=probability)


def plan(name: str, *pages: Assignment, **arguments: object) -> Plan:
    return Plan(name, ("ana",), tuple(pages), arguments=dict(arguments))


def total(plans: Iterable[Plan], values: dict[str, float]) -> float:
    """The sum over the corpus that the weights estimate; pages are of one turn."""
    found = batch_weights(plans).by_turn
    return sum(weight * values[session] for (session, _), turns in found.items() for weight in turns.values())


def test_one_random_batch_counts_alike() -> None:
    found = batch_weights([plan("a", page("S1", 1, 2, 0.25), page("S1", 1, 2, 0.25, "ben"), page("S2", 1, 1, 0.25))])
    assert found.by_turn == {("S1", "sha"): {1: 4.0, 2: 4.0}, ("S2", "sha"): {1: 4.0}}
    assert (found.random, found.weighted, found.chosen) == (["a"], [], [])


def test_uneven_batches_one_after_the_other_estimate_the_whole_without_bias() -> None:
    """All outcomes of drawing one of four pages evenly, then one of those left, unevenly."""
    values = {"A": 1.0, "B": 5.0, "C": 2.0, "D": 9.0}
    size = {"A": 1.0, "B": 2.0, "C": 3.0, "D": 4.0}
    expected = 0.0
    for first, second in permutations(values, 2):
        likely = size[second] / sum(size[name] for name in values if name != first)
        plans = [plan("a", page(first, 1, 1, 0.25)), plan("b", page(second, 1, 1, likely))]
        expected += 0.25 * likely * total(plans, values)
    assert expected == pytest.approx(sum(values.values()))


def test_pages_chosen_without_a_probability_stand_for_themselves_in_later_batches_alone() -> None:
    chosen = plan("a", page("A", 1, 1, None))
    found = batch_weights([chosen])
    assert (found.by_turn, found.unknown, found.chosen) == ({}, {("A", "sha"): {1}}, ["a"])
    later = batch_weights([chosen, plan("b", page("B", 1, 1, 0.5))]).by_turn
    assert later == {("A", "sha"): {1: 1.0}, ("B", "sha"): {1: 2.0}}


def test_a_batch_that_takes_again_draws_from_all() -> None:
    first = plan("a", page("A", 1, 1, 0.5))
    left = batch_weights([first, plan("b", page("B", 1, 1, 0.5))]).by_turn
    again = batch_weights([first, plan("b", page("B", 1, 1, 0.5), again=True)]).by_turn
    assert left["A", "sha"] == {1: 0.5 + 0.5 / 0.5}
    assert again["A", "sha"] == {1: 0.5 / 0.5}


def test_a_batch_with_several_probabilities_is_named_as_weighted() -> None:
    assert batch_weights([plan("a", page("A", 1, 1, 0.5), page("B", 1, 1, 0.2))]).weighted == ["a"]


def test_a_file_of_probabilities_says_sessions_or_stretches_of_turns(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(
        '{"session_id": "S1", "probability": 0.5}\n\n{"session_id": "S2", "turn": 3, "last_turn": 4, "probability": 0.1}\n'
        '{"session_id": "S9", "probability": 0.1, "more": 1}\n'
    )
    assert read_sample(path, {"S1": 2, "S2": 9}) == {"S1": {1: 2.0, 2: 2.0}, "S2": {3: 10.0, 4: 10.0}}


def test_all_faults_of_a_file_of_probabilities_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"session_id": "S1", "probability": 0}\n{"session_id": "S2"}\nno\n')
    with pytest.raises(DataError) as caught:
        read_sample(path, {"S1": 2, "S3": 1})
    assert len(caught.value.faults) == 5
    assert any("session S3: labelled, but p.jsonl does not say" in fault for fault in caught.value.faults)
