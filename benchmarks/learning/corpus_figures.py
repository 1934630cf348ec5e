"""Macro-F1 over turns with intervals over sessions, of all peers on the same turns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from relcode.learning.evaluate import drawn_counts, f1_of, mean_of_defined, session_counts
from relcode.learning.turns import by_turn
from relcode.resampling import expanded_interval
from relcode.transcripts.tokens import Bools, Floats, TokenTable

LEAST = (20, 10)  # turns that bear a code
REFERENCE = "linear"


class Figures:
    """What each peer holds (peer -> axes (segment, code)) against what was labelled, by turn."""

    def __init__(self, table: TokenTable, marks: Bools, held: Mapping[str, Bools], seed: int) -> None:
        truth = by_turn(table, marks)
        self.sessions = len(table.sessions)
        self.turns = truth.sum(axis=0)
        counts = {
            name: session_counts(table.turn_session, self.sessions, by_turn(table, each), truth)
            for name, each in held.items()
        }
        self.f1 = {name: f1_of(each.sum(axis=1)) for name, each in counts.items()}
        self.draws = {name: f1_of(drawn_counts(each, seed)) for name, each in counts.items()}

    @cached_property
    def often(self) -> dict[int, Bools]:
        return {least: self.turns >= least for least in LEAST}

    def mean(self, name: str, least: int) -> float:
        return float(self.f1[name][self.often[least]].mean())

    def macro(self, name: str, least: int) -> str:
        """Macro-F1 and its interval."""
        draws = self.draws[name][:, self.often[least]]
        return f"{self.mean(name, least):.3f} {_interval(draws, self.sessions, '.3f')}"

    def apart(self, name: str, least: int) -> str:
        """Macro-F1 minus the reference's, and the interval of the difference in the same drawn sessions."""
        if name == REFERENCE or REFERENCE not in self.f1:
            return ""
        often = self.often[least]
        difference = self.mean(name, least) - self.mean(REFERENCE, least)
        draws = self.draws[name][:, often] - self.draws[REFERENCE][:, often]
        return f"{difference:+.3f} {_interval(draws, self.sessions, '+.3f')}"

    def line(self, name: str) -> str:
        cells = [cell(name, least) for least in LEAST for cell in (self.macro, self.apart)]
        return f"{name:<12}" + "".join(f"{cell:>24}" for cell in cells)

    def heading(self) -> str:
        cells = [
            cell
            for least in LEAST
            for cell in (f"{least} turns or more: {self.often[least].sum()}", f"minus {REFERENCE}")
        ]
        return f"{'':12}" + "".join(f"{cell:>24}" for cell in cells)


def _interval(draws: Floats, sessions: int, form: str) -> str:
    low, high = expanded_interval(mean_of_defined(draws), sessions)
    return "[none]" if low is None else f"[{low:{form}}, {high:{form}}]"
