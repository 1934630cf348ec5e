"""What the linear kind gains by an encoder that teaches it on sessions without labels.

    python benchmarks/learning/teach.py BASE [--scores FOLDER]         (needs relcode[encoder])

The example corpus. An encoder is fine-tuned on two authors and calibrated by two encoders of half their dyads each; its
probabilities on the sessions of a third author are learned by the linear kind beside the labels of the two, as `relcode train
--teach` does. Tested on the fourth author. Beside it the linear kind without teacher, and one that is taught by the linear
kind of the two authors itself. --scores FOLDER keeps the encoders' scores.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from first_scores import Outcome, Watched, judge, keep_arrays, kept_arrays, print_outcomes
from four_authors import FourAuthors

from relcode.learning.calibration import calibrate, calibrated
from relcode.learning.encoder import EncoderClassifier
from relcode.learning.folds import dyad_folds, learnable
from relcode.transcripts.tokens import Floats, Ints

LABELLED, OTHERS = (0, 1), (2, 3)  # authors; each of the others is taught on once and tested once


def encoder_scores(data: FourAuthors, known: Ints, make: Callable[[], Any]) -> Floats:
    """Of the known rows by an encoder of the other half of the dyads, of all others by one of all known rows."""
    scores = np.zeros(data.marks.shape)
    halves = list(dyad_folds(data.segments.dyads[known], 2, seed=0))
    others = np.setdiff1d(np.arange(len(scores)), known)
    for train, test in [(known[train], known[test]) for train, test in halves] + [(known, others)]:
        started = time.process_time()
        encoder = make().fit(data.segments[train], data.marks[train])
        scores[test] = encoder.decision_function(data.segments[test])
        print(f"encoder of {len(train)} segments: {time.process_time() - started:.0f} s of processor", flush=True)
    return scores


def probabilities(data: FourAuthors, known: Ints, scores: Floats) -> Floats:
    """Calibrated on the known rows; of codes with too little to learn the cues'."""
    marks, allowed = data.marks[known], data.allowed[known]
    learned = learnable(marks, allowed, data.segments.dyads[known])
    slopes, offsets = calibrate(scores[known], marks, allowed, learned)
    return calibrated(scores, slopes, offsets, cues=data.cues, allowed=data.allowed, learned=learned)


def linear_scores(data: FourAuthors, known: Ints, lesson: Ints, taught: Floats | None) -> Floats:
    """Of the known rows out of fold, of all others by the fit; `lesson`: rows that are taught, with `taught` (segment,
    code)."""
    rows = known if taught is None else np.union1d(known, lesson)
    targets = data.marks.astype(np.float64)
    if taught is not None:
        targets[lesson] = taught[lesson]
    learned = learnable(data.marks[known], data.allowed[known], data.segments.dyads[known])
    view, targets = data.segments[rows], targets[rows] * learned
    classifier = Watched(data.book).fit(view, targets)
    unseen = classifier.held_out(view, targets)
    scores = classifier.decision_function(data.segments)
    scores[known] = unseen[np.isin(rows, known)]
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path, help="the folder of a small sentence encoder")
    parser.add_argument("--scores", type=Path, help="a folder for the encoders' scores")
    arguments, data = parser.parse_args(), FourAuthors()
    outcomes = {name: Outcome.empty(data) for name in ("not taught", "taught by itself", "taught", "the encoder")}
    tested = np.zeros(len(data.author), dtype=np.bool_)
    known = np.flatnonzero(np.isin(data.author, LABELLED))
    kept = kept_arrays(arguments.scores, "encoder")
    if kept is None:
        kept = {"scores": encoder_scores(data, known, lambda: EncoderClassifier(data.book, base=arguments.base))}
        keep_arrays(arguments.scores, "encoder", kept)
    teacher, plain = kept["scores"], linear_scores(data, known, known, None)
    by_teacher = {
        "taught by itself": probabilities(data, known, plain),
        "taught": probabilities(data, known, teacher),
    }
    for lesson, test in ([np.flatnonzero(data.author == each) for each in pair] for pair in (OTHERS, OTHERS[::-1])):
        scores = {"not taught": plain, "the encoder": teacher}
        scores |= {each: linear_scores(data, known, lesson, taught) for each, taught in by_teacher.items()}
        for each, found in scores.items():
            judge(data, outcomes[each], known, found[known], test, found[test])
        tested[test] = True
        print(f"tested: author {data.author[test[0]]}")
        print_outcomes(data, outcomes, data.author == data.author[test[0]], "not taught")
    print_outcomes(data, outcomes, tested, "not taught")


if __name__ == "__main__":
    main()
