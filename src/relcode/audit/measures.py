"""Balance measures: exposure, rates, shares of two, here-and-now along the session. Each from codes alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relcode.audit.intervals import (
    LEAST_SEGMENTS,
    Estimate,
    balance_over_sessions,
    counted_over_sessions,
    share_over_sessions,
    without_value,
)
from relcode.audit.material import Bools, Ints, Material
from relcode.audit.result import CodeRate, Exposure, Figure, Tenth
from relcode.records import Role

SPEAKERS: dict[Role, str] = {"T": "therapist", "C": "client"}
PAST = ("INT.genetic",)
PRESENT = ("HN", "META", "TSI", "ENACT", "INT.transference", "REP")

BALANCE_METHOD = (
    "Mean and 95 % interval of the posterior with Jeffreys' prior; over several sessions never narrower than the "
    "session bootstrap."
)
_SELF_CLAIM = (
    "Self-involving statements were followed by more cooperation and metacognition than self-disclosures in one "
    "preliminary study (Monticelli et al. 2025: 6 patients, 17 sessions, 57 interventions)."
)
_INT_CLAIM = (
    "The evidence is mixed: concentrated interpretation went with worse process in one early session per patient "
    "(Schut et al. 2005, avoidant personality disorder), and with less maladaptive defence in another study "
    "(Hersoug et al. 2005, 39 patients)."
)


def exposure(material: Material, *, seed: int = 0) -> Exposure:
    """Count turns, words and segments; the therapist's share of the words and of questions.

    The talk share is counted, not estimated, within one session. A therapist segment is a question when it ends in a
    question mark, whatever its code. All sessions count, coded or not.
    """
    therapist = material.turn_is_therapist
    words = [
        np.bincount(material.turn_session[mask], weights=material.turn_words[mask], minlength=len(material.sessions))
        for mask in (therapist, ~therapist)
    ]
    spoken = [counts.astype(np.int64) for counts in words]
    segments = {role: material.speaks(role) for role in SPEAKERS}
    questions = segments["T"] & material.is_question
    return Exposure(
        sessions=len(material.sessions),
        turns=len(therapist),
        therapist_turns=int(therapist.sum()),
        client_turns=int((~therapist).sum()),
        therapist_words=int(spoken[0].sum()),
        client_words=int(spoken[1].sum()),
        therapist_segments=int(segments["T"].sum()),
        client_segments=int(segments["C"].sum()),
        talk_share=counted_over_sessions(spoken[0], spoken[0] + spoken[1], seed=seed),
        question_share=share_of_segments(material, "T", questions, seed=seed),
    )


def share_of_segments(material: Material, role: Role, mask: Bools, *, seed: int = 0) -> Estimate:
    """Share of a speaker's segments that are marked; none from fewer than 20 segments of that speaker.

    Parameters
    ----------
    mask
        Axis: segment.
    """
    speaks = material.speaks(role)
    n = int(speaks.sum())
    if n < LEAST_SEGMENTS:
        return without_value(n, too_few(role, n))
    return share_over_sessions(material.by_session(mask & speaks), material.by_session(speaks), seed=seed)


def too_few(role: Role, n: int) -> str:
    """Why there is no figure: the rule of least data."""
    return f"{n} {SPEAKERS[role]} segment(s); a figure needs {LEAST_SEGMENTS}"


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
        return CodeRate(code, name, role, mode, 0, without_value(n, f"the source does not know {code}"))
    estimate = share_of_segments(material, role, mask, seed=seed).scaled(100)
    return CodeRate(code, name, role, mode, int(mask.sum()), estimate, *material.places(mask))


def rate_figure(
    material: Material, key: str, label: str, role: Role, names: Sequence[str], *, claim: str = "", seed: int = 0
) -> Figure:
    """Segments of a speaker that carry any of `names`, per 100 segments of that speaker."""
    mask = material.carry(*names) & material.speaks(role)
    n = int(material.speaks(role).sum())
    estimate = (
        share_of_segments(material, role, mask, seed=seed).scaled(100)
        if material.columns(*names)
        else without_value(n, _unknown(material, names))
    )
    return Figure(
        id=key,
        label=label,
        short=" or ".join(names),
        unit="per_100",
        estimate=estimate,
        counted=f"{int(mask.sum())} of {n} {SPEAKERS[role]} segments carry {' or '.join(names)}",
        method="Per 100 segments; within one session Wilson's interval, over several the session bootstrap, "
        "never narrower than Wilson's.",
        claim=claim,
        places=material.places(mask)[0],
        places_total=material.places(mask)[1],
    )


def balance_figure(
    material: Material,
    key: str,
    label: str,
    first: Sequence[str],
    second: Sequence[str],
    *,
    short: str,
    claim: str = "",
    seed: int = 0,
) -> Figure:
    """Share of `first` among the therapist's segments that carry `first` or `second`: the two as a balance.

    A segment that carries both counts on both sides. Posterior with Jeffreys' prior; over several sessions widened
    to the session bootstrap (`intervals.balance_over_sessions`).
    """
    speaks = material.speaks("T")
    sides = [material.carry(*names) & speaks for names in (first, second)]
    counts = [int(side.sum()) for side in sides]
    n = int(speaks.sum())
    missing = [names for names in (first, second) if not material.columns(*names)]
    if missing:
        estimate = without_value(sum(counts), _unknown(material, missing[0]))
    elif n < LEAST_SEGMENTS:
        estimate = without_value(sum(counts), too_few("T", n))
    else:
        estimate = balance_over_sessions(*(material.by_session(side) for side in sides), seed=seed)
    places, total = material.places(sides[0] | sides[1])
    return Figure(
        id=key,
        label=label,
        short=short,
        unit="share",
        estimate=estimate,
        counted=f"{counts[0]} therapist segments carry {' or '.join(first)}, {counts[1]} carry {' or '.join(second)}",
        method=BALANCE_METHOD,
        claim=claim,
        places=places,
        places_total=total,
    )


def headline(material: Material, *, seed: int = 0) -> tuple[Figure, ...]:
    """The four balance figures of the first screen (`sequences.answered_figure` is the fifth)."""
    return (
        balance_figure(
            material,
            "tsi_share",
            "Self-involving statements (TSI) among TSI and self-disclosures (TSD)",
            ("TSI",),
            ("TSD",),
            short="TSI of TSI and TSD",
            seed=seed,
            claim=_SELF_CLAIM,
        ),
        rate_figure(
            material, "int_rate", "Interpretations (INT, of any kind)", "T", ("INT",), claim=_INT_CLAIM, seed=seed
        ),
        balance_figure(
            material,
            "int_share",
            "Interpretations (INT) among INT and shared inquiry (INQ)",
            ("INT",),
            ("INQ",),
            short="INT of INT and INQ",
            seed=seed,
            claim=_INT_CLAIM,
        ),
        rate_figure(
            material, "here_and_now", "Therapist's here-and-now talk (HN or META)", "T", ("HN", "META"), seed=seed
        ),
    )


def balances(material: Material, *, seed: int = 0) -> tuple[Figure, ...]:
    """Further figures: kinds of interpretation, reflections to questions, past and present, the client's HN or META."""
    kinds = [code.id for code in material.codebook.codes if code.id.startswith("INT.")]
    return (
        *(interpretation_kind(material, kind, seed=seed) for kind in kinds if len(kinds) > 1),
        balance_figure(
            material,
            "refl_share",
            "Reflections (REFL) among REFL and questions (QUEST or INQ)",
            ("REFL",),
            ("QUEST", "INQ"),
            short="REFL of REFL and questions",
            seed=seed,
        ),
        rate_figure(material, "past", "About the past (INT.genetic alone)", "T", PAST, seed=seed),
        rate_figure(material, "present", "About the present dyad", "T", PRESENT, seed=seed),
        balance_figure(
            material, "past_share", "Past among past and present dyad", PAST, PRESENT, short="past of past and present"
        ),
        rate_figure(
            material, "client_here_and_now", "Client's here-and-now talk (HN or META)", "C", ("HN", "META"), seed=seed
        ),
    )


