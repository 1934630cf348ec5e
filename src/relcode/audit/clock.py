"""Time, where transcripts have it: how long a session lasts, how long turns are, and the gaps between them."""

from __future__ import annotations

import numpy as np

from relcode.audit.intervals import Estimate, Floats, poisson_limits, ratio_over_sessions, without_value
from relcode.audit.material import Bools, Material

LEAST_TIMED = 0.9
LEAST_MINUTES = 10
TIMED = f"a session counts as timed where {LEAST_TIMED:.0%} of its turns have a time"


def session_minutes(material: Material) -> Floats:
    """By session: minutes from its first time to its last; NaN where fewer than 90 % of its turns have a start."""
    times = material.turn_times
    minutes = np.full(len(material.sessions), np.nan)
    for session in range(len(minutes)):
        own = times[material.turn_session == session]
        if len(own) and np.mean(~np.isnan(own[:, 0])) >= LEAST_TIMED:
            lasted = (np.nanmax(own) - np.nanmin(own)) / 60
            minutes[session] = lasted if lasted > 0 else np.nan
    return minutes


def turn_seconds(material: Material) -> Floats:
    """By turn: how long it is; NaN where start or end is not given, or the end does not follow the start."""
    start, end = material.turn_times.T
    return np.where(end > start, end - start, np.nan)


def gaps_before(material: Material) -> Floats:
    """By turn: seconds of silence between the end of the turn before and its start, 0 where they overlap.

    NaN at the start of a session, and where one of the two times is not given.
    """
    start, end = material.turn_times.T
    gaps = np.full(len(start), np.nan)
    same = material.turn_session[1:] == material.turn_session[:-1]
    gaps[1:] = np.where(same, np.maximum(start[1:] - end[:-1], 0), np.nan)
    return gaps


def per_50_minutes(material: Material, segments: Bools, *, effect: float = 1.0, seed: int = 0) -> Estimate:
    """How many of the segments marked there are in 50 minutes, in the sessions that have times.

    Within one session the interval is that of a Poisson mean with Jeffreys' prior, its count and its time divided by
    `effect` (see `blocks.design_effect`); over several sessions never narrower than the session bootstrap. There is no
    value from less than ten minutes. Silence is part of the time. `n` of the estimate: whole minutes.

    Parameters
    ----------
    segments
        Axis: segment.
    """
    minutes = session_minutes(material)
    timed = ~np.isnan(minutes)
    total = float(minutes[timed].sum())
    if not timed.any():
        return without_value(0, f"the transcripts have no times ({TIMED})")
    if total < LEAST_MINUTES:
        return without_value(int(total), f"{total:.1f} minutes; a rate by the clock needs {LEAST_MINUTES}")
    counts = material.by_session(segments)[timed]
    count = int(counts.sum())
    low, high = (limit * effect * 50 / total for limit in poisson_limits(count / effect))
    if timed.sum() > 1:
        drawn = ratio_over_sessions(counts, minutes[timed], seed=seed)
        low, high = min(low, 50 * drawn[0]), max(high, 50 * drawn[1])
    return Estimate(50 * count / total, low, high, int(total))


def seconds_by_session(material: Material, seconds: Floats) -> Floats:
    """The sum over each session's turns (axis); NaN counts as none."""
    sums = np.bincount(material.turn_session, weights=np.nan_to_num(seconds), minlength=len(material.sessions))
    return sums.astype(np.float64)
