"""Turns of segments that no fit saw, ranked by probability: where each code can be cut, and what would be held then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from relcode.codebook import Codebook
from relcode.cues.suggest import decide, ordinary_modes
from relcode.learning.turns import by_turn, by_turn_highest
from relcode.transcripts.tokens import Bools, Floats, Ints, TokenTable


@dataclass(frozen=True, repr=False)
class RankedTurns:
    """Turns by falling probability, as the places where they can be cut: ties fall on one side together.

    `at`: the probability of the last turn above each cut; `below`: of the first beneath it, 0 after the last; `offered`,
    `hits`: turns above it, and how many of these bear the code; `positives`: how many turns bear it in all.
    """

    at: Floats
    below: Floats
    offered: Floats
    hits: Floats
    positives: int

    @classmethod
    def of(cls, probability: Floats, truth: Bools) -> RankedTurns:
        order = np.argsort(-probability, kind="stable")
        ranked = probability[order]
        ends = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True)) if len(ranked) else np.zeros(0, dtype=np.intp)
        below = np.append(ranked, 0.0)[ends + 1]
        offered, hits = (ends + 1).astype(np.float64), np.cumsum(truth[order])[ends].astype(np.float64)
        return cls(ranked[ends], np.maximum(below, 0.0), offered, hits, int(truth.sum()))

    def between(self, cut: int) -> float:
        """The threshold of a cut: midway between the turns on its sides."""
        return float((self.at[cut] + self.below[cut]) / 2)


Chooser = Callable[[int, RankedTurns], float]  # the code's column and its turns -> its threshold


@dataclass(frozen=True, repr=False)
class HeldOut:
    """Segments that no fit saw, with their labels: `probability`, `marks` (segment, code); `rows`: those that count."""

    codebook: Codebook
    table: TokenTable
    probability: Floats
    marks: Bools
    rows: Bools

    @cached_property
    def turns(self) -> Ints:
        return np.unique(self.table.segment_turn[self.rows])

    @cached_property
    def truth(self) -> Bools:
        """Axes (turn that counts, code)."""
        bearing: Bools = by_turn(self.table, self.marks & self.rows[:, None])[self.turns]
        return bearing

    @cached_property
    def shown(self) -> Floats:
        return np.where(self.rows[:, None], self.probability, 0.0)

    @cached_property
    def own(self) -> Floats:
        """The codes' own thresholds, as the codebook has them."""
        return np.array([code.offer_at for code in self.codebook.codes])

    def choose(self, chooser: Chooser) -> Floats:
        """The threshold of each code; an ordinary mode is judged only where no relational code holds: those come first."""
        offers = self.own.copy()
        others = [number for number, code in enumerate(self.codebook.codes) if not code.mode]
        for columns, relational in [(others, []), *ordinary_modes(self.codebook)]:
            taken: Bools = np.asarray((self.shown[:, relational] >= offers[relational]).any(axis=1))
            likely = by_turn_highest(self.table, self.shown[:, columns] * ~taken[:, None])[self.turns]
            for place, number in enumerate(columns):
                offers[number] = chooser(number, RankedTurns.of(likely[:, place], self.truth[:, number]))
        return offers

    def counts(self, thresholds: Floats) -> Floats:
        """By code, the turns that hold it at these thresholds, after precedence and the one ordinary mode."""
        holds = decide(self.codebook, self.shown, thresholds) & self.rows[:, None]
        counts: Floats = by_turn(self.table, holds).sum(axis=0).astype(np.float64)
        return counts
