"""What an audit finds, as plain data: references to turns, never their words."""

from __future__ import annotations

from typing import Literal

import msgspec

from relcode.audit.intervals import Estimate
from relcode.records import Role

Unit = Literal["per_100", "share", "per_50_minutes", "turns", "index"]
SourceKind = Literal["coded labels", "machine spans", "machine scores", "none"]
Measure = Literal["words", "self_reference", "present_tense"]
Level = Literal["windows", "sessions"]
EXCERPTS = 20


class Place(msgspec.Struct, frozen=True):
    """Where to read what a figure was counted from."""

    session_id: str
    turn: int


class Figure(msgspec.Struct, frozen=True):
    """One figure in words and numbers.

    `short` is the label in a chart; `counted` says what was counted in plain words, `method` how; `claim` cites the
    evidence for looking at it, with its strength. `places` are the first of the `places_total` turns behind it.
    `chance`: what there would be without any tie, of whatever kind `method` says, with the range of 95 %.
    """

    id: str
    label: str
    short: str
    unit: Unit
    estimate: Estimate
    counted: str
    method: str
    claim: str = ""
    places: tuple[Place, ...] = ()
    places_total: int = 0
    chance: Estimate | None = None


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


class CodeRate(msgspec.Struct, frozen=True):
    """Segments of one speaker that carry a code or one of its sub-codes, per 100 segments of that speaker.

    `per_50_minutes`: the same segments by the clock, in the sessions that have times.
    """

    code: str
    name: str
    speaker: Role
    mode: bool
    count: int
    estimate: Estimate
    per_50_minutes: Estimate
    places: tuple[Place, ...] = ()
    places_total: int = 0


class Tenth(msgspec.Struct, frozen=True):
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


class Along(msgspec.Struct, frozen=True):
    """A smooth line along the sessions: of one speaker's segments, or (`speaker` None) of all turns.

    Without points, `reason` says why there is no line.
    """

    measure: str
    label: str
    speaker: Role | None
    count: int
    points: tuple[AlongPoint, ...]
    reason: str = ""
    places: tuple[Place, ...] = ()
    places_total: int = 0


class Episode(msgspec.Struct, frozen=True):
    """Adjacent rupture markers of one client, and the first repair within five turns after them.

    `latency_turns` counts from the episode's last turn (1: the very next turn). `turns_after`: turns left in the
    session after the episode, at most five. `latency_seconds`: from the end of the episode's last turn to the start of
    the repair, where the turns have times. `repair_kinds`: all kinds in the repairing turn.
    """

    session_id: str
    speaker: str
    first_turn: int
    last_turn: int
    markers: int
    kinds: tuple[str, ...]
    turns_after: int
    repair_turn: int | None = None
    repair_kind: str | None = None
    latency_turns: int | None = None
    latency_seconds: float | None = None
    repair_kinds: tuple[str, ...] = ()


class Response(msgspec.Struct, frozen=True):
    """What the client does in a turn near a therapist's intervention, against what is usual in these sessions.

    `lag`: 1 the client turn right after, 2 to 5 those that come next, -1 the one right before. `count` of `occasions`
    such turns carry the client code; `base` is the share among all client turns at this lag of a therapist turn,
    `expected` what chance within the same sessions would give. `residual` is the adjusted residual of all sessions
    pooled, `session_z` its counterpart within sessions; so are `yules_q` and `yules_q_within`. `p` is two-sided, by
    permutation within sessions; `p_adjusted` is `p` after Benjamini and Hochberg over the cells of this lag. What is
    None has its reason in `reasons`, by field.
    """

    lag: int
    intervention: str
    client_code: str
    count: int
    occasions: int
    share: Estimate
    base: Estimate
    expected: float
    residual: float | None
    session_z: float | None
    yules_q: Estimate
    yules_q_within: Estimate
    p: float | None
    p_adjusted: float | None
    reasons: dict[str, str] = {}
    places: tuple[Place, ...] = ()
    places_total: int = 0


class TalkChange(msgspec.Struct, frozen=True):
    """How a client talks in the turn right after an intervention, against the same client's other turns of the session.

    `words` a turn; `self_reference`: words of the first person singular per 100 words; `present_tense`: present forms
    per 100 present and past verb forms. `usual` is the mean of the other turns, `after` that of the `occasions` right
    after the intervention, `difference` is between the two, within sessions.
    """

    measure: Measure
    intervention: str
    occasions: int
    usual: float | None
    after: float | None
    difference: Estimate
    places: tuple[Place, ...] = ()
    places_total: int = 0


class Influence(msgspec.Struct, frozen=True):
    """Actor and partner effects between two series of therapist and client, from one step to the next.

    `level`: steps between windows of a session, or between sessions of a dyad; `dyad` is None where all count. An effect
    is the change of the later value, in standard deviations, with one standard deviation more of the earlier one:
    `therapist_actor` and `client_actor` on their own later value, the others on that of the partner. `n` of each
    estimate counts steps, `groups` sessions (dyads). `likeness` says in words which effects are clear of zero; `places`
    are the first of the turns that carry the codes.
    """

    series: str
    label: str
    level: Level
    dyad: str | None
    groups: int
    therapist_actor: Estimate
    client_actor: Estimate
    therapist_to_client: Estimate
    client_to_therapist: Estimate
    likeness: str
    places: tuple[Place, ...] = ()
    places_total: int = 0


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


class AuditResult(msgspec.Struct, frozen=True):
    """All figures of an audit. With `uncorrected` they come from a machine and must not be read as rates."""

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
