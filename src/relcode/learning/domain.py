"""How far a session is from those that a model was trained on: its words, pairs of words, punctuation, turns and speakers.

Each measure is compared with the sessions of training, of which what is new was counted against the *other* dyads, so that a
session by new people in the same kind of talk is near. The distance is in spreads of these sessions.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from relcode.learning.features.hashing import Hashes, columns_of, hash_runs, hash_words
from relcode.transcripts.tokens import Bools, Floats, Ints, TokenTable

MEASURES = ("new words", "new pairs of words", "punctuation", "length of turns", "therapists' share")
LIMIT = 5.0  # spreads from the middle: beyond, a session is unlike those of training in this measure
LEAST_SESSIONS, LEAST_DYADS = 6, 3  # fewer have no spread to speak of
LEAST_WORDS = 50  # of fewer, nothing can be said
_ONE_SIDED = np.array([True, True, False, False, False])  # words that are all known are no cause for worry
_LEAST_SPREAD = np.array([0.02, 0.025, 0.02, 0.15, 0.08])
_COLUMNS = (2**18, 2**21)  # of words, of pairs: hashes, as the classifier's; words cannot be read from them
_TO_SIGMA = 1.4826  # the middle deviation, as a standard deviation of a normal distribution

Bits = npt.NDArray[np.uint8]


class Judgement(NamedTuple):
    """The largest distance of all measures, in spreads, and the measures in which it is beyond `LIMIT`."""

    distance: float
    unlike: tuple[str, ...]


class Domain:
    """What sessions of training are like.

    Attributes
    ----------
    known
        Of words and of pairs: which hashes stand in the training material, as bits.
    middles, spreads
        By measure.
    """

    def __init__(self, known: tuple[Bits, Bits], middles: Floats, spreads: Floats) -> None:
        self.known, self.middles, self.spreads = known, middles, spreads

    def judge(self, table: TokenTable) -> list[Judgement | None]:
        """By session of a table; None of one with too few words."""
        words, pairs = (_is_known(bits, keys) for bits, keys in zip(self.known, _hashes(table), strict=True))
        measured = _measure(table, words, pairs)
        apart = (measured.values - self.middles) / np.sqrt(self.spreads**2 + measured.noise**2)
        apart = np.where(_ONE_SIDED, np.maximum(apart, 0), np.abs(apart))
        return [
            Judgement(round(float(row.max()), 2), tuple(np.array(MEASURES)[row > LIMIT].tolist())) if enough else None
            for row, enough in zip(apart, measured.words >= LEAST_WORDS, strict=True)
        ]

    def arrays(self) -> dict[str, Any]:
        """What is kept in the model's file of arrays."""
        words, pairs = self.known
        spread = np.stack([self.middles, self.spreads])
        return {"domain_words": words, "domain_pairs": pairs, "domain_measures": spread}

    @classmethod
    def read(cls, arrays: dict[str, Any]) -> Domain | None:
        """What `arrays` gave; None where it is not there, or of other measures than this relcode takes."""
        try:
            known = (np.asarray(arrays["domain_words"]), np.asarray(arrays["domain_pairs"]))
            middles, spreads = np.asarray(arrays["domain_measures"], dtype=np.float64)
        except (KeyError, ValueError):
            return None
        fits = [len(bits) * 8 for bits in known] == list(_COLUMNS) and len(middles) == len(MEASURES)
        return cls(known, middles, spreads) if fits else None


def fit_domain(table: TokenTable) -> Domain | None:
    """What the sessions of a table are like; None of too few sessions or dyads."""
    dyads = sorted({session.dyad for session in table.sessions})
    if len(table.sessions) < LEAST_SESSIONS or len(dyads) < LEAST_DYADS:
        return None
    dyad_of_session = np.array([dyads.index(session.dyad) for session in table.sessions])
    dyad = dyad_of_session[table.turn_session[table.turn_row]]
    known, elsewhere = [], []
    for keys, columns, owner in zip(_hashes(table), _COLUMNS, (dyad, dyad[1:]), strict=True):
        places = columns_of(keys, columns)
        pairs = np.unique(places * len(dyads) + owner)
        in_dyads = np.bincount(pairs // len(dyads), minlength=columns)
        known.append(np.packbits(in_dyads > 0))
        elsewhere.append(in_dyads[places] > 1)
    measured = _measure(table, elsewhere[0], elsewhere[1])
    middles = np.median(measured.values, axis=0)
    spreads = _TO_SIGMA * np.median(np.abs(measured.values - middles), axis=0)
    return Domain((known[0], known[1]), middles, np.maximum(spreads, _LEAST_SPREAD))


class _Measured(NamedTuple):
    """By session: the measures and how much each varies by chance, axes (session, measure); words said."""

    values: Floats
    noise: Floats
    words: Ints


def _measure(table: TokenTable, word_known: Bools, pair_known: Bools) -> _Measured:
    """`word_known`: by token; `pair_known`: by token but the last, of it and the next."""
    count = len(table.sessions)
    session = table.turn_session[table.turn_row]
    spoken = table.is_spoken
    words = np.bincount(session[spoken], minlength=count)
    tokens = np.bincount(session, minlength=count)
    inside = table.turn_row[:-1] == table.turn_row[1:]
    pairs = np.bincount(session[:-1][inside], minlength=count)
    turns = np.bincount(table.turn_session[np.unique(table.turn_row)], minlength=count)
    therapist = np.bincount(session[spoken & table.is_therapist[table.turn_row]], minlength=count)
    shares = [
        np.bincount(session[spoken & ~word_known], minlength=count) / np.maximum(words, 1),
        np.bincount(session[:-1][inside & ~pair_known], minlength=count) / np.maximum(pairs, 1),
        1 - words / np.maximum(tokens, 1),
        therapist / np.maximum(words, 1),
    ]
    chance = [np.sqrt(share * (1 - share) / np.maximum(words, 1)) for share in shares]
    length = np.log(np.maximum(words, 1) / np.maximum(turns, 1))
    values = np.stack([*shares[:3], length, shares[3]], axis=1)
    of_turns = 1 / np.sqrt(
        np.maximum(turns, 1)
    )  # lengths of turns vary about as much as they are long; so do the shares
    noise = np.stack([*chance[:3], of_turns, of_turns / 2], axis=1)
    return _Measured(values, noise, words)


def _hashes(table: TokenTable) -> tuple[Hashes, Hashes]:
    """By token: its word; by token but the last: it and the next."""
    words = hash_words(table.lower_words)[table.word]
    return words, hash_runs(words, 2)


def _is_known(bits: Bits, keys: Hashes) -> Bools:
    known: Bools = np.unpackbits(bits).astype(np.bool_)[columns_of(keys, len(bits) * 8)]
    return known
