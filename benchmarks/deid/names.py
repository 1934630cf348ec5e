"""Recall and precision of people, places and organisations, as written and as a recogniser writes them; and the speed.

    python benchmarks/deid/names.py [--show] [--corpus FILE_OR_FOLDER ...]

With `--corpus`: how many findings in 1,000 words there are in sessions that hold few identifiers or none.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from relcode.deid import detect
from relcode.records import Session, Turn
from relcode.transcripts import read_sessions

DATA = Path(__file__).parents[2] / "tests" / "data" / "deid"
KINDS = ("NAME", "LOCATION", "ORG")
Mark = tuple[str, int, int, int, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", action="store_true", help="what was missed and what was found for nothing")
    parser.add_argument("--corpus", type=Path, nargs="*")
    arguments = parser.parse_args()
    if arguments.corpus:
        rate(read_sessions(arguments.corpus))
        return
    marks = [json.loads(line) for line in (DATA / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    gold = [(mark["session_id"], mark["turn"], mark["start"], mark["end"], mark["label"]) for mark in marks]
    sessions = read_sessions([DATA / "transcripts"])
    print("as written")
    measure(sessions, gold, show=arguments.show)
    print("in lower case, without punctuation")
    measure(*as_recognised(sessions, gold), show=arguments.show)


def rate(sessions: list[Session]) -> None:
    words = sum(len(turn.text.split()) for session in sessions for turn in session.turns)
    for least in (0.5, 0.8):
        found = [f for s in sessions for f in detect(s) if f.probability >= least and f.label in KINDS]
        print(f"at {least}: {1000 * len(found) / words:.2f} findings in 1,000 words", Counter(f.label for f in found))


def as_recognised(sessions: list[Session], gold: list[Mark]) -> tuple[list[Session], list[Mark]]:
    """The sessions without capitals, punctuation and apostrophes, with the marks moved along."""
    lowered, places = [], {}
    for session in sessions:
        turns = []
        for turn in session.turns:
            kept = [n for n, c in enumerate(turn.text) if c.isalnum() or c.isspace() or c in "[]_@"]
            places[session.session_id, turn.turn] = kept
            turns.append(Turn(turn.turn, turn.speaker, "".join(turn.text[n] for n in kept).lower()))
        lowered.append(Session(session.session_id, tuple(turns)))
    marks = []
    for session_id, number, start, end, label in gold:
        kept = places[session_id, number]
        marks.append((session_id, number, sum(n < start for n in kept), sum(n < end for n in kept), label))
    return lowered, marks


def measure(sessions: list[Session], gold: list[Mark], *, show: bool) -> None:
    began = time.perf_counter()
    found = [f for s in sessions for f in detect(s) if f.probability >= 0.5]
    seconds = time.perf_counter() - began
    texts = {(s.session_id, t.turn): t.text for s in sessions for t in s.turns}
    hit: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for session, turn, start, end, label in gold:
        here = [f for f in found if (f.session_id, f.turn) == (session, turn)]
        covered = sum(max(0, min(f.end, end) - max(f.start, start)) for f in here) >= 0.9 * (end - start)
        hit[label] += covered
        total[label] += 1
        if show and not covered and label in KINDS:
            print("  missed", label, repr(texts[session, turn][max(0, start - 25) : end + 15]))
    right: Counter[str] = Counter()
    all_found: Counter[str] = Counter()
    for f in found:
        good = any((s, t) == (f.session_id, f.turn) and f.start < e and b < f.end for s, t, b, e, _ in gold)
        right[f.label] += good
        all_found[f.label] += 1
        if show and not good and f.label in KINDS:
            text = texts[f.session_id, f.turn]
            print(
                "  wrong", f.label, f.probability, f.reason, repr(text[max(0, f.start - 20) : f.end + 15]), repr(f.text)
            )
    for label in KINDS:
        print(f"  {label:9s} recall {hit[label] / total[label]:.3f} of {total[label]}", end="")
        print(f"  precision {right[label] / max(1, all_found[label]):.3f} of {all_found[label]}")
    words = sum(len(text.split()) for text in texts.values())
    print(f"  {words / seconds:,.0f} words a second, all detectors")


if __name__ == "__main__":
    main()
