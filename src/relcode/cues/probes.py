"""Cues as they are looked for: each distinct one once, with the codebook's words and the codes that its conditions name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.special import logit

from relcode.codebook.patterns import expand_pattern
from relcode.codebook.schema import Code, Codebook, Condition, Cue, TokenPattern
from relcode.cues.conditions import conditions_of
from relcode.cues.firing_arrays import EITHER, IN_SEGMENT, IN_TURN, IN_TURN_BEFORE, Conditions, Named, Probes
from relcode.records import Role

CodeKey = tuple[str, str]  # reference of the codebook, id of the code
_WHERE = {"segment": IN_SEGMENT, "turn": IN_TURN, "before": IN_TURN_BEFORE}


class Probe(NamedTuple):
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


class NamedCode(NamedTuple):
    """A code that conditions name: log-odds of its prior, and (row of the probe, weight) of its own cues."""

    key: CodeKey
    speakers: list[Role]
    prior: float
    pairs: tuple[tuple[int, float], ...]


class ProbeList:
    """The probes of a codebook's cues.

    Attributes
    ----------
    probes, sources
        The distinct cues of the codebook, in order of their first use, then those that only conditions need.
    of_cue
        By cue of the codebook: the row of its probe.
    distinct
        How many stand for cues of the codebook.
    named
        The codes that conditions name, each with those of its cues that do not depend on other codes.
    """

    def __init__(self, codebook: Codebook) -> None:
        self.probes: list[Probe] = []
        self.sources: list[CueSource] = []
        self._rows: dict[tuple[int, bool], int] = {}
        self.of_cue = [self._row(codebook, code, cue) for code in codebook.codes for cue in code.cues]
        self.distinct = len(self.probes)
        self.named = self._read_named(codebook)

    def _row(self, codebook: Codebook, code: Code, cue: Cue) -> int:
        """The row of a cue's probe, made where it is new."""
        book, source = find_cue(codebook, code, cue)
        over_turn = cue.use is not None and cue.in_ == "turn"
        if (id(source), over_turn) not in self._rows:
            when = source.when
            self._rows[id(source), over_turn] = len(self.probes)
            self.probes.append(
                Probe(
                    tuple(expand_pattern(pattern, book.words, book.translated) for pattern in source.patterns),
                    source.in_,
                    msgspec.structs.replace(when, after=None, with_=None),
                    _codes_named(book, when.after),
                    _codes_named(book, when.with_),
                    over_turn,
                )
            )
            here = source.in_ == "segment" and bool(source.patterns) and when.after is None and when.with_ is None
            use = cue.use or f"{code.id}/{cue.id}"
            self.sources.append(CueSource(use, book.reference, over_turn, here and not over_turn))
        return self._rows[id(source), over_turn]

    def _read_named(self, codebook: Codebook) -> list[NamedCode]:
        """The codes that conditions name, each with those of its cues that do not depend on other codes."""
        names = {name for probe in self.probes for name in (*probe.after, *probe.with_)}
        found: list[NamedCode] = []
        for book in (codebook, *codebook.all_used):
            for code in book.codes:
                key = (book.reference, code.id)
                if key not in names:
                    continue
                pairs = []
                for cue in code.cues:
                    when = find_cue(book, code, cue)[1].when
                    if when.after is None and when.with_ is None:
                        pairs.append((self._row(book, code, cue), cue.weight))
                found.append(NamedCode(key, code.speakers, float(logit(code.prior)), tuple(pairs)))
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


def probe_arrays(probes: Sequence[Probe], features: Sequence[str] = ()) -> tuple[Probes, Conditions]:
    """Probes, and their distinct conditions, as arrays; `features`: the plug-ins that conditions name."""
    conditions: dict[bytes, tuple[int, Condition]] = {}
    rows = [
        conditions.setdefault(msgspec.json.encode(probe.when), (len(conditions), probe.when))[0] for probe in probes
    ]
    where = np.array([_WHERE[probe.where] for probe in probes], dtype=np.int8)
    bare = [row for row, probe in enumerate(probes) if not probe.patterns]
    bare.sort(key=lambda row: where[row])
    arrays = Probes(
        where=where,
        over_turn=np.array([probe.over_turn for probe in probes], dtype=np.bool_),
        condition=np.array(rows, dtype=np.int32),
        bare_begin=np.searchsorted(where[bare], np.arange(len(_WHERE) + 1)).astype(np.int32),
        bare=np.array(bare, dtype=np.int32),
        bare_quoted=quoted_wanted(probes)[bare],
    )
    return arrays, conditions_of([when for _, when in conditions.values()], features)


def quoted_wanted(probes: Sequence[Probe]) -> npt.NDArray[np.int8]:
    """By probe: whether it asks for quoted speech (1) or for none (0), or for neither (-1)."""
    return np.array([EITHER if probe.when.quoted is None else probe.when.quoted for probe in probes], dtype=np.int8)


def named_arrays(named: Sequence[NamedCode], probes: int) -> Named:
    """The codes that conditions name, as arrays."""
    pairs = [[row for row, _ in code.pairs] for code in named]
    of_probe: list[list[int]] = [[] for _ in range(probes)]
    places: list[list[int]] = [[] for _ in range(probes)]
    for number, rows in enumerate(pairs):
        for place, row in enumerate(rows):
            of_probe[row].append(number)
            places[row].append(place)
    begin, probe = joined(pairs)
    code_begin, code = joined(of_probe)
    return Named(
        prior=np.array([each.prior for each in named], dtype=np.float64),
        may_t=np.array(["T" in each.speakers for each in named], dtype=np.bool_),
        may_c=np.array(["C" in each.speakers for each in named], dtype=np.bool_),
        begin=begin,
        probe=probe,
        weight=np.array([weight for each in named for _, weight in each.pairs], dtype=np.float64),
        code_begin=code_begin,
        code=code,
        place=joined(places)[1],
    )


def joined(lists: Sequence[Sequence[int]]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Lists one after the other: where each begins (one more), and their numbers."""
    begin = np.cumsum([0, *(len(each) for each in lists)]).astype(np.int32)
    return begin, np.array([number for each in lists for number in each], dtype=np.int32)
