"""How long the gate takes on a project of many sessions: `python benchmarks/deid/gate_time.py [SESSIONS]` (1,000 by default).

The example corpus, de-identified, stands in under other names until there are enough sessions.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from relcode.deid import deidentify, detect, gate_faults, record_deid
from relcode.ledger import Ledger
from relcode.records import Session
from relcode.transcripts import read_sessions

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"


def main(wanted: int) -> None:
    done = deidentify(read_sessions(sorted(CORPUS.glob("transcripts*"))))
    originals = done.sessions
    many = [Session(f"S{number}", originals[number % len(originals)].turns) for number in range(wanted)]
    turns = sum(len(session.turns) for session in many)
    print(f"{wanted} sessions, {turns} turns")
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.db")
        begun = time.perf_counter()
        record_deid(replace(done, sessions=tuple(many), findings=(), offset_maps={}), ledger)
        print(f"putting on record, with a look of the detectors: {time.perf_counter() - begun:.1f} s")
        begun = time.perf_counter()
        faults = gate_faults(many, ledger)
        print(f"the gate, from the record: {time.perf_counter() - begun:.2f} s; {len(faults)} session(s) refused")
    begun = time.perf_counter()
    for session in originals:
        detect(session)
    print(f"a look of the detectors: {(time.perf_counter() - begun) / len(originals) * 1000:.0f} ms a session")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
