"""Agreement of AnnoMI's ten annotators on the seven transcripts that all of them coded.

AnnoMI (Wu et al., 2022, 2023) is public: https://github.com/uccollab/AnnoMI. The file is read and not copied.

Usage: python benchmarks/reliability/annomi.py AnnoMI-full.csv [--draws 1000]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from relcode.reliability import coefficients, session_draws

TRANSCRIPTS = [7, 27, 55, 56, 66, 109, 130]
QUESTIONS = {"therapist behaviour": "main_therapist_behaviour", "client talk": "client_talk_type"}
SHOWN = ("percent_agreement", "fleiss_kappa", "alpha", "ac1", "pabak")


def ratings_of(table: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Ratings (axes: annotator, utterance), the row of each utterance's transcript, and the categories."""
    speaker = column.split("_")[1 if column.startswith("main") else 0]
    rows = table[(table["interlocutor"] == speaker) & table["transcript_id"].isin(TRANSCRIPTS)]
    names = sorted(rows[column].dropna().unique())
    wide = rows.assign(value=rows[column].map({name: number for number, name in enumerate(names)})).pivot(
        index="annotator_id", columns=["transcript_id", "utterance_id"], values="value"
    )
    _, session_row = np.unique(wide.columns.get_level_values("transcript_id"), return_inverse=True)
    return wide.to_numpy(dtype=np.float64), session_row, names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", type=Path, help="AnnoMI-full.csv")
    parser.add_argument("--draws", type=int, default=1000, help="resamples of transcripts (default 1000)")
    arguments = parser.parse_args()
    if not arguments.csv.is_file():
        sys.exit(f"There is no file {arguments.csv}.")
    table = pd.read_csv(arguments.csv, keep_default_na=False)
    weights = session_draws(len(TRANSCRIPTS), arguments.draws, seed=0)
    for question, column in QUESTIONS.items():
        ratings, session_row, names = ratings_of(table, column)
        started = time.perf_counter()
        found, _ = coefficients(ratings, session_row=session_row, weights=weights)
        seconds = time.perf_counter() - started
        print(f"{question}: {ratings.shape[0]} annotators, {ratings.shape[1]} utterances, {', '.join(names)}")
        for name in SHOWN:
            value = found[name]
            print(f"  {name:18} {value.value:.3f} [{value.low:.3f}, {value.high:.3f}]")
        print(f"  {arguments.draws} resamples in {seconds:.2f} s")


if __name__ == "__main__":
    main()
