"""AnnoMI as sessions and labels, its five folds, and what people reach. The files are read where they lie and not copied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from relcode.records import Session, Turn

TASKS = {
    "therapist": ("main_therapist_behaviour", ("reflection", "question", "therapist_input", "other")),
    "client": ("client_talk_type", ("change", "neutral", "sustain")),
}
FOLDS = 5
TWICE_CODED = (7, 27, 55, 56, 66, 109, 130)


@dataclass(frozen=True)
class Task:
    """One question: which rows (utterances) it is asked of, the answer by row of the table (-1 elsewhere), the answers' names."""

    rows: np.ndarray
    answers: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True)
class AnnoMI:
    """`table`: one row an utterance, in the order of transcripts and utterances."""

    table: pd.DataFrame

    @cached_property
    def texts(self) -> list[str]:
        return [str(text) for text in self.table["utterance_text"]]

    @cached_property
    def sessions(self) -> list[Session]:
        """One session a transcript, one turn an utterance (also where one speaker has two in a row)."""
        sessions = []
        for number, rows in self.table.groupby("transcript_id", sort=True):
            speakers = ["T" if who == "therapist" else "C" for who in rows["interlocutor"]]
            turns = [
                Turn(place, speaker, str(text))
                for place, (speaker, text) in enumerate(zip(speakers, rows["utterance_text"], strict=True), start=1)
            ]
            sessions.append(Session(f"annomi-{number}", tuple(turns), {"dyad": f"annomi-{number}"}))
        return sessions

    @cached_property
    def tasks(self) -> dict[str, Task]:
        found = {}
        for speaker, (column, names) in TASKS.items():
            place = {name: number for number, name in enumerate(names)}
            answers = np.array([place.get(value, -1) for value in self.table[column]])
            rows = np.flatnonzero((self.table["interlocutor"] == speaker).to_numpy() & (answers >= 0))
            found[speaker] = Task(rows, answers, names)
        return found

    @cached_property
    def folds(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Train and test rows; a transcript is on one side alone."""
        return list(GroupKFold(FOLDS).split(self.table, groups=self.table["transcript_id"]))


def read_annomi(folder: Path) -> AnnoMI:
    """Read `AnnoMI-simple.csv` of a folder."""
    table = pd.read_csv(folder / "AnnoMI-simple.csv", keep_default_na=False)
    return AnnoMI(table.sort_values(["transcript_id", "utterance_id"], kind="stable").reset_index(drop=True))


def people(folder: Path) -> dict[str, float]:
    """Macro-F1 of one annotator against the majority of the other nine, mean over the ten, on the transcripts that all coded."""
    table = pd.read_csv(folder / "AnnoMI-full.csv", keep_default_na=False)
    table = table[table["transcript_id"].isin(TWICE_CODED)]
    found = {}
    for speaker, (column, names) in TASKS.items():
        rows = table[(table["interlocutor"] == speaker) & table[column].isin(names)]
        wide = rows.pivot_table(
            index=["transcript_id", "utterance_id"], columns="annotator_id", values=column, aggfunc="first"
        ).dropna()
        values = np.stack([(wide == name).to_numpy() for name in names])  # answer, utterance, annotator
        each = [
            f1_score(values[:, :, one].argmax(0), np.delete(values, one, axis=2).sum(2).argmax(0), average="macro")
            for one in range(values.shape[2])
        ]
        found[speaker] = float(np.mean(each))
    return found
