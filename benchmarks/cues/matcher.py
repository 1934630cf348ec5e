"""Cost of the cues, side by side in one run: spaCy's tokenizer, the automaton, spaCy's Matcher, same patterns.

    python benchmarks/cues/matcher.py [SRC ...] [--rounds 5] [--without-matcher]

Prints seconds (median of interleaved rounds) and ratios to the tokenizer. Without SRC: the example corpus.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from spacy.matcher import Matcher

from relcode.codebook import load_codebook
from relcode.codebook.patterns import EDGE, expand_pattern
from relcode.cues import CueEngine
from relcode.cues.automaton import Automaton
from relcode.transcripts import read_sessions
from relcode.transcripts.tokens import english, tokenize

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", nargs="*", type=Path, default=sorted(CORPUS.glob("transcripts*")))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--codebook", default="relational-core", help="several are joined with +")
    parser.add_argument("--without-matcher", action="store_true", help="leave out spaCy's Matcher, which takes minutes")
    arguments = parser.parse_args()
    sessions = read_sessions(arguments.sources)
    codebook = load_codebook(arguments.codebook)
    memo: dict[str, dict[str, Any]] = {}
    patterns = [
        expand_pattern(pattern, codebook.words, memo)
        for code in codebook.codes
        for cue in code.cues
        for pattern in cue.patterns
    ]
    table = tokenize(sessions)
    nlp = english()
    turns = {(session.session_id, turn.turn): turn.text for session in sessions for turn in session.turns}
    texts = [turns[each.session_id, each.turn][each.start : each.end] for each in table.segments]
    matcher = Matcher(nlp.vocab)
    for number, pattern in enumerate(patterns if not arguments.without_matcher else ()):
        matcher.add(str(number), [[token for token in pattern if EDGE not in token]])  # spaCy has no anchors
    engine = CueEngine(codebook)

    automaton = Automaton(patterns, range(len(patterns)), np.full(len(patterns), -1, dtype=np.int8))
    quoted = np.zeros(len(table.word), dtype=np.bool_)
    docs = list(nlp.tokenizer.pipe(texts))
    tasks: dict[str, Callable[[], object]] = {
        "spaCy tokenizer": lambda: list(nlp.tokenizer.pipe(texts)),
        "tokenize and segment (arrays)": lambda: tokenize(sessions),
        "automaton": lambda: automaton.find(table, quoted),
        "cue engine (automaton and context)": lambda: engine.fire(table),
        "spaCy Matcher": lambda: [matcher(doc) for doc in docs],
    }
    if arguments.without_matcher:
        del tasks["spaCy Matcher"]
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(arguments.rounds):
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - began)
    words = int(table.is_spoken.sum())
    print(f"{len(sessions)} sessions, {len(texts)} segments, {words} words, {len(patterns)} patterns")
    floor = statistics.median(seconds["spaCy tokenizer"])
    for name, times in seconds.items():
        middle = statistics.median(times)
        print(f"{name:34s} {middle:8.3f} s   {middle / floor:7.2f} x tokenizer")


if __name__ == "__main__":
    main()
