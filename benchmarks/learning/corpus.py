"""Who codes the example corpus best: all peers on the same folds in one run.

    python benchmarks/learning/corpus.py [--parts adjudicated,dyads,authors,curve] [--peers cues,tfidf,tfidf-turns,linear]
                                         [--base FOLDER] [--quick] [--scores FOLDER] [--seed 0]

- adjudicated: the ten sessions with two coders, a dyad held out at a time; the second coder beside the peers
- dyads: all forty sessions, five folds by dyad
- authors: all forty, an author held out at a time; and the codes on which the linear kind is below the cues
- curve: the five folds by dyad, learned from dyads that add up to 10, 20, 30 and 40 sessions (a fifth of them is always held
  out; quick)

Turn-level macro-F1 over codes on 20 (10) or more turns; 95 % intervals over sessions drawn with replacement; differences in
the same drawn sessions. Calibration and thresholds of each fold are relcode's for every peer: nested (from models that saw
nothing of the fold), or with --quick from the other folds' models, which saw it (`relcode.learning.held_out`). Seconds are of
one processor: a fit on the most segments, and segments scored from transcripts in memory on. Codebooks 1.0.0, whose weights
saw no label. Peers further: spacy, and encoder with --base. With --scores, scores are kept and not made again; empty the folder
when the code has changed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from corpus_figures import LEAST, Figures
from corpus_peers import PEERS, peer
from corpus_scores import Measured
from four_authors import FOLDERS, FourAuthors

from relcode.learning.folds import dyad_folds
from relcode.learning.held_out import Ground, Judged, judge_nested, judge_quick, score_folds
from relcode.learning.learner import Learner
from relcode.learning.learning_curve import dyad_order
from relcode.learning.segments import Rows, engine_of, silent
from relcode.learning.thresholds import choose_thresholds
from relcode.transcripts.tokens import Bools, Floats

DYAD_FOLDS = 5
CURVE = (10, 20, 30, 40)
ADJUDICATED, SECOND_CODER = "transcripts", "coder_B"


class Course:
    """One material with its folds, and the peers that meet on it."""

    def __init__(self, name: str, data: FourAuthors, fold: Rows, options: argparse.Namespace) -> None:
        self.name, self.data, self.options = name, data, options
        self.engine = engine_of(data.book)  # kept here, it is not built anew for every peer
        coded = np.ones(len(fold), dtype=np.bool_)
        self.ground = Ground(data.book, data.table, data.marks, data.allowed, coded, data.cues, fold)

    def learner(self, name: str) -> Measured:
        estimator = peer(name, self.data.book, base=self.options.base, seed=self.options.seed)
        learner = Learner(estimator, self.data.segments, self.ground)
        place = f"{name}-{self.options.seed}-{len(self.data.table.sessions)}"
        return Measured(place, learner, self.options.scores, said)

    def judge(self, learner: Measured) -> Judged:
        if not self.options.quick:
            return judge_nested(self.ground, learner, self.choose, silent)[0]
        return self.judge_quick(learner, self.ground.coded)

    def judge_quick(self, learner: Measured, chosen: Bools) -> Judged:
        return judge_quick(self.ground, score_folds(self.ground, learner, chosen, silent), self.choose, chosen)

    def choose(self, probability: Floats, rows: Bools) -> Floats:
        return choose_thresholds(self.data.book, self.data.table, probability, self.data.marks, rows=rows)

    def report(self, others: dict[str, Bools]) -> dict[str, Bools]:
        """A line a peer, after those that are no peers (name -> what they hold); returned is what each holds."""
        held, costs = dict(others), {}
        for name in self.options.peers:
            learner = self.learner(name)
            held[name] = self.judge(learner).held
            costs[name] = f"{learner.fit_seconds:10.1f}{learner.speed:10.0f}"
        found = self.figures(held)
        how = "quick" if self.options.quick else "nested"
        print(f"\n{self.name}: {found.sessions} sessions, {self.ground.folds} folds, {how}")
        print(f"{found.heading()}{'fit, s':>10}{'seg/s':>10}")
        for name in held:
            print(found.line(name) + costs.get(name, ""), flush=True)
        return held

    def figures(self, held: dict[str, Bools]) -> Figures:
        return Figures(self.data.table, self.data.marks, held, self.options.seed)

    def curve(self) -> None:
        """Macro-F1 by the sessions that were coded."""
        dyads = self.data.segments.dyads
        order = dyad_order(dyads, self.ground.fold, seed=self.options.seed)
        for sessions in CURVE:
            chosen = np.isin(dyads, order[: self._dyads(order, sessions)])
            coded = len(np.unique(self.data.table.segment_session[chosen]))
            held = {name: self.judge_quick(self.learner(name), chosen).held for name in self.options.peers}
            found = self.figures(held)
            print(f"\ncurve: {coded} sessions coded\n{found.heading()}")
            for name in held:
                print(found.line(name), flush=True)

    def _dyads(self, order: Rows, sessions: int) -> int:
        """How many of the dyads, in order, have so many sessions together."""
        dyads, session = self.data.segments.dyads, self.data.table.segment_session
        of_dyad = [len(np.unique(session[dyads == dyad])) for dyad in order]
        return int(np.searchsorted(np.cumsum(of_dyad), sessions)) + 1


def adjudicated(options: argparse.Namespace) -> None:
    data = FourAuthors({ADJUDICATED: FOLDERS[ADJUDICATED]})
    course = Course("adjudicated", data, np.unique(data.segments.dyads, return_inverse=True)[1], options)
    course.report({"second coder": data.marks_of(SECOND_CODER)})


def dyads(options: argparse.Namespace) -> None:
    by_dyads(options).report({})


def curve(options: argparse.Namespace) -> None:
    by_dyads(options).curve()


def by_dyads(options: argparse.Namespace) -> Course:
    """All forty sessions, dyads dealt into folds."""
    data = FourAuthors()
    fold = np.zeros(len(data.segments), dtype=np.intp)
    for number, (_, test) in enumerate(dyad_folds(data.segments.dyads, DYAD_FOLDS, seed=options.seed)):
        fold[test] = number
    return Course("dyads", data, fold, options)


def authors(options: argparse.Namespace) -> None:
    data = FourAuthors()
    course = Course("authors", data, data.author, options)
    held = course.report({})
    by_author(course, held)
    below_cues(course.figures(held), data.book.code_ids)


def by_author(course: Course, held: dict[str, Bools]) -> None:
    """Macro-F1 over the codes on so many turns of the author, author by author."""
    data = course.data
    print(
        f"\neach author's own codes, {LEAST[0]} turns or more ({LEAST[1]} or more)\n{'':12}{'   '.join(FOLDERS)}   mean"
    )
    for name, each in held.items():
        own = [(data.author == author)[:, None] for author in range(len(FOLDERS))]
        found = [Figures(data.table, data.marks & rows, {name: each & rows}, course.options.seed) for rows in own]
        means = [[figures.mean(name, least) for figures in found] for least in LEAST]
        pairs = [*zip(*means, strict=True), tuple(np.mean(means, axis=1))]
        print(f"{name:<12}" + "   ".join(f"{often:.3f} ({fairly:.3f})" for often, fairly in pairs), flush=True)


def below_cues(found: Figures, codes: Sequence[str]) -> None:
    """The codes, of those on enough turns, on which the linear kind is below the cues alone."""
    if not {"linear", "cues"} <= set(found.f1):
        return
    linear, cues, often = found.f1["linear"], found.f1["cues"], found.often[LEAST[1]]
    below = [
        number for number in np.argsort(linear - cues) if linear[number] < cues[number] and found.turns[number] >= 10
    ]
    print(f"\nbelow the cues alone: {len(below)} of {int(often.sum())} codes\ncode      turns  linear   cues")
    for number in below:
        print(f"{codes[number]:<10}{found.turns[number]:5}{linear[number]:8.3f}{cues[number]:7.3f}")


def said(line: str) -> None:
    """Progress, beside what is printed."""
    print(line, file=sys.stderr, flush=True)


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "adjudicated": adjudicated,
    "dyads": dyads,
    "authors": authors,
    "curve": curve,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=_some_of(PARTS), default=list(PARTS))
    parser.add_argument("--peers", type=_some_of(PEERS), default=["cues", "tfidf", "tfidf-turns", "linear"])
    parser.add_argument("--base", type=Path, help="the folder of a small sentence encoder")
    parser.add_argument("--quick", action="store_true", help="calibrate by the other folds' models")
    parser.add_argument("--scores", type=Path, help="a folder for scores, so that a killed run goes on")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for part in options.parts:
        PARTS[part](options)


def _some_of(known: Sequence[str] | dict[str, object]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        if strange := [name for name in text.split(",") if name not in known]:
            raise argparse.ArgumentTypeError(f"{', '.join(strange)}: there are {', '.join(known)}")
        return text.split(",")

    return read


if __name__ == "__main__":
    main()
