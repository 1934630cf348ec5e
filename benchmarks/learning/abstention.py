"""What a band in which the machine does not decide keeps of its promise on dyads that it was not chosen on.

    python benchmarks/learning/abstention.py [--kind linear] [--splits 50]

Probabilities of the forty sessions of the example corpus are out of fold (five folds by dyad, calibrated by the other
folds). Half of the dyads are the hand-coded sample that bands are chosen on (`relcode.rates.band_of`), the other half is
judged; in many random halves. Segments, codes on 40 or more of them; means over codes of each code's counts in all splits.
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np
from four_authors import FourAuthors

from relcode.learning.folds import dyad_folds
from relcode.learning.held_out import Ground, judge_quick, score_folds
from relcode.learning.kinds import classifier_class
from relcode.learning.learner import Learner
from relcode.learning.thresholds import choose_thresholds
from relcode.rates.unsure import Band, band_of
from relcode.transcripts.tokens import Bools, Floats

LEAST = 40
WISHES = ((0.6, 0.7), (0.7, 0.8), (0.8, 0.8), (0.8, 0.9), (0.9, 0.95))
COUNTS = ("units", "unsure", "held", "right", "bearing", "missed", "found by hand", "wrong")


def held_out(data: FourAuthors, kind: str) -> tuple[Floats, Bools]:
    """Probabilities and decisions, axes (segment, code), by models that saw nothing of the segment's dyad."""
    dyads = data.segments.dyads
    fold = np.zeros(len(dyads), dtype=np.int64)
    for number, (_, test) in enumerate(dyad_folds(dyads, 5, seed=0)):
        fold[test] = number
    coded = np.ones(len(fold), dtype=np.bool_)
    ground = Ground(data.book, data.table, data.marks, data.allowed, coded, data.cues, fold)
    learner = Learner(classifier_class(kind)(data.book), data.segments, ground)

    def choose(probability: Floats, rows: Bools) -> Floats:
        return choose_thresholds(data.book, data.table, probability, data.marks, rows=rows)

    outer = score_folds(ground, learner, coded, partial(print, flush=True))
    judged = judge_quick(ground, outer, choose, coded)
    return judged.probability, judged.held


def counts(band: Band, probable: Floats, present: Bools) -> list[int]:
    """Of other dyads' units, in the order of `COUNTS`."""
    unsure, held = band.holds(probable), probable >= band.high
    missed = present & (probable < band.low)
    wrong = (held & ~present) | missed
    found = (len(probable), unsure, held, held & present, present, missed, unsure & present, wrong)
    return [int(np.sum(each)) for each in found]


def judged(data: FourAuthors, probable: Floats, wishes: tuple[float, float], splits: int) -> Floats:
    """Counts with axes (code, count), of all splits together."""
    codes = np.flatnonzero(data.marks.sum(axis=0) >= LEAST)
    names = np.unique(data.segments.dyads)
    drawn = np.random.default_rng(0)
    found = np.zeros((len(codes), len(COUNTS)))
    for _ in range(splits):
        chosen = np.isin(data.segments.dyads, drawn.choice(names, len(names) // 2, replace=False))
        for row, code in enumerate(codes):
            mine, other = (side & data.allowed[:, code] for side in (chosen, ~chosen))
            precision, recall = wishes
            marks = data.marks[:, code]
            band = band_of(probable[mine, code], marks[mine], precision=precision, recall=recall)
            found[row] += counts(band, probable[other, code], marks[other])
    return found


def row_of(name: str, found: Floats) -> str:
    units, unsure, held, right, bearing, missed, by_hand, wrong = found.T
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = right / held, 1 - missed / bearing
        enough = held >= 0.001 * units
        share_wrong = wrong / (units - unsure)
    return (
        f"| {name} | {100 * np.mean(unsure / units):.1f} | {enough.sum()} of {len(found)} "
        f"| {np.mean(precision[enough]):.2f} | {np.mean(recall):.2f} | {100 * np.mean(share_wrong):.2f} "
        f"| {np.mean(by_hand.sum() / unsure.sum()):.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", default="linear")
    parser.add_argument("--splits", type=int, default=50)
    given = parser.parse_args()
    data = FourAuthors()
    probable, decided = held_out(data, given.kind)
    print(
        "| wished: precision, recall | unsure, % of segments | codes that hold somewhere without a person | of these, "
        "precision there | recall, with the band by hand | wrong, % of what the machine decides | of the unsure, bear the code |"
    )
    print("|---|---|---|---|---|---|---|")
    print(_alone(data, decided), flush=True)
    for wishes in WISHES:
        print(row_of(f"{wishes[0]:g}, {wishes[1]:g}", judged(data, probable, wishes, given.splits)), flush=True)


def _alone(data: FourAuthors, decided: Bools) -> str:
    """The machine's own decisions, without a band."""
    rows = []
    for code in np.flatnonzero(data.marks.sum(axis=0) >= LEAST):
        own = data.allowed[:, code]
        held, present = decided[own, code], data.marks[own, code]
        counted = (own.sum(), 0, held.sum(), (held & present).sum(), present.sum(), (present & ~held).sum(), 0)
        rows.append([*counted, (held != present).sum()])
    units, _, held, right, bearing, missed, _, wrong = np.array(rows, dtype=np.float64).T
    return (
        f"| none: the machine decides all | 0 | {(held > 0).sum()} of {len(rows)} | {np.mean(right / held):.2f} "
        f"| {np.mean(1 - missed / bearing):.2f} | {100 * np.mean(wrong / units):.2f} | |"
    )


if __name__ == "__main__":
    main()
