"""What suggestions save coders: actions needed to correct them, against coding from nothing.

    python benchmarks/learning/saving.py [--split dyad | author] [--sessions 4 8 16 30] [--kind linear]

The example corpus, simulated: so many sessions are drawn and count as coded; a model is trained on them, with
probabilities, thresholds and boundaries from held-out dyads among them; it suggests on sessions whose dyads (or whose
author) it never saw; and what coders would have to do until the accepted labels stand is counted (`edits.py`). From
nothing each accepted label is one action: add. Three measures of when a label is right: to the *letter* of its words; to
the *segments* that these cover, which is what a code is carried by; in its *turn* alone. `offered`: what relcode offers;
`held`: all that the model holds, neighbouring segments joined; `second coder`: as if another coder's labels (of the
first ten sessions) were offered. The corpus is synthetic: see its README.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from edits import Edits, Label, count_edits
from simulated import CORPUS, Material, Trained, corpus

from relcode.cues import decide, joined_runs, offer_thresholds
from relcode.records import Span
from relcode.spans import read_spans
from relcode.transcripts.tokens import covered_words

MEASURES = ("letter", "segments", "turn")
Found = tuple[int, int, int]  # code, first and last segment


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("dyad", "author"), default="dyad")
    parser.add_argument("--sessions", nargs="+", type=int, default=[4, 8, 16, 30])
    parser.add_argument("--kind", default="linear")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    material = corpus()
    totals: dict[tuple[int, str, str], Edits] = defaultdict(Edits)
    for number, (train, test) in enumerate(material.splits(arguments.split, seed=arguments.seed), start=1):
        for count, name, found in simulate(material, train, test, arguments.sessions, arguments.kind, arguments.seed):
            for measure in MEASURES:
                totals[count, name, measure] += edits_of(material, found, test, measure)
        print(f"fold {number} done", flush=True)
    print(
        f"\n{len(material.table.sessions)} sessions, {arguments.split}s held out, {arguments.kind}, seed {arguments.seed}"
    )
    print_table(totals | dict(second_coder(material)))


def second_coder(material: Material) -> Iterator[tuple[tuple[int, str, str], Edits]]:
    """What the labels of a second coder would save as suggestions, on the sessions that have them: a ceiling."""
    spans = read_spans(CORPUS / "labels" / "coder_B.jsonl")
    names = {span.session_id for span in spans}
    tested = [number for number, session in enumerate(material.table.sessions) if session.session_id in names]
    for measure in MEASURES:
        offered = _labels(material, spans, measure)
        accepted = _labels(material, material.spans_of(tested), measure)
        yield (0, "second coder", measure), count_edits(_once(offered, measure), _once(accepted, measure))


def simulate(
    material: Material, train: np.ndarray, test: np.ndarray, counts: Iterable[int], kind: str, seed: int
) -> Iterator[tuple[int, str, list[Found]]]:
    """Number of sessions coded, what is offered, and the labels on the test sessions."""
    tested = np.zeros(len(material.cues), dtype=np.bool_)
    tested[material.rows(test)] = True
    held = decide(material.book, material.cues * tested[:, None], offer_thresholds(material.book))
    yield 0, "cues, offered", joined_runs(material.table, held)
    order = np.random.default_rng(seed).permutation(train)
    for count in counts:
        if count > len(order):
            continue
        coded = order[:count]
        model = Trained(material, material.rows(coded), seed=seed, kind=kind)
        shown = model.probability * tested[:, None]
        yield count, "held", joined_runs(material.table, decide(material.book, shown, model.thresholds))
        boundaries = model.boundaries(material, material.spans_of(coded))
        offers = [] if boundaries is None else boundaries.offer(material.table, shown)
        yield count, "offered", [(each.code, each.first, each.last) for each in offers]


def edits_of(material: Material, found: Iterable[Found], test: np.ndarray, measure: str) -> Edits:
    """The edits between what was found and the accepted labels of the test sessions."""
    table, codes = material.table, material.book.code_ids
    offered = [
        (int(table.segment_turn[first]), _place(material, first, last, measure), codes[code])
        for code, first, last in found
    ]
    return count_edits(_once(offered, measure), _once(_labels(material, material.spans_of(test), measure), measure))


def _labels(material: Material, spans: Iterable[Span], measure: str) -> Iterator[Label]:
    table = material.table
    span: Span
    for span, turn, tokens in covered_words(table, spans):
        if not len(tokens) or span.code not in material.book.by_id:
            continue
        first, last = int(table.segment_row[tokens[0]]), int(table.segment_row[tokens[-1]])
        place = (span.start, span.end) if measure == "letter" else _place(material, first, last, measure)
        yield turn, place, span.code


def _place(material: Material, first: int, last: int, measure: str) -> tuple[int, int]:
    if measure == "letter":
        return int(material.table.segment_start[first]), int(material.table.segment_end[last])
    return (first, last + 1) if measure == "segments" else (0, 1)


def _once(labels: Iterable[Label], measure: str) -> list[Label]:
    """In a turn as such a code stands once."""
    return sorted(set(labels)) if measure == "turn" else list(labels)  # type: ignore[type-var]


def print_table(totals: dict[tuple[int, str, str], Edits]) -> None:
    columns = ("accepted", "offered", "kept", "relabel", "move", "delete", "add", "actions")
    print("\n| sessions coded | suggestions | right to the | " + " | ".join(columns) + " | saved |")
    print("|" + "---|" * (len(columns) + 4))
    for (count, name, measure), edits in totals.items():
        numbers = " | ".join(str(getattr(edits, column)) for column in columns)
        print(f"| {count} | {name} | {measure} | {numbers} | {edits.saved:+.1%} |")


if __name__ == "__main__":
    main()
