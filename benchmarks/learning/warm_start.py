"""How strongly weights that begin from another model's are to be held there, and whether to begin there at all.

    python benchmarks/learning/warm_start.py [--draws 1] [--pulls 0.01 0.03 0.1 0.3 1]

The example corpus. A model of the twenty sessions of two authors (the parent); four or eight sessions of a third author, whole
dyads drawn at random; tested on the rest of that author. Each author is the third once a draw (the parent is of the first two
authors or of the last two). `pull` is C of the added
weights as a part of C: a small one holds them near the parent's. Calibration and thresholds come out of fold from the sessions
that a model was fitted to; *parent, calibrated on these*: from the few of the third author. Differences are to the parent.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import numpy as np
from first_scores import Outcome, Watched, judge, print_outcomes
from four_authors import FourAuthors

from relcode.learning import first_step
from relcode.learning.features.base import Unit
from relcode.learning.first_step import FirstStep
from relcode.learning.folds import learnable
from relcode.transcripts.tokens import Floats, Ints

COUNTS = (4, 8)
LEAST_DYADS = 3  # fewer leave nothing out of fold


def draw(data: FourAuthors, author: int, count: int, seed: int) -> tuple[Ints, Ints]:
    """Rows of so many sessions of an author, whole dyads, and of the rest."""
    rows = np.flatnonzero(data.author == author)
    dyads, session = data.segments.dyads[rows], data.table.segment_session[rows]
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(np.unique(dyads))
        sizes = np.cumsum([len(np.unique(session[dyads == dyad])) for dyad in order])
        if count in sizes and (place := int(np.flatnonzero(sizes == count)[0]) + 1) >= LEAST_DYADS:
            chosen = np.isin(dyads, order[:place])
            return rows[chosen], rows[~chosen]


def fitted(data: FourAuthors, rows: Ints, start_from: Mapping[Unit, FirstStep] | None = None) -> tuple[Watched, Floats]:
    """A model of some rows, and its scores of them out of fold."""
    view, marks = data.segments[rows], data.marks[rows]
    marks = marks & learnable(marks, data.allowed[rows], view.dyads, least_dyads=1)
    model = Watched(data.book, start_from=start_from).fit(view, marks)
    return model, model.held_out(view, marks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--pulls", type=float, nargs="+", default=[0.01, 0.03, 0.1, 0.3, 1.0])
    arguments, data = parser.parse_args(), FourAuthors()
    every = np.arange(len(data.author))
    parents = {}
    for pair, others in ((0, 1), (2, 3)), ((2, 3), (0, 1)):
        rows = np.flatnonzero(np.isin(data.author, pair))
        model, unseen = fitted(data, rows)
        parents |= dict.fromkeys(others, (rows, model, unseen, model.decision_function(data.segments)))
        print(f"parent of authors {pair} fitted", flush=True)
    for seed in range(arguments.draws):
        for count in COUNTS:
            outcomes: dict[str, Outcome] = {}
            tested = np.zeros(len(every), dtype=np.bool_)
            for author, (rows, parent, unseen, scores) in parents.items():
                few, test = draw(data, author, count, seed)
                tested[test] = True
                found = {
                    "parent": (rows, unseen, scores[test]),
                    "parent, calibrated on these": (few, scores[few], scores[test]),
                }
                for pull in arguments.pulls:
                    first_step.PULL = pull
                    model, out = fitted(data, few, parent.weights_to_begin_from)
                    found[f"pull {pull:g}"] = few, out, model.decision_function(data.segments[test])
                for name, known in {"these anew": few, "all anew": np.union1d(rows, few)}.items():
                    model, out = fitted(data, known)
                    found[name] = known, out, model.decision_function(data.segments[test])
                for name, (known, before, own) in found.items():
                    judge(data, outcomes.setdefault(name, Outcome.empty(data)), known, before, test, own)
            print(f"\n{count} sessions of the third author, draw {seed}")
            print_outcomes(data, outcomes, tested, "parent")


if __name__ == "__main__":
    main()
