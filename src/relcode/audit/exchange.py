"""What an audit finds between therapist and client: ruptures, responses, changes of talk, influence."""

from __future__ import annotations

from typing import Literal

import msgspec

from relcode.audit.figure import Place
from relcode.audit.intervals import Estimate

Measure = Literal["words", "self_reference", "present_tense"]
Level = Literal["windows", "sessions"]


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
    are the turns that carry the codes.
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
