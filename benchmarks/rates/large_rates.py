"""Seconds and peak memory of `relcode rates` and `relcode query` on a folder that `large_corpus.py` made.

    python benchmarks/rates/large_rates.py FOLDER [--only overall therapist ...]

Each command runs in a process of its own. Processor seconds and seconds by the clock, of everything from its start on.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = {
    "overall": ("rates",),
    "therapist": ("rates", "--by", "therapist"),
    "client, third": ("rates", "--by", "client,third", "--code", "TSI", "--code", "INT"),
    "session": ("rates", "--by", "session", "--code", "TSI"),
    "contrast": ("rates", "--by", "therapist", "--contrast", "session_number<6"),
    "query": ("query", "--code", "TSI"),
    "query --where": ("query", "--code", "TSI", "--where", "therapist=T001"),
    "query --limit": ("query", "--code", "TSI", "--at-least", "0.01", "--limit", "20"),
    "query --unsure": ("query", "--code", "TSI", "--unsure", "--precision", "0.95"),
}


def arguments(folder: Path, name: str) -> list[str]:
    """The whole command line; all codes by default, all results to a file."""
    verb, *rest = COMMANDS[name]
    given = [verb, "--scores", str(folder / "scores"), "--metadata", str(folder / "headers.csv"), *rest]
    hand = ["--labels", str(folder / "hand.jsonl"), "--transcripts", str(folder / "transcripts")]
    if verb == "rates":
        return [*given, *hand, "--sample", "random", "--out", str(folder / "rates.csv")]
    return [*given, *(hand if "--unsure" in rest else [])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(COMMANDS), default=list(COMMANDS))
    given = parser.parse_args()
    print("| command | processor seconds | seconds | peak MiB |\n|---|---|---|---|", flush=True)
    for name in given.only:
        started = time.perf_counter()
        run = subprocess.Popen(
            [sys.executable, "-m", "relcode", *arguments(given.folder, name)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(run.pid, 0)
        if status:
            raise SystemExit(f"relcode {' '.join(COMMANDS[name])} failed")
        seconds = time.perf_counter() - started
        processor = used.ru_utime + used.ru_stime
        print(f"| {name} | {processor:.0f} | {seconds:.0f} | {used.ru_maxrss // 1024} |", flush=True)


if __name__ == "__main__":
    main()
