"""How often a machine's rates hold what coders say of the same sessions: counted, and corrected with a hand-coded sample.

The model must not know the dyads that are audited. To make one from half of the example corpus and audit the other half:

    relcode train --transcripts examples/corpus/transcripts --transcripts examples/corpus/transcripts2 \\
        --labels examples/corpus/labels/accepted.jsonl --labels examples/corpus/labels/coder_A_set2.jsonl \\
        --codebook relational-core --codebook rupture-repair --codebook client-process --quick --out half
    python benchmarks/audit/corrected.py half examples/corpus 3 4

Of the sessions a random sample is taken as coded by hand, many times over; the rest is known to the coders alone. The truth
is the coders' rate in these very sessions, for which corrected intervals (of sessions like these) are somewhat too wide.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from pathlib import Path

import numpy as np

from relcode.audit import audit
from relcode.cli.audit_correction import Asked, find_corrections
from relcode.learning.load import load_model
from relcode.scoring.score import score_sessions
from relcode.spans import read_labels, write_spans
from relcode.transcripts import read_sessions

RUNS = 40


def main() -> None:
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    folder, corpus, sets = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    model = load_model(Path(folder))
    sessions, labels = [], []
    for number in sets:
        own = read_sessions([str(corpus / f"transcripts{number}")])
        sessions += own
        labels += read_labels(corpus / "labels" / f"coder_A_set{number}.jsonl", own)
    scores = score_sessions(sessions, model)
    scores.attrs.update(model_id=model.id, codebook=model.codebook.id, codebook_version=model.codebook.version)
    true = [rate for rate in audit(sessions, model.codebook, labels=labels, source="coders").rates if rate.count]
    raw = {(r.code, r.speaker): r.estimate for r in audit(sessions, model.codebook, scores=scores, source="x").rates}
    generator = np.random.default_rng(0)
    for coded in (6, 8, 12):
        held: dict[str, list[bool]] = {"counted": [], "corrected": []}
        widths: dict[str, list[float]] = {"counted": [], "corrected": []}
        errors: dict[str, list[float]] = {"counted": [], "corrected": []}
        refused = 0
        for _ in range(RUNS):
            chosen = {sessions[row].session_id for row in generator.choice(len(sessions), coded, replace=False)}
            with tempfile.TemporaryDirectory() as here, contextlib.redirect_stderr(io.StringIO()):
                hand = Path(here) / "hand.jsonl"
                write_spans(hand, [label for label in labels if label.session_id in chosen])
                found = find_corrections(Asked([hand], "random", (), folder), sessions, scores, model.codebook)
            assert found is not None
            by_target = {
                (rate.target.role, rate.target.codes): rate.estimate.scaled(100)
                for rate in found.rates
                if rate.therapist is None
            }
            for rate in true:
                corrected = by_target[rate.speaker, (rate.code,)]
                counted = raw[rate.code, rate.speaker]
                if corrected.value is None or counted.value is None:
                    refused += 1
                    continue
                assert rate.estimate.value is not None
                for name, estimate in (("counted", counted), ("corrected", corrected)):
                    low, high = estimate.low or 0.0, 100.0 if estimate.high is None else estimate.high
                    held[name].append(low <= rate.estimate.value <= high)
                    widths[name].append(high - low)
                    errors[name].append(abs((estimate.value or 0) - rate.estimate.value))
        print(
            f"{coded} of {len(sessions)} sessions coded by hand, {len(true)} rates, {RUNS} samples; {refused} refused"
        )
        for name in held:
            print(
                f"  {name:10} held {np.mean(held[name]):.3f}, mean width {np.mean(widths[name]):5.2f}, "
                f"mean error {np.mean(errors[name]):.2f} per 100"
            )


if __name__ == "__main__":
    main()
