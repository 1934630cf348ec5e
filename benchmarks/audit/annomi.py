"""The audit on AnnoMI against reference figures: what follows what, and how well rates tell high from low quality sessions.

AnnoMI (Wu et al., 2022, 2023) is public: https://github.com/uccollab/AnnoMI. The files are read and not copied.
Reference figures were computed from `AnnoMI-simple.csv` by other code: adjusted residual and Yule's Q pooled, z of 1,000
permutations within sessions.

Usage: python benchmarks/audit/annomi.py FOLDER
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from scipy.stats import mannwhitneyu

from relcode.audit.lags import client_responses
from relcode.audit.material import Material, material_from_labels
from relcode.codebook import load_codebook
from relcode.records import Span

sys.path.insert(0, str(Path(__file__).parents[1] / "learning"))
from annomi_material import AnnoMI, read_annomi

CODEBOOK = Path(__file__).parents[1] / "learning" / "annomi-turns.yaml"
# (therapist, client): residual, z within sessions, Yule's Q; None where no reference is known
REFERENCE = {
    ("question", "change"): (4.66, 3.92, 0.166),
    ("question", "neutral"): (-4.58, -4.63, None),
    ("reflection", "sustain"): (-1.26, -2.50, None),
    ("reflection", "neutral"): (1.90, 3.12, None),
    ("other", "sustain"): (0.62, 2.49, None),
    ("therapist_input", "change"): (-3.00, -1.51, -0.161),
    ("therapist_input", "sustain"): (-0.02, -2.44, None),
}
# high, low, AUC; None where no reference is known
GROUPS = {
    "reflections of therapist turns": (0.299, 0.045, 0.925),
    "input of therapist turns": (0.125, 0.486, 0.08),
    "reflections : questions": (2.23, 0.58, 0.776),
    "therapist's share of words": (0.539, 0.615, 0.353),
    "sustain talk of client turns": (0.129, 0.224, None),
}


def coded(data: AnnoMI) -> Material:
    """AnnoMI with its labels on whole turns."""
    turns = [(session.session_id, turn) for session in data.sessions for turn in session.turns]
    labels = []
    for task in data.tasks.values():
        for row in task.rows:
            session_id, turn = turns[row]
            code = task.names[task.answers[row]]
            labels.append(
                Span(session_id, turn.turn, 0, len(turn.text), turn.text, code, "annomi-turns@1.0.0", "accepted")
            )
    return material_from_labels(data.sessions, load_codebook(CODEBOOK), labels)


def session_figures(material: Material) -> dict[str, np.ndarray]:
    """The figures of each session (axis: session) by which groups are told apart."""
    sessions = len(material.sessions)

    def turns(mask: np.ndarray) -> np.ndarray:
        return np.bincount(material.turn_session[mask], minlength=sessions).astype(float)

    therapist = material.turn_is_therapist
    words = np.bincount(material.turn_session, weights=material.turn_words, minlength=sessions)
    therapist_words = np.bincount(material.turn_session, weights=material.turn_words * therapist, minlength=sessions)
    reflections, questions = turns(material.turns_carry("reflection")), turns(material.turns_carry("question"))
    return {
        "reflections of therapist turns": reflections / turns(therapist),
        "input of therapist turns": turns(material.turns_carry("therapist_input")) / turns(therapist),
        "reflections : questions": (reflections + 0.5) / (questions + 0.5),
        "therapist's share of words": therapist_words / words,
        "sustain talk of client turns": turns(material.turns_carry("sustain")) / turns(~therapist),
    }


def main() -> None:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit(__doc__)
    data = read_annomi(Path(sys.argv[1]))
    material = coded(data)
    started = time.perf_counter()
    cells = [cell for cell in client_responses(material) if cell.lag == 1]
    print(f"Client's next turn ({time.perf_counter() - started:.1f} s for all lags); in brackets the reference")
    for cell in cells:
        reference = REFERENCE.get((cell.intervention, cell.client_code), (None, None, None))
        figures = (cell.residual, cell.session_z, cell.yules_q.value)
        shown = "  ".join(
            f"{figure:+7.3f} ({'' if known is None else format(known, '+.3f'):>6})"
            for figure, known in zip(figures, reference, strict=True)
            if figure is not None
        )
        adjusted = "" if cell.p_adjusted is None else f"p adjusted {cell.p_adjusted:.4f}"
        print(
            f"  {cell.intervention:>15} -> {cell.client_code:8} {cell.count:4} of {cell.occasions:4}  {shown}  {adjusted}"
        )
    quality = data.table.groupby("transcript_id", sort=True)["mi_quality"].first().to_numpy() == "high"
    print(
        f"\nSessions of high ({quality.sum()}) against low quality ({(~quality).sum()}): means and AUC; in brackets the reference"
    )
    for name, values in session_figures(material).items():
        high, low = values[quality], values[~quality]
        auc = mannwhitneyu(high, low).statistic / (len(high) * len(low))
        known = GROUPS[name]
        area = "" if known[2] is None else f"{known[2]:.3f}"
        print(
            f"  {name:32} {high.mean():.3f} ({known[0]:.3f})  {low.mean():.3f} ({known[1]:.3f})  AUC {auc:.3f} ({area})"
        )


if __name__ == "__main__":
    main()
