"""The cue engine: for each segment, which cues of a codebook fire, and what they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
import numpy as np
from scipy import sparse
from scipy.special import expit, logit

from relcode.codebook.patterns import expand_pattern
from relcode.codebook.schema import Code, Codebook, Condition, Cue, TokenPattern
from relcode.cues.automaton import Automaton
from relcode.cues.context import Context, read_context
from relcode.cues.features import read_features
from relcode.cues.matcher import plan_patterns
from relcode.records import Role
from relcode.transcripts.tokens import Bools, Floats, Ints, TokenTable

REASON_AT = 0.5  # a cue that counts by a probability is a reason from here on


_EITHER = -1  # a cue does not ask whether speech is quoted
_Fired = tuple[Ints, Floats | None]  # the segments in which a cue fires, and what it counts by there (None: 1)
CodeKey = tuple[str, str]  # reference of the codebook, id of the code


class _Probe(NamedTuple):
    """A cue as it is looked for. Cues of several codes that ask for the same are one probe."""

    patterns: tuple[TokenPattern, ...]
    where: str
    when: Condition
    after: tuple[CodeKey, ...]
    with_: tuple[CodeKey, ...]
    over_turn: bool = False  # taken over for the whole turn: it counts in every segment of a turn in which it fires


class CueSource(NamedTuple):
    """Where a distinct cue stands: `CODE/cue-id` and the codebook's reference. `over_turn`: taken over for the turn;
    `may_spread`: could be, for it looks at words of its own segment alone."""

    use: str
    reference: str
    over_turn: bool
    may_spread: bool


class _Named(NamedTuple):
    """A code that conditions name: log-odds of its prior, and (row of the probe, weight) of its own cues."""

    key: CodeKey
    speakers: list[Role]
    prior: float
    pairs: tuple[tuple[int, float], ...]


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
        self._probes: list[_Probe] = []
        self._sources: list[CueSource] = []
        self._memos: dict[str, dict[str, Any]] = {}
        self._rows: dict[tuple[int, bool], int] = {}
        found = [self._row(codebook, codebook.codes[column], cue) for column, cue in self._cues]
        self.probe_of = np.array(found, dtype=np.int64)
        self.code_of = np.array([column for column, _ in self._cues], dtype=np.int64)
        self._distinct = len(self._probes)
        self.sources = tuple(self._sources)
        self._named = self._read_named()

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
        may = self.allowed(table)
        probed = self._probed(table, context or read_context(table))
        cues = [(probed[probe], may[:, code]) for probe, code in zip(self.probe_of, self.code_of, strict=True)]
        return _as_rows(
            [(rows[may[rows]], None if values is None else values[may[rows]]) for (rows, values), may in cues],
            len(table.segment_turn),
        )

    def probe(self, table: TokenTable, context: Context) -> sparse.csr_matrix:
        """As `fire`, axes (segment, distinct cue), before speaker rules."""
        return _as_rows(self._probed(table, context), len(table.segment_turn))

    @cached_property
    def _automaton(self) -> Automaton:
        owners = [number for number, probe in enumerate(self._probes) for _ in probe.patterns]
        return Automaton(plan_patterns([pattern for probe in self._probes for pattern in probe.patterns]), owners)

    def _probed(self, table: TokenTable, context: Context) -> list[_Fired]:
        """By distinct cue, where it fires, before speaker rules."""
        fires = _find(self._probes, self._automaton, table, context)
        near = self._turn_probabilities(table, fires) if self._named else {}
        found: list[_Fired] = []
        for rows, probe in zip(fires[: self._distinct], self._probes, strict=False):
            value = _counts_by(probe, table, near)
            if value is None:
                found.append((rows, None))
            else:
                by_row = value[table.segment_turn[rows]]
                found.append((rows[by_row > 0], by_row[by_row > 0]))
        return found

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

    def _row(self, codebook: Codebook, code: Code, cue: Cue) -> int:
        """The row of a cue's probe, made where it is new."""
        book, source = find_cue(codebook, code, cue)
        over_turn = cue.use is not None and cue.in_ == "turn"
        if (id(source), over_turn) not in self._rows:
            memo = self._memos.setdefault(book.reference, {})
            when = source.when
            self._rows[id(source), over_turn] = len(self._probes)
            self._probes.append(
                _Probe(
                    tuple(expand_pattern(pattern, book.words, memo) for pattern in source.patterns),
                    source.in_,
                    msgspec.structs.replace(when, after=None, with_=None),
                    _codes_named(book, when.after),
                    _codes_named(book, when.with_),
                    over_turn,
                )
            )
            here = source.in_ == "segment" and bool(source.patterns) and when.after is None and when.with_ is None
            use = cue.use or f"{code.id}/{cue.id}"
            self._sources.append(CueSource(use, book.reference, over_turn, here and not over_turn))
        return self._rows[id(source), over_turn]

    def _read_named(self) -> list[_Named]:
        """The codes that conditions name, each with those of its cues that do not depend on other codes."""
        names = {name for probe in self._probes for name in (*probe.after, *probe.with_)}
        found: list[_Named] = []
        for book in (self.codebook, *self.codebook.all_used):
            for code in book.codes:
                key = (book.reference, code.id)
                if key not in names:
                    continue
                pairs = []
                for cue in code.cues:
                    when = find_cue(book, code, cue)[1].when
                    if when.after is None and when.with_ is None:
                        pairs.append((self._row(book, code, cue), cue.weight))
                found.append(_Named(key, code.speakers, float(logit(code.prior)), tuple(pairs)))
        return found

    def _turn_probabilities(self, table: TokenTable, fires: list[Ints]) -> dict[CodeKey, Floats]:
        """By code that is named: its probability in each turn (axis: turn), from cues that depend on no other code."""
        therapist = table.segment_is_therapist
        spoken = table.spoken_words > 0
        found: dict[CodeKey, Floats] = {}
        for code in self._named:
            score = np.full(len(therapist), code.prior)
            for row, weight in code.pairs:
                score[fires[row]] += weight
            may = np.where(therapist, "T" in code.speakers, "C" in code.speakers) & spoken
            by_turn = np.zeros(len(table.turn_session))
            np.maximum.at(by_turn, table.segment_turn, np.where(may, expit(score), 0.0))
            found[code.key] = by_turn
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


