"""How long `relcode agreement` takes for a study of the usual size: invented sessions, coders who miss some spans.

Usage: python benchmarks/reliability/speed.py [--sessions 40] [--coders 3] [--codes 30] [--draws 1000] [--gamma]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from relcode.records import Session, Span, Turn
from relcode.reliability import Coding, agreement

WORDS = ("so", "what", "I", "hear", "is", "that", "you", "were", "there", "with", "them", "and", "it", "went", "on")
TURNS, TURN_WORDS, SPANS_A_CODE, FOUND = 250, 20, 5, 0.8


def some_session(random: np.random.Generator, number: int) -> Session:
    turns = [Turn(turn, "TC"[turn % 2], " ".join(random.choice(WORDS, TURN_WORDS))) for turn in range(1, TURNS + 1)]
    return Session(f"S{number}", tuple(turns))


def some_spans(random: np.random.Generator, session: Session, codes: int, coders: int) -> list[list[Span]]:
    """Each coder finds most of the true places, and starts and ends a word off."""
    found: list[list[Span]] = [[] for _ in range(coders)]
    for code in range(codes):
        for turn in random.choice(session.turns, SPANS_A_CODE, replace=False):
            edges = [0, *(place + 1 for place, letter in enumerate(turn.text) if letter == " ")]
            first, last = sorted(random.choice(len(edges) - 2, 2, replace=False))
            for spans in found:
                if random.random() < FOUND:
                    start, end = edges[max(first + random.integers(-1, 2), 0)], edges[last + random.integers(1, 3)]
                    if start < end:
                        spans.append(Span(session.session_id, turn.turn, start, end, turn.text[start:end], f"C{code}"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("sessions", 40), ("coders", 3), ("codes", 30), ("draws", 1000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--gamma", action="store_true")
    options = parser.parse_args()
    random = np.random.default_rng(0)
    sessions = [some_session(random, number) for number in range(options.sessions)]
    spans: list[list[Span]] = [[] for _ in range(options.coders)]
    for session in sessions:
        for own, found in zip(spans, some_spans(random, session, options.codes, options.coders), strict=True):
            own += found
    covered = dict.fromkeys(session.session_id for session in sessions)
    codings = [Coding(f"coder {number}", tuple(own), dict(covered)) for number, own in enumerate(spans)]
    started, work = time.perf_counter(), time.process_time()
    result = agreement(codings, sessions=sessions, draws=options.draws, gamma=options.gamma)
    print(f"{sum(map(len, spans))} spans, {len(result.rows)} rows, {len(result.spans)} rows of spans", end=": ")
    print(f"{time.perf_counter() - started:.1f} s, of processor time {time.process_time() - work:.1f} s")
    for name, coefficient in result.spans[0].coefficients.items():
        print(f"  {name:16} {coefficient.value:.3f} [{coefficient.low:.3f}, {coefficient.high:.3f}]")


if __name__ == "__main__":
    main()
