"""Balance measures: rates, shares of two, here-and-now along the session. Each from codes alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relcode.audit.blocks import effect_in_session
from relcode.audit.clock import per_50_minutes
from relcode.audit.figure import Figure
from relcode.audit.intervals import LEAST_SEGMENTS, Floats, share_over_sessions, without_value
from relcode.audit.material import Ints, Material
from relcode.audit.result import CodeRate, Tenth
from relcode.audit.shares import (
    SPEAKERS,
    Words,
    balance_figure,
    rate_figure,
    share_of_segments,
    tally_of_segments,
    too_few,
    unknown_of,
)
from relcode.records import Role

PAST = ("INT.genetic",)
PRESENT = ("HN", "META", "TSI", "ENACT", "INT.transference", "REP")
HERE_AND_NOW = ("HN", "META")
RATES: dict[str, tuple[Role, tuple[str, ...]]] = {
    "int_rate": ("T", ("INT",)),
    "here_and_now": ("T", HERE_AND_NOW),
    "past": ("T", PAST),
    "present": ("T", PRESENT),
    "client_here_and_now": ("C", HERE_AND_NOW),
}
"""Figure -> whose segments that carry which codes are counted per 100."""

_SELF_CLAIM = (
    "Self-involving statements were followed by more cooperation and metacognition than self-disclosures in one "
    "preliminary study (Monticelli et al. 2025: 6 patients, 17 sessions, 57 interventions)."
)
_INT_CLAIM = (
    "The evidence is mixed: concentrated interpretation went with worse process in one early session per patient "
    "(Schut et al. 2005, avoidant personality disorder), and with less maladaptive defence in another study "
    "(Hersoug et al. 2005, 39 patients)."
)


def code_rates(material: Material, *, seed: int = 0) -> tuple[CodeRate, ...]:
    """Rate of each code per 100 segments of each speaker who may carry it, in the codebook's order.

    A code includes its sub-codes; a family that has no code of its own (`INT` for `INT.genetic` ...) gets a line
    before its first member.
    """
    lines: list[CodeRate] = []
    seen: set[str] = set()
    for code in material.codebook.codes:
        family = code.id.partition(".")[0]
        if family not in material.codebook.by_id and family not in seen:
            lines += [
                _code_rate(material, family, f"{family}, of any kind", role, code.mode, seed) for role in code.speakers
            ]
        seen.add(family)
        lines += [_code_rate(material, code.id, code.name, role, code.mode, seed) for role in code.speakers]
    return tuple(lines)


def _code_rate(material: Material, code: str, name: str, role: Role, mode: bool, seed: int) -> CodeRate:
    mask = material.carry(code) & material.speaks(role)
    if not material.columns(code):
        n = int(material.speaks(role).sum())
        nothing = without_value(n, f"the source does not know {code}")
        return CodeRate(code, name, role, mode, 0, nothing, nothing)
    estimate = share_of_segments(material, role, mask, seed=seed).scaled(100)
    by_clock = per_50_minutes(
        material, mask, effect=effect_in_session(material, mask, material.speaks(role)), seed=seed
    )
    return CodeRate(
        code,
        name,
        role,
        mode,
        int(mask.sum()),
        estimate,
        by_clock,
        places=material.places(mask),
        tally=tally_of_segments(material, role, mask),
    )


def rate_of_codes(material: Material, key: str, label: str, *, claim: str = "", seed: int = 0) -> Figure:
    """The figure `key` of `RATES`: segments of its speaker that carry any of its codes, per 100 of that speaker."""
    role, names = RATES[key]
    mask, speaks = material.carry(*names), material.speaks(role)
    words = Words(
        id=key,
        label=label,
        short=" or ".join(names),
        counted=f"{int((mask & speaks).sum())} of {int(speaks.sum())} {SPEAKERS[role]} segments carry {' or '.join(names)}",
        claim=claim,
    )
    return rate_figure(material, words, role, mask, reason=unknown_of(material, names), seed=seed)


def balance_of_codes(
    material: Material,
    key: str,
    label: str,
    first: Sequence[str],
    second: Sequence[str],
    *,
    short: str,
    claim: str = "",
) -> Figure:
    """Share of `first` among the therapist's segments that carry `first` or `second`: the two as a balance.

    A segment that carries both counts on both sides.
    """
    speaks = material.speaks("T")
    rows, others = (material.segment_turn[material.carry(*names) & speaks] for names in (first, second))
    counted = f"{len(rows)} therapist segments carry {' or '.join(first)}, {len(others)} carry {' or '.join(second)}"
    words = Words(key, label, counted, short, claim=claim)
    return balance_figure(material, words, (rows, others), reason=unknown_of(material, first, second))


def headline(material: Material, *, seed: int = 0) -> tuple[Figure, ...]:
    """The four balance figures of the first screen (`repairs.answered_figure` is the fifth)."""
    return (
        balance_of_codes(
            material,
            "tsi_share",
            "Self-involving statements (TSI) among TSI and self-disclosures (TSD)",
            ("TSI",),
            ("TSD",),
            short="TSI of TSI and TSD",
            claim=_SELF_CLAIM,
        ),
        rate_of_codes(material, "int_rate", "Interpretations (INT, of any kind)", claim=_INT_CLAIM, seed=seed),
        balance_of_codes(
            material,
            "int_share",
            "Interpretations (INT) among INT and shared inquiry (INQ)",
            ("INT",),
            ("INQ",),
            short="INT of INT and INQ",
            claim=_INT_CLAIM,
        ),
        rate_of_codes(material, "here_and_now", "Therapist's here-and-now talk (HN or META)", seed=seed),
    )


def balances(material: Material, *, seed: int = 0) -> tuple[Figure, ...]:
    """Further figures: kinds of interpretation, reflections to questions, past and present, the client's HN or META."""
    kinds = [code.id for code in material.codebook.codes if code.id.startswith("INT.")]
    return (
        *(interpretation_kind(material, kind) for kind in kinds if len(kinds) > 1),
        balance_of_codes(
            material,
            "refl_share",
            "Reflections (REFL) among REFL and questions (QUEST or INQ)",
            ("REFL",),
            ("QUEST", "INQ"),
            short="REFL of REFL and questions",
        ),
        rate_of_codes(material, "past", "About the past (INT.genetic alone)", seed=seed),
        rate_of_codes(material, "present", "About the present dyad", seed=seed),
        balance_of_codes(
            material,
            "past_share",
            "Past among past and present dyad",
            PAST,
            PRESENT,
            short="past of past and present",
        ),
        rate_of_codes(material, "client_here_and_now", "Client's here-and-now talk (HN or META)", seed=seed),
    )


