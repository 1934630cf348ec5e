"""Agreement on where spans lie: unitizing alpha, and F1 of spans and of words.

All are functions of sums over words and units, added up by session, so that a resample of sessions is a weighted sum.
Formulas, sources and the cases in which a coefficient is undefined: docs/statistics.md.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from relcode.reliability.continuum import Floats, Ints, Units

MATCH_OVERLAP = 0.5


def span_sums(units: Units) -> Floats:
    """What the coefficients need to know of each session.

    Returns
    -------
    array, axes (session, sum): ratings of words; words marked, by all coders together; agreeing pairs of marks, each
    word weighted by 1 / (its coders - 1); the same unweighted; pairs that could have agreed; squared lengths of units;
    units matched and units that could have been, each counted once for every other coder of its turn.
    """
    marks = units.marks
    coders = units.covered.sum(axis=0)
    pairs = marks * (marks - 1)
    columns = [
        units.by_session(coders),
        units.by_session(marks),
        units.by_session(pairs / np.maximum(coders - 1, 1)),
        units.by_session(pairs),
        units.by_session(marks * (coders - 1)),
        sum(units.by_session((own[:, 1] - own[:, 0]) ** 2, own[:, 0]) for own in units.of_coder),
        _matched(units),
        sum(units.by_session(coders[own[:, 0]] - 1, own[:, 0]) for own in units.of_coder),
    ]
    return np.stack(columns, axis=-1)


def span_values(sums: Floats) -> dict[str, Floats]:
    """The coefficients of sums (..., sum), by name; NaN where undefined.

    Unitizing alpha: Krippendorff et al. (2016), equations 1 to 5 for one value and the gaps between its units.
    """
    ratings, marked, agreed, pairs, possible, squares, matched, matchable = np.moveaxis(sums, -1, 0)
    gaps = ratings - marked
    observed = 2 * (marked - agreed)
    expected = 2 * ratings * _ratio(marked * gaps, ratings**2 - gaps - squares)
    return {
        "span_f1": _ratio(matched, matchable),
        "word_f1": _ratio(pairs, possible),
        "unitizing_alpha": 1 - _ratio(observed, expected),
    }


def undefined_span_reason(sums: Floats) -> str:
    """Why a coefficient of these sums (axis: sum) has no value."""
    if sums[0] == 0:
        return "no turn was coded by two coders"
    return "no coder gave this code" if sums[1] == 0 else "the code covers every word"


def _matched(units: Units) -> Floats:
    """By session: units that another coder's unit matches, counted in both directions."""
    found = np.zeros(units.sessions)
    for first, second in combinations(units.of_coder, 2):
        found += 2 * units.by_session(np.ones(len(rows := matches(first, second))), first[rows, 0])
    return found


def matches(first: Ints, second: Ints) -> Ints:
    """Rows of `first` that a unit of `second` matches: the words of both are at least half of the words of either.

    Each unit is matched once. Only where two units halve one exactly is there a choice; the earlier one is taken.
    """
    low = np.searchsorted(second[:, 1], first[:, 0], side="right")
    high = np.searchsorted(second[:, 0], first[:, 1], side="left")
    count = np.maximum(high - low, 0)
    rows = np.repeat(np.arange(len(first)), count)
    others = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
    one, other = first[rows], second[others]
    common = np.minimum(one[:, 1], other[:, 1]) - np.maximum(one[:, 0], other[:, 0])
    either = np.maximum(one[:, 1], other[:, 1]) - np.minimum(one[:, 0], other[:, 0])
    matching = common >= MATCH_OVERLAP * either
    rows, others = rows[matching], others[matching]
    _, once = np.unique(rows, return_index=True)
    _, also_once = np.unique(others[once], return_index=True)
    found: Ints = rows[once][also_once]
    return found


def _ratio(above: Floats, below: Floats) -> Floats:
    """The quotient, NaN where the divisor is not above zero."""
    quotient: Floats = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
    return quotient
