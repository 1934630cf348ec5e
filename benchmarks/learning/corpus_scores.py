"""Scores of segments by models that did not see them, with what they cost, and kept so that a killed run goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from relcode.learning.held_out import Scores
from relcode.learning.learner import Learner
from relcode.learning.segments import Rows, segments_of
from relcode.provenance import hash_bytes

TIMED_SESSIONS = 10


class Measured:
    """A learner as `held_out.Score`, one peer's on one material.

    Parameters
    ----------
    name
        Of the peer and the material: with the rows, what kept scores are found by. Nothing tells whether the code has changed.
    folder
        Where scores are kept; None keeps none.
    step
        Called with a line for each fit.
    """

    def __init__(self, name: str, learner: Learner, folder: Path | None, step: Callable[[str], None]) -> None:
        self.name, self.learner, self.folder, self.step = name, learner, folder, step
        self.fits: dict[int, list[float]] = {}  # how many segments were learned from -> processor seconds of each fit
        self.per_second: list[float] = []

    def __call__(self, train: Rows, test: Rows) -> Scores:
        kept = self._place(train, test)
        if kept is None or not kept.is_file():
            found = self._score(train, test)
            if kept is None:
                return self._noted(found, len(train))
            _keep(kept, found)
        return self._noted(dict(np.load(kept)), len(train))

    @property
    def fit_seconds(self) -> float:
        """Processor seconds of a fit on the most segments, the mean of those fits that are about as large."""
        most = max(self.fits)
        return float(np.mean([each for size, times in self.fits.items() if size > 0.85 * most for each in times]))

    @property
    def speed(self) -> float:
        """Segments a processor second, from transcripts in memory on."""
        return float(np.median(self.per_second))

    def _score(self, train: Rows, test: Rows) -> dict[str, np.ndarray]:
        started = time.process_time()
        fitted, learned = self.learner.fit(train)
        seconds = time.process_time() - started
        scores = fitted.decision_function(self.learner.segments[test])
        started = time.process_time()
        afresh = segments_of(self.learner.segments.table.sessions[:TIMED_SESSIONS])  # no feature of these is there yet
        fitted.decision_function(afresh)
        speed = len(afresh) / (time.process_time() - started)
        self.step(f"{self.name}: {len(train)} segments learned in {seconds:.0f} s, {speed:.0f} segments a second")
        return {"log_odds": scores, "learned": learned, "seconds": np.array(seconds), "per_second": np.array(speed)}

    def _noted(self, found: dict[str, np.ndarray], learned_from: int) -> Scores:
        self.fits.setdefault(learned_from, []).append(float(found["seconds"]))
        self.per_second.append(float(found["per_second"]))
        return Scores(found["log_odds"], found["learned"])

    def _place(self, train: Rows, test: Rows) -> Path | None:
        if self.folder is None:
            return None
        digest = hash_bytes(train.astype(np.int64).tobytes() + b"/" + test.astype(np.int64).tobytes())
        return self.folder / f"{self.name}-{digest[:16]}.npz"


def _keep(place: Path, found: dict[str, np.ndarray]) -> None:
    """Written beside and then named, so that no half file is taken for scores."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(".part.npz")
    np.savez_compressed(beside, **found)
    beside.replace(place)
