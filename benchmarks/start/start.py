"""What each verb costs before it does anything: CPU seconds, modules, and the heavy libraries among them.

    python benchmarks/start/start.py [--rounds 3]

Each line is run by itself in a study with two of the synthetic sessions; of the rounds, which go through all lines in turn, the
least CPU time (user and system) counts. The last column is the time over that of `import spacy` in a process of its own.
Modules and libraries are those in memory when the line ends.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TRANSCRIPTS = Path(__file__).parents[2] / "examples" / "corpus" / "transcripts"
FLOOR = "import spacy"
LINES = (
    "--help",
    "score --help",
    "codebook list",
    "codebook show relational-core",
    "models list",
    "status",
    "doctor",
    "ledger verify",
    "batch list",
    "plugins",
    "init other --coder anna",
    "import raw --dry-run",
    "deid raw --out tagged --report report.jsonl",
    "preannotate transcripts --out suggestions/cues.jsonl",
    "score transcripts --model relational-synthetic --out reports/scores.parquet",
    "audit transcripts --labels suggestions/cues.jsonl --out reports/report.html",
    "completion of `relcode score --`",
)
HEAVY = (
    "numpy",
    "numba",
    "scipy.special",
    "scipy.stats",
    "spacy",
    "sklearn",
    "pandas",
    "pyarrow",
    "sqlalchemy",
    "altair",
)
# as `relcode` itself: with the settings that a process of its own has
PROGRAM = f"""
import atexit, sys
atexit.register(lambda: print("modules", len(sys.modules), *(name for name in {HEAVY} if name in sys.modules), file=sys.stderr))
from relcode.cli import main
main()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study"
        study_in(study)
        seconds: dict[str, float] = {}
        loaded: dict[str, list[str]] = {}
        for _ in range(rounds):
            for line in (FLOOR, *LINES):
                spent, loaded[line] = run(line, study)
                seconds[line] = min(spent, seconds.get(line, spent))
    print(f"{'verb':76} CPU s  modules  x spaCy  libraries")
    for line in LINES:
        count, *libraries = loaded[line]
        print(f"{line:76} {seconds[line]:5.2f} {count:>8} {seconds[line] / seconds[FLOOR]:8.1f}  {' '.join(libraries)}")


def study_in(folder: Path) -> None:
    """A study with two sessions, which hold no identifier."""
    run(f"init {folder} --coder anna --coder ben", folder.parent)
    (folder / "raw").mkdir()
    for path in sorted(TRANSCRIPTS.glob("*.jsonl"))[:2]:
        shutil.copy(path, folder / "raw")
    run("deid raw --out transcripts", folder)


def run(line: str, folder: Path) -> tuple[float, list[str]]:
    """CPU seconds of a line, and what it says of modules at its end."""
    words, environment = line.split(), dict(os.environ, OMP_NUM_THREADS="1")
    if line.startswith("completion"):
        asked = {"COMP_WORDS": "relcode score --", "COMP_CWORD": "2", "_RELCODE_COMPLETE": "complete_bash"}
        words, environment = [], environment | asked
    program = [sys.executable, "-c", FLOOR] if line == FLOOR else [sys.executable, "-c", PROGRAM, *words]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = [each for each in done.stderr.splitlines() if each.startswith("modules ")]
    if line != FLOOR and (
        not said or done.returncode not in (0, 1)
    ):  # 1: what a command found, such as a doctor's note
        raise SystemExit(f"relcode {line} ended with {done.returncode}:\n{done.stderr}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, said[-1].split()[1:] if said else []


if __name__ == "__main__":
    main()
