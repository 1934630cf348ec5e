"""Sessions of one client are judged together where there are clients enough, and else the row says whom it is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relcode.codebook import Codebook
from relcode.errors import UsageError
from relcode.rates import Cells, Condition, even_weights, hand_coded, rate_rows
from relcode.rates.clusters import Clusters
from relcode.rates.estimates import Estimate
from relcode.rates.rules import results_of
from relcode.rates.sums import Sums
from relcode.records import Session, Span

Material = tuple[list[Session], list[Span]]


@pytest.fixture
def cells(book: Codebook, frame: pd.DataFrame, material: Material) -> Cells:
    sessions, spans = material
    coded = {session.session_id: [turn.turn for turn in session.turns] for session in sessions[:14]}
    cells = Cells(book, ["TSI"], hand_coded(sessions, spans, ["TSI"], even_weights(coded)))
    cells.add(frame)
    return cells


def headers(sessions_each: int) -> dict[str, dict[str, object]]:
    return {
        f"S{number:02}": {"therapist": "T01" if number <= 12 else "T02", "dyad": f"D{(number - 1) // sessions_each}"}
        for number in range(1, 25)
    }


def test_sessions_of_one_dyad_are_judged_together_by_default(cells: Cells) -> None:
    together = rate_rows(cells, headers(2))[0]
    alone = rate_rows(cells, headers(2), cluster="session")[0]
    assert (together.cluster, together.these_alone) == ("dyad", None)
    assert (alone.cluster, alone.these_alone) == ("session", None)
    assert together.powered.value == pytest.approx(alone.powered.value)
    assert together.powered.width != pytest.approx(alone.powered.width)


def test_one_session_a_dyad_is_no_cluster(cells: Cells) -> None:
    by_dyad = rate_rows(cells, headers(1))[0]
    by_session = rate_rows(cells, headers(1), cluster="session")[0]
    assert by_dyad.powered == by_session.powered
    assert (by_dyad.these_alone, by_session.these_alone) == (None, None)


def test_too_few_dyads_are_judged_by_session_and_the_row_says_so(cells: Cells) -> None:
    row = rate_rows(cells, headers(6))[0]  # three of four dyads have coded sessions
    assert (row.cluster, row.these_alone) == ("session", 4)
    assert row.powered.low is not None


def test_sessions_that_do_not_say_are_each_their_own() -> None:
    said = {"a": {"dyad": "D1"}, "b": {"dyad": "D1"}, "c": {}, "d": {"dyad": ""}, "D1": {}}
    clusters = Clusters.by(["a", "b", "c", "d", "D1"], said, None)
    assert clusters.key == "dyad"
    assert clusters.of_session.tolist() == [0, 0, 1, 2, 3]


def test_a_key_that_no_header_says_is_refused(cells: Cells) -> None:
    with pytest.raises(UsageError, match="No session says ward"):
        rate_rows(cells, headers(2), cluster="ward")


def test_what_a_client_repeats_is_no_new_evidence(cells: Cells) -> None:
    """Each session thrice, under one client: judged by client the interval is that of the sessions once."""
    once = cells.of("TSI")
    thrice = Sums(*(np.repeat(getattr(once, name), 3) for name in once.__dataclass_fields__))
    own = results_of(thrice, thrice, cluster=np.repeat(np.arange(24), 3))
    first = results_of(once, once)
    assert isinstance(own.powered, Estimate)
    assert isinstance(first.powered, Estimate)
    assert own.powered.variance == pytest.approx(first.powered.variance)
    assert own.powered.freedom == first.powered.freedom
    careless = results_of(thrice, thrice).powered
    assert isinstance(careless, Estimate)
    assert careless.variance < 0.5 * first.powered.variance


def test_pairs_have_as_many_degrees_of_freedom_as_clients() -> None:
    judged = np.array([True] * 8)
    ours, theirs = (Estimate(0.1, np.full(8, 0.01), 7, judged) for _ in range(2))
    assert (ours - theirs).freedom == 7
    others = Estimate(0.1, np.full(8, 0.01), 7, ~judged)
    assert (ours - others).freedom == 7  # eight clients bear all of the error
    unpaired = Estimate(0.1, np.full(16, 0.01), 7, np.arange(16) < 8) - Estimate(
        0.1, np.full(16, 0.01), 7, np.arange(16) >= 8
    )
    assert unpaired.freedom == pytest.approx(14)  # Welch


def test_a_contrast_judged_by_dyads_needs_enough_on_both_sides(cells: Cells) -> None:
    said = headers(2)
    both = rate_rows(cells, said, contrast=Condition.parse("third=1"))[0]
    assert both.cluster == "dyad"
    apart = rate_rows(cells, said, contrast=Condition.parse("therapist=T01"))[0]
    assert apart.cluster == "session"  # of T02, one dyad has coded sessions


def test_few_instances_leave_the_machine_out(cells: Cells) -> None:
    sums = cells.of("TSI")
    few = np.cumsum(sums.present) < 10
    rare = Sums(*(getattr(sums, name) for name in sums.__dataclass_fields__))
    for name in ("present", "w_present", "w_both", "w_expected"):
        object.__setattr__(rare, name, getattr(sums, name) * few)
    found = results_of(rare, rare)
    assert found.power == 0
    assert isinstance(found.powered, Estimate)
    assert isinstance(found.labelled, Estimate)
    assert found.powered.variance == found.labelled.variance
    assert found.note.startswith("rough")


def test_the_command_takes_the_key_and_says_whom_rates_are_for(relcode: Callable[..., Any], study: Path) -> None:
    given = ("rates", "--scores", study / "scores.parquet", "--labels", study / "hand.jsonl", "--sample", "random")
    given = (*given, "--transcripts", study / "transcripts", "--codebook", study / "tiny.yaml", "--code", "TSI")
    by_dyad = relcode(*given)
    assert by_dyad.status == 0, by_dyad.err
    assert "intervals by dyad" in by_dyad.out
    assert "not for others" not in by_dyad.out
    grouped = relcode(*given, "--cluster", "therapist")
    assert "intervals by session" in grouped.out
    assert "the interval is for these 2" in grouped.out
