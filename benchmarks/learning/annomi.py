"""Who codes AnnoMI best: relcode and its peers on the same five folds by transcript, in one run.

AnnoMI (Wu et al., 2022, 2023) is public: https://github.com/uccollab/AnnoMI. The files are read and not copied.
Macro-F1 of therapist behaviour (4 classes) and client talk (3 classes), mean of the folds; each peer in a process of its own,
with its peak memory, processor seconds of training for a fold, and segments answered in a processor second, from text to answer.

Usage: python benchmarks/learning/annomi.py FOLDER_OF_ANNOMI [--encoder DIR] [--last-layer DIR] [--peers NAME,...]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import numpy as np
from annomi_material import FOLDS, AnnoMI, people, read_annomi
from sklearn.metrics import f1_score

PEERS = {
    "majority": "annomi_peers:Majority",
    "tfidf": "annomi_peers:TfIdf",
    "textcat-bow": "annomi_peers:TextCatBow",
    "textcat-ensemble": "annomi_peers:TextCatEnsemble",
    "minilm": "annomi_peers:Embedded",
    "relcode": "annomi_relcode:Relcode",
    "relcode+embeddings": "annomi_relcode:RelcodeEmbedded",
}
REFERENCE = "tfidf"
NEEDS = {"minilm": "last_layer", "relcode+embeddings": "encoder"}


def measure(name: str, corpus: AnnoMI, encoder: Path | None) -> dict[str, object]:
    """All folds of one peer."""
    module, _, kind = PEERS[name].partition(":")
    peer = getattr(import_module(module), kind)(corpus, encoder)
    found: dict[str, list[float]] = {task: [] for task in corpus.tasks}
    fitting = 0.0
    for train, test in corpus.folds:
        started = time.process_time()
        peer.fit(train)
        fitting += time.process_time() - started
        for task, asked in corpus.tasks.items():
            rows = np.intersect1d(test, asked.rows)
            found[task].append(float(f1_score(asked.answers[rows], peer.answer(rows, task), average="macro")))
    started = time.process_time()
    peer.afresh()
    for task, asked in corpus.tasks.items():
        peer.answer(asked.rows, task)
    answering = time.process_time() - started
    answered = sum(len(asked.rows) for asked in corpus.tasks.values())
    return {
        "name": name,
        **found,
        "fit_seconds": fitting / FOLDS,
        "per_second": answered / max(answering, 1e-3),
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with AnnoMI-simple.csv and AnnoMI-full.csv")
    parser.add_argument("--encoder", type=Path, help="a converted encoder: `relcode models convert MINILM --out DIR`")
    parser.add_argument("--last-layer", type=Path, help="the same with its last layer alone: `... --layer 6`")
    parser.add_argument("--peers", help=f"some of {', '.join(PEERS)}; all by default")
    parser.add_argument("--one", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not (options.folder / "AnnoMI-simple.csv").is_file():
        sys.exit(f"There is no AnnoMI-simple.csv in {options.folder}.")
    if options.one:
        needed = NEEDS.get(options.one)
        print(json.dumps(measure(options.one, read_annomi(options.folder), needed and getattr(options, needed))))
        return
    chosen = options.peers.split(",") if options.peers else list(PEERS)
    report([name for name in chosen if name not in NEEDS or getattr(options, NEEDS[name])], options.folder)


def report(names: list[str], folder: Path) -> None:
    """A line a peer as it is done; ratios are to TF-IDF."""
    base: dict[str, float] = {}
    print(f"{'':20}{'therapist':>16}{'ratio':>7}{'client':>16}{'ratio':>7}{'s/fold':>9}{'seg/s':>9}{'MiB':>7}")
    for name in sorted(names, key=lambda each: each != REFERENCE):
        done = subprocess.run([sys.executable, *sys.argv, "--one", name], capture_output=True, text=True)
        if done.returncode:
            print(f"{name:20}failed: {done.stderr.strip().splitlines()[-1]}")
            continue
        found = json.loads(done.stdout.splitlines()[-1])
        line = f"{name:20}"
        for task in ("therapist", "client"):
            mean, spread = np.mean(found[task]), np.std(found[task])
            base.setdefault(task, float(mean))
            line += f"{mean:9.3f} +-{spread:.3f}{mean / base[task]:7.2f}"
        line += f"{found['fit_seconds']:9.1f}{found['per_second']:9.0f}{found['memory_mib']:7.0f}"
        print(line, flush=True)
    if (folder / "AnnoMI-full.csv").is_file():
        ceiling = people(folder)
        print(f"{'people':20}{ceiling['therapist']:9.3f}{'':14}{ceiling['client']:9.3f}  (one against the other nine)")


if __name__ == "__main__":
    main()