def interpretation_kind(material: Material, kind: str, *, seed: int = 0) -> Figure:
    """Share of one kind (`INT.genetic` ...) among all interpretations: Jeffreys' posterior against the other kinds."""
    others = [code.id for code in material.codebook.codes if code.id.startswith("INT.") and code.id != kind]
    return balance_figure(
        material, f"kind_{kind}", f"{kind} among interpretations", (kind,), others, short=f"{kind} of INT"
    )


def here_and_now_tenths(material: Material, *, seed: int = 0) -> tuple[Tenth, ...]:
    """Here-and-now talk (HN or META) of each speaker in the tenths of the session.

    The clock is the words said: a turn lies in the tenth where its middle word lies. Sessions are laid over each
    other. A tenth with fewer than 20 segments of the speaker shows its count without a rate.
    """
    tenth_of_turn = turn_tenths(material)
    tenth = tenth_of_turn[material.segment_turn]
    mask = material.carry("HN", "META")
    lines: list[Tenth] = []
    for role in SPEAKERS:
        for number in range(1, 11):
            here = material.speaks(role) & (tenth == number)
            n, count = int(here.sum()), int((here & mask).sum())
            if n < LEAST_SEGMENTS:
                estimate = without_value(n, too_few(role, n))
            else:
                estimate = share_over_sessions(material.by_session(here & mask), material.by_session(here), seed=seed)
            lines.append(Tenth(number, role, count, estimate.scaled(100)))
    return tuple(lines)


def turn_tenths(material: Material) -> Ints:
    """By turn: the tenth of its session (1 to 10) in which its middle word lies."""
    words = material.turn_words.astype(np.float64)
    total = np.bincount(material.turn_session, weights=words, minlength=len(material.sessions))
    before_session = np.concatenate([[0.0], np.cumsum(total)])[:-1]
    middle = np.cumsum(words) - words / 2 - before_session[material.turn_session]
    position = middle / np.maximum(total, 1)[material.turn_session]
    tenth: Ints = np.minimum(np.floor(position * 10).astype(np.int64), 9) + 1
    return tenth


def _unknown(material: Material, names: Sequence[str]) -> str:
    return f"{material.codebook.reference}, or what was scored with it, does not know {' or '.join(names)}"
