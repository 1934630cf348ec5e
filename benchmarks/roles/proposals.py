"""How often `relcode import` proposes the right therapist: by talk alone, with the marks hidden.

    python benchmarks/roles/proposals.py [--annomi AnnoMI-simple.csv] [--fit]

Without options on the synthetic sessions in examples/corpus, on which the weights were fitted. AnnoMI (Wu et al. 2022,
https://github.com/uccollab/AnnoMI) is not part of this repository; give the path of its file. `--fit` prints the weights
that a logistic regression gives on the corpus.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from relcode.records import Session
from relcode.transcripts import read_file, read_sessions
from relcode.transcripts.behaviour import CERTAIN, propose, talk_of
from relcode.transcripts.roles import Roles, Utterance

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"
LENGTHS = (None, 40, 20, 10)


def hidden(session: Session, turns: int | None) -> list[Utterance]:
    """A session's words under marks that say nothing, the client's first."""
    names = {"C": "Speaker 0", "T": "Speaker 1"}
    return [Utterance(names[turn.role], turn.text) for turn in session.turns[:turns]]


def outcomes(sessions: Sequence[Session], turns: int | None) -> Iterator[tuple[bool, bool]]:
    """For each session with two speakers: whether the proposal is right, and whether it may be accepted unseen."""
    for session in sessions:
        proposal = propose(hidden(session, turns), Roles())
        if proposal is not None:
            yield proposal.speakers["speaker 1"] == "T", proposal.probability >= CERTAIN


def report(name: str, sessions: Sequence[Session]) -> None:
    for turns in LENGTHS:
        found = list(outcomes(sessions, turns))
        right = sum(good for good, _ in found)
        certain = [good for good, sure in found if sure]
        length = "all turns" if turns is None else f"first {turns} turns"
        print(f"{name:8} {length:15} right {right}/{len(found)}; certain {len(certain)}, of which right {sum(certain)}")


def fit(sessions: Sequence[Session]) -> None:
    """The weights of questions, you and I, on differences between the therapist's talk and the client's."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rows = []
    for session in sessions:
        talk = talk_of(hidden(session, None))
        client, therapist = ([t.questions, t.you, t.i] for t in (talk["speaker 0"], talk["speaker 1"]))
        rows.append(np.subtract(therapist, client))
    differences = np.array(rows)
    scale = differences.std(axis=0)
    both = np.vstack([differences, -differences]) / scale
    model = LogisticRegression(fit_intercept=False).fit(both, [1] * len(rows) + [0] * len(rows))
    print("weights of questions, you, I:", (model.coef_[0] / scale).round(1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--annomi", type=Path)
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    corpus = read_sessions(sorted(CORPUS.glob("transcripts*")))
    report("corpus", corpus)
    if options.annomi:
        report("AnnoMI", read_file(options.annomi))
    if options.fit:
        fit(corpus)


if __name__ == "__main__":
    main()
