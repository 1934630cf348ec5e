"""How well turns are cut into response units: boundaries and whole units against the marked samples, side by side.

    python benchmarks/segments/segments.py [develop | heldout] [--styles] [--errors] [--rounds 5]

Beside the segmenter: spaCy's `sentencizer`, and the whole turn as one unit. A boundary is its place among the words said,
so that it does not matter on which side a note, an emoji or a quote stands; the ends of turns are no boundaries. A unit
is right when both of its ends are. Intervals: 95 %, bootstrap by turn. The times are those of the example corpus, as
ratios to spaCy's tokenizer. What a unit is, and who marked the samples: tests/data/segments/README.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from relcode.records import Session, Turn
from relcode.transcripts import read_sessions
from relcode.transcripts.segment import find_segments, find_spoken
from relcode.transcripts.tokens import TokenTable, english, tokenize

ROOT = Path(__file__).parents[2]
MARKED = ROOT / "tests" / "data" / "segments"
CORPUS = ROOT / "examples" / "corpus"
DRAWS = 2000


@dataclass(frozen=True, repr=False)
class Sample:
    """Marked turns: style and speaker, text without marks, where units begin (code points), spoken words' starts."""

    styles: list[str]
    texts: list[str]
    marks: list[set[int]]
    words: list[np.ndarray]
    table: TokenTable

    def places(self, turn: int, starts: Sequence[int]) -> set[int]:
        """Boundaries as the number of words before them; those without a word on one side are none."""
        before = np.searchsorted(self.words[turn], sorted(starts))
        return {int(place) for place in before if 0 < place < len(self.words[turn])}


def read_sample(path: Path) -> Sample:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    units = [line["marked"].split(" / ") for line in lines]
    texts = [" ".join(parts) for parts in units]
    marks = [{len(" ".join(parts[:n])) + 1 for n in range(1, len(parts))} for parts in units]
    turns = tuple(Turn(n, line["speaker"], text) for n, (line, text) in enumerate(zip(lines, texts, strict=True), 1))
    table = tokenize([Session("marked", turns)])
    words = [table.start[(table.turn_row == row) & table.is_spoken] for row in range(len(texts))]
    return Sample([line["style"] for line in lines], texts, marks, words, table)


def by_relcode(sample: Sample) -> list[set[int]]:
    starts: list[list[int]] = [[] for _ in sample.texts]
    for segment in sample.table.segments:
        starts[segment.turn - 1].append(segment.start)
    return [sample.places(turn, found) for turn, found in enumerate(starts)]


def by_sentencizer(sample: Sample) -> list[set[int]]:
    nlp = english()
    if not nlp.has_pipe("sentencizer"):
        nlp.add_pipe("sentencizer")
    docs = nlp.pipe(sample.texts)
    return [sample.places(turn, [sent.start_char for sent in doc.sents]) for turn, doc in enumerate(docs)]


def by_turn(sample: Sample) -> list[set[int]]:
    return [set() for _ in sample.texts]


def units_of(places: set[int], words: int) -> set[tuple[int, int]]:
    edges = [0, *sorted(places), words]
    return set(pairwise(edges)) if words else set()


def counts(sample: Sample, found: list[set[int]]) -> np.ndarray:
    """By turn: boundaries right, found, marked; units right, found, marked."""
    rows = []
    for turn, (places, words) in enumerate(zip(found, sample.words, strict=True)):
        marked = sample.places(turn, list(sample.marks[turn]))
        units, true = units_of(places, len(words)), units_of(marked, len(words))
        rows.append([len(places & marked), len(places), len(marked), len(units & true), len(units), len(true)])
    return np.array(rows, dtype=np.float64)


def figures(total: np.ndarray) -> np.ndarray:
    """Boundary precision, recall, F1; unit F1 (last axis), from sums of counts (axis -1: the six of `counts`)."""
    right, found, marked, units_right, units_found, units = np.moveaxis(total, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack(
            [right / found, right / marked, 2 * right / (found + marked), 2 * units_right / (units_found + units)],
            axis=-1,
        )


def report(name: str, rows: np.ndarray, generator: np.random.Generator) -> str:
    draws = generator.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=DRAWS)
    low, high = np.nanpercentile(figures(draws @ rows), [2.5, 97.5], axis=0)
    cells = [
        f"{value:.3f} [{a:.3f}, {b:.3f}]" if not np.isnan(value) else "-"
        for value, a, b in zip(figures(rows.sum(axis=0)), low, high, strict=True)
    ]
    return f"{name:24}" + "".join(f"{cell:>24}" for cell in cells)


def print_errors(sample: Sample, found: list[set[int]]) -> None:
    """The turns that are cut otherwise than marked: `/` right, `+` too much, `-` missing."""
    for turn, (text, places) in enumerate(zip(sample.texts, found, strict=True)):
        marked = sample.places(turn, list(sample.marks[turn]))
        if places != marked:
            signs = {
                place: "/" if place in places & marked else "+" if place in places else "-" for place in places | marked
            }
            for place in sorted(signs, reverse=True):
                start = int(sample.words[turn][place])
                text = f"{text[:start]}{signs[place]} {text[start:]}"
            print(f"{sample.styles[turn]:12}{text}")


def print_times(rounds: int) -> None:
    sessions = read_sessions(sorted(CORPUS.glob("transcripts*")))
    texts = [turn.text for session in sessions for turn in session.turns]
    table = tokenize(sessions)
    tasks: dict[str, Callable[[], object]] = {
        "spaCy tokenizer": lambda: list(english().tokenizer.pipe(texts, batch_size=1000)),
        "find_spoken": lambda: find_spoken(table.words, table.word, table.turn_row),
        "find_segments": lambda: find_segments(
            table.words, table.word, table.start, table.end, table.turn_row, table.is_spoken
        ),
        "tokenize (all of it)": lambda: tokenize(sessions),
    }
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - began)
    floor = statistics.median(seconds["spaCy tokenizer"])
    print(f"\n{len(texts)} turns, {len(table.word)} tokens, {len(table.segment_turn)} segments (example corpus)")
    for name, times in seconds.items():
        print(
            f"{name:24}{statistics.median(times) * 1000:10.1f} ms{statistics.median(times) / floor:8.3f} of the tokenizer"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("half", nargs="?", choices=("develop", "heldout"), default="develop")
    parser.add_argument("--styles", action="store_true", help="figures of each style")
    parser.add_argument("--errors", action="store_true", help="print the turns that are cut wrongly")
    parser.add_argument("--rounds", type=int, default=5, help="of timing; 0: none")
    arguments = parser.parse_args()
    sample = read_sample(MARKED / f"{arguments.half}.jsonl")
    systems = {"relcode": by_relcode(sample), "sentencizer": by_sentencizer(sample), "whole turn": by_turn(sample)}
    generator = np.random.default_rng(0)
    print(f"{arguments.half}: {len(sample.texts)} turns, {sum(len(marks) + 1 for marks in sample.marks)} units")
    print(f"{'':24}" + "".join(f"{name:>24}" for name in ("precision", "recall", "F1", "unit F1")))
    for name, found in systems.items():
        rows = counts(sample, found)
        print(report(name, rows, generator))
        if arguments.styles:
            for style in dict.fromkeys(sample.styles):
                print(report(f"  {style}", rows[np.array(sample.styles) == style], generator))
    if arguments.errors:
        print_errors(sample, systems["relcode"])
    if arguments.rounds:
        print_times(arguments.rounds)


if __name__ == "__main__":
    main()
