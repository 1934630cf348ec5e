"""A plan in the ledger: wholly or not at all, and read back as it was."""

from __future__ import annotations

import pytest

from relcode.batches import Assignment, Plan, coders_by_place, find_plan, read_plans, record_plan
from relcode.errors import LedgerError
from relcode.ledger import CALIBRATION, RECODE, Ledger, LedgerMoved, NewEvent

SHA = "0" * 64
PLAN = Plan(
    "pilot",
    ("ana", "ben"),
    (
        Assignment("ana", "S1", SHA, 1, 15, 1, 2, probability=0.5),
        Assignment("ben", "S1", SHA, 1, 15, 1, 2, shown=False, probability=0.5),
        Assignment("ben", "S2", SHA, 1, 9, 1, 1, role=RECODE, recode_of="abc"),
        Assignment("ben", "S3", SHA, 1, 9, 1, 1, role=CALIBRATION, shown=False),
    ),
    arguments={"seed": 1},
    notes=("a note",),
)


def test_a_plan_comes_back_from_the_ledger_as_it_was(ledger: Ledger) -> None:
    record_plan(ledger, PLAN)
    assert find_plan(ledger, "pilot") == PLAN
    assert find_plan(ledger, "pilot2") is None
    assert list(read_plans(ledger)) == ["pilot"]
    assert ledger.verify() == []


def test_a_plan_made_by_a_ledger_that_has_grown_since_is_not_written(ledger: Ledger) -> None:
    record_plan(ledger, PLAN)
    with pytest.raises(LedgerMoved):
        record_plan(ledger, Plan("two", (), ()), after=0)
    assert list(read_plans(ledger)) == ["pilot"]


def test_the_first_plan_of_a_batch_stands(ledger: Ledger) -> None:
    record_plan(ledger, PLAN)
    record_plan(ledger, Plan("pilot", ("eva",), ()))
    assert find_plan(ledger, "pilot") == PLAN


def test_an_event_that_is_no_plan_is_named(ledger: Ledger) -> None:
    ledger.append([NewEvent("plan", "test", {"batch": "x", "coders": 3, "assignments": []})])
    with pytest.raises(LedgerError, match="Event 1 "):
        read_plans(ledger)


def test_who_codes_a_run_counts_neither_recodes_nor_calibration() -> None:
    assert coders_by_place(PLAN.assignments) == {("S1", 1, 15): ("ana", "ben")}
    assert [each.session_id for each in PLAN.of("ben")] == ["S1", "S2", "S3"]
    assert [each.session_id for each in PLAN.of("ben", RECODE)] == ["S2"]


def test_a_repr_holds_no_more_than_numbers() -> None:
    assert repr(PLAN) == "Plan('pilot', 2 coders, 4 assignments)"
