"""The cue engine: for each segment, which cues of a codebook fire, and what they add up to."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.special import expit, logit

from relcode.codebook.schema import Codebook, Cue
from relcode.cues.automaton import Automaton
from relcode.cues.conditions import traits_of
from relcode.cues.context import Context, read_context
from relcode.cues.features import read_features
from relcode.cues.fired_rows import as_rows, name_codes, take_most
from relcode.cues.firing import fire_probes
from relcode.cues.firing_arrays import Columns, Conditions, Named, Probes, Segments
from relcode.cues.growing import with_room
from relcode.cues.probes import ProbeList, joined, named_arrays, probe_arrays, quoted_wanted
from relcode.transcripts.tokens import Bools, Floats, TokenTable

REASON_AT = 0.5  # a cue that counts by a probability is a reason from here on


class CueEngine:
    """A codebook's cues, compiled.

    Attributes
    ----------
    codebook
        The codebook.
    names
        `CODE:cue-id` of each cue, in the order of the columns of `fire`.
    code_of, probe_of
        By cue: the column of its code, and the column of `probe` that is the same cue.
    sources
        By column of `probe`: where that cue stands.
    """

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self._cues = [(column, cue) for column, code in enumerate(codebook.codes) for cue in code.cues]
        self.names = tuple(f"{codebook.codes[column].id}:{cue.name}" for column, cue in self._cues)
        with _without_collecting():
            self._list = ProbeList(codebook)
        self.probe_of = np.array(self._list.of_cue, dtype=np.int64)
        self.code_of = np.array([column for column, _ in self._cues], dtype=np.int64)
        self.sources = tuple(self._list.sources[: self._list.distinct])
        self._fired = np.zeros(0, dtype=np.int32)  # kept, for new memory costs as much as what is written to it

    @cached_property
    def weights(self) -> sparse.csr_matrix:
        """Log-odds that each cue adds to each code, axes (cue, code); a cue speaks for its own code alone."""
        columns = [column for column, _ in self._cues]
        values = [cue.weight for _, cue in self._cues]
        shape = (len(self._cues), len(self.codebook.codes))
        return sparse.csr_matrix((values, (np.arange(len(values)), columns)), shape=shape)

    @cached_property
    def priors(self) -> Floats:
        """By code: log-odds of the base rate."""
        found: Floats = logit(np.array([code.prior for code in self.codebook.codes]))
        return found

    def fire(self, table: TokenTable, context: Context | None = None) -> sparse.csr_matrix:
        """Which cues fire in which segments, axes (segment, cue): 1, or the probability that a cue with `after` or
        `with` counts by; 0 elsewhere. Speaker rules are applied."""
        return self._rows(table, context or read_context(table), self._cue_columns, speakers=True)

    def probe(self, table: TokenTable, context: Context) -> sparse.csr_matrix:
        """As `fire`, axes (segment, distinct cue), before speaker rules."""
        return self._rows(table, context, self._probe_columns, speakers=False)

    @cached_property
    def _automaton(self) -> Automaton:
        probes = self._list.probes
        patterns = [pattern for probe in probes for pattern in probe.patterns]
        owners = [number for number, probe in enumerate(probes) for _ in probe.patterns]
        with _without_collecting():
            return Automaton(patterns, owners, quoted_wanted(probes))

    @cached_property
    def _arrays(self) -> tuple[Probes, Conditions, Named]:
        return *probe_arrays(self._list.probes, self._features), named_arrays(self._list.named, len(self._list.probes))

    @cached_property
    def _features(self) -> tuple[str, ...]:
        """The plug-ins that conditions name."""
        return tuple(sorted({name for probe in self._list.probes for name in probe.when.features or ()}))

    @cached_property
    def _cue_columns(self) -> Columns:
        cues: list[list[int]] = [[] for _ in self._list.probes]
        for cue, row in enumerate(self._list.of_cue):
            cues[row].append(cue)
        speakers = [self.codebook.codes[code].speakers for code, _ in self._cues]
        return self._columns(cues, ["T" in each for each in speakers], ["C" in each for each in speakers])

    @cached_property
    def _probe_columns(self) -> Columns:
        distinct = self._list.distinct
        columns = [[row] if row < distinct else [] for row in range(len(self._list.probes))]
        return self._columns(columns, [True] * distinct, [True] * distinct)

    def _columns(self, columns: list[list[int]], may_t: list[bool], may_c: list[bool]) -> Columns:
        number = {code.key: row for row, code in enumerate(self._list.named)}
        with_ = joined([[number[key] for key in probe.with_] for probe in self._list.probes])
        after = joined([[number[key] for key in probe.after] for probe in self._list.probes])
        may = (np.array(may_t, dtype=np.bool_), np.array(may_c, dtype=np.bool_))
        return Columns(*joined(columns), *may, *with_, *after)

    def _rows(self, table: TokenTable, context: Context, columns: Columns, *, speakers: bool) -> sparse.csr_matrix:
        probes, conditions, named = self._arrays
        segments = _segments(table, context, self._features)
        hits = self._automaton.find(table, context.quoted)
        turns, done = len(segments.opens), 0
        begin, fired = np.zeros(len(segments.turn) + 1, dtype=np.int64), self._fired
        while done < turns:
            first, last = segments.begin[done : done + 2].tolist()
            fired = with_room(fired, int(begin[first]), (last - first) * len(probes.where))
            done = fire_probes(done, *hits, probes, conditions, segments, begin, fired)
        self._fired = fired
        fired = fired[: begin[-1]]
        near = np.zeros((turns, len(named.prior)))
        places, scores = name_codes(begin, fired, named, expit(named.prior), segments, near)
        take_most(near.reshape(-1), places, expit(scores))
        indptr, indices, data = as_rows(begin, fired, columns, near, segments, speakers)
        shape = (len(segments.turn), len(columns.may_t))
        rows = sparse.csr_matrix((data, indices, indptr), shape=shape)
        rows.has_canonical_format = True
        return rows

    def probabilities(self, fired: sparse.csr_matrix, allowed: Bools) -> Floats:
        """Probability of each code in each segment from the author's weights, axes (segment, code); 0 where the
        speaker may not carry the code. log-odds = log-odds of the prior + the weights of the cues that fire."""
        scores = expit(self.priors + np.asarray((fired @ self.weights).todense()))
        return np.where(allowed, scores, 0.0)

    def allowed(self, table: TokenTable) -> Bools:
        """Whether the speaker rule lets a segment carry a code, axes (segment, code). Bare notes carry none."""
        therapist = table.segment_is_therapist[:, None]
        may_t = np.array(["T" in code.speakers for code in self.codebook.codes], dtype=np.bool_)
        may_c = np.array(["C" in code.speakers for code in self.codebook.codes], dtype=np.bool_)
        allowed: Bools = np.where(therapist, may_t, may_c) & (table.spoken_words > 0)[:, None]
        return allowed

    def contributions(self, fired: sparse.csr_matrix, segment: int, code: int) -> list[tuple[str, float]]:
        """What each cue that fires adds to a code in a segment (name, log-odds), the strongest first."""
        found = [(cue.name, cue.weight * value) for cue, value in self._fired_in(fired, segment, code)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def reasons(self, fired: sparse.csr_matrix, segment: int, code: int) -> tuple[str, ...]:
        """Names of the cues that speak for a code in a segment, the strongest first."""
        firm = [pair for pair in self._fired_in(fired, segment, code) if pair[0].weight > 0 and pair[1] >= REASON_AT]
        return tuple(cue.name for cue, _ in sorted(firm, key=lambda pair: -pair[0].weight * pair[1]))

    def _fired_in(self, fired: sparse.csr_matrix, segment: int, code: int) -> list[tuple[Cue, float]]:
        """The cues of a code that fire in a segment, with what each counts by."""
        row = slice(fired.indptr[segment], fired.indptr[segment + 1])
        pairs = zip(fired.indices[row].tolist(), fired.data[row].tolist(), strict=True)
        return [(self._cues[number][1], value) for number, value in pairs if self._cues[number][0] == code]


@contextmanager
def _without_collecting() -> Iterator[None]:
    """While hundreds of thousands of objects are made that all stay, no garbage is looked for: it would take longer."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _segments(table: TokenTable, context: Context, features: tuple[str, ...]) -> Segments:
    turns = np.arange(len(table.turn_session) + 1)
    quoting = np.logical_or.reduceat(context.quoted, table.first_token) if len(table.word) else context.quoted
    return Segments(
        traits=traits_of(context, list(read_features(features, table).values())),
        counts=np.stack([context.words, context.turn_words, context.before_words], axis=1),
        quoting=quoting,
        turn=table.segment_turn,
        therapist=table.segment_is_therapist,
        said=table.spoken_words > 0,
        begin=np.searchsorted(table.segment_turn, turns),
        opens=np.diff(table.turn_session, prepend=-1) != 0,
    )
