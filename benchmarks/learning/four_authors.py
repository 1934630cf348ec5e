"""The forty synthetic sessions with their labels, as the benchmarks of this folder read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from relcode.codebook import load_codebook
from relcode.learning.model import cue_probabilities
from relcode.learning.segments import Segments, allowed_codes, segments_of
from relcode.spans import read_spans
from relcode.transcripts import read_sessions
from relcode.transcripts.tokens import Bools, segment_codes

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"
FOLDERS = {
    "transcripts": "accepted",
    "transcripts2": "coder_A_set2",
    "transcripts3": "coder_A_set3",
    "transcripts4": "coder_A_set4",
}
BOOKS = "+".join(f"{name}@1.0.0" for name in ("relational-core", "rupture-repair", "client-process", "ccrt"))


class FourAuthors:
    """All four folders, or some of them (folder -> labels).

    `marks`, `allowed`, `cues`: axes (segment, code); `author`: by segment, 0 to 3. The codebooks saw no label.
    """

    def __init__(self, folders: Mapping[str, str] = FOLDERS) -> None:
        self.book = load_codebook(BOOKS)
        sessions, spans, author = [], [], []
        for number, (folder, labels) in enumerate(folders.items()):
            read = read_sessions([CORPUS / folder])
            sessions += read
            author += [number] * len(read)
            spans += read_spans(CORPUS / "labels" / f"{labels}.jsonl", read)
        self.segments: Segments = segments_of(sessions)
        self.table = self.segments.table
        self.author = np.array(author)[self.table.segment_session]
        self.allowed: Bools = allowed_codes(self.segments, self.book)
        self.marks: Bools = segment_codes(self.table, spans, self.book.code_ids) & self.allowed
        self.cues = cue_probabilities(self.segments, self.book)

    def marks_of(self, labels: str) -> Bools:
        """Another coder's labels of the same sessions, axes (segment, code)."""
        spans = read_spans(CORPUS / "labels" / f"{labels}.jsonl", self.table.sessions)
        marks: Bools = segment_codes(self.table, spans, self.book.code_ids) & self.allowed
        return marks
