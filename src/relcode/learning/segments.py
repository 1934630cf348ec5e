"""The segments of tokenized sessions, as `X` of relcode's transformers and classifiers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relcode.codebook import Codebook
from relcode.cues import CueEngine
from relcode.records import Session
from relcode.transcripts.tokens import Bools, TokenTable, tokenize

Rows = npt.NDArray[np.intp]
Made = TypeVar("Made")
_MOST_CODEBOOKS = 4


def silent(line: str) -> None:
    """Where nobody wants to see progress."""


class Segments:
    """Some or all segments of a token table, in order.

    A view: `X[rows]` (positions or a mask) chooses segments, and the whole table stays in reach, so that a segment is read
    in its context also where the segments around it are not chosen. scikit-learn's folds index it as an array.

    Attributes
    ----------
    table
        The tokens of whole sessions.
    rows
        The chosen segments: rows of the table's segments.
    """

    def __init__(self, table: TokenTable, rows: Rows | None = None) -> None:
        self.table = table
        self.rows: Rows = np.arange(len(table.segment_turn)) if rows is None else rows
        self._is_whole = rows is None
        self._made: dict[Hashable, Any] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int]:
        return (len(self.rows),)

    def __repr__(self) -> str:
        return f"Segments({len(self)} of {len(self.table.segment_turn)}, {len(self.table.sessions)} sessions)"

    def __getitem__(self, chosen: Any) -> Segments:
        place = chosen[0] if isinstance(chosen, tuple) else chosen  # scikit-learn asks for X[rows, ...]
        view = Segments(self.table, np.atleast_1d(self.rows[place]))
        view._made = self._made
        return view

    def shared(self, key: Hashable, make: Callable[[TokenTable], Made]) -> Made:
        """What `make` makes of the whole table: made once under this key for all views of it."""
        if key not in self._made:
            self._made[key] = make(self.table)
        made: Made = self._made[key]
        return made

    def chosen(self, whole: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The chosen rows of an array whose first axis is all segments of the table; itself, where all are chosen."""
        return whole if self._is_whole else whole[self.rows]

    @property
    def dyads(self) -> Rows:
        """By chosen segment: the number of its dyad (the groups of a split)."""
        return self.shared("dyads", _dyads)[self.rows]


def segments_of(sessions: Iterable[Session]) -> Segments:
    """All segments of sessions."""
    return Segments(tokenize(sessions))


def kept_for_codebooks(make: Callable[[Codebook], Made]) -> Callable[[Codebook], Made]:
    """What `make` makes of a codebook: one for all who ask. What it made of the last few codebooks is kept."""
    kept: dict[str, Made] = {}  # by the codebook's fingerprint, the one asked for last at the end

    def of(codebook: Codebook) -> Made:
        made = kept.pop(codebook.fingerprint) if codebook.fingerprint in kept else make(codebook)
        kept[codebook.fingerprint] = made
        while len(kept) > _MOST_CODEBOOKS:
            del kept[next(iter(kept))]
        return made

    return of


engine_of = kept_for_codebooks(CueEngine)  # making one takes a second


def fired_cues(segments: Segments, codebook: Codebook) -> sparse.csr_matrix:
    """Which cues fire in the segments of the whole table, axes (segment, cue): see `CueEngine.fire`."""
    return segments.shared(("fired", codebook.fingerprint), engine_of(codebook).fire)


def allowed_codes(segments: Segments, codebook: Codebook) -> Bools:
    """By chosen segment and code: whether its speaker may carry the code."""
    return segments.chosen(every_allowed(segments, codebook))


def every_allowed(segments: Segments, codebook: Codebook) -> Bools:
    """As `allowed_codes`, of all segments of the table."""
    return segments.shared(("allowed", codebook.fingerprint), engine_of(codebook).allowed)


def _dyads(table: TokenTable) -> Rows:
    names = sorted({session.dyad for session in table.sessions})
    by_session = np.array([names.index(session.dyad) for session in table.sessions], dtype=np.intp)
    return by_session[table.segment_session]
