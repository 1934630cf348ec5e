"""What an audit finds, as plain data: references to turns, never their words."""

from __future__ import annotations

from typing import Literal

import msgspec

from relcode.audit.exchange import Episode, Influence, Response, TalkChange
from relcode.audit.figure import Correction, Figure, Opened, Unit
from relcode.audit.intervals import Estimate
from relcode.records import Role

SourceKind = Literal["coded labels", "machine spans", "machine scores", "none"]


class Exposure(msgspec.Struct, frozen=True):
    """How much there is to look at, before any code.

    `minutes`: of the `timed_sessions`, those whose turns have times. `coded_by` and `codebooks`: the sources of the
    codes and the versions they were made with, as the labels or scores name them. `figures`: talk time, questions,
    silence, what was not understood, and how much of the material people coded.
    """

    sessions: int
    turns: int
    therapist_turns: int
    client_turns: int
    therapist_words: int
    client_words: int
    therapist_segments: int
    client_segments: int
    talk_share: Estimate
    question_share: Estimate
    timed_sessions: int
    minutes: float
    coded_by: tuple[str, ...]
    codebooks: tuple[str, ...]
    figures: tuple[Figure, ...]


class CodeRate(Opened, frozen=True):
    """Segments of one speaker that carry a code or one of its sub-codes, per 100 segments of that speaker.

    `per_50_minutes`: the same segments by the clock, in the sessions that have times; never corrected.
    """

    code: str
    name: str
    speaker: Role
    mode: bool
    count: int
    estimate: Estimate
    per_50_minutes: Estimate
    correction: Correction | None = None


class Tenth(Opened, frozen=True):
    """Here-and-now talk (HN or META) of one speaker in one tenth of the sessions, by words."""

    tenth: int
    speaker: Role
    count: int
    estimate: Estimate


class AlongPoint(msgspec.Struct, frozen=True):
    """What there is around one place of the sessions, per 100; `position`: 0 (start) to 1 (end), by words said.

    The `n` of the estimate: how many segments or turns the nearness-weighted ones around here are worth.
    """

    position: float
    estimate: Estimate


class Along(Opened, frozen=True):
    """A smooth line along the sessions: of one speaker's segments, or (`speaker` None) of all turns.

    Without points, `reason` says why there is no line.
    """

    measure: str
    label: str
    speaker: Role | None
    count: int
    points: tuple[AlongPoint, ...]
    reason: str = ""


class TurnMarks(msgspec.Struct, frozen=True):
    """The codes that one turn carries, in the codebook's order."""

    session_id: str
    turn: int
    codes: tuple[str, ...]


class Group(msgspec.Struct, frozen=True):
    """The headline figures of one session, or of one therapist's sessions."""

    name: str
    sessions: int
    therapist_segments: int
    client_segments: int
    figures: tuple[Figure, ...]


class CoursePoint(msgspec.Struct, frozen=True):
    """One measure in one session of a dyad; `session_number` is None where the transcript does not give it."""

    session_id: str
    session_number: int | None
    estimate: Estimate


class Course(msgspec.Struct, frozen=True):
    """One measure through the sessions of a dyad.

    `trend`: how many times the odds are multiplied from one session number to the next (1: level). `first` and `last`:
    what the trend says for the first and the last session, in `unit`.
    """

    dyad: str
    therapist: str | None
    measure: str
    label: str
    unit: Unit
    points: tuple[CoursePoint, ...]
    trend: Estimate
    first: Estimate
    last: Estimate


class ClientLine(msgspec.Struct, frozen=True):
    """One client's figure: from their own sessions alone, and drawn towards the therapist's other clients."""

    client: str
    sessions: int
    raw: Estimate
    shrunk: Estimate


class Caseload(msgspec.Struct, frozen=True):
    """One measure over the clients of one therapist, in the order of the clients' names: no ranking.

    `typical`: the mean over such clients; `spread`: the standard deviation between them, in the same unit.
    """

    therapist: str
    measure: str
    label: str
    unit: Unit
    clients: tuple[ClientLine, ...]
    typical: Estimate
    spread: Estimate


class SessionLine(msgspec.Struct, frozen=True):
    """One session of the audit; `coded` is false where the source says nothing about it."""

    session_id: str
    sha256: str
    dyad: str
    therapist: str | None
    session_number: int | None
    turns: int
    coded: bool
    client: str = ""


class AuditResult(msgspec.Struct, frozen=True):
    """All figures of an audit.

    With `uncorrected` the codes come from a machine: each figure made from them has a `mark` in its estimate.
    `correction`: in words, the hand-coded sample that corrects those marked `corrected`; empty where there is none.
    """

    relcode: str
    codebook: str
    source: str
    source_kind: SourceKind
    uncorrected: bool
    seed: int
    sessions: tuple[SessionLine, ...]
    notes: tuple[str, ...]
    exposure: Exposure
    headline: tuple[Figure, ...]
    figures: tuple[Figure, ...]
    rates: tuple[CodeRate, ...]
    here_and_now: tuple[Tenth, ...]
    episodes: tuple[Episode, ...]
    responses: tuple[Response, ...]
    client_talk: tuple[TalkChange, ...]
    influences: tuple[Influence, ...]
    by_therapist: tuple[Group, ...]
    by_session: tuple[Group, ...]
    interpretations: tuple[Figure, ...]
    referents: tuple[Figure, ...]
    along: tuple[Along, ...]
    ruptures: tuple[Figure, ...]
    course: tuple[Course, ...]
    caseload: tuple[Caseload, ...]
    marks: tuple[TurnMarks, ...]
    correction: str = ""
