"""Words a second of the detectors, and of detection with replacement, on one core, lists loaded.

    python benchmarks/deid/speed.py [TRANSCRIPTS ...]

Without arguments: the forty sessions of the example corpus, in which few words belong to an identifier.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from relcode.deid import deidentify, detect
from relcode.transcripts import read_sessions

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"


def main() -> None:
    sessions = read_sessions(sys.argv[1:] or sorted(CORPUS.glob("transcripts*")))
    words = sum(len(turn.text.split()) for session in sessions for turn in session.turns)
    detect(sessions[0])  # loads the lists
    for name, work in (
        ("detect", lambda: [detect(one) for one in sessions]),
        ("deidentify", lambda: deidentify(sessions)),
    ):
        began = time.process_time()
        work()
        print(f"{name:10s} {words / (time.process_time() - began):,.0f} words a second ({words:,} words)")


if __name__ == "__main__":
    main()
