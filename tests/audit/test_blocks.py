"""Intervals within one session: blocks of turns, and what they are worth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from relcode.audit.blocks import balance_of_turns, design_effect, share_of_turns, turn_blocks
from relcode.audit.intervals import Estimate, jeffreys, share_over_sessions, wilson
from relcode.audit.material import Material, material_from_labels

Make = Callable[..., Material]


def width(estimate: Estimate) -> float:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.high - estimate.low


def test_a_block_is_twice_the_cube_root_of_the_turns_and_the_rest_joins_the_last(material: Make) -> None:
    blocks = turn_blocks(material(*["T: Yes.", "C: No."] * 32))  # 64 turns: blocks of 8
    assert np.bincount(blocks).tolist() == [8] * 8
    assert np.bincount(turn_blocks(material(*["T: Yes.", "C: No."] * 35))).tolist() == [10] * 7
    assert np.bincount(turn_blocks(material(*["T: Yes.", "C: No."] * 33))).tolist() == [10] * 5 + [16]


def test_blocks_never_reach_over_two_sessions(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    made = [coded(*["T: Yes."] * n, session_id=f"S{n}") for n in (3, 9, 1)]
    table = material_from_labels([session for session, _ in made], codebook, [])
    blocks = turn_blocks(table)
    assert np.all(np.diff(blocks) >= 0)
    assert all(len(set(table.turn_session[blocks == block])) == 1 for block in set(blocks.tolist()))


def test_the_design_effect_is_that_of_rao_and_scott_by_hand() -> None:
    # shares 1, 0, 0, 0 of four blocks of 5: p = .25; residuals 3.75, -1.25 (3 times): sum of squares 18.75;
    # variance 4/3 * 18.75 / 400 = .0625; binomial .25 * .75 / 20 = .009375; ratio 20/3; times (3.1824/1.9600) squared.
    found = design_effect(np.array([5, 0, 0, 0]), np.array([5, 5, 5, 5]))
    assert found == pytest.approx(20 / 3 * (3.182446 / 1.959964) ** 2, rel=1e-6)


@pytest.mark.parametrize(
    ("counts", "totals"),
    [([2, 2, 2, 2], [5, 5, 5, 5]), ([5, 0], [5, 5]), ([0, 0, 0], [9, 9, 9]), ([9, 9, 9], [9, 9, 9]), ([], [])],
)
def test_even_few_or_constant_blocks_have_no_design_effect(counts: list[int], totals: list[int]) -> None:
    assert design_effect(np.array(counts, dtype=np.int64), np.array(totals, dtype=np.int64)) == 1.0


def test_a_code_in_one_burst_has_a_wider_interval_than_one_spread_evenly(material: Make) -> None:
    burst = material(*["T: I am moved. | TSI", "C: Oh."] * 10, *["T: Well then.", "C: Oh."] * 50)
    even = material(*(["T: I am moved. | TSI", "C: Oh."] + ["T: Well then.", "C: Oh."] * 5) * 10)
    shares = [
        share_of_turns(t, t.segment_turn[t.carry("TSI")], t.segment_turn[t.speaks("T")], seed=0) for t in (burst, even)
    ]
    assert shares[0].value == shares[1].value == pytest.approx(1 / 6)
    assert width(shares[0]) > 2 * width(shares[1])
    assert shares[1] == wilson(10, 60)


def test_a_balance_of_things_in_bursts_is_wider_than_jeffreys(material: Make) -> None:
    table = material(*["T: I am moved. | TSI", "C: Oh."] * 20, *["T: I have a dog. | TSD", "C: Oh."] * 20)
    first, second = (table.segment_turn[table.carry(code)] for code in ("TSI", "TSD"))
    balance = balance_of_turns(table, first, second)
    assert balance.value == jeffreys(20, 20).value
    assert width(balance) > 1.5 * width(jeffreys(20, 20))
    assert balance_of_turns(table, first[:0], second[:0]).value is None


def test_several_sessions_are_drawn_as_wholes(codebook, coded) -> None:  # type: ignore[no-untyped-def]
    made = [coded(*["T: I am moved. | TSI"] * n, *["T: Well."] * 20, session_id=f"S{n}") for n in (0, 4, 9)]
    table = material_from_labels([s for s, _ in made], codebook, [label for _, more in made for label in more])
    mask = table.carry("TSI")
    found = share_of_turns(table, table.segment_turn[mask], table.segment_turn, seed=3)
    assert found == share_over_sessions(np.array([0, 4, 9]), np.array([20, 24, 29]), seed=3)


def test_intervals_of_a_session_that_goes_in_phases_hold_the_truth_more_often_than_wilsons(material: Make) -> None:
    # Turns stay as the one before with probability .6, else carry the code with .2; docs/statistics.md has more of this.
    table = material(*["T: Well.", "C: Oh."] * 300)
    turns = table.segment_turn[table.speaks("T")]
    generator = np.random.default_rng(1)
    held = np.zeros(2)
    for _ in range(100):
        fresh, keep = generator.random(300) < 0.2, generator.random(300) < 0.6
        keep[0] = False
        origin = np.maximum.accumulate(np.where(keep, 0, np.arange(300)))
        marked = turns[fresh[origin]]
        for row, estimate in enumerate((share_of_turns(table, marked, turns, seed=0), wilson(len(marked), 300))):
            held[row] += (estimate.low or 0) <= 0.2 <= (estimate.high or 1)
    assert held[0] >= 88
    assert held[1] < 80
