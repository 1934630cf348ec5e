"""Dyads are never split: what can be learned, folds, and scores of segments that a classifier did not see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from relcode.learning.segments import Rows, Segments
from relcode.transcripts.tokens import Bools, Floats

LEAST_POSITIVES = 5
LEAST_DYADS = 2


def learnable(labels: Bools, allowed: Bools, dyads: npt.NDArray[np.intp], *, least_dyads: int = LEAST_DYADS) -> Bools:
    """By code: at least five positive segments in at least two dyads (or `least_dyads`), and negatives too."""
    return np.array(
        [
            labels[:, code].sum() >= LEAST_POSITIVES
            and len(np.unique(dyads[labels[:, code]])) >= least_dyads
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
    classifier: Any, segments: Segments, labels: Bools, folds: list[tuple[Rows, Rows]], *, step: Callable[[str], None]
) -> Floats:
    """Scores of each segment by a classifier that saw none of its dyad, axes (segment, code)."""
    scores = np.zeros(labels.shape)
    for number, (train, test) in enumerate(folds, start=1):
        step(f"fold {number} of {len(folds)}")
        scores[test] = clone(classifier).fit(segments[train], labels[train]).decision_function(segments[test])
    return scores
