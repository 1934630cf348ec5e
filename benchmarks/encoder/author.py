"""The encoder kind with an author held out: fine-tuned on three folders of the corpus, tested on the fourth, four times.

Calibration and thresholds for an author come from the scores of the three others, each by the encoder that did not see
that author (but did see the tested one: a number a code is all that may leak). The codebooks are those of version 1.0.0,
whose weights saw no label. About ten minutes a fold on one free core.

Usage: python benchmarks/encoder/author.py CORPUS BASE [--scores FOLDER] [--seed 0]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from relcode.codebook import load_codebook
from relcode.cues import decide
from relcode.learning.calibration import calibrate, calibrated
from relcode.learning.encoder import EncoderClassifier
from relcode.learning.folds import learnable
from relcode.learning.model import cue_probabilities
from relcode.learning.segments import Segments, allowed_codes, segments_of
from relcode.learning.thresholds import choose_thresholds
from relcode.learning.turns import by_turn
from relcode.spans import read_spans
from relcode.transcripts import read_sessions
from relcode.transcripts.tokens import Bools, Floats, segment_codes

BOOKS = "relational-core@1.0.0+rupture-repair@1.0.0+client-process@1.0.0+ccrt@1.0.0"
AUTHORS = {
    "transcripts": "accepted",
    "transcripts2": "coder_A_set2",
    "transcripts3": "coder_A_set3",
    "transcripts4": "coder_A_set4",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="the example corpus: transcripts*/ and labels/")
    parser.add_argument("base", type=Path, help="the folder of a small sentence encoder")
    parser.add_argument("--scores", type=Path, help="a folder for held-out scores: what is there is not trained again")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    book = load_codebook(BOOKS)
    sessions, author = [], []
    for number, folder in enumerate(AUTHORS):
        found = read_sessions([arguments.corpus / folder])
        sessions += found
        author += [number] * len(found)
    X = segments_of(sessions)
    spans = [
        span
        for name in AUTHORS.values()
        for span in read_spans(arguments.corpus / "labels" / f"{name}.jsonl", sessions)
    ]
    marks = segment_codes(X.table, spans, book.code_ids) & allowed_codes(X, book)
    by_segment = np.array(author)[X.table.segment_session]
    scores = np.zeros(marks.shape)
    for number, folder in enumerate(AUTHORS):
        train, test = np.flatnonzero(by_segment != number), np.flatnonzero(by_segment == number)
        kept = arguments.scores / f"{folder}.npy" if arguments.scores else None
        if kept and kept.is_file():
            scores[test] = np.load(kept)
            continue
        started = time.perf_counter()
        encoder = EncoderClassifier(book, base=arguments.base, random_state=arguments.seed, step=print)
        encoder.fit(X[train], marks[train])
        seconds, started = time.perf_counter() - started, time.perf_counter()
        scores[test] = encoder.decision_function(X[test])
        speed = len(test) / (time.perf_counter() - started)
        print(f"{folder}: trained in {seconds:.0f} s, {speed:.0f} segments a second, int8 {encoder.notes_['int8']}")
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, scores[test])
    figures = [macros(X, book, scores, marks, by_segment == number) for number in range(len(AUTHORS))]
    for folder, (often, fairly) in zip([*AUTHORS, "mean"], [*figures, np.mean(figures, axis=0)], strict=True):
        print(f"{folder:14} macro-F1 by turn: codes with 20 or more {often:.3f}, with 10 or more {fairly:.3f}")


def macros(X: Segments, book, scores: Floats, marks: Bools, test: Bools) -> tuple[float, float]:
    """Macro-F1 over turns of the tested segments: over codes with 20 or more turns, and with 10 or more."""
    allowed = allowed_codes(X, book)
    learned = learnable(marks[~test], allowed[~test], X.dyads[~test])
    slopes, offsets = calibrate(scores[~test], marks[~test], allowed[~test], learned)
    probability = calibrated(scores, slopes, offsets, cues=cue_probabilities(X, book), allowed=allowed, learned=learned)
    thresholds = choose_thresholds(book, X.table, probability, marks, rows=~test)
    held = by_turn(X.table, decide(book, probability, thresholds) & test[:, None])
    truth = by_turn(X.table, marks & test[:, None])
    counts = truth.sum(axis=0)
    f1 = 2 * (held & truth).sum(axis=0) / np.maximum(held.sum(axis=0) + counts, 1)
    return float(f1[counts >= 20].mean()), float(f1[counts >= 10].mean())


if __name__ == "__main__":
    main()
