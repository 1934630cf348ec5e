"""The labelled sessions of a simulation, read once, and models trained on some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from relcode.codebook import Codebook, load_codebook
from relcode.learning.boundaries import Boundaries, fit_boundaries
from relcode.learning.calibration import calibrate, calibrated
from relcode.learning.folds import dyad_folds, learnable, out_of_fold
from relcode.learning.kinds import classifier_class
from relcode.learning.model import cue_probabilities
from relcode.learning.segments import allowed_codes, segments_of, silent
from relcode.learning.thresholds import choose_thresholds
from relcode.records import Session, Span
from relcode.spans import read_spans
from relcode.transcripts import read_sessions
from relcode.transcripts.tokens import segment_codes

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"
SETS = {
    "transcripts": "accepted",
    "transcripts2": "coder_A_set2",
    "transcripts3": "coder_A_set3",
    "transcripts4": "coder_A_set4",
}
BOOKS = "relational-core@1.0.0+rupture-repair@1.0.0+client-process@1.0.0+ccrt@1.0.0"  # these weights saw no label


class Material:
    """Sessions with all their labels, as segments whose features are made once.

    `author`: by session; `session`: by segment. Arrays have axes (segment, code).
    """

    def __init__(
        self, sessions: Sequence[Session], spans: Sequence[Span], author: Sequence[int], book: Codebook
    ) -> None:
        self.book, self.spans, self.author = book, list(spans), np.array(author)
        self.segments = segments_of(sessions)
        self.table = self.segments.table
        self.session = self.table.segment_session
        self.allowed = allowed_codes(self.segments, book)
        self.marks = segment_codes(self.table, spans, book.code_ids) & self.allowed
        self.cues = cue_probabilities(self.segments, book)

    def rows(self, sessions: Sequence[int]) -> np.ndarray:
        return np.flatnonzero(np.isin(self.session, sessions))

    def spans_of(self, sessions: Sequence[int]) -> list[Span]:
        names = {self.table.sessions[number].session_id for number in sessions}
        return [span for span in self.spans if span.session_id in names]

    def splits(self, by: str, *, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Sessions to train on and to test on, whole authors or dyads held out (five folds)."""
        if by == "author":
            for author in np.unique(self.author):
                yield np.flatnonzero(self.author != author), np.flatnonzero(self.author == author)
            return
        for train, test in dyad_folds(self.segments.dyads, 5, seed=seed):
            yield np.unique(self.session[train]), np.unique(self.session[test])


class Trained:
    """A model of some rows as `relcode train` makes it, without a folder; probabilities are of all segments."""

    def __init__(
        self, material: Material, rows: np.ndarray, *, folds: int = 5, seed: int = 0, kind: str = "linear"
    ) -> None:
        marks, allowed = material.marks[rows], material.allowed[rows]
        view = material.segments[rows]
        self.learned = learnable(marks, allowed, view.dyads)
        self.thresholds = np.array([code.offer_at for code in material.book.codes])
        self.probability, self.held_out = material.cues, np.zeros(material.cues.shape)
        if not self.learned.any():
            self.held_out[rows] = material.cues[rows]
            return
        classifier = classifier_class(kind)(material.book, random_state=seed)  # type: ignore[call-arg]
        splits = list(dyad_folds(view.dyads, folds, seed=seed))
        scores = out_of_fold(classifier, view, marks & self.learned, splits, step=silent)
        slopes, offsets = calibrate(scores, marks, allowed, self.learned)
        self.held_out[rows] = calibrated(
            scores, slopes, offsets, cues=material.cues[rows], allowed=allowed, learned=self.learned
        )
        classifier.fit(view, marks & self.learned)
        self.probability = calibrated(
            classifier.decision_function(material.segments),
            slopes,
            offsets,
            cues=material.cues,
            allowed=material.allowed,
            learned=self.learned,
        )
        seen = np.zeros(len(material.cues), dtype=np.bool_)
        seen[rows] = True
        self.thresholds = choose_thresholds(material.book, material.table, self.held_out, material.marks, rows=seen)

    def boundaries(self, material: Material, spans: Sequence[Span]) -> Boundaries | None:
        """Learned from the accepted spans of the same rows."""
        return fit_boundaries(material.book, material.table, self.held_out, spans)


def corpus(*, sets: Sequence[str] = tuple(SETS)) -> Material:
    """The example corpus; each folder is by another author."""
    sessions: list[Session] = []
    spans: list[Span] = []
    author: list[int] = []
    for number, name in enumerate(sets):
        read = read_sessions([CORPUS / name])
        sessions += read
        author += [number] * len(read)
        spans += read_spans(CORPUS / "labels" / f"{SETS[name]}.jsonl", read)
    return Material(sessions, spans, author, load_codebook(BOOKS))
