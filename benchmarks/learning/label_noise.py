"""How well spoilt labels are found again among the likely label errors.

    python benchmarks/learning/label_noise.py [--seed 1] [--kind linear]

Of the labels of the forty synthetic sessions (turn and code) 5 % are spoilt: a third deleted, as many added where the
speaker may bear the code, a third given another code. The model is trained on the spoilt labels. What share of the list
was spoilt, from its top, against as many turns drawn at random and against ranking by probability alone. Labels that were
wrong before count against all three.
"""

from __future__ import annotations

import argparse

import numpy as np
from four_authors import FourAuthors

from relcode.learning.calibration import calibrate, calibrated
from relcode.learning.folds import dyad_folds, learnable, out_of_fold
from relcode.learning.kinds import classifier_class
from relcode.learning.label_errors import LEAST_TURNS, find_label_errors
from relcode.learning.segments import engine_of
from relcode.learning.turns import by_turn, by_turn_highest
from relcode.transcripts.tokens import Bools

SPOILT = 0.05
LENGTHS = (50, 100, 200)


def spoil(data: FourAuthors, seed: int) -> Bools:
    """The labels, axes (segment, code), with 5 % of the turns' labels spoilt."""
    random = np.random.default_rng(seed)
    marks, table = data.marks.copy(), data.table
    labelled, spoken = by_turn(table, marks), by_turn(table, data.allowed)
    chosen, free = (random.permutation(np.argwhere(cells)) for cells in (labelled, spoken & ~labelled))
    third = round(SPOILT * len(chosen)) // 3
    for turn, code in chosen[:third]:
        marks[table.segment_turn == turn, code] = False
    for turn, code in free[:third]:
        marks[random.choice(np.flatnonzero((table.segment_turn == turn) & data.allowed[:, code])), code] = True
    for turn, code in chosen[third : 2 * third]:
        segments = np.flatnonzero(table.segment_turn == turn)
        bearing = segments[marks[segments, code]]
        others = np.flatnonzero(spoken[turn] & ~marks[segments].any(axis=0))
        marks[bearing, code], marks[bearing, random.choice(others)] = False, True
    return marks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", default="linear")
    arguments = parser.parse_args()
    data = FourAuthors()
    marks = spoil(data, arguments.seed)
    learned = learnable(marks, data.allowed, data.segments.dyads)
    folds = list(dyad_folds(data.segments.dyads, 5, seed=0))
    classifier = classifier_class(arguments.kind)(data.book)
    scores = out_of_fold(classifier, data.segments, marks & learned, folds, step=print)
    slopes, offsets = calibrate(scores, marks, data.allowed, learned)
    probability = calibrated(scores, slopes, offsets, cues=data.cues, allowed=data.allowed, learned=learned)
    errors = find_label_errors(data.table, engine_of(data.book), probability, marks, learned)

    spoilt, labelled = by_turn(data.table, marks) != by_turn(data.table, data.marks), by_turn(data.table, marks)
    turns = {
        (data.table.sessions[session].session_id, int(number)): row
        for row, (session, number) in enumerate(zip(data.table.turn_session, data.table.turn_number, strict=True))
    }
    listed = [(turns[e.session_id, e.turn], data.book.code_ids.index(e.code)) for e in errors]
    judged = by_turn(data.table, data.allowed) & learned & (labelled.sum(axis=0) >= LEAST_TURNS)
    likely = by_turn_highest(data.table, probability)
    plain = np.where(judged, np.where(labelled, likely, 1 - likely), 2.0)
    ranking = np.argsort(plain, axis=None, kind="stable")
    found = np.array([spoilt[place] for place in listed])
    print(
        f"{judged.sum()} turns x codes, {spoilt[judged].sum()} spoilt; {len(errors)} listed, {found.sum()} of them spoilt"
    )
    print("length  listed  by probability  at random")
    for length in (*LENGTHS, len(errors)):
        print(
            f"{length:6} {found[:length].mean():7.3f} {spoilt.ravel()[ranking[:length]].mean():15.3f} "
            f"{spoilt[judged].mean():10.3f}"
        )


if __name__ == "__main__":
    main()
