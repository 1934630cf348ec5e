"""Two audits side by side: each figure of both, and the difference with its interval. No ranking."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import msgspec
import numpy as np

from relcode.audit.comparable import LEAST_CLIENTS, faults_between, notes_on
from relcode.audit.differences import joined, paired_interval, resampled_interval
from relcode.audit.figure import Figure, Unit
from relcode.audit.intervals import Estimate, Floats, Mark, without_value
from relcode.audit.result import AuditResult, CodeRate
from relcode.audit.shares import SPEAKERS
from relcode.errors import DataError

DRAWN = "sessions drawn anew on each side, never narrower than the intervals of both sides joined"
APART = "the intervals of both sides joined"
PAIRED = "clients drawn anew, each with all sessions of both sides"
_SECTIONS = {
    "headline": "Five figures",
    "figures": "Balances",
    "rates": "Codes, per 100 segments of the speaker",
    "interpretations": "Interpretations",
    "ruptures": "Ruptures and repairs",
    "exposure": "What was counted",
    "referents": "Whom the therapist speaks of",
}
Tally = tuple[tuple[str, int, int], ...]


class Side(msgspec.Struct, frozen=True):
    """One of the two audits: what it was made from. `correction`: the hand-coded sample of a machine's rates."""

    name: str
    therapists: tuple[str, ...]
    clients: int
    sessions: int
    coded_sessions: int
    therapist_segments: int
    client_segments: int
    source: str
    correction: str


class Line(msgspec.Struct, frozen=True):
    """One figure of both, and the second less the first. `how`: from what the interval of the difference comes."""

    section: str
    measure: str
    label: str
    unit: Unit
    first: Estimate
    second: Estimate
    difference: Estimate
    how: str = ""


class Comparison(msgspec.Struct, frozen=True):
    """Two audits side by side. `clients_in_both`: how many; `paired`: whether differences are within clients."""

    relcode: str
    codebook: str
    source_kind: str
    uncorrected: bool
    first: Side
    second: Side
    clients_in_both: int
    paired: bool
    notes: tuple[str, ...]
    lines: tuple[Line, ...]


class _Entry(msgspec.Struct, frozen=True):
    """A figure of one audit, as it is compared."""

    section: str
    measure: str
    label: str
    unit: Unit
    estimate: Estimate
    tally: Tally = ()


def compare(
    first: AuditResult, second: AuditResult, *, names: tuple[str, str] = ("A", "B"), seed: int = 0
) -> Comparison:
    """Put two audits side by side.

    The interval of a difference is from sessions drawn anew on each side, never narrower than the intervals of both
    sides joined; joined alone where there is one session on a side, or a corrected rate. Where both have the same
    clients, eight or more, clients are drawn anew instead, each with all their sessions of both sides. There is no
    difference where one side has no figure, or where one is corrected and the other is not.

    Raises
    ------
    DataError
        They cannot be compared: other codebooks, coders against a machine, two machines, the same sessions in both. All
        reasons are listed.

    Source: Zou & Donner 2008, Stat Med 27:1693-1702; for shares Newcombe 1998, Stat Med 17:873-890, method 10.
    """
    if faults := faults_between(first, second, names):
        raise DataError("The two audits cannot be compared:", faults)
    clients = tuple({line.session_id: line.client for line in of.sessions if line.coded} for of in (first, second))
    shared = set(clients[0].values()) & set(clients[1].values())
    paired = set(clients[0].values()) == set(clients[1].values()) and len(shared) >= LEAST_CLIENTS
    entries = tuple({(entry.section, entry.measure): entry for entry in _entries(of)} for of in (first, second))
    maker = _Maker(names, clients if paired else None, seed)
    return Comparison(
        relcode=second.relcode,
        codebook=first.codebook,
        source_kind=first.source_kind,
        uncorrected=first.uncorrected,
        first=_side(names[0], first),
        second=_side(names[1], second),
        clients_in_both=len(shared),
        paired=paired,
        notes=tuple(notes_on(first, second, names, len(shared), paired=paired)),
        lines=tuple(
            maker.line(*(of.get(key) for of in entries)) for key in dict.fromkeys(chain(entries[0], entries[1]))
        ),
    )


