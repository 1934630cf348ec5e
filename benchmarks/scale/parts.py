"""Where the time of scoring goes: its parts in units of spaCy's tokenizer over the same texts, once words are known.

    python benchmarks/scale/parts.py AnnoMI-simple.csv --model models/NAME

In one process, in the same batches, the parts in turn; CPU seconds, of five rounds the least.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from corpus import read_annomi, write_corpus

from relcode.learning.load import load_model
from relcode.learning.segments import Segments, fired_cues
from relcode.scoring.score import scores_of
from relcode.scoring.survey import read_all
from relcode.transcripts.tokens import english, tokenize

ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("utterances", type=Path, help="AnnoMI-simple.csv")
    parser.add_argument("--model", required=True, type=Path)
    arguments = parser.parse_args()
    model, sessions = load_model(arguments.model), read_annomi(arguments.utterances)
    texts = [turn.text for session in sessions for turn in session.turns]
    batches = [sessions[first : first + 33] for first in range(0, len(sessions), 33)]
    with tempfile.TemporaryDirectory() as folder:
        write_corpus(iter(sessions), Path(folder))
        files = sorted(Path(folder).rglob("*.jsonl"))
        floor = least(lambda: sum(map(len, english().tokenizer.pipe(texts))))
        reading = least(lambda: [read_all(path) for path in files])
    tokens = least(lambda: [tokenize(batch) for batch in batches])
    tables = [tokenize(batch) for batch in batches]
    cues = least(lambda: [fired_cues(Segments(table), model.codebook) for table in tables])
    whole = least(lambda: [scores_of(table, model) for table in tables])
    parts = {
        "reading, once": reading,
        "tokens and segments": tokens,
        "cues": cues,
        "linear kind and table": whole - cues,
    }
    for name, seconds in parts.items():
        print(f"{name:24s} {seconds / floor:5.2f}")


def least(work: Callable[[], object]) -> float:
    """The least CPU seconds of some rounds, after one that learns."""
    work()
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


if __name__ == "__main__":
    main()
