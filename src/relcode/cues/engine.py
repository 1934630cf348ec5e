"""The cue engine: for each segment, which cues of a codebook fire, and what they add up to."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import msgspec
import numpy as np
from scipy import sparse
from scipy.special import expit, logit

from relcode.codebook.patterns import expand_pattern
from relcode.codebook.schema import Code, Codebook, Condition, Cue, TokenPattern
from relcode.cues.context import Context, read_context
from relcode.cues.matcher import ArrayMatcher
from relcode.transcripts.tokens import Bools, Floats, Ints, TokenTable

REASON_AT = 0.5  # a cue that counts by a probability is a reason from here on


class _Probe(NamedTuple):
    """A cue as it is looked for. Cues of several codes that ask for the same are one probe."""

    patterns: tuple[TokenPattern, ...]
    where: str
    when: Condition
    after: tuple[str, ...]
    with_: tuple[str, ...]


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
        self._cues = [(column, cue) for column, code in enumerate(codebook.codes) for cue in code.cues]
        self.names = tuple(f"{codebook.codes[column].id}:{cue.name}" for column, cue in self._cues)
        self._probes: list[_Probe] = []
        self._memos: dict[str, dict[str, Any]] = {}
        rows: dict[int, int] = {}
        self._probe_of = np.array(
            [self._row(rows, codebook.codes[column], cue) for column, cue in self._cues], dtype=np.int64
        )

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
        context = context or read_context(table)
        fired = self.probe(table, context)
        allowed = self.allowed(table)
        columns = [column for column, _ in self._cues]
        return sparse.csr_matrix(fired[:, self._probe_of].multiply(allowed[:, columns]))

    def probe(self, table: TokenTable, context: Context) -> sparse.csr_matrix:
        """As `fire`, axes (segment, distinct cue), before speaker rules."""
        matcher = ArrayMatcher(table)
        near: dict[str, Floats] = {}
        if any(probe.after or probe.with_ for probe in self._probes):
            near = self._turn_probabilities(table, context)
        rows: list[Ints] = []
        columns: list[Ints] = []
        values: list[Floats] = []
        for number, probe in enumerate(self._probes):
            found, value = _look(probe, table, context, matcher, near)
            rows.append(found)
            columns.append(np.full(len(found), number, dtype=np.int64))
            values.append(value)
        shape = (len(table.segment_turn), len(self._probes))
        if not rows:
            return sparse.csr_matrix(shape, dtype=np.float64)
        places = (np.concatenate(rows), np.concatenate(columns))
        return sparse.csr_matrix((np.concatenate(values), places), shape=shape)

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
        row = fired[[segment]]
        found = [
            (self._cues[number][1].name, self._cues[number][1].weight * value)
            for number, value in zip(row.indices.tolist(), row.data.tolist(), strict=True)
            if self._cues[number][0] == code
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def reasons(self, fired: sparse.csr_matrix, segment: int, code: int) -> tuple[str, ...]:
        """Names of the cues that speak for a code in a segment, the strongest first."""
        row = fired[[segment]]
        pairs = zip(row.indices.tolist(), row.data.tolist(), strict=True)
        cues = [self._cues[number][1] for number, value in pairs if self._cues[number][0] == code and value >= REASON_AT]
        return tuple(cue.name for cue in sorted(cues, key=lambda cue: -cue.weight) if cue.weight > 0)

    def _row(self, rows: dict[int, int], code: Code, cue: Cue) -> int:
        """The row of a cue's probe, made where it is new."""
        book, source = find_cue(self.codebook, code, cue)
        if id(source) not in rows:
            memo = self._memos.setdefault(book.reference, {})
            when = source.when
            rows[id(source)] = len(self._probes)
            self._probes.append(
                _Probe(
                    tuple(expand_pattern(pattern, book.words, memo) for pattern in source.patterns),
                    source.in_,
                    msgspec.structs.replace(when, after=None, with_=None),
                    _codes_named(book, when.after),
                    _codes_named(book, when.with_),
                )
            )
        return rows[id(source)]

    @cached_property
    def _plain_engines(self) -> list[CueEngine]:
        """Of this codebook and of those used, the engines of the cues that do not depend on other codes."""
        books = {book.reference: book for book in (self.codebook, *self.codebook.all_used) if book.codes}
        members = {book.reference for book in self.codebook.members}
        return [CueEngine(_without_code_conditions(book)) for name, book in books.items() if name not in members]

    def _turn_probabilities(self, table: TokenTable, context: Context) -> dict[str, Floats]:
        """By code of this codebook and of those used: its probability in each turn (axis: turn), from the cues that do
        not depend on other codes."""
        found: dict[str, Floats] = {}
        for plain in self._plain_engines:
            fired = plain.fire(table, context)
            by_segment = plain.probabilities(fired, plain.allowed(table))
            by_turn = np.zeros((len(table.turn_session), by_segment.shape[1]))
            np.maximum.at(by_turn, table.segment_turn, by_segment)
            for number, code in enumerate(plain.codebook.code_ids):
                found.setdefault(code, by_turn[:, number])
        return found


