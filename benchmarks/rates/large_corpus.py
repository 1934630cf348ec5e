"""A corpus of many sessions with scores, a hand-coded sample and headers, as `relcode score --out FOLDER` would leave it.

    python benchmarks/rates/large_corpus.py FOLDER [--sessions 20000] [--coded 100]

Sessions are the example corpus's (some 360 segments each), under new names; places of segments are the real ones. Their
probabilities are those of the shipped model, moved (in log-odds) by session and by segment, so that no two numbers are the
same. That model learned from these sessions, and the scores say that a model made up for this made them: seconds and
memory are those of a real corpus, its rates say nothing.

Writes `scores/` (relcode's own shards and manifest), `headers.csv`, and of a random sample `transcripts/` and `hand.jsonl`.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from msgspec.structs import replace
from scipy.special import expit, logit

from relcode.learning.load import load_model
from relcode.learning.model import Model
from relcode.records import Session, Span, Turn
from relcode.scoring.manifest import write_manifest
from relcode.scoring.score import score_table
from relcode.scoring.shards import Entry, Form, write_shard
from relcode.shipped import shipped_folder
from relcode.spans import read_labels, write_spans
from relcode.transcripts import read_sessions, write_session

HERE = Path(__file__).parents[2] / "examples" / "corpus"
SETS = (("transcripts", "accepted"), *((f"transcripts{n}", f"coder_A_set{n}") for n in (2, 3, 4)))
SHARD = 32  # sessions in a shard: about as many segments as `relcode score` puts there
CLIENTS, THERAPISTS = 10, 200  # sessions a client; therapists of the corpus


class Template(NamedTuple):
    """A session to be repeated: turns, labels, scores."""

    turns: tuple[Turn, ...]
    spans: list[Span]
    scores: pa.Table


def templates(model: Model) -> list[Template]:
    """The sessions of the example corpus."""
    found = []
    for folder, labels in SETS:
        spans = read_labels(HERE / "labels" / f"{labels}.jsonl")
        for session in read_sessions([HERE / folder]):
            own = [span for span in spans if span.session_id == session.session_id]
            found.append(Template(session.turns, own, score_table([session], model)))
    return found


def moved(template: Template, name: str, model: Model, drawn: np.random.Generator) -> pa.Table:
    """A template's scores under another name, each moved by its session's habit and by chance."""
    table = template.scores.set_column(0, "session_id", pa.array([name] * template.scores.num_rows, pa.string()))
    for number, code in enumerate(model.codebook.code_ids):
        column = code.replace(".", "_")
        values = table[f"p_{column}"].to_numpy().astype(np.float64)
        shift = drawn.normal(0, 0.3) + drawn.normal(0, 0.7, len(values))
        values = np.where(values > 0, expit(logit(np.clip(values, 1e-6, 1 - 1e-6)) + shift), 0.0).astype(np.float32)
        place = table.schema.get_field_index(f"p_{column}")
        table = table.set_column(place, f"p_{column}", pa.array(values))
        table = table.set_column(place + 1, f"y_{column}", pa.array(values >= model.thresholds[number]))
    return table


def header(number: int) -> dict[str, object]:
    client = number // CLIENTS
    return {
        "session_id": f"S{number:06}",
        "therapist": f"T{client % THERAPISTS:03}",
        "client": f"C{client:05}",
        "dyad": f"D{client:05}",
        "session_number": number % CLIENTS + 1,
        "date": f"{2015 + client % 9}-{number % CLIENTS + 1:02}-15",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sessions", type=int, default=20_000)
    parser.add_argument("--coded", type=int, default=100)
    given = parser.parse_args()
    drawn = np.random.default_rng(1)
    model = load_model(shipped_folder("models") / "relational-synthetic")
    kinds = templates(model)
    form = Form.of(model, with_text=False)
    form = form._replace(made_by={**form.made_by, "model_id": "made-up-for-measuring"})
    folder: Path = given.folder / "scores"
    folder.mkdir(parents=True)
    headers = [header(number) for number in range(given.sessions)]
    kind_of = drawn.integers(0, len(kinds), given.sessions)
    shards = {}
    for first in range(0, given.sessions, SHARD):
        numbers = range(first, min(first + SHARD, given.sessions))
        tables = {f"S{number:06}": moved(kinds[kind_of[number]], f"S{number:06}", model, drawn) for number in numbers}
        entries = {name: Entry(f"{int(name[1:]):064x}", table.num_rows) for name, table in tables.items()}
        shards[write_shard(folder, form, tables.values(), entries)] = entries
    write_manifest(folder, form, shards, complete=True)
    with (given.folder / "headers.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(headers[0]))
        table.writeheader()
        table.writerows(headers)
    labels: list[Span] = []
    for number in sorted(drawn.choice(given.sessions, given.coded, replace=False)):
        kind, said = kinds[kind_of[number]], headers[number]
        name = str(said["session_id"])
        rest = {key: value for key, value in said.items() if key != "session_id"}
        write_session(Session(name, kind.turns, rest), given.folder / "transcripts")
        labels += [replace(span, session_id=name) for span in kind.spans]
    write_spans(given.folder / "hand.jsonl", labels)
    rows = sum(entry.segments for entries in shards.values() for entry in entries.values())
    print(f"{given.sessions} sessions, {rows} segments, {len(shards)} shards, {given.coded} coded by hand")


if __name__ == "__main__":
    main()
