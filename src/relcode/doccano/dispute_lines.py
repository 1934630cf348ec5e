"""What the adjudicator reads of each dispute: a line beneath its turn, with the coders as numbers."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from relcode.records import Span

WORDS_EACH_END = 3  # a label's words are repeated by their beginning and end alone: the turn stands right above
LINE_MARK = "    ▸"


class Compared(Protocol):
    """A label that at least one coder gave (`adjudication.Finding`)."""

    @property
    def turn(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def given(self) -> Mapping[str, tuple[Span, ...]]: ...
    @property
    def asked(self) -> tuple[str, ...]: ...
    @property
    def disputed(self) -> bool: ...
    @property
    def visible(self) -> tuple[Span, ...]: ...
    @property
    def signature(self) -> list[Any]: ...
    def touches(self, span: Span) -> bool: ...


def draw_numbers(coders: Collection[str], recorded: Iterable[str] | None = None) -> list[str]:
    """The coders in the order of their numbers: as recorded for this page, else drawn; nobody can work it out."""
    kept = list(recorded or ())
    if sorted(kept) == sorted(coders):
        return kept
    order = sorted(coders)
    random.SystemRandom().shuffle(order)
    return order


def dispute_lines(numbered: Sequence[str], findings: Sequence[Compared]) -> dict[int, list[str]]:
    """The lines of a page by turn, one a dispute: what each coder who coded the turn gave there.

    Disputed labels on overlapping words are one dispute, whatever their codes.
    """
    groups = list(_groups(findings))
    lines: dict[int, list[str]] = {}
    for place, group in enumerate(groups, start=1):
        said = [
            f"coder {number}: {_given(coder, group)}"
            for number, coder in enumerate(numbered, start=1)
            if coder in group[0].asked
        ]
        line = f"{LINE_MARK} decide {place} of {len(groups)}   {'   |   '.join(said)}"
        lines.setdefault(group[0].turn, []).append(line)
    return lines


def _groups(findings: Sequence[Compared]) -> Iterable[list[Compared]]:
    """Disputes by turn and place: findings that hang together by overlap."""
    groups: list[list[Compared]] = []
    for finding in sorted(findings, key=lambda each: (each.turn, each.visible[0].start, each.code)):
        spans = [span for given in finding.given.values() for span in given]
        same = [group for group in groups if any(other.touches(span) for other in group for span in spans)]
        merged = [other for group in same for other in group] + [finding]
        groups = [group for group in groups if group not in same] + [merged]
    return groups


def _given(coder: str, group: Sequence[Compared]) -> str:
    said = [f"{finding.code} “{_short(span.text)}”" for finding in group for span in finding.given.get(coder, ())]
    return ", ".join(said) or "none"


def _short(words: str) -> str:
    split = words.split()
    if len(split) <= 2 * WORDS_EACH_END + 1:
        return " ".join(split)
    return f"{' '.join(split[:WORDS_EACH_END])} … {' '.join(split[-WORDS_EACH_END:])}"
