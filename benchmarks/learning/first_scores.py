"""A linear classifier that keeps what its first step said, and what became of scores: shared by benchmarks of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from four_authors import FourAuthors
from sklearn.metrics import average_precision_score

from relcode.cues import decide
from relcode.learning.calibration import calibrate, calibrated
from relcode.learning.evaluate import drawn_counts, f1_of, mean_of_defined, session_counts
from relcode.learning.folds import learnable
from relcode.learning.linear import LinearClassifier
from relcode.learning.segments import Rows, Segments, allowed_codes
from relcode.learning.sequence import fit_sequence, move_scores
from relcode.learning.thresholds import choose_thresholds
from relcode.learning.turns import by_turn, by_turn_highest
from relcode.transcripts.tokens import Bools, Floats

LEAST = 20


class Said(NamedTuple):
    """What the first step said of rows: scores of segments (segment, code) and of their turns (turn, code)."""

    segments: Floats
    turns: Floats


class Watched(LinearClassifier):
    """`said_`: of the rows that were asked about last. After `fit` these are the rows learned from, each scored by a fit
    that saw none of its dyad."""

    def _seen(self, X: Segments, scores: Floats, turn_scores: Floats) -> Floats:
        self.said_ = Said(scores, turn_scores)
        return super()._seen(X, scores, turn_scores)

    def held_out(self, X: Segments, y: Bools) -> Floats:
        """Scores after the second step of the rows just learned from, both steps learned without their dyad, axes (segment,
        code). The other dyads' first scores come from fits that saw it: what leaks are six numbers a code."""
        seen, allowed = self._seen(X, *self.said_), allowed_codes(X, self.codebook)
        scores = np.zeros(y.shape)
        for train, test in self._folds(X):
            step = fit_sequence(seen[train], y[train].astype(np.float64), allowed[train])
            scores[test] = move_scores(seen[test], *step)
        return scores


class Outcome(NamedTuple):
    """Of all segments, axes (segment, code); rows that were not tested hold nothing and have the lowest score."""

    held: Bools
    scores: Floats

    @classmethod
    def empty(cls, data: FourAuthors) -> Outcome:
        return cls(np.zeros(data.marks.shape, dtype=np.bool_), np.full(data.marks.shape, -np.inf))


def judge(data: FourAuthors, outcome: Outcome, known: Rows, unseen: Floats, test: Rows, scores: Floats) -> None:
    """Calibrate and choose thresholds by scores of the known rows, out of fold, and fill in the tested ones."""
    marks, allowed = data.marks[known], data.allowed[known]
    learned = learnable(marks, allowed, data.segments.dyads[known])
    slopes, offsets = calibrate(unseen, marks, allowed, learned)
    every = np.zeros(data.marks.shape)
    every[known], every[test] = unseen, scores
    probability = calibrated(every, slopes, offsets, cues=data.cues, allowed=data.allowed, learned=learned)
    rows = np.zeros(len(every), dtype=np.bool_)
    rows[known] = True
    thresholds = choose_thresholds(data.book, data.table, probability, data.marks, rows=rows)
    outcome.held[test] = decide(data.book, probability[test], thresholds)
    outcome.scores[test] = np.where(data.allowed[test], scores, -np.inf)


def print_outcomes(data: FourAuthors, outcomes: dict[str, Outcome], tested: Bools, against: str) -> None:
    """Macro-F1 and mean average precision by turn of the tested segments, over codes that 20 or more of their turns bear.

    Beside each macro-F1 the difference to one of them, with its 95 % interval over sessions drawn with replacement.
    """
    turns = np.unique(data.table.segment_turn[tested])
    names, session = np.unique(data.table.turn_session[turns], return_inverse=True)
    truth = by_turn(data.table, data.marks)[turns]
    often = truth.sum(axis=0) >= LEAST
    counts = {
        name: session_counts(session, len(names), by_turn(data.table, each.held)[turns], truth)[:, :, often]
        for name, each in outcomes.items()
    }
    draws = {name: mean_of_defined(f1_of(drawn_counts(each, seed=0))) for name, each in counts.items()}
    print(f"{len(names)} sessions, {often.sum()} codes on {LEAST} or more turns; differences are to: {against}")
    print("                                  macro-F1  difference (95 %)        mean average precision")
    for name, outcome in outcomes.items():
        f1 = np.nan_to_num(f1_of(counts[name].sum(axis=1))).mean()
        other = np.nan_to_num(f1_of(counts[against].sum(axis=1))).mean()
        low, high = np.nanquantile(draws[name] - draws[against], [0.025, 0.975])
        precision = _average_precision(data, outcome, truth, turns, often)
        print(f"{name:33} {f1:8.3f}  {f1 - other:+.3f} ({low:+.3f}, {high:+.3f})  {precision:12.3f}", flush=True)


def _average_precision(data: FourAuthors, outcome: Outcome, truth: Bools, turns: Rows, often: Bools) -> float:
    """Each author by itself, since scores of different models are not comparable; the mean weighted by turns that bear the
    code."""
    author = np.zeros(len(data.table.turn_session), dtype=np.intp)
    author[data.table.segment_turn] = data.author
    highest = by_turn_highest(data.table, np.exp(np.minimum(outcome.scores, 30.0)))[turns]
    found = np.zeros((4, often.sum()))
    weight = np.zeros_like(found)
    for number in np.unique(author[turns]):
        rows = author[turns] == number
        for place, code in enumerate(np.flatnonzero(often)):
            weight[number, place] = truth[rows, code].sum()
            if weight[number, place]:
                found[number, place] = average_precision_score(truth[rows, code], highest[rows, code])
    return float(((found * weight).sum(axis=0) / weight.sum(axis=0)).mean())


def kept_arrays(folder: Path | None, name: str) -> dict[str, np.ndarray] | None:
    """What was computed before, if a folder for it was named and it is there."""
    path = None if folder is None else folder / f"{name}.npz"
    return dict(np.load(path)) if path and path.is_file() else None


def keep_arrays(folder: Path | None, name: str, arrays: dict[str, np.ndarray]) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / f"{name}.npz", **arrays)
