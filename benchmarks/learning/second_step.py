"""What reads the predictions around a segment best: nothing, the second step of the linear kind, or a conditional random field.

    python benchmarks/learning/second_step.py [--scores FOLDER]        (pip install python-crfsuite)

The example corpus, an author held out four times. All learn from the same scores of the first step, each by a fit that saw
none of the dyad, and read those of the tested author; calibration and thresholds come from the other authors, the second step
out of fold there too. A random field is one binary chain a code, over the segments (or turns) of a session whose speaker may
bear the code; it sees the log-odds of segment and turn, and the cues. Its answer is the marginal of each place. That of a
turn counts for its likeliest segment; the others are as much below as the first step has them.

--scores FOLDER keeps the first step's scores (four fits, some forty seconds of one core each) for another run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from first_scores import Outcome, Said, Watched, judge, keep_arrays, kept_arrays, print_outcomes
from four_authors import FourAuthors
from scipy.special import logit

from relcode.learning.folds import learnable
from relcode.learning.sequence import SEEN, fit_sequence, move_scores
from relcode.transcripts.tokens import Bools, Floats, Ints

PENALTY = 0.1  # of a random field's squared weights
LEAST_LIKELY = 1e-7
LEAST_SUM = -1e12  # crfsuite drops what adds up to less than 0 over the places of a label: log-odds would be dropped


class Read(NamedTuple):
    """Rows of segments: what the second step sees (segment, code, `SEEN`), the scores of the segments' turns, and who may
    bear what (segment, code); the session and turn of each."""

    seen: Floats
    turns: Floats
    allowed: Bools
    session: Ints
    turn: Ints

    def part(self, rows: Ints) -> Read:
        return Read(*(each[rows] for each in self))


class Reader(ABC):
    """Learns to move scores by what is around them; axes (segment, code)."""

    @abstractmethod
    def fit(self, read: Read, targets: Bools) -> Reader: ...

    @abstractmethod
    def scores(self, read: Read) -> Floats: ...


class Nothing(Reader):
    """The segment's score alone."""

    def fit(self, read: Read, targets: Bools) -> Reader:
        return self

    def scores(self, read: Read) -> Floats:
        return read.seen[:, :, 0]


class SecondStep(Reader):
    """As it is, or without what it sees under some names."""

    def __init__(self, *without: str) -> None:
        self.kept = np.array([name not in without for name in SEEN], dtype=np.float64)

    def fit(self, read: Read, targets: Bools) -> Reader:
        self.step = fit_sequence(read.seen * self.kept, targets.astype(np.float64), read.allowed)
        return self

    def scores(self, read: Read) -> Floats:
        return move_scores(read.seen * self.kept, *self.step)


class Chains(Reader):
    """A linear-chain conditional random field a code, over segments or over turns."""

    def __init__(self, unit: str) -> None:
        self.unit = unit

    def fit(self, read: Read, targets: Bools) -> Reader:
        import pycrfsuite

        self.folder = tempfile.TemporaryDirectory()
        self.taggers = {}
        for code in np.flatnonzero((targets & read.allowed).sum(axis=0) >= 2):
            trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
            trainer.set_params({"c2": PENALTY, "max_iterations": 100, "feature.possible_transitions": True})
            trainer.set_params({"feature.minfreq": LEAST_SUM})
            for places, items in self.chains(read, code):
                trainer.append(items, [str(int(targets[rows, code].any())) for rows in places])
            path = str(Path(self.folder.name) / str(code))
            trainer.train(path)
            self.taggers[code] = pycrfsuite.Tagger()
            self.taggers[code].open(path)
        return self

    def scores(self, read: Read) -> Floats:
        moved = read.seen[:, :, 0].copy()
        for code, tagger in self.taggers.items():
            for places, items in self.chains(read, code):
                tagger.set(items)
                for place, rows in enumerate(places):
                    likely = np.clip(tagger.marginal("1", place), LEAST_LIKELY, 1 - LEAST_LIKELY)
                    moved[rows, code] += logit(likely) - moved[rows, code].max()
        return moved

    def chains(self, read: Read, code: int) -> Iterator[tuple[list[Ints], list[dict[str, float]]]]:
        """By session: the rows of each place of the chain, and what is seen there."""
        may = np.flatnonzero(read.allowed[:, code])
        if not len(may):
            return
        for of_session in np.split(may, np.flatnonzero(np.diff(read.session[may])) + 1):
            places = np.split(of_session, np.flatnonzero(np.diff(read.turn[of_session])) + 1)
            if self.unit == "segment":
                places = [np.array([row]) for row in of_session]
            yield places, [self.item(read, rows, code) for rows in places]

    def item(self, read: Read, rows: Ints, code: int) -> dict[str, float]:
        own, _, _, _, cues = read.seen[rows[read.seen[rows, code, 0].argmax()], code]
        return {"always": 1.0, "score": own, "turn": read.turns[rows[0], code], "cues": cues}