def find_cue(codebook: Codebook, code: Code, cue: Cue) -> tuple[Codebook, Cue]:
    """The cue itself, or the one that it takes over, with the codebook whose words it means.

    Raises
    ------
    ValueError
        It takes over a cue that is not there, or one that is itself taken over.
    """
    home = next((book for book in codebook.members if book.reference == code.origin), codebook)
    if cue.use is None:
        return home, cue
    code_id, _, cue_id = cue.use.partition("/")
    for book in (home, *home.all_used):
        if code_id in book.by_id:
            for other in book.by_id[code_id].cues:
                if other.id == cue_id and other.use is None:
                    return book, other
    raise ValueError(f"there is no cue {cue.use} to take over")


def _codes_named(book: Codebook, names: list[str] | None) -> tuple[str, ...]:
    """The codes that a condition names, families spelled out."""
    found: dict[str, None] = {}
    for name in names or ():
        for each in (book, *book.all_used):
            found.update(dict.fromkeys(each.family(name)))
    return tuple(found)


def _without_code_conditions(codebook: Codebook) -> Codebook:
    """The codebook with those cues alone that do not depend on other codes."""
    codes = []
    for code in codebook.codes:
        kept = []
        for cue in code.cues:
            source = find_cue(codebook, code, cue)[1]
            if source.when.after is None and source.when.with_ is None:
                kept.append(cue)
        codes.append(msgspec.structs.replace(code, cues=kept))
    return msgspec.structs.replace(codebook, codes=codes)


def _look(
    probe: _Probe, table: TokenTable, context: Context, matcher: ArrayMatcher, near: dict[str, Floats]
) -> tuple[Ints, Floats]:
    """The segments where a probe fires, and how much it counts there."""
    fires = _matches(probe, table, context, matcher) & context.holds(probe.when)
    value = np.ones(len(fires))
    turns = len(table.turn_session)
    if probe.with_:
        here = np.max([near[code] for code in probe.with_], axis=0) if turns else np.zeros(0)
        value = value * here[table.segment_turn]
    if probe.after:
        first_turn = np.diff(table.turn_session, prepend=-1) != 0
        there = np.max([near[code] for code in probe.after], axis=0) if turns else np.zeros(0)
        before = np.where(first_turn, 0.0, np.append(0.0, there[:-1])) if turns else there
        value = value * before[table.segment_turn]
    found = np.flatnonzero(fires & (value > 0))
    return found, value[found]


def _matches(probe: _Probe, table: TokenTable, context: Context, matcher: ArrayMatcher) -> Bools:
    """By segment: whether a pattern is found where the probe looks; without patterns, everywhere."""
    wanted = probe.when.quoted
    segments = len(table.segment_turn)
    if not probe.patterns:
        hit = np.ones(segments, dtype=np.bool_)
        if wanted is not None:
            some = np.zeros(segments, dtype=np.bool_)
            some[table.segment_row[context.quoted]] = True
            hit = some == wanted
        return hit
    hit = np.zeros(segments, dtype=np.bool_)
    for pattern in probe.patterns:
        first, last = matcher.find(pattern)
        if wanted is not None:
            inside = context.quoted[first] & context.quoted[last - 1]
            first = first[inside == wanted]
        hit[table.segment_row[first]] = True
    if probe.where == "segment":
        return hit
    by_turn = np.zeros(len(table.turn_session), dtype=np.bool_)
    by_turn[table.segment_turn[hit]] = True
    if probe.where == "before" and len(by_turn):
        first_turn = np.diff(table.turn_session, prepend=-1) != 0
        by_turn = np.append(False, by_turn[:-1]) & ~first_turn
    spread: Bools = by_turn[table.segment_turn]
    return spread
