"""Gamma: agreement on where units lie, from their best alignment and from chance (Mathet et al., 2015).

Chance is what coders of the same session would agree if each put their units elsewhere: a random coder's units, all
shifted by a random number of words, for each coder. Disorder, observed and expected, is added up over sessions, so
that a resample of sessions needs no new alignment.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import numpy as np

from relcode.reliability.alignment import best_disorder
from relcode.reliability.continuum import Floats, Ints, Units

MOST_CODERS = 5
PRECISION = 0.02
_FIRST_SAMPLES = 30
_MOST_SAMPLES = 3000
_QUANTILE = 1.96
_TRIES = 100
_Part = tuple[int, int, list[Ints]]  # row of the session, words, units by coder


def session_disorders(units: Units, *, seed: int) -> tuple[Floats, Floats]:
    """Observed and expected disorder by session; gamma is 1 - their ratio.

    Parameters
    ----------
    units
        The units of one code, or of several taken as one.
    seed
        Of the samples. There are as many (30 to 3,000 a session) as put the summed expected disorder within 2 % of its
        true value with 95 % confidence.

    Returns
    -------
    two arrays by session. For one session gamma is that of the paper. Over several, sessions count by their mean
    number of units a coder.
    """
    observed, expected = np.zeros(units.sessions), np.zeros(units.sessions)
    parts = [part for part in _parts(units) if any(len(own) for own in part[2])]
    random = np.random.default_rng(seed)
    samples = [_sample(part, random, _FIRST_SAMPLES) for part in parts]
    more = _samples_needed(samples) - _FIRST_SAMPLES
    if more > 0:
        samples = [np.append(first, _sample(part, random, more)) for first, part in zip(samples, parts, strict=True)]
    for (session, _, own), drawn in zip(parts, samples, strict=True):
        observed[session] += best_disorder(own)
        expected[session] += drawn.mean()
    return observed, expected


def most_coders(units: Units) -> int:
    """How many coders coded the same turn, at most."""
    return int(units.covered.sum(axis=0).max(initial=0))


def _parts(units: Units) -> Iterator[_Part]:
    """The turns of a session that the same coders coded, as a continuum of its own."""
    bits = (units.covered * (1 << np.arange(len(units.covered)))[:, None]).sum(axis=0)
    keys = units.session_row << len(units.covered) | bits
    for key in np.unique(keys):
        words = np.flatnonzero(keys == key)
        place = np.full(len(keys), -1)
        place[words] = np.arange(len(words))
        inside = []
        for coder in np.flatnonzero(units.covered[:, words[0]]):
            own = units.of_coder[coder]
            own = own[place[own[:, 0]] >= 0]
            inside.append(place[own[:, :1]] + np.column_stack([np.zeros(len(own), np.int64), own[:, 1] - own[:, 0]]))
        yield int(units.session_row[words[0]]), len(words), inside


def _sample(part: _Part, random: np.random.Generator, samples: int) -> Floats:
    """The disorder of random continua, each in units of the part's own mean number of units a coder."""
    _, words, units = part
    counts = np.array([len(own) for own in units])
    apart = np.concatenate([own[:, 1] - own[:, 0] for own in units]).mean()
    drawn = np.zeros(samples)
    for number in range(samples):
        coders = random.integers(len(units), size=len(units))
        while not counts[coders].any():
            coders = random.integers(len(units), size=len(units))
        shifts = _shifts(len(units), words, float(apart), random)
        moved = [_shifted(units[coder], shift, words) for coder, shift in zip(coders, shifts, strict=True)]
        drawn[number] = best_disorder(moved) * counts.sum() / counts[coders].sum()
    return drawn


def _shifts(n: int, words: int, apart: float, random: np.random.Generator) -> Ints:
    """Shifts that differ by `apart` words or more, round the circle, as the paper asks; any, where they have no room."""
    for _ in range(_TRIES):
        shifts = random.integers(words, size=n)
        ordered = np.sort(shifts)
        if (np.diff(ordered, append=ordered[0] + words) >= apart).all():
            break
    return shifts


def _shifted(units: Ints, shift: int, words: int) -> Ints:
    first = (units[:, 0] + shift) % words
    return np.column_stack([first, first + units[:, 1] - units[:, 0]])


def _samples_needed(samples: list[Floats]) -> int:
    """How many samples a part make the sum of their means precise enough."""
    total = sum(float(drawn.mean()) for drawn in samples)
    variance = sum(float(drawn.var(ddof=1)) for drawn in samples)
    if total == 0:
        return _FIRST_SAMPLES
    return min(_MOST_SAMPLES, ceil(variance * (_QUANTILE / (PRECISION * total)) ** 2))
