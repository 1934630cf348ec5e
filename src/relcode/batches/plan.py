"""A plan: who codes which runs of turns in a batch, and why; and its place in the ledger.

A plan is one event, so that it is there wholly or not at all, and it is written before anything is pushed. A batch is
planned once: what coders have begun is not dealt out anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from relcode.batches.runs import Place, Run
from relcode.errors import LedgerError
from relcode.ledger import CODE, Ledger, NewEvent

ACTOR = "relcode batch"


class Assignment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A run of turns (both ends included) for one coder.

    `page` of `pages`: its place in the session. `shown`: with suggestions, where there are any. `probability`: how likely
    this run was to come into the batch out of what could be drawn (0 to 1); None where it was chosen and nobody said how
    likely that was. `recode_of`: the page that is given again.
    """

    coder: str
    session_id: str
    session_sha256: str
    first_turn: int
    last_turn: int
    page: int
    pages: int
    role: str = CODE
    shown: bool = True
    probability: float | None = None
    recode_of: str | None = None

    @classmethod
    def of_run(cls, coder: str, run: Run, **further: Any) -> Assignment:
        """A run for a coder."""
        place = (run.session_id, run.session_sha256, run.first_turn, run.last_turn, run.number, run.of)
        return cls(coder, *place, **further)

    @property
    def place(self) -> Place:
        return (self.session_id, self.first_turn, self.last_turn)


class Plan(msgspec.Struct, frozen=True):
    """A batch: its coders, and their assignments in the order in which each coder gets them.

    `arguments`: what was asked for, to tell a repeated call from another one. `notes`: what could not be done as asked.
    """

    batch: str
    coders: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    unit: str = "session"
    arguments: dict[str, Any] = {}
    notes: tuple[str, ...] = ()

    def of(self, coder: str, role: str | None = None) -> list[Assignment]:
        """The assignments of one coder (of one role), in order."""
        return [each for each in self.assignments if each.coder == coder and (role is None or each.role == role)]

    def __repr__(self) -> str:
        return f"Plan({self.batch!r}, {len(self.coders)} coders, {len(self.assignments)} assignments)"


def record_plan(ledger: Ledger, plan: Plan, *, after: int | None = None) -> None:
    """Write a plan into the ledger.

    Parameters
    ----------
    after
        Number of the last event that the plan was made by.

    Raises
    ------
    LedgerMoved
        The ledger has grown beyond `after`; nothing was written.
    """
    ledger.append([NewEvent("plan", ACTOR, msgspec.to_builtins(plan))], after=after)


def read_plans(ledger: Ledger) -> dict[str, Plan]:
    """The plans of a ledger by batch, in the order in which they were made.

    Raises
    ------
    LedgerError
        An event holds no plan.
    """
    plans: dict[str, Plan] = {}
    for event in ledger.events("plan"):
        try:
            plan = msgspec.convert(event.payload, Plan)
        except msgspec.ValidationError as error:
            raise LedgerError(
                f"Event {event.seq} (plan) of the ledger is none that this relcode reads. Run `relcode ledger verify`."
            ) from error
        plans.setdefault(plan.batch, plan)
    return plans


def find_plan(ledger: Ledger, batch: str) -> Plan | None:
    """The plan of a batch, None where it has none."""
    return read_plans(ledger).get(batch)


def coders_by_place(assignments: Iterable[Assignment]) -> dict[Place, tuple[str, ...]]:
    """Who is to code each run: the coders of the assignments with role `code`, sorted."""
    found: dict[Place, set[str]] = {}
    for each in assignments:
        if each.role == CODE:
            found.setdefault(each.place, set()).add(each.coder)
    return {place: tuple(sorted(coders)) for place, coders in found.items()}
