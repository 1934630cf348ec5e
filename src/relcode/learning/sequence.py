"""The second step of the linear kind: what is predicted of a segment's turn and of those around it, and the cues, move its
score.

It learns from scores that were predicted for dyads that the first step did not see, never from labels of the turns around:
those are not known when a model is used.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from relcode.compiled import compiled
from relcode.transcripts.tokens import Bools, Floats, Ints

NEAR, WIDE = 2, 8  # turns before and after
SEEN = ("own score", "turn", "near", "wide", "cues")
UNCHANGED = np.array([1.0, 0.0, 0.0, 0.0, 0.0])  # coefficients where nothing could be learned
_PRIOR = 1.0  # precision of the normal prior around them
_STEPS = 25


class Seen(NamedTuple):
    """What the second step reads of segments.

    Attributes
    ----------
    scores
        Axes (segment, code).
    near
        Axes (turn, code, "turn", "near", "wide"): see `around`.
    cues
        What the cues say in a turn, axes (turn, code): see `CueEvidence`.
    turn
        By segment, the row of its turn in these.
    """

    scores: Floats
    near: Floats
    cues: Floats
    turn: Ints

    def of(self, code: int, rows: Bools) -> Floats:
        """What is seen of some segments for one code, axes (segment, `SEEN`)."""
        turn = self.turn[rows]
        return np.column_stack([self.scores[rows, code], self.near[turn, code], self.cues[turn, code]])


def around(scores: Floats, allowed: Bools, stretch: Ints) -> Floats:
    """What is predicted of turns and around them, axes (turn, code, "turn", "near", "wide"): probabilities.

    `scores`, `allowed`: axes (turn, code); `stretch`: by turn, which unbroken stretch of a session it is in. `near` and `wide`
    are the mean over the turns around it in its stretch (those that may carry the code, itself left out).
    """
    probability = expit(scores) * allowed
    means = [_mean_around(probability, allowed, stretch, reach) for reach in (NEAR, WIDE)]
    return np.stack([probability, *means], axis=2)


def fit_sequence(seen: Seen, targets: Floats, allowed: Bools) -> tuple[Floats, Floats]:
    """By code: coefficients (code, `SEEN`) and intercepts, by logistic regression with a prior at `UNCHANGED`."""
    codes = targets.shape[1]
    coefficients, intercepts = np.tile(UNCHANGED, (codes, 1)), np.zeros(codes)
    for code in range(codes):
        rows = allowed[:, code]
        if targets[rows, code].sum() < 2:
            continue
        found = _fit_one(seen.of(code, rows), targets[rows, code])
        coefficients[code], intercepts[code] = found[:-1], found[-1]
    return coefficients, intercepts


@compiled
def move_scores(seen: Seen, coefficients: Floats, intercepts: Floats) -> Floats:
    """Scores after the second step, axes (segment, code)."""
    moved = np.empty_like(seen.scores)
    for segment, turn in enumerate(seen.turn):
        for code in range(len(intercepts)):
            near = seen.near[turn, code]
            score = coefficients[code, 0] * seen.scores[segment, code]
            for place in range(3):
                score += coefficients[code, 1 + place] * near[place]
            moved[segment, code] = score + coefficients[code, 4] * seen.cues[turn, code] + intercepts[code]
    return moved


@compiled
def may_of_turns(allowed: Bools, turn: Ints, turns: int) -> Bools:
    """By turn, which codes any of its segments may carry, axes (turn, code). `allowed`: axes (segment, code)."""
    may = np.zeros((turns, allowed.shape[1]), dtype=np.bool_)
    for segment in range(len(turn)):
        for code in range(allowed.shape[1]):
            may[turn[segment], code] |= allowed[segment, code]
    return may


def _fit_one(seen: Floats, target: Floats) -> Floats:
    """Newton's steps for the coefficients of one code, the intercept last."""
    columns = np.hstack([seen, np.ones((len(seen), 1))])
    prior = np.append(UNCHANGED, 0.0)
    found = prior.copy()
    for _ in range(_STEPS):
        probability = expit(columns @ found)
        slope = columns.T @ (target - probability) - _PRIOR * (found - prior)
        curvature = (columns * (probability * (1 - probability))[:, None]).T @ columns + _PRIOR * np.eye(len(found))
        change = np.linalg.solve(curvature, slope)
        found += change * min(1.0, 2.0 / max(np.abs(change).max(), 1e-12))
    return found


@compiled
def _mean_around(values: Floats, may: Bools, stretch: Ints, reach: int) -> Floats:
    """By turn: the mean over turns at most `reach` away in its stretch, itself left out.

    Added up turn by turn, not from running sums: a session's scores must not depend on those before it, by no bit.
    """
    means = np.zeros(values.shape)
    count = np.zeros(values.shape[1])
    for turn in range(len(stretch)):
        count[:] = 0
        for step in range(1, reach + 1):
            for there in (turn - step, turn + step):
                if 0 <= there < len(stretch) and stretch[there] == stretch[turn]:
                    for code in range(len(count)):
                        means[turn, code] += values[there, code]
                        count[code] += may[there, code]
        for code in range(len(count)):
            means[turn, code] /= max(count[code], 1.0)
    return means
