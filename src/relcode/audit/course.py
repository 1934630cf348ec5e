"""A dyad's course: each measure session by session, and its trend where there are sessions enough to speak of one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special, stats

from relcode.audit.intervals import Estimate, Floats, Ints, without_value
from relcode.audit.material import Material
from relcode.audit.measured import MEASURES, Measure, counts_by, estimate, reason_against, sides
from relcode.audit.result import Course, CoursePoint
from relcode.records import Session

LEAST_SESSIONS = 5
LEAST_EVENTS = 5


def courses(material: Material, *, seed: int = 0) -> tuple[Course, ...]:
    """Every measure of every dyad of which two sessions or more are coded, in the order of the dyads' names."""
    names = np.array([session.dyad for session in material.sessions], dtype=np.str_)
    found: list[Course] = []
    for name in np.unique(names):
        if (names == name).sum() > 1:
            part = material.choose(names == name)
            found += [course(part, measure, seed=seed) for measure in MEASURES]
    return tuple(found)


def course(dyad: Material, measure: Measure, *, seed: int = 0) -> Course:
    """One measure through the sessions of one dyad, by session number (those without one last)."""
    ordered = sorted(range(len(dyad.sessions)), key=lambda row: _order(dyad.sessions[row]))
    points = tuple(
        CoursePoint(
            dyad.sessions[row].session_id,
            dyad.sessions[row].session_number,
            estimate(dyad.choose(np.arange(len(dyad.sessions)) == row), measure, seed=seed),
        )
        for row in ordered
    )
    trend, first, last = _trend_of(dyad, measure)
    factor = 100 if measure.unit == "per_100" else 1
    return Course(
        dyad=dyad.sessions[0].dyad,
        therapist=_one_therapist(dyad),
        measure=measure.id,
        label=measure.label,
        unit=measure.unit,
        points=points,
        trend=trend,
        first=first.scaled(factor),
        last=last.scaled(factor),
    )


def _order(session: Session) -> tuple[bool, int, str]:
    number = session.session_number
    return (number is None, number or 0, session.session_id)


def _one_therapist(dyad: Material) -> str | None:
    names = {session.therapist for session in dyad.sessions}
    return next(iter(names)) if len(names) == 1 else None


def _trend_of(dyad: Material, measure: Measure) -> tuple[Estimate, Estimate, Estimate]:
    """The trend over the session numbers, or three times the reason why there is none."""
    n = len(dyad.sessions)
    numbers = [session.session_number for session in dyad.sessions]
    reason = reason_against(dyad, measure)
    counts = totals = np.zeros(n, dtype=np.int64)
    if not reason:
        first, second = (counts_by(dyad.turn_session, rows, n) for rows in sides(dyad, measure))
        counts, totals = first, first + second
    used = totals > 0
    rarer = min(int(counts.sum()), int((totals - counts).sum()))
    if not reason and (None in numbers or len(set(numbers)) < n):
        reason = "the sessions have no numbers, or two have the same"
    elif not reason and used.sum() < LEAST_SESSIONS:
        reason = f"{int(used.sum())} session(s) with anything to count; a trend needs {LEAST_SESSIONS}"
    elif not reason and rarer < LEAST_EVENTS:
        reason = f"{rarer} occurrence(s) of the rarer side; a trend needs {LEAST_EVENTS}"
    if reason:
        nothing = without_value(int(totals.sum()), reason)
        return nothing, nothing, nothing
    at = np.array([float(number or 0) for number in numbers])
    return trend(at[used], counts[used], totals[used])


def trend(numbers: Floats, counts: Ints, totals: Ints) -> tuple[Estimate, Estimate, Estimate]:
    """How the odds of a mark change from session number to session number, and the shares at the first and the last.

    A logistic line through the sessions, penalized so that sessions without the mark do not send it to infinity. Its
    variance is multiplied by the dispersion (Pearson's statistic by degree of freedom, at least 1), since sessions
    differ by more than chance, and intervals use t with two degrees of freedom less than there are sessions. A
    straight line on the scale of log odds is all that is looked for: a dip in the middle is not seen.

    Parameters
    ----------
    numbers, counts, totals
        Axis: session. Its number, things that bear the mark, things that could.

    Returns
    -------
    Factor by which the odds are multiplied from one session number to the next; the share at the first number, and at
    the last.

    Source: Firth 1993, Biometrika 80:27-38 (penalty); Heinze & Schemper 2002, Stat Med 21:2409-2419; McCullagh &
    Nelder 1989, *Generalized Linear Models*, section 4.5 (dispersion).
    """
    middle = float(numbers.mean())
    design = np.column_stack([np.ones(len(numbers)), numbers - middle])
    line, covariance = _firth(design, counts, totals)
    shares = special.expit(design @ line)
    freedom = len(numbers) - 2
    pearson = float(((counts - totals * shares) ** 2 / (totals * shares * (1 - shares))).sum())
    covariance = covariance * max(1.0, pearson / freedom)
    reach = float(stats.t.ppf(0.975, freedom))
    n = int(totals.sum())

    def _at(row: Floats, scale: Callable[[float], float]) -> Estimate:
        value, half = float(row @ line), reach * float(np.sqrt(row @ covariance @ row))
        return Estimate(float(scale(value)), float(scale(value - half)), float(scale(value + half)), n)

    first, last = (_at(np.array([1.0, end - middle]), special.expit) for end in (numbers.min(), numbers.max()))
    return _at(np.array([0.0, 1.0]), np.exp), first, last


def _firth(design: Floats, counts: Ints, totals: Ints) -> tuple[Floats, Floats]:
    """Coefficients and their covariance by Newton's steps on the penalized score; a step never exceeds 2."""
    line: Floats = np.zeros(design.shape[1])
    inverse: Floats = np.eye(design.shape[1])
    for _ in range(200):
        shares = special.expit(design @ line)
        weights = totals * shares * (1 - shares)
        information: Floats = design.T @ (design * weights[:, None])
        inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
        leverage = weights * np.einsum("ij,jk,ik->i", design, inverse, design)
        step = inverse @ (design.T @ (counts - totals * shares + leverage * (0.5 - shares)))
        line = line + step * min(1.0, 2 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    return line, inverse
