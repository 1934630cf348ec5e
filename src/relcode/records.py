"""The few frozen records in which the stages meet.

Offsets are `start`, `end`: half-open, in Unicode code points of the turn's text. `repr` of a record never shows
transcript text, so that a record may stand in a log or a traceback.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

Role = Literal["T", "C"]


MACHINES = ("cues", "model", "spacy", "suggester", "llm")


def is_machine(source: str) -> bool:
    """Whether a span of this source, or a coder of this name, is a machine's."""
    kind, names_it, _ = source.partition(":")
    return source == "cues" or (kind in MACHINES and bool(names_it))


class Turn(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that one speaker says until another speaks.

    `turn` counts from 1. `speaker` is `T` or `C`, further ones `T2`, `C2`, ... `t0`, `t1` are seconds from the start.
    """

    turn: int
    speaker: str
    text: str
    t0: float | None = None
    t1: float | None = None

    @property
    def role(self) -> Role:
        """`T` for any therapist, `C` for any client."""
        return "T" if self.speaker.startswith("T") else "C"

    def __repr__(self) -> str:
        return f"Turn({self.turn}, {self.speaker}, {len(self.text)} characters)"


class Session(msgspec.Struct, frozen=True):
    """One recorded meeting. `metadata`: the header's other fields (dyad, therapist, client, session_number ...)."""

    session_id: str
    turns: tuple[Turn, ...]
    metadata: dict[str, Any] = {}

    @property
    def dyad(self) -> str:
        """The dyad, or the session's own id where none is given. Splits are made by dyad."""
        return str(self.metadata.get("dyad") or self.session_id)

    @property
    def therapist(self) -> str | None:
        value = self.metadata.get("therapist")
        return None if value is None else str(value)

    @property
    def session_number(self) -> int | None:
        value = self.metadata.get("session_number")
        return value if isinstance(value, int) else None

    def __iter__(self) -> Iterator[Turn]:
        return iter(self.turns)

    def __repr__(self) -> str:
        return f"Session({self.session_id!r}, {len(self.turns)} turns)"


class Segment(msgspec.Struct, frozen=True):
    """The unit of analysis: a sentence or independent clause of a turn. `segment` counts from 1 within the turn."""

    session_id: str
    turn: int
    segment: int
    speaker: str
    start: int
    end: int


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """The words that carry the evidence for a code: a suggestion, a coder's annotation or an accepted label.

    `source` is `cues`, `model:<id>`, `spacy:<pipeline>@<version>`, `suggester:<name>@<version>`, `llm:<model>` (a machine's,
    see `is_machine`), `coder:<name>`, `accepted`, or `accepted:` and the policy where neither coders agreed
    nor a person decided. `score` (a probability, 0 to 1) and `why` (names of
    the cues) stand only where a machine made the span.
    """

    session_id: str
    turn: int
    start: int
    end: int
    text: str
    code: str
    codebook: str | None = None
    source: str = ""
    score: float | None = None
    why: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, int, int, int, str]:
        """Session, turn, start, end and code: what makes two spans the same label."""
        return (self.session_id, self.turn, self.start, self.end, self.code)

    def __repr__(self) -> str:
        return f"Span({self.session_id!r}, turn {self.turn}, {self.start}:{self.end}, {self.code})"
