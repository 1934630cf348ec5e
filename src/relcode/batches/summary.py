"""What a plan comes to, in numbers; and how far each batch has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import msgspec

from relcode.batches.past import turns_given
from relcode.batches.plan import Assignment, Plan, coders_by_place, read_plans
from relcode.batches.runs import runs_of
from relcode.ledger import CALIBRATION, CODE, CONSENSUS, RECODE, Ledger
from relcode.records import Session


class CoderSummary(msgspec.Struct, frozen=True):
    """What one coder gets. `double`: pages that another codes too; `blind`: pages to be coded without suggestions."""

    coder: str
    sessions: int
    pages: int
    turns: int
    double: int
    blind: int
    recodes: int
    calibration: int


class PairSummary(msgspec.Struct, frozen=True):
    """What two coders have in common. `one_blind`: pages that one codes with suggestions and the other without."""

    coders: tuple[str, str]
    units: int
    pages: int
    one_blind: int


class PlanSummary(msgspec.Struct, frozen=True):
    """A plan in numbers. `left_sessions`, `left_turns`: sessions with turns that are in no batch, and these turns."""

    batch: str
    unit: str
    units: int
    double_units: int
    coders: list[CoderSummary]
    pairs: list[PairSummary]
    left_sessions: int
    left_turns: int
    notes: list[str]


class BatchState(msgspec.Struct, frozen=True):
    """How far one coder has come in a batch, in pages of any role. `planned`: None where the batch has no plan."""

    batch: str
    coder: str
    planned: int | None
    pushed: int
    confirmed: int


def summarise(plan: Plan, ledger: Ledger, sessions: Iterable[Session]) -> PlanSummary:
    """Count what a plan comes to, and what of `sessions` is in no batch then."""
    code = [each for each in plan.assignments if each.role == CODE]
    coders = coders_by_place(code)
    units: dict[tuple[Any, ...], tuple[str, ...]] = {}
    for place, of in coders.items():
        units[place if plan.unit == "page" else place[:1]] = of
    given = turns_given(ledger)
    for each in code:
        given.setdefault((each.session_id, each.session_sha256), set()).update(_turns(each))
    left = [count for session in sessions if (count := _left(session, given))]
    return PlanSummary(
        plan.batch,
        plan.unit,
        len(units),
        sum(len(of) > 1 for of in units.values()),
        [_of_coder(plan, coder, coders) for coder in plan.coders],
        _pairs(plan, code, units),
        len(left),
        sum(left),
        list(plan.notes),
    )


def batch_states(ledger: Ledger) -> list[BatchState]:
    """How far every batch has come: a row a batch and coder, in the order in which they were planned or pushed."""
    planned = Counter((plan.batch, each.coder) for plan in read_plans(ledger).values() for each in plan.assignments)
    entries = [entry for entry in ledger.pages(role=None) if entry["coder"] != CONSENSUS]
    ticked = {coder: ledger.confirmed_pages(coder) for coder in {entry["coder"] for entry in entries}}
    pushed = Counter((entry["batch"], entry["coder"]) for entry in entries)
    confirmed = Counter(
        (entry["batch"], entry["coder"]) for entry in entries if entry["page"] in ticked[entry["coder"]]
    )
    with_plan = {batch for batch, _ in planned}
    return [
        BatchState(batch, coder, planned[batch, coder] if batch in with_plan else None, pushed[key], confirmed[key])
        for key in dict.fromkeys([*planned, *pushed])
        for batch, coder in [key]
    ]


def _of_coder(plan: Plan, coder: str, coders: dict[Any, tuple[str, ...]]) -> CoderSummary:
    own = plan.of(coder, CODE)
    return CoderSummary(
        coder,
        len({each.session_id for each in own}),
        len(own),
        sum(len(_turns(each)) for each in own),
        sum(len(coders[each.place]) > 1 for each in own),
        sum(not each.shown for each in own),
        len(plan.of(coder, RECODE)),
        len(plan.of(coder, CALIBRATION)),
    )


def _pairs(plan: Plan, code: Sequence[Assignment], units: dict[Any, tuple[str, ...]]) -> list[PairSummary]:
    of_units = Counter(pair for of in units.values() for pair in combinations(of, 2))
    shown = {(each.coder, each.place): each.shown for each in code}
    pages: Counter[tuple[str, str]] = Counter()
    one_blind: Counter[tuple[str, str]] = Counter()
    for place, of in coders_by_place(code).items():
        for pair in combinations(of, 2):
            pages[pair] += 1
            one_blind[pair] += shown[pair[0], place] != shown[pair[1], place]
    return [PairSummary(pair, of_units[pair], pages[pair], one_blind[pair]) for pair in combinations(plan.coders, 2)]


def _left(session: Session, given: dict[tuple[str, str], set[int]]) -> int:
    """How many turns of a session are in no batch."""
    runs = runs_of(session)
    if not runs:
        return 0
    taken = given.get((session.session_id, runs[0].session_sha256), set())
    return sum(turn.turn not in taken for turn in session.turns)


def _turns(assignment: Assignment) -> range:
    return range(assignment.first_turn, assignment.last_turn + 1)
