"""How long a caseload's report takes, and how large it is: CPU seconds of each step, and megabytes of each file.

Transcripts of a folder are repeated, under other ids, to as many sessions as asked for: twenty clients of one therapist.
`--joined 3` puts three of them one after the other in each session, for sessions as long as real ones. The codes are those
of the model that relcode ships, or of `--model`.

    python benchmarks/audit/caseload.py FOLDER... [--sessions 200] [--joined 1] [--model FOLDER] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from relcode.audit import audit, render_report
from relcode.audit.figure_table import write_figures
from relcode.cli.audit import _shipped_model
from relcode.learning.load import load_model
from relcode.records import Session, Turn
from relcode.scoring.score import score_sessions
from relcode.transcripts import read_sessions

CLIENTS = 20
Made = TypeVar("Made")


def repeated(given: list[Session], count: int, joined: int) -> list[Session]:
    """As many sessions as asked for, each of so many of those given, one after the other; without times."""
    sessions = []
    for number in range(count):
        parts = [given[(number * joined + part) % len(given)] for part in range(joined)]
        said = [turn for session in parts for turn in session.turns]
        turns = tuple(Turn(place, turn.speaker, turn.text) for place, turn in enumerate(said, start=1))
        client = f"C{number % CLIENTS:02}"
        header = {"dyad": f"D-{client}", "client": client, "therapist": "T01", "session_number": number // CLIENTS + 1}
        sessions.append(Session(f"R{number:04}", turns, header))
    return sessions


def timed(what: str, make: Callable[[], Made]) -> Made:
    """Make something, and print the CPU and clock seconds it took."""
    began, clock = time.process_time(), time.perf_counter()
    made = make()
    print(f"{what:28} {time.process_time() - began:7.1f} s CPU, {time.perf_counter() - clock:7.1f} s by the clock")
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--joined", type=int, default=1)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    sessions = repeated(read_sessions(asked.folders), asked.sessions, asked.joined)
    words = sum(len(turn.text.split()) for session in sessions for turn in session)
    print(f"{len(sessions)} sessions, {sum(len(s.turns) for s in sessions):,} turns, {words:,} words")
    model = timed("loading the model", lambda: load_model(asked.model or _shipped_model()))
    scores = timed("scoring", lambda: score_sessions(sessions, model))
    scores.attrs.update(model_id=model.id, codebook=model.codebook.id, codebook_version=model.codebook.version)
    result = timed("audit", lambda: audit(sessions, model.codebook, scores=scores, source=model.id))
    page = timed("the page", lambda: render_report(result, sessions, model.codebook))
    redacted = timed("the page, redacted", lambda: render_report(result, sessions, model.codebook, redact=True))
    with tempfile.TemporaryDirectory() as folder:
        out = asked.out or Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        (out / "caseload.html").write_text(page, encoding="utf-8")
        (out / "redacted.html").write_text(redacted, encoding="utf-8")
        encoded = timed("JSON", lambda: msgspec.json.encode(result))
        (out / "caseload.json").write_bytes(encoded)
        timed("CSV", lambda: write_figures(out / "caseload.csv", result))
        for name in ("caseload.html", "redacted.html", "caseload.json", "caseload.csv"):
            print(f"{name:28} {(out / name).stat().st_size / 1e6:7.2f} MB")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
