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
_FINE = (
    2.0**40
)  # sums of probabilities are sums of whole numbers of this part: exact, so the same beside any other sessions


def around(scores: Floats, allowed: Bools, session: Ints) -> Floats:
    """What is predicted of turns and around them, axes (turn, code, "turn", "near", "wide"): probabilities.

    `scores`, `allowed`: axes (turn, code); `session`: by turn. `near` and `wide` are the mean over the turns around it of
    its session (those that may carry the code, itself left out).
    """
    probability = expit(scores) * allowed
    means = [_mean_around(probability, allowed, session, reach) for reach in (NEAR, WIDE)]
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


def _mean_around(values: Floats, may: Bools, session: Ints, reach: int) -> Floats:
    """By turn: the mean over turns at most `reach` away in its session, itself left out."""
    turns = np.arange(len(session))
    first = np.maximum(turns - reach, np.searchsorted(session, session))
    after = np.minimum(turns + reach + 1, np.searchsorted(session, session, side="right"))
    both = (np.rint(values * _FINE).astype(np.int64), may.astype(np.int64))
    sums = [np.vstack([np.zeros((1, each.shape[1]), np.int64), np.cumsum(each, axis=0)]) for each in both]
    total, count = (each[after] - each[first] - own for each, own in zip(sums, both, strict=True))
    mean: Floats = total / (np.maximum(count, 1) * _FINE)
    return mean
