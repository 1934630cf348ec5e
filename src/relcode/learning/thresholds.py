"""From which probability a code holds, or is offered to coders, chosen on turns that the fit did not see.

Three rules: where F1 is highest; as low as a wished precision allows; or so that as many turns are held as bear the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import msgspec
import numpy as np

from relcode.codebook import Codebook
from relcode.errors import UsageError
from relcode.learning.ranked_turns import HeldOut, RankedTurns
from relcode.transcripts.tokens import Bools, Floats, TokenTable

OFFERS_RIGHT = 0.5
LEAST_HITS = 3
PRECISE_HITS = 10
LOWEST, HIGHEST = 0.05, 0.95
ROUNDS = 6
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


def choose_offers(
    codebook: Codebook, table: TokenTable, probability: Floats, marks: Bools, *, rows: Bools | None = None
) -> Floats:
    """As `choose_thresholds` for F1, for what is offered to coders: half of it has to be right."""
    held = _held(codebook, table, probability, marks, rows)
    return held.choose(lambda code, ranked: _highest_f1(ranked, float(held.own[code]), least_precision=OFFERS_RIGHT))


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
    - `rate`: the threshold at which as many turns hold as bear the code, after all rules, as near as ties allow; `NEVER` where
      none does.
    """
    held = _held(codebook, table, probability, marks, rows)
    if rule.kind == "rate":
        return _right_rates(held)
    if rule.precision is not None:
        return held.choose(lambda code, ranked: _precise(ranked, rule.precision or 0.0))
    return held.choose(lambda code, ranked: _highest_f1(ranked, float(held.own[code])))


def never_offered(codes: Sequence[str], thresholds: Floats, rule: ThresholdRule) -> dict[str, str]:
    """Why each code whose threshold is `NEVER` is not offered, for the model's card: code -> reason."""
    if rule.kind == "precision":
        reason = f"never offered: a precision of {rule.precision:g} is not reached with {PRECISE_HITS} hits"
    else:
        reason = "never offered: no turn bears it"
    return {code: reason for code, at in zip(codes, thresholds, strict=True) if at == NEVER}


def _held(codebook: Codebook, table: TokenTable, probability: Floats, marks: Bools, rows: Bools | None) -> HeldOut:
    return HeldOut(
        codebook, table, probability, marks, np.ones(len(probability), dtype=np.bool_) if rows is None else rows
    )


def _highest_f1(ranked: RankedTurns, otherwise: float, least_precision: float = 0.0) -> float:
    fit = (ranked.hits >= least_precision * ranked.offered) & (ranked.hits >= LEAST_HITS)
    fit &= (ranked.at >= LOWEST) & (ranked.at <= HIGHEST)
    if not fit.any():
        return otherwise
    return ranked.between(int(np.where(fit, 2 * ranked.hits / (ranked.offered + ranked.positives), -1.0).argmax()))


def _precise(ranked: RankedTurns, wished: float) -> float:
    fit = (ranked.hits >= wished * ranked.offered) & (ranked.hits >= PRECISE_HITS) & (ranked.at > 0)
    return ranked.between(int(np.flatnonzero(fit)[-1])) if fit.any() else NEVER


def _right_rates(held: HeldOut) -> Floats:
    """Thresholds at which each code holds on as many turns as bear it.

    Precedence and the one ordinary mode take away some of what is above a threshold; as much is asked for anew.
    """
    true = held.truth.sum(axis=0).astype(np.float64)
    aims, best, least = true, held.own, np.inf
    for _ in range(ROUNDS):
        thresholds = held.choose(partial(_of_size, aims))
        missing = true - held.counts(thresholds)
        if np.abs(missing).sum() < least:
            best, least = thresholds, float(np.abs(missing).sum())
        aims = np.where(true > 0, np.maximum(aims + missing, 1), 0)
    return best


def _of_size(aims: Floats, code: int, ranked: RankedTurns) -> float:
    possible = ranked.at > 0
    if not aims[code] or not possible.any():
        return NEVER
    return ranked.between(int(np.where(possible, np.abs(ranked.offered - aims[code]), np.inf).argmin()))
