"""The simulations of benchmarks/learning: edits are counted as coders would make them; both run on a few sessions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relcode.codebook import Codebook

FOLDER = Path(__file__).parents[2] / "benchmarks" / "learning"


@pytest.fixture(scope="module", autouse=True)
def _importable() -> Iterator[None]:
    sys.path.insert(0, str(FOLDER))
    yield
    sys.path.remove(str(FOLDER))


@pytest.mark.parametrize(
    ("offered", "accepted", "expected", "actions"),
    [
        # (place, code); kept, relabel, move, delete, add
        ([((0, 2), "A")], [((0, 2), "A")], (1, 0, 0, 0, 0), 0),
        ([], [((0, 2), "A")], (0, 0, 0, 0, 1), 1),
        ([((0, 2), "A")], [], (0, 0, 0, 1, 0), 1),
        ([((0, 2), "B")], [((0, 2), "A")], (0, 1, 0, 0, 0), 1),
        ([((0, 3), "A")], [((0, 2), "A")], (0, 0, 1, 0, 0), 2),
        ([((2, 3), "A")], [((0, 2), "A")], (0, 0, 0, 1, 1), 2),  # touching is no overlap
        ([((0, 3), "B")], [((0, 2), "A")], (0, 0, 0, 1, 1), 2),
        ([((0, 2), "A"), ((0, 2), "B")], [((0, 2), "B")], (1, 0, 0, 1, 0), 1),
        # relabelling one leaves the other to be added, rather than moving it
        ([((0, 2), "B")], [((0, 2), "A"), ((1, 3), "B")], (0, 1, 0, 0, 1), 2),
    ],
)
def test_edits(offered: list[Any], accepted: list[Any], expected: tuple[int, ...], actions: int) -> None:
    from edits import count_edits

    found = count_edits(*([(1, place, code) for place, code in part] for part in (offered, accepted)))
    assert (found.kept, found.relabel, found.move, found.delete, found.add) == expected
    assert found.actions == actions


def test_labels_of_other_turns_do_not_match() -> None:
    from edits import count_edits

    found = count_edits([(1, (0, 2), "A")], [(2, (0, 2), "A")])
    assert (found.delete, found.add, found.saved) == (1, 1, -1)


def test_saving_runs_and_a_model_of_more_sessions_saves_more(small_study: Callable[..., Any], small: Codebook) -> None:
    from saving import edits_of, simulate
    from simulated import Material

    study = small_study(8)
    material = Material(study.sessions, study.labels, [0] * 8, small)
    test = np.array([6, 7])
    found = {
        (count, name): edits_of(material, labels, test, "segments")
        for count, name, labels in simulate(material, np.arange(6), test, [5], "linear", 0)
    }
    assert set(found) == {(0, "cues, offered"), (5, "held"), (5, "offered")}
    assert {edits.accepted for edits in found.values()} == {36}
    assert found[5, "offered"].saved > 0.5


def test_pages_needed_are_read_between_the_measured_points() -> None:
    from active import pages_needed

    assert pages_needed([10, 20, 30], [0.1, 0.3, 0.5], 0.4) == 25
    assert pages_needed([10, 20, 30], [0.5, 0.5, 0.5], 0.4) == 10
    assert pages_needed([10, 20, 30], [0.1, 0.2, 0.3], 0.3) == 30
    assert pages_needed([10, 20, 30, 40], [0.1, 0.5, 0.3, 0.6], 0.4) == 20  # a dip is evened out


@pytest.mark.slow
def test_active_learning_runs(small_study: Callable[..., Any], small: Codebook) -> None:
    from active import simulate
    from simulated import Material

    study = small_study(8)
    material = Material(study.sessions, study.labels, [0] * 8, small)
    found = simulate(material, 0, (0.4, 0.7), 0.2)
    assert set(found) == {"next", "random"}
    assert all(0 < pages <= 12 for pages in found.values())