class _Maker:
    """Makes the lines. `clients`: client of each session of either side, where differences are within clients."""

    def __init__(self, names: tuple[str, str], clients: tuple[dict[str, str], ...] | None, seed: int) -> None:
        self._names, self._clients, self._seed = names, clients, seed

    def line(self, first: _Entry | None, second: _Entry | None) -> Line:
        entry = first or second
        assert entry is not None
        absent = without_value(0, "not counted there")
        one, two = (absent if of is None else of.estimate for of in (first, second))
        difference, how = self._difference(one, two, first, second)
        return Line(entry.section, entry.measure, entry.label, entry.unit, one, two, difference, how)

    def _difference(
        self, one: Estimate, two: Estimate, first: _Entry | None, second: _Entry | None
    ) -> tuple[Estimate, str]:
        for estimate, name in ((one, self._names[0]), (two, self._names[1])):
            if estimate.value is None:
                return without_value(0, f"{name} has no figure"), ""
        assert one.value is not None
        assert two.value is not None
        if one.mark != two.mark:
            return without_value(0, "one side is corrected and the other is not"), ""
        mark: Mark = one.mark
        value = two.value - one.value
        apart = joined(one, two)
        if apart is None:
            return Estimate(value, None, None, 0, "counted on one side or both: no interval", mark), ""
        drawn = None if mark == "corrected" else self._drawn(first, second)
        if drawn is not None and self._clients is not None:
            return Estimate(value, *drawn, one.n + two.n, "", mark), PAIRED
        ends = apart if drawn is None else (min(apart[0], drawn[0]), max(apart[1], drawn[1]))
        return Estimate(value, *ends, one.n + two.n, "", mark), APART if drawn is None else DRAWN

    def _drawn(self, first: _Entry | None, second: _Entry | None) -> tuple[float, float] | None:
        """The interval from clients, or sessions, drawn anew, of what was counted."""
        if first is None or second is None or not (first.tally and second.tally):
            return None
        if self._clients is None:
            one, two = (np.array([line[1:] for line in of.tally], dtype=np.float64) for of in (first, second))
            found = resampled_interval(one, two, seed=self._seed)
        else:
            names = sorted(set(self._clients[0].values()))
            one, two = (
                _by_client(of.tally, own, names) for of, own in zip((first, second), self._clients, strict=True)
            )
            found = paired_interval(one, two, seed=self._seed)
        factor = 100 if first.unit == "per_100" else 1
        return None if found is None else (found[0] * factor, found[1] * factor)


def _by_client(tally: Tally, client_of: dict[str, str], names: list[str]) -> Floats:
    row = {name: number for number, name in enumerate(names)}
    counts = np.zeros((len(names), 2))
    for session_id, marked, other in tally:
        if session_id in client_of:
            counts[row[client_of[session_id]]] += marked, other
    return counts


def _entries(result: AuditResult) -> Iterator[_Entry]:
    for section, label in _SECTIONS.items():
        if section == "rates":
            yield from (_of_rate(rate, label) for rate in result.rates)
            continue
        figures = result.exposure.figures if section == "exposure" else getattr(result, section)
        if section == "exposure":
            yield _Entry(label, "talk_share", "Therapist's share of the words", "share", result.exposure.talk_share)
        yield from (_of_figure(figure, label) for figure in figures if figure.id != "talk_words")


def _of_rate(rate: CodeRate, section: str) -> _Entry:
    name = rate.name if rate.name.startswith(rate.code) else f"{rate.code} {rate.name}"
    label = f"{name}, {SPEAKERS[rate.speaker]}"
    return _Entry(section, f"{rate.code}_{rate.speaker}", label, "per_100", rate.estimate, rate.tally)


def _of_figure(figure: Figure, section: str) -> _Entry:
    return _Entry(section, figure.id, figure.label, figure.unit, figure.estimate, figure.tally)


def _side(name: str, result: AuditResult) -> Side:
    coded = [line for line in result.sessions if line.coded]
    return Side(
        name=name,
        therapists=tuple(sorted({line.therapist for line in result.sessions if line.therapist})),
        clients=len({line.client for line in result.sessions}),
        sessions=len(result.sessions),
        coded_sessions=len(coded),
        therapist_segments=result.exposure.therapist_segments,
        client_segments=result.exposure.client_segments,
        source=result.source,
        correction=result.correction,
    )
