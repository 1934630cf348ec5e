"""Where a segment stands: lengths, also against the speaker's own, question form, place in turn and session."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relcode.cues.context import read_context
from relcode.learning.features.base import SegmentFeatures
from relcode.learning.segments import Segments
from relcode.transcripts.tokens import TokenTable

_NAMES = (
    "words", "turn-words", "before-words", "share-of-median", "question", "after-question", "first", "last", "brief-turn",
    "long-turn", "after-brief-turn", "segments", "place", "opening", "closing", "second-third", "last-third", "we",
)  # fmt: skip
_BRIEF, _LONG = 4, 60  # words of a turn
_EDGE = 0.05  # of a session's turns


class ContextFeatures(SegmentFeatures):
    """Numbers between 0 and about 1, one row a segment. `share-of-median`: the turn's words over those of the speaker's
    median turn in the session (at most 4, divided by 4); `place`: of the turn in the session, 0 to 1; `opening`,
    `closing`: the first and last twentieth."""

    unit = "segment"

    def matrix(self, X: Segments) -> sparse.csr_matrix:
        """Axes (segment, feature)."""
        return X.shared("context", lambda table: sparse.csr_matrix(self.dense(X)))

    def dense(self, X: Segments) -> npt.NDArray[np.float32]:
        """As `matrix`, with all its zeros."""
        return X.shared("context, dense", self._of_table)

    def column_names(self) -> Sequence[str]:
        """What each column says."""
        return _NAMES

    def _of_table(self, table: TokenTable) -> npt.NDArray[np.float32]:
        context = read_context(table)
        turn = table.segment_turn
        first_turn = np.searchsorted(table.turn_session, table.segment_session)
        turns = np.bincount(table.turn_session, minlength=1)[table.segment_session]
        place = (turn - first_turn) / np.maximum(turns, 1)
        segments = np.bincount(turn, minlength=1)[turn]
        columns = (
            np.log1p(context.words) / 4,
            np.log1p(context.turn_words) / 5,
            np.log1p(context.before_words) / 5,
            np.minimum(context.share_of_median, 4) / 4,
            context.question,
            context.after_question,
            context.first,
            context.last,
            context.turn_words < _BRIEF,
            context.turn_words > _LONG,
            context.before_words < _BRIEF,
            np.log1p(segments) / 3,
            place,
            place < _EDGE,
            place >= 1 - _EDGE,
            context.third == 2,
            context.third == 3,
            context.we == 1,
        )
        dense = np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)
        return dense.reshape(len(turn), len(_NAMES))
