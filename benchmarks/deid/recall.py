"""Recall and precision of the detectors by class with intervals; identifiers leaked a session; words a second.

    python benchmarks/deid/recall.py [--presidio-synth synth_dataset_v2.json]

Without a file: the development set in `tests/data/deid`. A mark counts as found when 90 % of it is covered.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from scipy.stats import binomtest

from relcode.deid import deidentify
from relcode.records import Session, Turn
from relcode.transcripts import read_sessions

DATA = Path(__file__).parents[2] / "tests" / "data" / "deid"
# The classes of the presidio set that are identifiers here (a state, country, nationality or title is none).
PRESIDIO = {
    "PERSON": "NAME", "STREET_ADDRESS": "LOCATION", "ORGANIZATION": "ORG", "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "CREDIT_CARD": "ACCOUNT", "IBAN_CODE": "ACCOUNT", "US_SSN": "SSN", "IP_ADDRESS": "IP", "DOMAIN_NAME": "URL",
    "US_DRIVER_LICENSE": "LICENSE", "ZIP_CODE": "LOCATION",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presidio-synth", type=Path)
    arguments = parser.parse_args()
    sessions, gold = development() if arguments.presidio_synth is None else presidio(arguments.presidio_synth)
    began = time.perf_counter()
    findings = deidentify(sessions).findings
    seconds = time.perf_counter() - began
    places: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for finding in findings:
        places.setdefault((finding.session_id, finding.turn), []).append((finding.start, finding.end))
    total: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    marked: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for session, turn, start, end, label in gold:
        total[label] += 1
        reach = sum(max(0, min(e, end) - max(s, start)) for s, e in places.get((session, turn), ()))
        hit[label] += reach >= 0.9 * (end - start)
        marked.setdefault((session, turn), []).append((start, end))
    for label in sorted(total):
        print(f"{label:10s} recall {share(hit[label], total[label])}")
    right = sum(any(f.start < e and s < f.end for s, e in marked.get((f.session_id, f.turn), ())) for f in findings)
    found, marks = sum(hit.values()), sum(total.values())
    print(f"{'all':10s} recall {share(found, marks)}")
    print(f"{'all':10s} precision {share(right, len(findings))}")
    words = sum(len(turn.text.split()) for session in sessions for turn in session.turns)
    print(f"leaked a session: {(marks - found) / len(sessions):.1f}; {words / seconds:,.0f} words a second")


def share(count: int, total: int) -> str:
    if not total:
        return "undefined (nothing marked)"
    interval = binomtest(count, total).proportion_ci(method="wilson")
    return f"{count / total:.3f} [{interval.low:.3f}, {interval.high:.3f}] ({count} of {total})"


def development() -> tuple[list[Session], list[tuple[str, int, int, int, str]]]:
    marks = [json.loads(line) for line in (DATA / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    gold = [(mark["session_id"], mark["turn"], mark["start"], mark["end"], mark["label"]) for mark in marks]
    return read_sessions([DATA / "transcripts"]), gold


def presidio(path: Path) -> tuple[list[Session], list[tuple[str, int, int, int, str]]]:
    sessions, gold = [], []
    for number, entry in enumerate(json.loads(path.read_text(encoding="utf-8"))):
        name = f"p{number}"
        sessions.append(Session(name, (Turn(1, "C", entry["full_text"]),)))
        for span in entry["spans"]:
            if span["entity_type"] in PRESIDIO:
                label = PRESIDIO[span["entity_type"]]
                gold.append((name, 1, span["start_position"], span["end_position"], label))
    return sessions, gold


if __name__ == "__main__":
    main()
