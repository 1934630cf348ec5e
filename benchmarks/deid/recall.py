"""Recall and precision of the detectors by class with intervals; identifiers leaked a session; words a second.

    python benchmarks/deid/recall.py [FOLDER] [--recogniser-text] [--beside] [--spacy-model NAME]
    python benchmarks/deid/recall.py --presidio-synth synth_dataset_v2.json --beside

FOLDER is of the form of `tests/data/deid`, which is the default. A mark counts as found when 90 % of it is covered,
whatever the label; a finding is right when it touches a mark. `--beside` runs Presidio and, where installed, scrubadub
on the same text.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import systems
from material import Mark, Material, as_recognised, from_folder, from_presidio_synth
from scipy.stats import binomtest

from relcode.deid.recognisers import find_patterns

DEVELOPMENT = Path(__file__).parents[2] / "tests" / "data" / "deid"
COVERED = 0.9
RESAMPLES = 2000


@dataclass(frozen=True)
class Result:
    """What one system found: per mark whether it was covered and named right; per finding whether it was right."""

    name: str
    marks: list[Mark]
    covered: list[bool]
    named: list[bool]
    findings: list[Mark]
    right: list[bool]
    words_a_second: float

    @property
    def recall(self) -> float:
        return sum(self.covered) / max(1, len(self.covered))

    @property
    def precision(self) -> float:
        return sum(self.right) / max(1, len(self.right))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=DEVELOPMENT)
    parser.add_argument("--presidio-synth", type=Path)
    parser.add_argument("--recogniser-text", action="store_true", help="lower case, no punctuation, no apostrophes")
    parser.add_argument("--beside", action="store_true", help="Presidio and scrubadub on the same text")
    parser.add_argument("--spacy-model", help="an installed spaCy model for Presidio's entities")
    arguments = parser.parse_args()
    material = (
        from_presidio_synth(arguments.presidio_synth) if arguments.presidio_synth else from_folder(arguments.folder)
    )
    if arguments.recogniser_text:
        material = as_recognised(material)
    ours = measure("relcode", systems.relcode, material)
    by_class(ours)
    results = [ours, *(beside(material, arguments.spacy_model) if arguments.beside else ())]
    totals(results, material)
    print(f"the recognisers of forms alone: {forms_alone(material):,.0f} words a second")


def forms_alone(material: Material) -> float:
    """Words a second of `find_patterns`, without names, places and organisations."""
    texts = [turn.text for session in material.sessions for turn in session.turns]
    began = time.process_time()
    for text in texts:
        for _ in find_patterns(text, text.lower()):
            pass
    return material.words / (time.process_time() - began)


def beside(material: Material, model: str | None) -> list[Result]:
    found = [measure("presidio", systems.presidio(None), material)]
    if model:
        found.append(measure(f"presidio+{model}", systems.presidio(model), material))
    try:
        found.append(measure("scrubadub", systems.scrubadub(), material))
    except ImportError:
        print("scrubadub is not installed: skipped (pip install scrubadub)")
    return found


def measure(name: str, system: systems.System, material: Material) -> Result:
    system(material.sessions[:1])  # lists are read and libraries imported before the clock starts
    began = time.process_time()
    findings = system(material.sessions)
    seconds = time.process_time() - began
    found, marked = by_turn(findings), by_turn(material.marks)
    marks = [mark for mark in material.marks if mark.counted]
    touching = [[f for f in found[m.session, m.turn] if f.start < m.end and m.start < f.end] for m in marks]
    covered = [
        reach(mark, near) >= COVERED * (mark.end - mark.start) for mark, near in zip(marks, touching, strict=True)
    ]
    named = [any(f.label == mark.label for f in near) for mark, near in zip(marks, touching, strict=True)]
    right = [any(f.start < m.end and m.start < f.end for m in marked[f.session, f.turn]) for f in findings]
    return Result(name, marks, covered, named, findings, right, material.words / seconds)


def by_turn(marks: list[Mark]) -> dict[tuple[str, int], list[Mark]]:
    places: dict[tuple[str, int], list[Mark]] = defaultdict(list)
    for mark in marks:
        places[mark.session, mark.turn].append(mark)
    return places


def reach(mark: Mark, findings: list[Mark]) -> int:
    """How many characters of a mark are covered."""
    covered = {place for f in findings for place in range(max(f.start, mark.start), min(f.end, mark.end))}
    return len(covered)


def by_class(result: Result) -> None:
    total, hit, named = (Counter[str]() for _ in range(3))
    for mark, covered, same in zip(result.marks, result.covered, result.named, strict=True):
        total[mark.label] += 1
        hit[mark.label] += covered
        named[mark.label] += same
    found, right = Counter[str](), Counter[str]()
    for finding, is_right in zip(result.findings, result.right, strict=True):
        found[finding.label] += 1
        right[finding.label] += is_right
    print(f"{'class':10s} {'recall':34s} {'right class':12s} precision")
    for label in sorted(total | found):
        same = f"{named[label] / total[label]:.3f}" if total[label] else "-"
        print(f"{label:10s} {share(hit[label], total[label]):34s} {same:12s} {share(right[label], found[label])}")


def totals(results: list[Result], material: Material) -> None:
    print(
        f"\n{len(material.sessions)} sessions, {len(results[0].marks)} marks, {material.words:,} words; intervals by session"
    )
    first = results[0]
    for result in results:
        leaked = (len(result.covered) - sum(result.covered)) / len(material.sessions)
        recall = interval([mark.session for mark in result.marks], result.covered)
        precision = interval([finding.session for finding in result.findings], result.right)
        print(f"{result.name:24s} recall {result.recall:.3f} {recall}  precision {result.precision:.3f} {precision}  "
              f"leaked a session {leaked:.1f}  words a second {result.words_a_second:,.0f}")  # fmt: skip
    for result in results[1:]:
        recall = first.recall / result.recall if result.recall else float("inf")
        precision = first.precision / result.precision if result.precision else float("inf")
        speed = first.words_a_second / result.words_a_second
        print(f"relcode to {result.name}: recall x{recall:.2f}, precision x{precision:.2f}, speed x{speed:.1f}")


def interval(sessions: list[str], right: list[bool]) -> str:
    """95 % interval of a share, drawing whole sessions with replacement."""
    if not right:
        return "[-]"
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for session, is_right in zip(sessions, right, strict=True):
        counts[session][0] += is_right
        counts[session][1] += 1
    table = np.array(list(counts.values()))
    draws = np.random.default_rng(0).integers(len(table), size=(RESAMPLES, len(table)))
    sums = table[draws].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
    return f"[{low:.3f}, {high:.3f}]"


def share(count: int, total: int) -> str:
    if not total:
        return "-"
    wilson = binomtest(count, total).proportion_ci(method="wilson")
    return f"{count / total:.3f} [{wilson.low:.3f}, {wilson.high:.3f}] ({count} of {total})"


if __name__ == "__main__":
    main()
