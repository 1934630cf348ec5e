"""Segments a second and peak memory of `relcode score` beside what else could be built, on real speech repeated.

    python benchmarks/scale/scale.py AnnoMI-simple.csv --model models/NAME [--words 1000000] [--rounds 3] [--encoder DIR]

Each method runs in a process of its own, the methods in turn, `--rounds` times; start-up (imports, loading or fitting a
model) is left out of the seconds, which are CPU seconds (the median of the rounds). The utterances are written as
canonical transcripts and repeated, so that what remembers (relcode's memory of chunks and of cues, spaCy's cache) is
flattered: `cold` is relcode's first pass over the text once, in a fresh process.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from methods import METHODS

from relcode.records import Session, Turn
from relcode.transcripts.canonical import write_session


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("utterances", type=Path, help="AnnoMI-simple.csv")
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--encoder", type=Path, help="a sentence encoder's folder: the last method, on a sample")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--run", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        measure(arguments.run, arguments.utterances, arguments.model, arguments.encoder)
        return
    with tempfile.TemporaryDirectory() as folder:
        words, turns = write_corpus(arguments.utterances, Path(folder) / "all", arguments.words)
        write_corpus(arguments.utterances, Path(folder) / "once", 1)
        print(f"{words} words, {turns} turns")
        report(arguments, Path(folder))


def write_corpus(source: Path, folder: Path, words: int) -> tuple[int, int]:
    """Write the utterances as canonical transcripts, as often as `words` asks for; words and turns written."""
    sessions: dict[str, list[dict[str, str]]] = {}
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sessions.setdefault(row["transcript_id"], []).append(row)
    done = turns = copies = 0
    while done < words:
        for name, rows in sessions.items():
            ordered = sorted(rows, key=lambda row: int(row["utterance_id"]))
            texts = [("T" if row["interlocutor"] == "therapist" else "C", row["utterance_text"]) for row in ordered]
            spoken = tuple(Turn(number, *each) for number, each in enumerate(texts, start=1))
            write_session(Session(f"{name}-{copies}", spoken), folder)
            done += sum(len(text.split()) for _, text in texts)
            turns += len(spoken)
        copies += 1
    return done, turns


def report(arguments: argparse.Namespace, folder: Path) -> None:
    """Run the methods in turn and print what they took."""
    jobs = {name: (name, "all") for name in arguments.methods if name != "encoder" or arguments.encoder}
    if "relcode" in jobs:
        jobs["relcode, cold"] = ("relcode", "once")
    found: dict[str, list[dict[str, float]]] = {name: [] for name in jobs}
    for _ in range(arguments.rounds):
        for name, (method, part) in jobs.items():
            command = [sys.executable, __file__, str(folder / part), "--model", str(arguments.model), "--run", method]
            command += ["--encoder", str(arguments.encoder)] if arguments.encoder else []
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found[name].append(json.loads(done.stdout.splitlines()[-1]))
    floor = [each["seconds"] / each["turns"] for each in found.get("tokenizer", [])]
    print(f"{'method':16s} {'turns/s':>10s} {'segments/s':>11s} {'peak MiB':>9s} {'of (a)':>7s}")
    for name, runs in found.items():
        seconds = statistics.median(each["seconds"] / each["turns"] for each in runs)
        segments = runs[0].get("segments", 0) / runs[0]["turns"] / seconds
        ratio = f"{statistics.median(floor) / seconds:7.3f}" if floor else ""
        peak = max(each["peak"] for each in runs)
        print(f"{name:16s} {1 / seconds:10.0f} {segments or float('nan'):11.0f} {peak:9.0f} {ratio}")
        for stage, each in sorted(runs[0].get("stages", {}).items(), key=lambda pair: -pair[1]):  # type: ignore[attr-defined]
            print(f"    {stage:24s} {100 * each / runs[0]['seconds']:5.1f} %")


def measure(method: str, folder: Path, model: Path, encoder: Path | None) -> None:
    """Run one method in this process and print what it took as JSON."""
    work: Callable[[], dict[str, object]] = METHODS[method](sorted(folder.glob("*.jsonl")), model, encoder)
    began = time.process_time()
    counts = work()
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, **counts}))


if __name__ == "__main__":
    main()
