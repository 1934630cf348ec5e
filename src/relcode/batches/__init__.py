"""Batches: who codes what. Plans stand in the ledger; `relcode push` sends what they say."""

from relcode.batches.plan import Assignment, Plan, coders_by_place, find_plan, read_plans, record_plan
from relcode.batches.runs import Run, runs_of

__all__ = [
    "Assignment",
    "Plan",
    "Run",
    "coders_by_place",
    "find_plan",
    "read_plans",
    "record_plan",
    "runs_of",
]
