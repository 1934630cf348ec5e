"""Batches: who codes what. Plans stand in the ledger; `relcode push` sends what they say."""

from relcode.batches.coverage import Covered, coverage
from relcode.batches.design import Chosen, Design
from relcode.batches.left import pages_left
from relcode.batches.past import recoded_pairs, turns_confirmed
from relcode.batches.plan import Assignment, Plan, coders_by_place, find_plan, read_plans, record_plan
from relcode.batches.planning import known_plan, make_batch, plan_batch
from relcode.batches.runs import Run, runs_of

__all__ = [
    "Assignment",
    "Chosen",
    "Covered",
    "Design",
    "Plan",
    "Run",
    "coders_by_place",
    "coverage",
    "find_plan",
    "known_plan",
    "make_batch",
    "pages_left",
    "plan_batch",
    "read_plans",
    "recoded_pairs",
    "record_plan",
    "runs_of",
    "turns_confirmed",
]
