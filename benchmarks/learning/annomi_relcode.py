"""relcode as a peer: its own estimator and transformers, a codebook of its own form; each utterance is one segment."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from annomi_material import AnnoMI
from annomi_peers import CODEBOOK, Peer, Rows

from relcode.codebook import load_codebook
from relcode.learning.linear import LinearClassifier
from relcode.learning.segments import Segments
from relcode.transcripts.tokens import TokenTable, tokenize


class Relcode(Peer):
    """The linear kind without embeddings."""

    with_embeddings = False
    cache: Path | None = None

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
        self.scored: tuple[np.ndarray, np.ndarray] | None = None

    def place(self, row: int) -> int:
        """The segment of an utterance."""
        return self.row_of_turn[int(row)]

    def classifier(self) -> Any:
        options = {"embeddings": self.encoder, "cache": self.cache} if self.with_embeddings else {}
        return LinearClassifier(self.codebook, **options)

    def fit(self, train: Rows) -> None:
        places = np.array([self.place(row) for row in train])
        part, marks = self.segments[places], self.marks[places]
        self.model, self.scored = self.classifier().fit(part, marks), None
        self.usual = {}
        for name, task in self.corpus.tasks.items():
            asked = np.isin(train, task.rows)
            self.usual[name] = np.log(marks[asked][:, self.columns(name)].mean(axis=0))

    def answer(self, rows: Rows, task: str) -> np.ndarray:
        """Of the exclusive codes, of which one has to be, the one whose log-odds are furthest above the log of how often
        it was in training: macro-F1 counts a rare code as much as a common one."""
        places = np.array([self.place(row) for row in rows])
        scores = self.scores(places)[:, self.columns(task)]
        return np.asarray((scores - self.usual[task]).argmax(axis=1))

    def scores(self, places: Rows) -> np.ndarray:
        """Log-odds of segments, axes (segment, code). Whole transcripts are scored, and once for both tasks: the second
        step reads what is predicted of the turns around, which one speaker's alone are not."""
        session = self.segments.table.segment_session
        whole = np.flatnonzero(np.isin(session, session[places]))
        if self.scored is None or not np.array_equal(self.scored[0], whole):
            self.scored = whole, self.model.decision_function(self.segments[whole])
        return np.asarray(self.scored[1][np.searchsorted(whole, places)])

    def columns(self, task: str) -> list[int]:
        return [self.column[name] for name in self.corpus.tasks[task].names]


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
