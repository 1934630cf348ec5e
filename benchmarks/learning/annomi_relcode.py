"""relcode as a peer: its own estimator, codebook, calibration and rule of exclusion; each utterance is one segment."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from annomi_material import AnnoMI
from annomi_peers import CODEBOOK, Peer, Rows

from relcode.codebook import load_codebook
from relcode.learning.calibration import calibrate
from relcode.learning.folds import dyad_folds, out_of_fold
from relcode.learning.linear import LinearClassifier
from relcode.learning.segments import Segments, allowed_codes
from relcode.learning.thresholds import choose_thresholds
from relcode.transcripts.tokens import TokenTable, tokenize

INNER_FOLDS = 3


class Relcode(Peer):
    """The linear kind without embeddings."""

    with_embeddings = False

    def __init__(self, corpus: AnnoMI, encoder: Path | None) -> None:
        super().__init__(corpus, encoder)
        self.codebook = load_codebook(CODEBOOK)
        self.column = {code: number for number, code in enumerate(self.codebook.code_ids)}
        self.afresh()
        self.row_of_turn = {int(turn): row for row, turn in enumerate(self.segments.table.segment_turn)}
        self.marks = np.zeros((len(self.segments), len(self.column)), dtype=np.bool_)
        for task in corpus.tasks.values():
            for row in task.rows:
                self.marks[self.place(row), self.column[task.names[task.answers[row]]]] = True

    def afresh(self) -> None:
        self.segments = Segments(turns_as_segments(tokenize(self.corpus.sessions)))

    def place(self, row: int) -> int:
        """The segment of an utterance."""
        return self.row_of_turn[int(row)]

    def classifier(self) -> Any:
        options = {"embeddings": self.encoder} if self.with_embeddings else {}
        return LinearClassifier(self.codebook, **options)

    def fit(self, train: Rows) -> None:
        places = np.array([self.place(row) for row in train])
        part, marks = self.segments[places], self.marks[places]
        learned = np.ones(len(self.column), dtype=np.bool_)
        allowed = allowed_codes(part, self.codebook)
        splits = list(dyad_folds(part.dyads, INNER_FOLDS, seed=0))
        scores = out_of_fold(self.classifier(), part, marks, splits, step=lambda line: None)
        self.slopes, self.offsets = calibrate(scores, marks, allowed, learned)
        probability = np.zeros(self.marks.shape)
        probability[places] = self.probable(scores)
        seen = np.zeros(len(self.marks), dtype=np.bool_)
        seen[places] = True
        self.thresholds = choose_thresholds(
            self.codebook, self.segments.table, probability, self.marks & seen[:, None], rows=seen
        )
        self.model = self.classifier().fit(part, marks)

    def answer(self, rows: Rows, task: str) -> np.ndarray:
        """Of the exclusive codes the one that is furthest above its threshold, as `cues.decide` has it; here one has to be."""
        columns = [self.column[name] for name in self.corpus.tasks[task].names]
        places = np.array([self.place(row) for row in rows])
        probability = self.probable(self.model.decision_function(self.segments[places]))
        return np.asarray((probability - self.thresholds)[:, columns].argmax(axis=1))

    def probable(self, scores: np.ndarray) -> np.ndarray:
        return np.asarray(1 / (1 + np.exp(-(self.slopes * scores + self.offsets))))


class RelcodeEmbedded(Relcode):
    """The linear kind with embeddings."""

    with_embeddings = True


def turns_as_segments(table: TokenTable) -> TokenTable:
    """The same tokens with every turn as one segment: AnnoMI's labels are of utterances, not of their sentences."""
    first = np.flatnonzero(np.diff(table.turn_row, prepend=-1))
    return dataclasses.replace(
        table,
        segment_row=np.cumsum(np.diff(table.turn_row, prepend=-1) != 0) - 1,
        segment_turn=table.turn_row[first],
        segment_number=np.ones(len(first), dtype=np.int64),
        first_token=first,
        last_token=np.append(first, len(table.word))[1:].astype(np.int64),
    )
