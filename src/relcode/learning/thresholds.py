"""From which probability a code holds, or is offered to coders: where F1 over turns is highest.

What is offered to coders has to be right in half of the cases as well.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from relcode.codebook import Codebook
from relcode.cues.suggest import ordinary_modes
from relcode.transcripts.tokens import Bools, Floats, TokenTable

OFFERS_RIGHT = 0.5
LEAST_HITS = 3
LOWEST, HIGHEST = 0.05, 0.95


def choose_offers(
    codebook: Codebook, table: TokenTable, probability: Floats, marks: Bools, *, rows: Bools | None = None
) -> Floats:
    """As `choose_thresholds`, for what is offered to coders: half of it has to be right."""
    return choose_thresholds(codebook, table, probability, marks, rows=rows, least_precision=OFFERS_RIGHT)


def choose_thresholds(
    codebook: Codebook,
    table: TokenTable,
    probability: Floats,
    marks: Bools,
    *,
    rows: Bools | None = None,
    least_precision: float = 0.0,
) -> Floats:
    """By code, the probability from which it holds, chosen on turns; ordinary modes where no relational code holds.

    Parameters
    ----------
    probability
        Axes (segment, code), of segments that the fit did not see.
    rows
        The segments that count (axis: segment); all by default.
    least_precision
        The share (0 to 1) of the turns with the code that have to be right.

    Returns
    -------
    The threshold with the highest F1 over turns among those that are precise enough and hit three turns; where there is
    none, the code's own `offer_at`.
    """
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
            offers[number] = _choose(
                by_turn[turns, place], truth[turns, number], float(offers[number]), least_precision
            )
    return offers


def _choose(probability: Floats, truth: Bools, otherwise: float, least_precision: float) -> float:
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    hits = np.cumsum(truth[order])
    offered = np.arange(1, len(order) + 1)
    ends: npt.NDArray[np.bool_] = np.append(ranked[1:] < ranked[:-1], True)  # ties are offered together
    fit = ends & (hits >= least_precision * offered) & (hits >= LEAST_HITS) & (ranked >= LOWEST) & (ranked <= HIGHEST)
    if not fit.any():
        return otherwise
    f1 = np.where(fit, 2 * hits / (offered + truth.sum()), -1.0)
    best = int(f1.argmax())
    below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float((ranked[best] + max(below, 0.0)) / 2)
