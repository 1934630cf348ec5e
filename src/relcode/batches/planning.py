"""Planning a batch: units are drawn, dealt to the coders, made blind in part, and put into an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import msgspec

from relcode.batches.blind import Slot, draw_blind
from relcode.batches.deal import deal
from relcode.batches.design import Design, design_faults
from relcode.batches.draw import draw_evenly, share_of
from relcode.batches.extra import calibration, calibration_faults, recodes
from relcode.batches.past import turns_given
from relcode.batches.plan import Assignment, Plan, coders_by_place, find_plan, record_plan
from relcode.batches.units import Unit, chosen_faults, chosen_units, draw_faults, draw_units, left_units, strata_of
from relcode.errors import UsageError
from relcode.ledger import Ledger, LedgerMoved
from relcode.provenance import hash_session
from relcode.records import Session

_ATTEMPTS = 20


def make_batch(
    ledger: Ledger, sessions: Sequence[Session], coders: Sequence[str], design: Design, *, name: str
) -> tuple[Plan, bool]:
    """Plan a batch and record the plan; a batch planned before with the same design stays as it is.

    Returns
    -------
    plan, new
        The plan that stands in the ledger, and whether it was made now.

    Raises
    ------
    UsageError
        As `plan_batch`, or the batch was planned otherwise.
    """
    for _ in range(_ATTEMPTS):
        seq, _ = ledger.head()
        if (known := known_plan(ledger, coders, design, name=name)) is not None:
            return known, False
        plan = plan_batch(ledger, sessions, coders, design, name=name)
        try:
            record_plan(ledger, plan, after=seq)
        except LedgerMoved:
            continue
        return plan, True
    raise LedgerMoved(f"Others write to the ledger {ledger.name} all the time; nothing was planned. Repeat.")


def known_plan(ledger: Ledger, coders: Sequence[str], design: Design, *, name: str) -> Plan | None:
    """The plan of a batch that was planned with this very design; None where it was not planned.

    Raises
    ------
    UsageError
        It was planned otherwise.
    """
    known = find_plan(ledger, name)
    if known is None:
        return None
    old, new = {"coders": list(known.coders), **known.arguments}, {"coders": sorted(coders), **design.arguments()}
    if changed := [key.replace("_", "-") for key in new if new[key] != old.get(key)]:
        raise UsageError(
            f"Batch {name!r} was planned before, with other values for: {', '.join(changed)}. A batch is planned once; "
            "plan what is to be added under a new name, such as "
            f"`relcode batch {name}-2`: it takes what no earlier batch had."
        )
    return known


def plan_batch(
    ledger: Ledger,
    sessions: Sequence[Session],
    coders: Sequence[str],
    design: Design,
    *,
    name: str,
    now: datetime | None = None,
) -> Plan:
    """Say who codes what in a batch; nothing is recorded.

    The same ledger, sessions, design and coders give the same plan, in whatever order they are named.

    Parameters
    ----------
    ledger
        Tells what earlier batches had, what each coder has confirmed, and which sessions have accepted labels.
    sessions
        What can be drawn from, and the texts of pages to be coded again.
    now
        The time from which `recode_gap_days` counts back.

    Raises
    ------
    UsageError
        Everything that is wrong with the call or that cannot be had.
    """
    faults = design_faults(design, coders, name)
    if not faults and not find_plan(ledger, name) and ledger.pages(batch=name, role=None):
        faults.append(f"pages of batch {name!r} were pushed without a plan; choose another name")
    by_id = {session.session_id: session for session in sorted(sessions, key=lambda session: session.session_id)}
    given = turns_given(ledger)
    units = left_units(list(by_id.values()), design, given)
    faults += calibration_faults(ledger, by_id, design)
    faults += draw_faults(units, design, given)
    faults += chosen_faults(by_id, units, design.chosen or ())
    if not faults and not units and not design.calibration:
        faults.append("nothing is left to be coded: every session is in an earlier batch; --again takes them again")
    if faults:
        raise UsageError("\n  - ".join([f"Batch {name!r} cannot be planned:", *faults]))
    return _Planner(ledger, by_id, sorted(coders), design, name, now or datetime.now(UTC)).plan(units)


@dataclass(frozen=True)
class _Planner:
    """The steps of one plan, which share what they are given."""

    ledger: Ledger
    sessions: dict[str, Session]
    coders: list[str]
    design: Design
    name: str
    now: datetime

    def plan(self, left: Sequence[Unit]) -> Plan:
        chosen = self.design.chosen
        units = draw_units(left, self.design, self._random("units")) if chosen is None else chosen_units(left, chosen)
        code = self._blinded(self._dealt(units))
        added, notes = calibration(
            self.ledger, self.sessions, code, self.coders, design=self.design, drawn=self._random("calibration")
        )
        texts = {(session.session_id, hash_session(session)) for session in self.sessions.values()}
        for number, coder in enumerate(self.coders):
            again, more = recodes(
                self.ledger, self.sessions, [each for each in code if each.coder == coder], coder,
                texts=texts, design=self.design, now=self.now, drawn=self._random(f"recodes {number}"),
            )  # fmt: skip
            added, notes = added + again, notes + more
        ordered = [
            each
            for number, coder in enumerate(self.coders)
            for each in in_order(
                [one for one in [*code, *added] if one.coder == coder], self._random(f"order {number}")
            )
        ]
        arguments = self.design.arguments()
        return Plan(self.name, tuple(self.coders), tuple(ordered), self.design.unit, arguments, tuple(notes))

    def _random(self, what: str) -> Random:
        return Random(f"{self.design.seed}/{self.name}/{what}")

    def _dealt(self, units: Sequence[Unit]) -> list[Assignment]:
        share = self.design.doubled(len(self.coders))
        drawn = self._random("double")
        positions = draw_evenly(range(len(units)), share_of(share, len(units)), lambda at: units[at].strata, drawn)
        wanted = [self.design.coders_a_unit] * len(units)
        for at in positions:
            wanted[at] += 1
        dealt = deal([unit.turns for unit in units], wanted, len(self.coders), self._random("deal"))
        return [
            Assignment.of_run(self.coders[coder], run, probability=unit.probability)
            for unit, chosen in zip(units, dealt, strict=True)
            for coder in chosen
            for run in unit.runs
        ]

    def _blinded(self, code: Sequence[Assignment]) -> list[Assignment]:
        coders = coders_by_place(code)
        slots = [
            Slot(each.coder, each.place, strata_of(self.sessions[each.session_id]), len(coders[each.place]))
            for each in code
        ]
        blind = draw_blind(slots, self.design.blind_share, self._random("blind"))
        return [msgspec.structs.replace(each, shown=(each.coder, each.place) not in blind) for each in code]


def in_order(assignments: Sequence[Assignment], drawn: Random) -> list[Assignment]:
    """A coder's pages in the order in which they come: sessions at random, the pages of a session as they follow.

    Pages of a session that have another role (re-codes, calibration) come by themselves, at a place of their own.
    """
    blocks: dict[tuple[str, str], list[Assignment]] = {}
    for each in sorted(assignments, key=lambda each: (each.role, each.place)):
        blocks.setdefault((each.role, each.session_id), []).append(each)
    order = list(blocks.values())
    drawn.shuffle(order)
    return [each for block in order for each in block]
