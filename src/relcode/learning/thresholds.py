"""From which probability a code holds, or is offered to coders, chosen on turns that the fit did not see.

Three rules: where F1 is highest; as low as a wished precision allows; or so that as many turns are held as bear the code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import msgspec
import numpy as np

from relcode.codebook import Codebook
from relcode.cues.suggest import ordinary_modes
from relcode.errors import UsageError
from relcode.transcripts.tokens import Bools, Floats, TokenTable

OFFERS_RIGHT = 0.5
LEAST_HITS = 3
PRECISE_HITS = 10
LOWEST, HIGHEST = 0.05, 0.95
NEVER = float("inf")


class ThresholdRule(msgspec.Struct, frozen=True):
    """How thresholds are chosen: for `f1`, for a wished `precision` (above 0, below 1), or for the right `rate`."""

    kind: Literal["f1", "precision", "rate"] = "f1"
    precision: float | None = None

    @classmethod
    def parse(cls, text: str) -> ThresholdRule:
        """Read `f1`, `rate` or `precision=0.8`.

        Raises
        ------
        UsageError
            It is none of these.
        """
        if text == "f1":
            return cls("f1")
        if text == "rate":
            return cls("rate")
        name, _, number = text.partition("=")
        try:
            wished = float(number) if name == "precision" else 0.0
        except ValueError:
            wished = 0.0
        if not 0 < wished < 1:
            raise UsageError(
                f"--threshold {text}: expected f1, rate, or precision= with a number above 0 and below 1, as "
                "precision=0.8."
            )
        return cls("precision", wished)

    def __str__(self) -> str:
        return self.kind if self.precision is None else f"{self.kind}={self.precision:g}"


F1 = ThresholdRule()


@dataclass(frozen=True, repr=False)
class _Ranked:
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
    def of(cls, probability: Floats, truth: Bools) -> _Ranked:
        order = np.argsort(-probability, kind="stable")
        ranked = probability[order]
        ends = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True)) if len(ranked) else np.zeros(0, dtype=np.intp)
        below = np.append(ranked, 0.0)[ends + 1]
        offered, hits = (ends + 1).astype(np.float64), np.cumsum(truth[order])[ends].astype(np.float64)
        return cls(ranked[ends], np.maximum(below, 0.0), offered, hits, int(truth.sum()))

    def between(self, cut: int) -> float:
        """The threshold of a cut: midway between the turns on its sides."""
        return float((self.at[cut] + self.below[cut]) / 2)


_Chooser = Callable[[_Ranked, float], float]


def choose_offers(
    codebook: Codebook, table: TokenTable, probability: Floats, marks: Bools, *, rows: Bools | None = None
) -> Floats:
    """As `choose_thresholds` for F1, for what is offered to coders: half of it has to be right."""
    return _choose(codebook, table, probability, marks, rows, partial(_highest_f1, least_precision=OFFERS_RIGHT))


def choose_thresholds(
    codebook: Codebook,
    table: TokenTable,
    probability: Floats,
    marks: Bools,
    *,
    rows: Bools | None = None,
    rule: ThresholdRule = F1,
) -> Floats:
    """By code, the probability from which it holds, chosen on turns; ordinary modes where no relational code holds.

    Parameters
    ----------
    probability
        Axes (segment, code), of segments that the fit did not see.
    rows
        The segments that count (axis: segment); all by default.

    Returns
    -------
    By rule,

    - `f1`: the threshold from `LOWEST` to `HIGHEST` with the highest F1 over turns among those that hit three turns; where
      there is none, the code's own `offer_at`;
    - `precision`: the lowest threshold at which so large a share of the turns that it holds is right, with `PRECISE_HITS`
      hits or more; where there is none, `NEVER`: the code is not offered at all;
    - `rate`: the threshold at which as many turns hold as bear the code (as near as ties allow); `NEVER` where none does.
    """
    choosers: dict[str, _Chooser] = {
        "f1": _highest_f1,
        "precision": partial(_precise, wished=rule.precision or 0.0),
        "rate": _right_rate,
    }
    return _choose(codebook, table, probability, marks, rows, choosers[rule.kind])


def never_offered(codes: Sequence[str], thresholds: Floats, rule: ThresholdRule) -> dict[str, str]:
    """Why each code whose threshold is `NEVER` is not offered, for the model's card: code -> reason."""
    if rule.kind == "precision":
        reason = f"never offered: a precision of {rule.precision:g} is not reached with {PRECISE_HITS} hits"
    else:
        reason = "never offered: no turn bears it"
    return {code: reason for code, at in zip(codes, thresholds, strict=True) if at == NEVER}


def _choose(
    codebook: Codebook, table: TokenTable, probability: Floats, marks: Bools, rows: Bools | None, chooser: _Chooser
) -> Floats:
    chosen = np.ones(len(probability), dtype=np.bool_) if rows is None else rows
    turns = np.unique(table.segment_turn[chosen])
    truth = np.zeros((len(table.turn_session), probability.shape[1]), dtype=np.bool_)
    np.logical_or.at(truth, table.segment_turn, marks & chosen[:, None])
    offers = np.array([code.offer_at for code in codebook.codes])
    shown = np.where(chosen[:, None], probability, 0.0)
    others = [number for number, code in enumerate(codebook.codes) if not code.mode]
    for columns, relational in [(others, []), *ordinary_modes(codebook)]:
        # an ordinary mode is offered only where no relational code is, so those come first
        taken: Bools = np.asarray((shown[:, relational] >= offers[relational]).any(axis=1))
        by_turn = np.zeros((len(truth), len(columns)))
        np.maximum.at(by_turn, table.segment_turn, shown[:, columns] * ~taken[:, None])
        for place, number in enumerate(columns):
            ranked = _Ranked.of(by_turn[turns, place], truth[turns, number])
            offers[number] = chooser(ranked, float(offers[number]))
    return offers


def _highest_f1(ranked: _Ranked, otherwise: float, least_precision: float = 0.0) -> float:
    fit = (ranked.hits >= least_precision * ranked.offered) & (ranked.hits >= LEAST_HITS)
    fit &= (ranked.at >= LOWEST) & (ranked.at <= HIGHEST)
    if not fit.any():
        return otherwise
    return ranked.between(int(np.where(fit, 2 * ranked.hits / (ranked.offered + ranked.positives), -1.0).argmax()))


def _precise(ranked: _Ranked, otherwise: float, wished: float) -> float:
    fit = (ranked.hits >= wished * ranked.offered) & (ranked.hits >= PRECISE_HITS) & (ranked.at > 0)
    return ranked.between(int(np.flatnonzero(fit)[-1])) if fit.any() else NEVER


def _right_rate(ranked: _Ranked, otherwise: float) -> float:
    possible = ranked.at > 0
    if not ranked.positives or not possible.any():
        return NEVER
    return ranked.between(int(np.where(possible, np.abs(ranked.offered - ranked.positives), np.inf).argmin()))
