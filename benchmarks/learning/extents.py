"""How near proposed spans come to accepted ones, where code and turn are right.

    python benchmarks/learning/extents.py [--split author | dyad] [--kind linear]

The example corpus, authors (or dyads) held out. Of each code that a turn bears by the accepted labels: which segments of
the turn would be proposed. *joined*: neighbouring segments at the model's thresholds, those around the likeliest one, or
that one alone where none holds; *turn*: all of it; *learned*: `learning.boundaries` (all of the turn where the code is
too unlikely to be looked for). `exact`: just the right segments; `letter`: just the right letters; `overlap`: words in
both over words in either; `words off`: by how many words the beginning and the end are away, together.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator

import numpy as np
from simulated import Material, Trained, corpus

from relcode.cues import decide
from relcode.learning.runs import Run
from relcode.transcripts.tokens import covered_words

WAYS = ("joined", "turn", "learned")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("author", "dyad"), default="author")
    parser.add_argument("--kind", default="linear")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    material = corpus()
    found: dict[str, list[tuple[float, ...]]] = {way: [] for way in WAYS}
    for number, (train, test) in enumerate(material.splits(arguments.split, seed=0), start=1):
        for way, figures in compare(material, train, test, arguments.kind):
            found[way].append(figures)
        print(f"fold {number} done", flush=True)
    print(f"\n{arguments.split}s held out, {arguments.kind}: {len(found['turn'])} spans")
    print("| | exact | letter | overlap | words off |\n|---|---|---|---|---|")
    for way in WAYS:
        exact, letter, overlap, off = np.mean(found[way], axis=0)
        print(f"| {way} | {exact:.3f} | {letter:.3f} | {overlap:.3f} | {off:.1f} |")


def compare(
    material: Material, train: np.ndarray, test: np.ndarray, kind: str
) -> Iterator[tuple[str, tuple[float, ...]]]:
    """By accepted span of the test and way of proposing: the four figures."""
    table, codes = material.table, material.book.code_ids
    model = Trained(material, material.rows(train), folds=2, kind=kind)
    held = decide(material.book, model.probability, model.thresholds)
    boundaries = model.boundaries(material, material.spans_of(train))
    assert boundaries is not None
    learned = {
        (int(table.segment_turn[each.first]), each.code): (each.first, each.last)
        for each in boundaries.propose(table, model.probability)
    }
    segments = np.searchsorted(table.segment_turn, np.arange(len(table.turn_session) + 1))
    words = np.append(0, np.cumsum(table.spoken_words))
    for span, turn, tokens in covered_words(table, material.spans_of(test)):
        if not len(tokens) or span.code not in codes:
            continue
        code = codes.index(span.code)
        whole = int(segments[turn]), int(segments[turn + 1]) - 1
        proposed = {
            "joined": joined_around(model.probability[:, code], held[:, code], whole),
            "turn": whole,
            "learned": learned.get((turn, code), whole),
        }
        right = int(table.segment_row[tokens[0]]), int(table.segment_row[tokens[-1]])
        for way, run in proposed.items():
            letters = int(table.segment_start[run[0]]), int(table.segment_end[run[1]])
            yield way, (run == right, letters == (span.start, span.end), *distance(run, right, words))


def joined_around(probability: np.ndarray, held: np.ndarray, turn: Run) -> Run:
    """The segments that hold around the likeliest one of a turn."""
    first = last = turn[0] + int(probability[turn[0] : turn[1] + 1].argmax())
    while held[last] and last < turn[1] and held[last + 1]:
        last += 1
    while held[first] and first > turn[0] and held[first - 1]:
        first -= 1
    return first, last


def distance(run: Run, right: Run, words: np.ndarray) -> tuple[float, float]:
    """Overlap and words off; `words`: how many are said before each segment."""
    (begin, end), (start, stop) = ((words[each[0]], words[each[1] + 1]) for each in (run, right))
    both = max(0, min(end, stop) - max(begin, start))
    either = (end - begin) + (stop - start) - both
    return both / either if either else 1.0, abs(begin - start) + abs(end - stop)


if __name__ == "__main__":
    main()