def _codes_named(book: Codebook, names: list[str] | None) -> tuple[CodeKey, ...]:
    """The codes that a condition of a codebook names, families spelled out; where two codebooks have a code of that
    name, the first: the codebook itself, then those that it uses."""
    found: dict[str, CodeKey] = {}
    for name in names or ():
        for each in (book, *book.all_used):
            for code_id in each.family(name):
                found.setdefault(code_id, (each.reference, code_id))
    return tuple(found.values())


def _as_rows(columns: list[_Fired], segments: int) -> sparse.csr_matrix:
    """A matrix from its columns: the rows of each and their values, 1 where there are none."""
    edges = np.cumsum([0, *(len(rows) for rows, _ in columns)])
    rows = np.concatenate([np.zeros(0, dtype=np.int32), *(rows for rows, _ in columns)]).astype(np.int32)
    values = np.ones(len(rows))
    for number, (_, value) in enumerate(columns):
        if value is not None:
            values[edges[number] : edges[number + 1]] = value
    return sparse.csr_matrix(sparse.csc_matrix((values, rows, edges), shape=(segments, len(columns))))


def _find(probes: Sequence[_Probe], automaton: Automaton, table: TokenTable, context: Context) -> list[Ints]:
    """By probe: the segments in which it fires, codes in its conditions left aside."""
    hits = np.zeros((len(probes), len(table.segment_turn)), dtype=np.bool_)
    for number, probe in enumerate(probes):
        if not probe.patterns:
            hits[number] = _quoting(probe, table, context)
    quoted = np.array([_EITHER if probe.when.quoted is None else probe.when.quoted for probe in probes], dtype=np.int8)
    for owner, first, last in automaton.find(table):
        wanted = quoted[owner]
        kept = (wanted == _EITHER) | ((context.quoted[first] & context.quoted[last - 1]) == wanted)
        hits[owner[kept], table.segment_row[first[kept]]] = True
    holds: dict[bytes, Bools] = {}
    features = read_features((name for probe in probes for name in probe.when.features or ()), table)
    fires: list[Ints] = []
    for probe, hit in zip(probes, hits, strict=True):
        key = msgspec.json.encode(probe.when)
        if key not in holds:
            holds[key] = context.holds(probe.when)
            for name in probe.when.features or ():
                holds[key] = holds[key] & features[name]
        fire = _spread(probe.where, hit, table) & holds[key]
        fires.append(np.flatnonzero(_spread("turn", fire, table) if probe.over_turn else fire))
    return fires


def _quoting(probe: _Probe, table: TokenTable, context: Context) -> Bools:
    """Of a probe without patterns: all segments, or those that hold quoted speech, or none."""
    if probe.when.quoted is None:
        return np.ones(len(table.segment_turn), dtype=np.bool_)
    some = np.zeros(len(table.segment_turn), dtype=np.bool_)
    some[table.segment_row[context.quoted]] = True
    chosen: Bools = some == probe.when.quoted
    return chosen


def _spread(where: str, hit: Bools, table: TokenTable) -> Bools:
    """The segments that look at the hits: the same ones, all of the turn, all of the turn after."""
    if where == "segment":
        return hit
    by_turn = np.zeros(len(table.turn_session), dtype=np.bool_)
    by_turn[table.segment_turn[hit]] = True
    if where == "before":
        by_turn = _from_turn_before(by_turn, table)
    spread: Bools = by_turn[table.segment_turn]
    return spread


def _counts_by(probe: _Probe, table: TokenTable, near: dict[CodeKey, Floats]) -> Floats | None:
    """By turn: the probability that the codes of a probe's conditions hold; None where it names none."""
    if not probe.after and not probe.with_:
        return None
    value = np.ones(len(table.turn_session))
    if probe.with_:
        value = value * np.max([near[code] for code in probe.with_], axis=0)
    if probe.after:
        value = value * _from_turn_before(np.max([near[code] for code in probe.after], axis=0), table)
    return value


def _from_turn_before(by_turn: Any, table: TokenTable) -> Any:
    """By turn: the value of the turn before; nothing at the start of a session."""
    if not len(by_turn):
        return by_turn
    opens = np.diff(table.turn_session, prepend=-1) != 0
    moved = np.concatenate([by_turn[:1], by_turn[:-1]])
    moved[opens] = 0
    return moved