def interpretation_kind(material: Material, kind: str) -> Figure:
    """Share of one kind (`INT.genetic` ...) among all interpretations: Jeffreys' posterior against the other kinds."""
    others = [code.id for code in material.codebook.codes if code.id.startswith("INT.") and code.id != kind]
    return balance_of_codes(
        material, f"kind_{kind}", f"{kind} among interpretations", (kind,), others, short=f"{kind} of INT"
    )


def here_and_now_tenths(material: Material, *, seed: int = 0) -> tuple[Tenth, ...]:
    """Here-and-now talk (HN or META) of each speaker in the tenths of the session.

    The clock is the words said: a turn lies in the tenth where its middle word lies. Sessions are laid over each
    other. A tenth with fewer than 20 segments of the speaker shows its count without a rate.
    """
    tenth_of_turn = turn_tenths(material)
    tenth = tenth_of_turn[material.segment_turn]
    mask = material.carry(*HERE_AND_NOW)
    lines: list[Tenth] = []
    for role in SPEAKERS:
        for number in range(1, 11):
            here = material.speaks(role) & (tenth == number)
            n, count = int(here.sum()), int((here & mask).sum())
            if n < LEAST_SEGMENTS:
                estimate = without_value(n, too_few(role, n))
            else:
                estimate = share_over_sessions(material.by_session(here & mask), material.by_session(here), seed=seed)
            lines.append(Tenth(number, role, count, estimate.scaled(100), places=material.places(here & mask)))
    return tuple(lines)


def turn_tenths(material: Material) -> Ints:
    """By turn: the tenth of its session (1 to 10) in which its middle word lies."""
    tenth: Ints = np.minimum(np.floor(turn_positions(material) * 10).astype(np.int64), 9) + 1
    return tenth


def turn_positions(material: Material) -> Floats:
    """By turn: where its middle word lies in its session, from 0 (start) to 1 (end)."""
    words = material.turn_words.astype(np.float64)
    total = np.bincount(material.turn_session, weights=words, minlength=len(material.sessions))
    before_session = np.concatenate([[0.0], np.cumsum(total)])[:-1]
    middle = np.cumsum(words) - words / 2 - before_session[material.turn_session]
    position: Floats = middle / np.maximum(total, 1)[material.turn_session]
    return position
