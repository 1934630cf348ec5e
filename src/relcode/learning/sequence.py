"""The second step of the linear kind: what is predicted of a segment's turn and of those around it, and the cues, move its
score.

It learns from scores that were predicted for dyads that the first step did not see, never from labels of the turns around:
those are not known when a model is used.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from relcode.transcripts.tokens import Bools, Floats, Ints

NEAR, WIDE = 2, 8  # turns before and after
SEEN = ("own score", "turn", "near", "wide", "cues")
UNCHANGED = np.array([1.0, 0.0, 0.0, 0.0, 0.0])  # coefficients where nothing could be learned
_PRIOR = 1.0  # precision of the normal prior around them
_STEPS = 25


def around(scores: Floats, allowed: Bools, stretch: Ints) -> Floats:
    """What is predicted of turns and around them, axes (turn, code, "turn", "near", "wide"): probabilities.

    `scores`, `allowed`: axes (turn, code); `stretch`: by turn, which unbroken stretch of a session it is in. `near` and `wide`
    are the mean over the turns around it in its stretch (those that may carry the code, itself left out).
    """
    probability = expit(scores) * allowed
    means = [_mean_around(probability, allowed, stretch, reach) for reach in (NEAR, WIDE)]
    return np.stack([probability, *means], axis=2)


def fit_sequence(seen: Floats, targets: Floats, allowed: Bools) -> tuple[Floats, Floats]:
    """By code: coefficients (code, `SEEN`) and intercepts, by logistic regression with a prior at `UNCHANGED`.

    `seen`: axes (row, code, `SEEN`).
    """
    codes = targets.shape[1]
    coefficients, intercepts = np.tile(UNCHANGED, (codes, 1)), np.zeros(codes)
    for code in range(codes):
        rows = allowed[:, code]
        if targets[rows, code].sum() < 2:
            continue
        found = _fit_one(seen[rows, code], targets[rows, code])
        coefficients[code], intercepts[code] = found[:-1], found[-1]
    return coefficients, intercepts


def move_scores(seen: Floats, coefficients: Floats, intercepts: Floats) -> Floats:
    """Scores after the second step, axes (row, code)."""
    moved: Floats = np.einsum("rcs,cs->rc", seen, coefficients) + intercepts
    return moved


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


def _mean_around(values: Floats, may: Bools, stretch: Ints, reach: int) -> Floats:
    """By turn: the mean over turns at most `reach` away in its stretch, itself left out.

    Added up turn by turn, not from running sums: a session's scores must not depend on those before it, by no bit.
    """
    total, count = np.zeros(values.shape), np.zeros(values.shape)
    for step in range(1, min(reach, len(stretch) - 1) + 1):
        same = (stretch[step:] == stretch[:-step])[:, None]
        for here, there in ((slice(step, None), slice(None, -step)), (slice(None, -step), slice(step, None))):
            total[here] += values[there] * same
            count[here] += may[there] & same
    mean: Floats = total / np.maximum(count, 1)
    return mean
