"""The segmenter on the marked samples (tests/data/segments): it may get better there, not worse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from relcode.records import Session, Turn
from relcode.transcripts.tokens import tokenize

MARKED = Path(__file__).parents[1] / "data" / "segments"


def boundary_f1(name: str) -> float:
    """F1 of the boundaries, by the number of words before each; `benchmarks/segments` gives the same figure."""
    lines = [json.loads(line) for line in (MARKED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = [line["marked"].replace(" / ", " ") for line in lines]
    table = tokenize([Session("S", tuple(Turn(n, "T", text) for n, text in enumerate(texts, start=1)))])
    right = found = wanted = 0
    for row, line in enumerate(lines):
        parts = line["marked"].split(" / ")
        marks = np.cumsum([len(part) + 1 for part in parts[:-1]])
        words = table.start[(table.turn_row == row) & table.is_spoken]
        cuts = table.segment_start[table.segment_turn == row]
        is_place = {int(place) for place in range(1, len(words))}
        marked = {int(place) for place in np.searchsorted(words, marks)} & is_place
        cut = {int(place) for place in np.searchsorted(words, cuts)} & is_place
        right, found, wanted = right + len(marked & cut), found + len(cut), wanted + len(marked)
    return 2 * right / (found + wanted)


@pytest.mark.parametrize(("name", "floor"), [("develop", 0.930), ("heldout", 0.875)])
def test_boundaries_of_the_marked_samples_are_found(name: str, floor: float) -> None:
    assert boundary_f1(name) >= floor


def test_the_samples_hold_enough_of_each_style() -> None:
    halves = [
        [json.loads(line) for line in (MARKED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        for name in ("develop", "heldout")
    ]
    assert {line["style"] for line in halves[0]} == {line["style"] for line in halves[1]}
    units = [sum(line["marked"].count(" / ") + 1 for line in half) for half in halves]
    assert min(units) > 400
