"""Whom and what the therapist's talk is about: "you and I" against "it", early life against the present dyad."""

from __future__ import annotations

import re

import numpy as np

from relcode.audit.blocks import SHARE_METHOD
from relcode.audit.figure import Figure
from relcode.audit.material import Bools, Material
from relcode.audit.measures import PAST, PRESENT
from relcode.audit.shares import Words, balance_figure, rate_figure, unknown_of

_FIRST = {"i", "me", "my", "mine", "myself"}
_SECOND = {"you", "your", "yours", "yourself", "yourselves"}
_BOTH = {"we", "us", "our", "ours", "ourselves"}
_IT = {"it", "its", "itself"}
_OTHERS = {
    "he",
    "him",
    "his",
    "himself",
    "she",
    "her",
    "hers",
    "herself",
    "they",
    "them",
    "their",
    "theirs",
    "themselves",
}
# What the manual calls hedges and acknowledgements (TSI, *No*), and other formulas that refer to nobody.
_FORMULAS = re.compile(
    r"\bi (?:just |do |really )?(?:think|guess|mean|suppose|imagine|believe|bet|wonder)\b"
    r"|\bi (?:see|understand|know)(?= that\b|\s*(?:[,.;!?—-]|$))|\bi hear (?:you|that)\b|\bi know what you mean\b"
    r"|\bi(?:'m| am) (?:just )?(?:wondering|guessing|curious|hearing)\b|\bi feel like\b|\bi don't know\b"
    r"|(?<!\bdo )(?<!\bdid )(?<!\bif )(?<!\bwhat )(?<!\bas )(?<!\bthat )\byou know\b(?! what| how| that| why| if)"
    r"|\bthank you\b|\bsee you\b|\b(?:tell|let|excuse) me\b|\blet's\b"
)
_NOTE = re.compile(r"\[[^\[\]]*\]")
_WORD = re.compile(r"[a-z]+")
_EARLY_LIFE = re.compile(
    r"\b(?:your childhood|your upbringing|as a (?:little |small |young )?(?:child|kid|boy|girl|teenager|baby)"
    r"|when you were (?:(?:very|so|that|really) )?(?:little|small|young|growing|a (?:\w+ )?(?:child|kid|boy|girl|teenager)"
    r"|\d+|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen)"
    r"|growing up|you grew up|back then|in those days|in that house|since you were (?:little|small|young|a \w+|\w+teen)"
    r"|raised you|brought you up|long time ago)\b"
)


def referent_figures(material: Material, *, seed: int = 0) -> tuple[Figure, ...]:
    """The therapist's segments by whom they speak of, and "you and I" against "it". From words alone, without codes."""
    kinds = np.array([referent(_plain(text)) for text in material.segment_texts()], dtype=np.str_)
    return (
        *(_share(material, kinds == kind, kind, label, seed) for kind, label in _LABELS.items()),
        _it_or_us(material, kinds),
    )


_LABELS = {
    "you and I": 'Therapist speaks of "you and I" or "we"',
    "I": 'Therapist speaks of "I", not of "you"',
    "you": 'Therapist speaks of "you", not of "I"',
    "others": "Therapist speaks of others alone",
    "it": 'Therapist speaks of "it", of no person',
    "nobody": "Therapist's words name nobody and nothing",
}


def referent(text: str) -> str:
    """Whom a segment speaks of, by its pronouns, in lower case: the two together before either, persons before "it".

    Formulas ("I think", "I mean", "you know", "thank you") refer to nobody. Who "we" is and what "it" stands for is
    not found out: "it is raining" and "it hurts between us" are alike.

    Source: counts of pronouns as marks of attention, Tausczik & Pennebaker 2010, J Lang Soc Psychol 29:24-54; the
    classes and the formulas left out are this program's.

    >>> [referent(text) for text in ("i think you were tired", "you pushed me", "it's hard", "she left", "mm")]
    ['you', 'you and I', 'it', 'others', 'nobody']
    """
    words = set(_WORD.findall(_FORMULAS.sub(" ", text)))
    first, second = bool(words & _FIRST), bool(words & _SECOND)
    if words & _BOTH or (first and second):
        return "you and I"
    if first or second:
        return "I" if first else "you"
    return "others" if words & _OTHERS else "it" if words & _IT else "nobody"


def _plain(text: str) -> str:
    return _NOTE.sub(" ", text).lower().replace("’", "'")


def _share(material: Material, mask: Bools, kind: str, label: str, seed: int) -> Figure:
    speaks = material.speaks("T")
    words = Words(
        id=f"refers_{kind.replace(' ', '_')}",
        label=label,
        short=kind,
        counted=f"{int((mask & speaks).sum())} of {int(speaks.sum())} therapist segments, by their pronouns",
        method=f"Per 100 segments, each in one class. {SHARE_METHOD}",
    )
    return rate_figure(material, words, "T", mask, seed=seed)


def _it_or_us(material: Material, kinds: np.ndarray) -> Figure:
    own = material.speaks("T")
    return _balance(
        material,
        "us_share",
        '"You and I" among "you and I" and "it"',
        (own & (kinds == "you and I"), own & (kinds == "it")),
        ('"you and I"', '"it"'),
        "",
    )


def early_life(material: Material) -> Figure:
    """Archaeology against architecture: early life, by INT.genetic or by words, against the present dyad, by codes.

    Wider than `past_share` of the balances, which knows the past from interpretations alone.
    """
    own = material.speaks("T")
    found = [_EARLY_LIFE.search(_plain(text)) is not None for text in material.segment_texts()]
    early = np.array(found, dtype=np.bool_)
    return _balance(
        material,
        "early_life_share",
        "Early life among early life and present dyad",
        (own & (early | material.carry(*PAST)), own & material.carry(*PRESENT)),
        ("early life, by words or INT.genetic", " or ".join(PRESENT)),
        unknown_of(material, PRESENT),
    )


def _balance(
    material: Material,
    key: str,
    label: str,
    sides: tuple[Bools, Bools],
    names: tuple[str, str],
    reason: str,
) -> Figure:
    counts = [int(side.sum()) for side in sides]
    words = Words(key, label, f"{counts[0]} therapist segments: {names[0]}; {counts[1]}: {names[1]}")
    first, second = (material.segment_turn[side] for side in sides)
    return balance_figure(material, words, (first, second), reason=reason)
