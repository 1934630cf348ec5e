"""Probabilities and decisions on dyads that a model never saw, with calibration and thresholds that never saw them either.

Dyads are dealt into folds, and a dyad never stands on both sides. Of each fold in turn a model of the other folds is
judged. What it is calibrated with, and where its thresholds lie, comes

- *nested*: from models of these other folds less one, on that one. Nothing of the judged fold was seen anywhere. The model
  without the folds a and b serves twice, once when a is judged and once when b is, so that k folds need k models and
  k (k - 1) / 2 smaller ones;
- *quick*: from the models of the other rounds, on the other folds. These have seen the judged fold, by way of the models
  that scored it: k models, and figures a little too good (docs/statistics.md, *Figures of models*).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from relcode.codebook import Codebook
from relcode.cues import decide
from relcode.learning.calibration import calibrate, calibrated
from relcode.learning.segments import Rows
from relcode.transcripts.tokens import Bools, Floats, TokenTable

LEAST_FOLDS_NESTED = 3
LEAST_TO_CALIBRATE = 2


class Scores(NamedTuple):
    """Log-odds before calibration, axes (segment, code), and by code whether the model learned it."""

    log_odds: Floats
    learned: Bools


Score = Callable[[Rows, Rows], Scores]
"""Fit on some segments (rows of the table), and score others."""
Choose = Callable[[Floats, Bools], Floats]
"""By code a threshold, from probabilities with axes (segment, code) and the segments that count."""
Step = Callable[[str], None]


@dataclass(frozen=True, repr=False)
class Ground:
    """What models are made from and judged on.

    Attributes
    ----------
    marks, allowed
        Axes (segment, code): what was labelled; where the speaker rule lets a code stand.
    coded
        Axis segment: whether anybody coded it. What nobody coded neither teaches nor counts.
    cues
        Axes (segment, code): the cues' probabilities, which stand in for codes that were not learned.
    fold
        Axis segment: its fold, 0 to k - 1.
    """

    codebook: Codebook
    table: TokenTable
    marks: Bools
    allowed: Bools
    coded: Bools
    cues: Floats
    fold: Rows

    @property
    def folds(self) -> int:
        return int(self.fold.max()) + 1


@dataclass(frozen=True, repr=False)
class Judged:
    """Of each segment, by a model that never saw its dyad: probability and decision, axes (segment, code); and in how many
    folds each code was learned (by code)."""

    probability: Floats
    held: Bools
    learned_in: npt.NDArray[np.int64]


def judge_nested(ground: Ground, score: Score, choose: Choose, step: Step) -> tuple[Judged, list[Scores]]:
    """Judge each fold; nothing of it was seen in fitting, calibrating or choosing thresholds.

    Returns
    -------
    The judgements, and the scores of the outer models by fold (of that fold's segments).
    """
    outer = score_folds(ground, score, ground.coded, step)
    inner: dict[tuple[int, int], Scores] = {}
    pairs = [(one, other) for one in range(ground.folds) for other in range(one + 1, ground.folds)]
    for number, (one, other) in enumerate(pairs, start=1):
        step(f"inner fold {number} of {len(pairs)}")
        train = ground.coded & (ground.fold != one) & (ground.fold != other)
        sides = [np.flatnonzero(ground.fold == fold) for fold in (one, other)]
        found = score(np.flatnonzero(train), np.concatenate(sides))
        cut = len(sides[0])
        inner[other, one] = Scores(found.log_odds[:cut], found.learned)  # fold `one`, to judge `other` by
        inner[one, other] = Scores(found.log_odds[cut:], found.learned)
    judged = _nothing_judged(ground)
    for fold, of_fold in enumerate(outer):
        others = {other: inner[fold, other] for other in range(ground.folds) if other != fold}
        _judge_fold(ground, judged, fold, of_fold, others, ground.coded, choose)
    return judged, outer


def judge_quick(ground: Ground, outer: Sequence[Scores], choose: Choose, chosen: Bools) -> Judged:
    """Judge each fold, calibrated by the scores that the other folds had when they were judged.

    Parameters
    ----------
    outer
        From `score_folds`.
    chosen
        By segment: whether it may be calibrated with (and was learned from).
    """
    judged = _nothing_judged(ground)
    for fold, of_fold in enumerate(outer):
        others = {other: outer[other] for other in range(ground.folds) if other != fold}
        _judge_fold(ground, judged, fold, of_fold, others, chosen, choose)
    return judged


def score_folds(ground: Ground, score: Score, chosen: Bools, step: Step) -> list[Scores]:
    """The scores of each fold's segments by a model of the other folds.

    Parameters
    ----------
    chosen
        By segment: whether it may be learned from.
    """
    found = []
    for fold in range(ground.folds):
        step(f"fold {fold + 1} of {ground.folds}")
        found.append(score(np.flatnonzero(chosen & (ground.fold != fold)), np.flatnonzero(ground.fold == fold)))
    return found


class Calibration(NamedTuple):
    """By code: Platt's slope and offset; whether it was learned and could be calibrated."""

    slopes: Floats
    offsets: Floats
    usable: Bools

    def probability(self, log_odds: Floats, cues: Floats, allowed: Bools) -> Floats:
        """Calibrated probabilities; the cues' where a code is not usable, 0 where it is not allowed."""
        return calibrated(log_odds, self.slopes, self.offsets, cues=cues, allowed=allowed, learned=self.usable)


def calibration_of(marks: Bools, countable: Bools, log_odds: Floats, learned: Bools) -> Calibration:
    """Calibrate by scores of segments that their models did not see.

    Parameters
    ----------
    countable
        Axes (segment, code): coded, allowed, and scored by a model that had learned the code.
    learned
        By code: whether the model that is calibrated learned it. One that has fewer than two positives or negatives to be
        calibrated with is not usable: its score is no probability.
    """
    positives, all_there = (marks & countable).sum(axis=0), countable.sum(axis=0)
    enough = (positives >= LEAST_TO_CALIBRATE) & (all_there - positives >= LEAST_TO_CALIBRATE)
    usable: Bools = learned & enough
    slopes, offsets = calibrate(log_odds, marks, countable, usable)
    return Calibration(slopes, offsets, usable)


def _nothing_judged(ground: Ground) -> Judged:
    shape = ground.marks.shape
    return Judged(np.zeros(shape), np.zeros(shape, dtype=np.bool_), np.zeros(shape[1], dtype=np.int64))


def assemble(ground: Ground, outer: Sequence[Scores]) -> tuple[Floats, Bools]:
    """The scores of all folds together, and where they count to calibrate with: axes (segment, code)."""
    log_odds = np.zeros(ground.marks.shape)
    countable = np.zeros(ground.marks.shape, dtype=np.bool_)
    for fold, scores in enumerate(outer):
        rows = ground.fold == fold
        log_odds[rows] = scores.log_odds
        countable[rows] = ground.allowed[rows] & ground.coded[rows, None] & scores.learned
    return log_odds, countable


def _judge_fold(
    ground: Ground,
    judged: Judged,
    fold: int,
    of_fold: Scores,
    others: dict[int, Scores],
    chosen: Bools,
    choose: Choose,
) -> None:
    """Calibrate a fold's model by the scores of others, and fill in its segments."""
    log_odds = np.zeros(ground.marks.shape)
    countable = np.zeros(ground.marks.shape, dtype=np.bool_)
    for other, scores in others.items():
        rows = ground.fold == other
        log_odds[rows] = scores.log_odds
        countable[rows] = ground.allowed[rows] & chosen[rows, None] & scores.learned
    calibration = calibration_of(ground.marks, countable, log_odds, of_fold.learned)
    seen: Bools = chosen & (ground.fold != fold)
    known = calibration.probability(log_odds, ground.cues, ground.allowed & seen[:, None])
    thresholds = choose(known, seen)
    rows = ground.fold == fold
    judged.probability[rows] = calibration.probability(of_fold.log_odds, ground.cues[rows], ground.allowed[rows])
    judged.held[rows] = decide(ground.codebook, judged.probability[rows], thresholds)
    judged.learned_in[:] += calibration.usable
