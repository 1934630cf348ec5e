"""The units of a batch: sessions or pages, drawn or chosen from what no earlier batch had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

import msgspec

from relcode.batches.design import Chosen, Design
from relcode.batches.draw import Strata, draw_evenly
from relcode.batches.past import Given
from relcode.batches.runs import Run, runs_of
from relcode.records import Session


class Unit(msgspec.Struct, frozen=True):
    """What is dealt out as a whole: the runs of a session, or one run. `strata`: therapist, dyad, session."""

    runs: tuple[Run, ...]
    strata: Strata
    probability: float | None = 1.0

    @property
    def session_id(self) -> str:
        return self.runs[0].session_id

    @property
    def turns(self) -> int:
        return sum(run.turns for run in self.runs)

    def holds(self, turn: int) -> bool:
        """Whether a turn is in it."""
        return any(run.first_turn <= turn <= run.last_turn for run in self.runs)


def strata_of(session: Session) -> Strata:
    """Therapist and dyad, so that a draw stands for all of them."""
    return (session.therapist or "", session.dyad, session.session_id)


def units_of(session: Session, unit: str) -> list[Unit]:
    """A session as one unit, or as one of each page."""
    runs = runs_of(session)
    if not runs:
        return []
    groups = [tuple(runs)] if unit == "session" else [(run,) for run in runs]
    return [Unit(group, strata_of(session)) for group in groups]


def left_units(sessions: Sequence[Session], design: Design, given: Given) -> list[Unit]:
    """The units of which no turn was given out before; with `again`, all."""
    return [
        unit
        for session in sessions
        if session.session_id not in design.calibration
        for unit in units_of(session, design.unit)
        if design.again or not any(map(unit.holds, given.get((unit.session_id, unit.runs[0].session_sha256), ())))
    ]


def draw_units(units: Sequence[Unit], design: Design, drawn: Random) -> list[Unit]:
    """Draw sessions, then pages, as many as the design says; each unit learns how likely it was to be drawn."""
    kept = list(units)
    if design.sessions is not None:
        found = list({unit.session_id: unit for unit in kept}.values())
        names = {unit.session_id for unit in draw_evenly(found, design.sessions, _dyad, drawn)}
        share = design.sessions / len(found) if found else 1.0
        kept = [_scaled(unit, share) for unit in kept if unit.session_id in names]
    if design.pages is not None:
        share = design.pages / len(kept) if kept else 1.0
        kept = [_scaled(unit, share) for unit in draw_evenly(kept, design.pages, lambda unit: unit.strata, drawn)]
    return kept


def draw_faults(units: Sequence[Unit], design: Design, given: Given) -> Iterator[str]:
    """Whether there is as much left as is to be drawn. `given`: what earlier batches had."""
    sessions = len({unit.session_id for unit in units})
    hint = "; --again takes also what earlier batches had" if given and not design.again else ""
    if design.sessions is not None and design.sessions > sessions:
        yield f"--sessions {design.sessions}: only {sessions} session(s) are left to be coded{hint}"
    elif design.pages is not None and design.pages > len(units):
        yield f"--pages {design.pages}: only {len(units)} page(s) are left to be coded{hint}"


def chosen_units(units: Sequence[Unit], chosen: Sequence[Chosen]) -> list[Unit]:
    """The units that were chosen; a turn chooses the unit that holds it. Of several probabilities the highest counts."""
    by_session = _by_session(units)
    found: dict[int, Unit] = {}
    for choice in chosen:
        for at, unit in by_session.get(choice.session_id, ()):
            if choice.turn is None or unit.holds(choice.turn):
                known = (choice.probability, found[at].probability if at in found else None)
                likely = max((value for value in known if value is not None), default=None)
                found[at] = msgspec.structs.replace(unit, probability=likely)
    return [found[at] for at in sorted(found)]


def chosen_faults(sessions: Mapping[str, Session], units: Sequence[Unit], chosen: Sequence[Chosen]) -> Iterator[str]:
    """What of a choice cannot be had, a line each."""
    by_session = _by_session(units)
    for session_id, turn in dict.fromkeys((each.session_id, each.turn) for each in chosen):
        where = f"session {session_id}" + ("" if turn is None else f", turn {turn}")
        session = sessions.get(session_id)
        left = [unit for _, unit in by_session.get(session_id, ()) if turn is None or unit.holds(turn)]
        if session is None:
            yield f"--chosen: {where} is not among the transcripts"
        elif turn is not None and all(each.turn != turn for each in session.turns):
            yield f"--chosen: {where} does not exist"
        elif not left:
            yield f"--chosen: {where} is in an earlier batch; --again takes it nevertheless"


def _by_session(units: Sequence[Unit]) -> dict[str, list[tuple[int, Unit]]]:
    found: dict[str, list[tuple[int, Unit]]] = {}
    for at, unit in enumerate(units):
        found.setdefault(unit.session_id, []).append((at, unit))
    return found


def _dyad(unit: Unit) -> Strata:
    return unit.strata[:-1]


def _scaled(unit: Unit, share: float) -> Unit:
    return msgspec.structs.replace(unit, probability=(unit.probability or 1.0) * share)
