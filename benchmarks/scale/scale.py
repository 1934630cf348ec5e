"""`relcode score`, the whole command, beside what else could be built, on real speech repeated.

    python benchmarks/scale/scale.py AnnoMI-simple.csv --model models/NAME [--words 1000000 10000000] [--jobs 1 2]
        [--rounds 3] [--encoder DIR] [--peers ruler tfidf]

`relcode` is the command from transcripts in files to a folder of shards, in processes of its own: read twice, tokenize,
segment, cues, model, parquet. Its start-up (interpreter, imports, model, cue engine: the same command on one short session)
is told apart. (a) `tokenizer` is spaCy's blank tokenizer alone over the same texts, which lie in memory; the other peers
run on a sample of the texts, reading left out. CPU seconds unless `wall`; of several rounds, the median. What remembers
(relcode's memory of chunks and of runs of words, spaCy's of chunks) is flattered by repeated text: `once` is the text
unrepeated, met for the first time by both.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from corpus import read_annomi, repeated, words_of, write_corpus
from methods import PEERS

from relcode.records import Session


class Run(NamedTuple):
    """What one process (with its children) took: seconds, the largest process's memory, and how much it worked on."""

    cpu: float
    wall: float
    peak_mib: float
    words: int
    segments: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("utterances", type=Path, help="AnnoMI-simple.csv")
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--words", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--jobs", type=int, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--encoder", type=Path, help="a sentence encoder's folder, for the peer `encoder`")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--run", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(run_here(arguments.run, arguments)))
        return
    sessions = read_annomi(arguments.utterances)
    with tempfile.TemporaryDirectory() as folder:
        compare(sessions, arguments, Path(folder))


def compare(sessions: Sequence[Session], arguments: argparse.Namespace, folder: Path) -> None:
    """Run everything in turn and print what it took."""
    shortest = min(sessions, key=words_of)
    write_corpus(iter([shortest]), folder / "shortest")
    print(
        f"{'':24s} {'wall s':>9s} {'CPU s':>9s} {'start-up':>9s} {'words/s':>11s} {'segments/s':>11s} {'MiB':>6s} {'of (a)':>7s}"
    )
    floors = {}
    for words in (1, *arguments.words):
        name = f"{words / 1e6:g} M" if words > 1 else "once"
        write_corpus(repeated(list(sessions), words), folder / name)
        floors[words] = measured("tokenizer", words, arguments)
        show(f"(a) tokenizer, {name}", floors[words], None, floors[words])
        for jobs in arguments.jobs if words > 1 else [1]:
            start = score(folder / "shortest", jobs, arguments)
            show(f"relcode, {name}, {jobs} job(s)", score(folder / name, jobs, arguments), start, floors[words])
    for peer in arguments.peers:
        if peer != "encoder" or arguments.encoder:
            show(f"{PEERS[peer].title}", measured(peer, 1, arguments), None, floors[1])


def show(title: str, runs: Sequence[Run], start: Sequence[Run] | None, floor: Sequence[Run]) -> None:
    """A line: medians; the ratio is of words a CPU second, start-up left out."""
    cpu, wall = median(run.cpu for run in runs), median(run.wall for run in runs)
    before = median(run.cpu for run in start) if start else 0.0
    rate = runs[0].words / (cpu - before)
    ratio = rate * median(run.cpu for run in floor) / floor[0].words
    segments = f"{runs[0].segments / (cpu - before):11.0f}" if runs[0].segments else " " * 11
    peak = max(run.peak_mib for run in runs)
    print(
        f"{title:24s} {wall:9.1f} {cpu:9.1f} {before:9.1f} {rate:11.0f} {segments} {peak:6.0f} {ratio:7.4f}", flush=True
    )


def score(folder: Path, jobs: int, arguments: argparse.Namespace) -> list[Run]:
    """`relcode score` on a folder of transcripts, `--rounds` times."""
    return [in_process(["--run", f"score {jobs} {folder}"], arguments) for _ in range(arguments.rounds)]


def measured(peer: str, words: int, arguments: argparse.Namespace) -> list[Run]:
    """A peer, in a process of its own, `--rounds` times."""
    return [in_process(["--run", f"{peer} {words}"], arguments) for _ in range(arguments.rounds)]


def in_process(more: Sequence[str], arguments: argparse.Namespace) -> Run:
    command = [sys.executable, __file__, str(arguments.utterances), "--model", str(arguments.model), *more]
    command += ["--encoder", str(arguments.encoder)] if arguments.encoder else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Run(*json.loads(done.stdout.splitlines()[-1]))


def run_here(what: str, arguments: argparse.Namespace) -> Run:
    """One run, in this process or in a child of it."""
    name, _, rest = what.partition(" ")
    if name == "score":
        jobs, _, folder = rest.partition(" ")
        return run_command(Path(folder), jobs, arguments.model)
    sessions = read_annomi(arguments.utterances)
    texts = [turn.text for session in sessions for turn in session.turns]
    if name == "tokenizer":
        return run_tokenizer(sessions, int(rest))
    peer = PEERS[name]
    work = peer.make(texts, arguments.model, arguments.encoder)
    chosen = texts[: peer.sample]
    return timed(lambda: work(chosen), sum(len(text.split()) for text in chosen), resource.RUSAGE_SELF)


def run_command(folder: Path, jobs: str, model: Path) -> Run:
    with tempfile.TemporaryDirectory() as parent:
        out = Path(parent) / "scores"
        command = [sys.executable, "-m", "relcode", "score", str(folder), "--model", str(model), "--out", str(out)]
        run = timed(
            lambda: subprocess.run([*command, "--jobs", jobs], check=True, stderr=subprocess.DEVNULL),
            0,
            resource.RUSAGE_CHILDREN,
        )
        manifest = json.loads((out / "manifest.json").read_bytes())
        segments = sum(entry["segments"] for entry in manifest["sessions"].values())
    words = sum(
        len(json.loads(line).get("text", "").split()) for path in folder.rglob("*.jsonl") for line in path.open()
    )
    return run._replace(words=words, segments=segments)


def run_tokenizer(sessions: Sequence[Session], words: int) -> Run:
    """(a) over the same texts; nothing but the tokenizer is made before."""
    from relcode.transcripts.tokens import english

    nlp = english()
    chosen = [[turn.text for turn in session.turns] for session in repeated(list(sessions), words)]

    def work() -> None:
        for _ in nlp.tokenizer.pipe(text for texts in chosen for text in texts):
            pass

    return timed(work, sum(words_of(session) for session in repeated(list(sessions), words)), resource.RUSAGE_SELF)


def timed(work: Callable[[], object], words: int, who: int) -> Run:
    before, began = resource.getrusage(who), time.perf_counter()
    work()
    wall, after = time.perf_counter() - began, resource.getrusage(who)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(cpu, wall, after.ru_maxrss / 1024, words)


if __name__ == "__main__":
    main()
