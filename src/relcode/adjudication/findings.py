"""Comparing coders: each label that at least one gave, and whether those who coded its turn agree on it.

Coders agree on a label where all who coded the turn gave the same code on words that overlap, with boundaries no farther
apart than the project's rule allows. An agreed label runs as one of them drew it: who, is drawn by lot for each label
(from the label itself, so that it stays the same), for nobody's boundaries are better by his name.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import msgspec

from relcode.choices import CODE_DISPUTES
from relcode.records import Span

Entry = tuple[int, int, str, Span]


class Finding(msgspec.Struct, frozen=True):
    """One label that at least one coder gave.

    `given`: each coder's spans of it; who gave none is absent. `asked`: all who coded the turn. `apart`: how far the
    boundaries of those who gave it lie apart at most (0 to 1). `boundaries`: whether that is too far. `drawn`: the coder
    whose boundaries hold unless somebody decides otherwise.
    """

    session_id: str
    turn: int
    code: str
    given: dict[str, tuple[Span, ...]]
    asked: tuple[str, ...]
    apart: float
    boundaries: bool
    drawn: str

    @property
    def coders(self) -> tuple[str, ...]:
        """Those who gave it, sorted."""
        return tuple(sorted(self.given))

    @property
    def single(self) -> bool:
        """Whether one coder alone has coded the turn."""
        return len(self.asked) == 1

    @property
    def agreed(self) -> bool:
        """Whether two coders or more have coded the turn, and all gave the label, near enough."""
        return not self.single and len(self.given) == len(self.asked) and not self.boundaries

    @property
    def disputed(self) -> bool:
        return not self.single and not self.agreed

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans as the coder drew them whose boundaries hold."""
        return self.given[self.drawn]

    @property
    def visible(self) -> tuple[Span, ...]:
        """The spans that the adjudicator sees: where boundaries are in dispute those of all coders."""
        if not self.boundaries:
            return self.spans
        return tuple({span.key: span for coder in self.coders for span in self.given[coder]}.values())

    @property
    def signature(self) -> list[Any]:
        """Turn, code and boundaries by coder: by it a change of the coders' labels is noticed."""
        return [
            self.turn,
            self.code,
            [[coder, span.start, span.end] for coder in self.coders for span in self.given[coder]],
        ]

    def touches(self, span: Span) -> bool:
        """Whether any coder's span of it overlaps the words of `span` (of the same turn, with whatever code)."""
        return any(
            own.start < span.end and span.start < own.end and (own.session_id, own.turn) == (span.session_id, span.turn)
            for spans in self.given.values()
            for own in spans
        )

    def __repr__(self) -> str:
        return f"Finding({self.session_id!r}, turn {self.turn}, {self.code}, agreed={self.agreed})"


def compare(
    labels: Mapping[str, Iterable[Span]],
    *,
    coded: Mapping[str, Collection[int]] | None = None,
    distance: float = CODE_DISPUTES,
) -> list[Finding]:
    """Compare coders' labels of a session.

    Parameters
    ----------
    labels
        Coder -> all labels; a coder who gave none at all must be there with none.
    coded
        Coder -> the turns that he or she has coded; every turn if None.
    distance
        Boundaries farther apart than this are in dispute (`choices.boundary_distance`).

    Returns
    -------
    list of Finding
        By session, turn, place and code. Overlapping spans of one code in one turn make one finding.
    """
    groups: dict[tuple[str, int, str], list[Entry]] = defaultdict(list)
    for coder, spans in labels.items():
        for span in spans:
            if coded is None or span.turn in coded[coder]:
                groups[span.session_id, span.turn, span.code].append((span.start, span.end, coder, span))
    findings = []
    for (session_id, turn, code), entries in groups.items():
        asked = tuple(sorted(coder for coder in labels if coded is None or turn in coded[coder]))
        for cluster in _overlapping(sorted(entries, key=lambda entry: entry[:3])):
            given: dict[str, tuple[Span, ...]] = {}
            for _, _, coder, span in cluster:
                given[coder] = (*given.get(coder, ()), span)
            apart = boundaries_apart(given)
            lot = random.Random(f"{session_id}\n{turn}\n{code}\n{cluster[0][0]}")
            drawn = lot.choice(sorted(given))
            findings.append(Finding(session_id, turn, code, given, asked, apart, apart > distance, drawn))
    return sorted(
        findings, key=lambda finding: (finding.session_id, finding.turn, finding.visible[0].start, finding.code)
    )


def boundaries_apart(given: Mapping[str, Sequence[Span]]) -> float:
    """How far the boundaries of coders lie apart: 1 - overlap / union of their characters, of the two farthest apart."""
    covered = [{at for span in spans for at in range(span.start, span.end)} for spans in given.values()]
    return max((1 - len(one & other) / len(one | other) for one, other in combinations(covered, 2)), default=0.0)


def _overlapping(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Runs of spans that hang together by overlap; `entries` sorted by start."""
    clusters: list[list[Entry]] = []
    reach = -1
    for entry in entries:
        if clusters and entry[0] < reach:
            clusters[-1].append(entry)
        else:
            clusters.append([entry])
            reach = -1
        reach = max(reach, entry[1])
    return clusters
