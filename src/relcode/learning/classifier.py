"""Fit, calibrate and threshold the linear classifiers; out-of-fold predictions with dyads kept together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from relcode.transcripts.tokens import Bools, Floats

LEAST_POSITIVES = 5
LEAST_DYADS = 2
C = 0.3
ONE_CLASS = 5.0
LEAST_SLOPE = 1e-3
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class LinearFit:
    """`weights` (column, code), `intercepts` (code); zero where a code had nothing to learn from."""

    weights: sparse.csr_matrix
    intercepts: Floats

    def scores(self, features: sparse.csr_matrix) -> Floats:
        """Log-odds before calibration, axes (segment, code)."""
        scores: Floats = np.asarray((features @ self.weights).todense()) + self.intercepts
        return scores


def fit_linear(features: sparse.csr_matrix, labels: Bools, allowed: Bools, learned: Bools, *, seed: int) -> LinearFit:
    """One L2 logistic regression a code, on the segments whose speaker may carry it; classes weighted evenly.

    `labels`, `allowed`: axes (segment, code). Only columns that occur are fitted. Where all segments of a code are of
    one class, its score is a constant (`ONE_CLASS`) on that class's side.
    """
    used = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]))
    narrow = features[:, used]
    weights = np.zeros((len(used), labels.shape[1]))
    intercepts = np.full(labels.shape[1], -ONE_CLASS)
    for code in np.flatnonzero(learned):
        rows = np.flatnonzero(allowed[:, code])
        target = labels[rows, code]
        if not target.any():
            continue
        if target.all():
            intercepts[code] = ONE_CLASS
            continue
        fitted = LogisticRegression(C=C, class_weight="balanced", solver="liblinear", random_state=seed)
        fitted.fit(narrow[rows], target)
        weights[:, code], intercepts[code] = fitted.coef_[0], fitted.intercept_[0]
    spread = sparse.csr_matrix((np.ones(len(used)), (used, np.arange(len(used)))), (features.shape[1], len(used)))
    return LinearFit(sparse.csr_matrix(spread @ sparse.csr_matrix(weights)), intercepts)


def learnable(labels: Bools, allowed: Bools, dyads: npt.NDArray[np.intp]) -> Bools:
    """By code: at least five positive segments in at least two dyads, and negatives too."""
    return np.array(
        [
            labels[:, code].sum() >= LEAST_POSITIVES
            and len(np.unique(dyads[labels[:, code]])) >= LEAST_DYADS
            and (allowed[:, code] & ~labels[:, code]).any()
            for code in range(labels.shape[1])
        ],
        dtype=np.bool_,
    )


def dyad_folds(dyads: npt.NDArray[np.intp], folds: int, *, seed: int) -> Iterator[tuple[Rows, Rows]]:
    """Train and test rows, every dyad on one side alone; dyads are dealt out by size after a seeded shuffle."""
    names, sizes = np.unique(dyads, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-sizes[order], kind="stable")]
    load = np.zeros(min(folds, len(names)))
    fold_of = np.zeros(names.max() + 1, dtype=np.intp)
    for place in order:
        fold = int(load.argmin())
        fold_of[names[place]] = fold
        load[fold] += sizes[place]
    fold_of_row = fold_of[dyads]
    for number in range(len(load)):
        yield np.flatnonzero(fold_of_row != number), np.flatnonzero(fold_of_row == number)


def out_of_fold(
    features: sparse.csr_matrix,
    labels: Bools,
    allowed: Bools,
    learned: Bools,
    folds: list[tuple[Rows, Rows]],
    *,
    seed: int,
    step: Callable[[str], None],
) -> Floats:
    """Scores of each segment by a model that saw none of its dyad, axes (segment, code)."""
    scores = np.zeros(labels.shape)
    for number, (train, test) in enumerate(folds, start=1):
        step(f"fold {number} of {len(folds)}")
        scores[test] = fit_linear(features[train], labels[train], allowed[train], learned, seed=seed).scores(
            features[test]
        )
    return scores


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
