"""The cue engine: for each segment, which cues of a codebook fire."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.special import expit, logit

from relcode.codebook.patterns import expand_pattern
from relcode.codebook.schema import Codebook, Condition, Cue
from relcode.cues.context import Context, read_context
from relcode.cues.matcher import ArrayMatcher
from relcode.transcripts.tokens import Bools, Floats, Ints, TokenTable

_ALWAYS = Condition()


class CueEngine:
    """A codebook's cues, compiled.

    Attributes
    ----------
    codebook
        The codebook.
    names
        `CODE:cue-id` of each cue, in the order of the columns of `fire`.
    """

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self._cues: list[tuple[int, Cue]] = [
            (column, cue) for column, code in enumerate(codebook.codes) for cue in code.cues
        ]
        self.names = tuple(f"{codebook.codes[column].id}:{cue.id}" for column, cue in self._cues)

    @cached_property
    def weights(self) -> sparse.csr_matrix:
        """Log-odds that each cue adds to each code, axes (cue, code); a cue speaks for its own code alone."""
        columns = [column for column, _ in self._cues]
        values = [cue.weight for _, cue in self._cues]
        shape = (len(self._cues), len(self.codebook.codes))
        return sparse.csr_matrix((values, (np.arange(len(values)), columns)), shape=shape)

    def fire(self, table: TokenTable, context: Context | None = None) -> sparse.csr_matrix:
        """Which cues fire in which segments: 1 or 0, axes (segment, cue). Speaker rules are applied."""
        context = context or read_context(table)
        matcher = ArrayMatcher(table)
        allowed = self.allowed(table)
        rows: list[Ints] = []
        columns: list[Ints] = []
        for number, (code, cue) in enumerate(self._cues):
            fires = self._segments(cue, table, context, matcher) & allowed[:, code]
            found = np.flatnonzero(fires)
            rows.append(found)
            columns.append(np.full(len(found), number, dtype=np.int64))
        shape = (len(table.segment_turn), len(self._cues))
        if not rows:
            return sparse.csr_matrix(shape, dtype=np.float64)
        row, column = np.concatenate(rows), np.concatenate(columns)
        return sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=shape)

    def probabilities(self, fired: sparse.csr_matrix, allowed: Bools) -> Floats:
        """Probability of each code in each segment from the author's weights, axes (segment, code); 0 where the
        speaker may not carry the code. log-odds = log-odds of the prior + the weights of the cues that fire."""
        priors = logit(np.array([code.prior for code in self.codebook.codes]))
        scores = expit(priors + np.asarray((fired @ self.weights).todense()))
        return np.where(allowed, scores, 0.0)

    def allowed(self, table: TokenTable) -> Bools:
        """Whether the speaker rule lets a segment carry a code, axes (segment, code). Bare notes carry none."""
        therapist = table.segment_is_therapist[:, None]
        may_t = np.array(["T" in code.speakers for code in self.codebook.codes], dtype=np.bool_)
        may_c = np.array(["C" in code.speakers for code in self.codebook.codes], dtype=np.bool_)
        allowed: Bools = np.where(therapist, may_t, may_c) & (table.spoken_words > 0)[:, None]
        return allowed

    def reasons(self, fired: sparse.csr_matrix, segment: int, code: int) -> tuple[str, ...]:
        """Ids of the cues that speak for a code in a segment, the strongest first."""
        row = fired[[segment]]
        cues = [self._cues[number][1] for number in row.indices if self._cues[number][0] == code]
        return tuple(cue.id for cue in sorted(cues, key=lambda cue: -cue.weight) if cue.weight > 0)

    def _segments(self, cue: Cue, table: TokenTable, context: Context, matcher: ArrayMatcher) -> Bools:
        holds = context.holds(cue.when) if cue.when != _ALWAYS else np.ones(len(table.segment_turn), dtype=np.bool_)
        wanted = cue.when.quoted
        if not cue.patterns:
            if wanted is None:
                return holds
            some = np.zeros(len(holds), dtype=np.bool_)
            some[table.segment_row[context.quoted]] = True
            some_quoted: Bools = holds & (some == wanted)
            return some_quoted
        hit = np.zeros(len(holds), dtype=np.bool_)
        for pattern in cue.patterns:
            first, last = matcher.find(expand_pattern(pattern, self.codebook.lexicons))
            if wanted is not None:
                inside = context.quoted[first] & context.quoted[last - 1]
                first = first[inside == wanted]
            hit[table.segment_row[first]] = True
        fires: Bools = hit & holds
        return fires
