"""From scores to probabilities: Platt's calibration by code, on scores of segments that the classifier did not see."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from relcode.transcripts.tokens import Bools, Floats

LEAST_SLOPE = 1e-3


def calibrate(scores: Floats, labels: Bools, allowed: Bools, learned: Bools) -> tuple[Floats, Floats]:
    """Platt's slope and offset by code from out-of-fold scores (Platt 1999), with his smoothed targets.

    Where higher scores do not mean more positives, the slope is `LEAST_SLOPE` and the offset gives the base rate. With
    fewer than two positives or negatives there is no calibration: slope 1, offset 0.
    """
    slopes, offsets = np.ones(labels.shape[1]), np.zeros(labels.shape[1])
    for code in np.flatnonzero(learned):
        rows = allowed[:, code]
        target = labels[rows, code]
        positives, negatives = int(target.sum()), int((~target).sum())
        if positives < 2 or negatives < 2:
            continue
        # smoothed targets as weighted copies: a positive counts t as positive and 1 - t as negative
        high, low = (positives + 1) / (positives + 2), 1 / (negatives + 2)
        share = np.where(target, high, low)
        column = np.concatenate([scores[rows, code], scores[rows, code]])[:, None]
        copies = np.concatenate([np.ones(len(target)), np.zeros(len(target))])
        fitted = LogisticRegression(C=1e6).fit(column, copies, sample_weight=np.concatenate([share, 1 - share]))
        slopes[code], offsets[code] = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
        if slopes[code] < LEAST_SLOPE:
            slopes[code] = LEAST_SLOPE
            offsets[code] = logit(share.mean()) - LEAST_SLOPE * scores[rows, code].mean()
    return slopes, offsets


def calibrated(
    scores: Floats, slopes: Floats, offsets: Floats, *, cues: Floats | None, allowed: Bools, learned: Bools
) -> Floats:
    """Probabilities, axes (segment, code): calibrated scores, of codes that were not learned those of the cues (none where
    all were), and 0 where the speaker may not carry the code."""
    found: Floats = expit(slopes * scores + offsets)
    if cues is not None:
        found = np.where(learned, found, cues)
    return np.where(allowed, found, 0.0)
