"""What each rule for thresholds keeps of its promise on sessions by an author that the model never saw, at turn level.

    python benchmarks/learning/threshold_rules.py [--kind linear]

Trained on three folders of the example corpus, calibrated and thresholds chosen out of fold there, tested on the fourth;
counts of all four tests together. `held / true`: turns that hold a code over turns that bear it, of each author and each code
on 20 or more of the author's turns: the median, and the factor by which it misses 1 (geometric mean).
"""

from __future__ import annotations

import argparse

import numpy as np
from four_authors import FourAuthors

from relcode.cues import decide
from relcode.learning.calibration import calibrate, calibrated
from relcode.learning.evaluate import f1_of
from relcode.learning.folds import dyad_folds, learnable, out_of_fold
from relcode.learning.kinds import classifier_class
from relcode.learning.thresholds import NEVER, ThresholdRule, choose_thresholds
from relcode.learning.turns import by_turn
from relcode.transcripts.tokens import Bools, Floats

RULES = ("f1", "rate", "precision=0.6", "precision=0.7", "precision=0.8")
LEAST = 20


def probabilities(data: FourAuthors, kind: str, author: int) -> Floats:
    """Out of fold for three authors, and of the fourth by a model of the three."""
    rows, test = np.flatnonzero(data.author != author), np.flatnonzero(data.author == author)
    known, marks = data.segments[rows], data.marks[rows]
    learned = learnable(marks, data.allowed[rows], known.dyads)
    classifier = classifier_class(kind)(data.book)
    scores = np.zeros(data.marks.shape)
    folds = list(dyad_folds(known.dyads, 5, seed=0))
    scores[rows] = out_of_fold(classifier, known, marks & learned, folds, step=lambda line: None)
    scores[test] = classifier.fit(known, marks & learned).decision_function(data.segments[test])
    slopes, offsets = calibrate(scores[rows], marks, data.allowed[rows], learned)
    return calibrated(scores, slopes, offsets, cues=data.cues, allowed=data.allowed, learned=learned)


def held_at(data: FourAuthors, by_author: list[Floats], rule: ThresholdRule) -> tuple[Bools, float]:
    """What holds on each author's turns, and on how many codes a word was ventured (mean of the four)."""
    held, offered = np.zeros(data.marks.shape, dtype=np.bool_), []
    for author, probability in enumerate(by_author):
        known = data.author != author
        thresholds = choose_thresholds(data.book, data.table, probability, data.marks, rows=known, rule=rule)
        held[~known] = decide(data.book, probability[~known], thresholds)
        offered.append((thresholds < NEVER).sum())
    return by_turn(data.table, held), float(np.mean(offered))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", default="linear")
    data, kind = FourAuthors(), parser.parse_args().kind
    by_author = [probabilities(data, kind, author) for author in range(4)]
    truth = by_turn(data.table, data.marks)
    true = truth.sum(axis=0)
    often = true >= LEAST
    print(f"{kind}, {often.sum()} codes on {LEAST} or more turns")
    print("rule           macro-F1  codes offered  precision  recall  held / true: median  factor")
    for name in RULES:
        held, offered = held_at(data, by_author, ThresholdRule.parse(name))
        hits, all_held = (held & truth).sum(axis=0), held.sum(axis=0)
        f1 = np.nan_to_num(f1_of(np.array([hits, all_held - hits, true - hits])))[often].mean()
        ratio = ratios(data, held, truth)
        print(
            f"{name:14} {f1:8.3f} {offered:14.1f} {hits.sum() / all_held.sum():10.3f} {hits.sum() / true.sum():7.3f} "
            f"{np.median(ratio):20.2f} {np.exp(np.abs(np.log(ratio)).mean()):7.2f}"
        )


def ratios(data: FourAuthors, held: Bools, truth: Bools) -> Floats:
    """Turns held over turns that bear the code, of each author and code with enough of them; at least one counts as held."""
    author = np.full(len(truth), -1)
    author[data.table.segment_turn] = data.author
    counts = [np.stack([part[author == number].sum(axis=0) for number in range(4)]) for part in (held, truth)]
    often = counts[1] >= LEAST
    return np.maximum(counts[0][often], 1) / counts[1][often]


if __name__ == "__main__":
    main()
