"""What the codebook's cues say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from relcode.codebook import Codebook
from relcode.learning.features.base import SegmentFeatures, Unit, unit_count
from relcode.learning.features.hashing import unit_rows
from relcode.learning.segments import Segments, engine_of, fired_cues
from relcode.transcripts.tokens import Floats, TokenTable

LOWEST, HIGHEST = -6.0, 6.0  # log-odds


class CueFeatures(SegmentFeatures):
    """The cues that fire, one column each, by the weight that the codebook gives them; rows of unit length.

    In a turn a cue counts as in the segment where it is strongest. All values are positive: which way a cue speaks is learned.
    """

    def __init__(self, codebook: Codebook, *, unit: Unit = "segment") -> None:
        self.codebook = codebook
        self.unit = unit

    def matrix(self, X: Segments) -> sparse.csr_matrix:
        """Rows of unit length, axes (unit, cue)."""
        fired = fired_cues(X, self.codebook)
        return X.shared(("cues", self.unit, self.codebook.fingerprint), lambda table: self._of(fired, table))

    def column_names(self) -> Sequence[str]:
        """`CODE:cue-id`."""
        return engine_of(self.codebook).names

    def _of(self, fired: sparse.csr_matrix, table: TokenTable) -> sparse.csr_matrix:
        weights = np.abs(np.asarray(engine_of(self.codebook).weights.sum(axis=1)).ravel())
        fired = sparse.csr_matrix(fired @ sparse.diags(weights))
        if self.unit == "segment":
            return unit_rows(fired)
        pairs = fired.tocoo()
        keys = table.segment_turn[pairs.row].astype(np.int64) * fired.shape[1] + pairs.col
        order = np.lexsort((-pairs.data, keys))
        first = np.flatnonzero(np.diff(keys[order], prepend=-1))
        places = np.divmod(keys[order][first], max(fired.shape[1], 1))
        shape = (unit_count(table, "turn"), fired.shape[1])
        return unit_rows(sparse.csr_matrix((pairs.data[order][first], places), shape=shape))


class CueEvidence(SegmentFeatures):
    """What the cues add up to: a column a code, 0 where nothing speaks for it (log-odds -6) to 2 (log-odds 6).

    In a turn, a code has the evidence of the segment where it is strongest.
    """

    def __init__(self, codebook: Codebook, *, unit: Unit = "segment") -> None:
        self.codebook = codebook
        self.unit = unit

    def matrix(self, X: Segments) -> sparse.csr_matrix:
        """Axes (unit, code)."""
        fired = fired_cues(X, self.codebook)
        return X.shared(("evidence", self.unit, self.codebook.fingerprint), lambda table: self._of(fired, table))

    def column_names(self) -> Sequence[str]:
        """The codes."""
        return self.codebook.code_ids

    def _of(self, fired: sparse.csr_matrix, table: TokenTable) -> sparse.csr_matrix:
        engine = engine_of(self.codebook)
        odds: Floats = engine.priors + np.asarray((fired @ engine.weights).todense())
        raised = (np.clip(odds, LOWEST, HIGHEST) - LOWEST) / HIGHEST * engine.allowed(table)
        if self.unit == "turn":
            by_segment, raised = raised, np.zeros((unit_count(table, "turn"), raised.shape[1]))
            np.maximum.at(raised, table.segment_turn, by_segment)
        return sparse.csr_matrix(raised, dtype=np.float32)