READERS: dict[str, Reader] = {
    "first step alone": Nothing(),
    "second step without around": SecondStep("near", "wide"),
    "second step": SecondStep(),
    "random field of segments": Chains("segment"),
    "random field of turns": Chains("turn"),
}


def first_scores(data: FourAuthors, author: int, folder: Path | None) -> tuple[Said, Said]:
    """Of the other authors' segments and turns by fits that saw none of the dyad, and of the author's own."""
    kept = kept_arrays(folder, f"author{author}")
    if kept is None:
        known, test = data.author != author, data.author == author
        learned = learnable(data.marks[known], data.allowed[known], data.segments.dyads[known])
        classifier = Watched(data.book)
        started = time.process_time()
        unseen = classifier.fit(data.segments[known], data.marks[known] & learned).said_
        print(f"author {author}: fitted in {time.process_time() - started:.0f} s of one core", flush=True)
        classifier.decision_function(data.segments[test])
        told = classifier.said_
        kept = dict(zip(("segments", "turns", "own_segments", "own_turns"), (*unseen, *told), strict=True))
        keep_arrays(folder, f"author{author}", kept)
    return Said(kept["segments"], kept["turns"]), Said(kept["own_segments"], kept["own_turns"])


def read(data: FourAuthors, rows: Ints, said: Said) -> Read:
    view, table = data.segments[rows], data.table
    turn = np.unique(table.segment_turn[rows], return_inverse=True)[1]
    seen = Watched(data.book)._seen(view, *said)
    return Read(seen, said.turns[turn], data.allowed[rows], table.segment_session[rows], table.segment_turn[rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", type=Path, help="a folder for the first step's scores")
    folder, data = parser.parse_args().scores, FourAuthors()
    outcomes = {name: Outcome.empty(data) for name in READERS}
    spent = dict.fromkeys(READERS, 0.0)
    for author in range(4):
        known, test = np.flatnonzero(data.author != author), np.flatnonzero(data.author == author)
        before, own = (
            read(data, *each) for each in zip((known, test), first_scores(data, author, folder), strict=True)
        )
        marks = data.marks[known]
        for name, reader in READERS.items():
            started = time.process_time()
            unseen = np.zeros(marks.shape)
            for train, held in Watched(data.book)._folds(data.segments[known]):
                unseen[held] = reader.fit(before.part(train), marks[train]).scores(before.part(held))
            scores = reader.fit(before, marks).scores(own)
            spent[name] += time.process_time() - started
            judge(data, outcomes[name], known, unseen, test, scores)
        print(f"author {author} done", flush=True)
    print({name: f"{seconds:.0f} s" for name, seconds in spent.items()})
    print_outcomes(data, outcomes, np.ones(len(data.author), dtype=np.bool_), "second step")
    for author in range(4):
        print(f"tested: author {author}")
        print_outcomes(data, outcomes, data.author == author, "second step")


if __name__ == "__main__":
    main()
