"""How good a model is by the number of sessions that it learned from, and what more sessions would add.

The same folds are judged at every point; only what is learned from grows, by dyads, each part holding the one before.
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from relcode.learning.evaluate import (
    DRAWS,
    LEAST_INSTANCES,
    f1_of,
    mean_of_defined,
    session_counts,
)
from relcode.learning.held_out import Choose, Ground, Judged, Scores, Step, judge_quick, score_folds
from relcode.learning.learner import Learner
from relcode.learning.segments import Rows
from relcode.learning.standing import CurvePoint, Gain
from relcode.learning.turns import by_turn
from relcode.resampling import expanded_interval, session_draws
from relcode.transcripts.tokens import Bools, Floats

SHARES = (1 / 8, 1 / 4, 1 / 2, 3 / 4, 1.0)
LEAST_POINTS = 5
LEAST_DYADS = 2
MORE = 10
FORM = -0.25
FORMS = (-0.5, FORM, 0.0)
REPEATS = 2


class LearningCurve(msgspec.Struct, frozen=True):
    """The points by rising number of sessions, and what more sessions would add."""

    points: list[CurvePoint]
    gain: Gain


def learning_curve(learner: Learner, whole: list[Scores], choose: Choose, *, seed: int, step: Step) -> LearningCurve:
    """Judge models of growing parts of the dyads on the same folds.

    Calibration and thresholds come from the part alone, by the *quick* way of `held_out`. Of so few dyads that there are
    not enough points, no curve is drawn.

    Parameters
    ----------
    whole
        The scores of the folds by models of all other dyads (`score_folds`), the last point of the curve.
    """
    ground, dyads = learner.ground, learner.segments.dyads
    number = len(np.unique(dyads[ground.coded]))
    sizes = sorted({max(LEAST_DYADS, round(share * number)) for share in SHARES})
    trained = int(_sessions_in(ground, ground.coded))
    if len(sizes) < LEAST_POINTS:
        reason = f"a curve needs {LEAST_POINTS} points, and {number} dyads make {len(sizes)}"
        return LearningCurve([], Gain(trained, MORE, reason=reason))
    counts: list[list[npt.NDArray[np.int64]]] = []
    learned_from: list[float] = []
    parts = [(size, repeat) for size in sizes[:-1] for repeat in range(REPEATS)]
    for place, (size, repeat) in enumerate(parts, start=1):
        step(f"learning curve, part {place} of {len(parts)}")
        chosen = ground.coded & np.isin(dyads, dyad_order(dyads, ground.fold, seed=seed + repeat)[:size])
        judged = judge_quick(ground, score_folds(ground, learner, chosen, _quietly), choose, chosen)
        counts += [[]] if repeat == 0 else []
        counts[-1].append(_turn_counts(ground, judged))
        learned_from.append(_sessions_learned(ground, chosen))
    counts.append([_turn_counts(ground, judge_quick(ground, whole, choose, ground.coded))])
    by_size = np.array([*np.reshape(learned_from, (-1, REPEATS)).mean(axis=1), _sessions_learned(ground, ground.coded)])
    return curve_of_counts(counts, by_size, sizes, trained, seed=seed)


def dyad_order(dyads: Rows, fold: Rows, *, seed: int) -> Rows:
    """The dyads in the order in which they come in: shuffled within folds, the folds by turns, so that the parts are of
    all folds as evenly as can be."""
    drawn = np.random.default_rng(seed)
    by_fold = [drawn.permutation(np.unique(dyads[fold == number])) for number in range(int(fold.max()) + 1)]
    order = drawn.permutation(len(by_fold))
    longest = max(len(names) for names in by_fold)
    return np.array(
        [by_fold[number][place] for place in range(longest) for number in order if place < len(by_fold[number])],
        dtype=np.intp,
    )


def curve_of_counts(
    counts: list[list[npt.NDArray[np.int64]]], sessions: Floats, dyads: list[int], trained: int, *, seed: int
) -> LearningCurve:
    """The curve from hits, false alarms and misses by point and repeat, each with axes (these three, session, code).

    The same sessions are drawn for all points, and for each point repeats are drawn too, so that the interval of the gain
    knows both which sessions were judged and which were learned from.

    Parameters
    ----------
    sessions
        By point: from how many sessions was learned.
    trained
        How many sessions there are in all: the gain is what comes after them.
    """
    last = counts[-1][0]
    often: Bools = (last[0] + last[2]).sum(axis=0) >= LEAST_INSTANCES
    if not often.any():
        return LearningCurve([], Gain(trained, MORE, reason="no code is borne by ten turns"))
    weights = session_draws(last.shape[1], DRAWS, seed)
    random = np.random.default_rng(seed)
    figures, draws = [], []
    for of_size in counts:
        each = [f1_of(one.sum(axis=1))[often] for one in of_size]
        figures.append(float(np.mean(each)))
        drawn = np.stack([mean_of_defined(f1_of(np.einsum("ds,ksc->kdc", weights, one))[:, often]) for one in of_size])
        which = random.integers(len(of_size), size=(len(of_size), drawn.shape[1]))
        draws.append(np.take_along_axis(drawn, which, axis=0).mean(axis=0))
    points = [
        CurvePoint(round(float(number)), figure, *expanded_interval(drawn, last.shape[1]), size)
        for number, size, figure, drawn in zip(sessions, dyads, figures, draws, strict=True)
    ]
    return LearningCurve(points, gain_of(sessions, np.array(figures), np.stack(draws, axis=1), trained))


def gain_of(sessions: Floats, figures: Floats, draws: Floats, trained: int) -> Gain:
    """What `MORE` sessions would add, by the curve a + b * sessions ** `FORM` through the points (least squares, a point
    weighing as its sessions do).

    Nobody knows the form of the curve. The interval reaches from the lower end by a form that flattens sooner to the upper
    end by one that flattens later (`FORMS`; 0 stands for the logarithm).

    Parameters
    ----------
    draws
        Axes (draw, point): macro-F1 of each point in resampled sessions.
    """
    gain = float(_gains(sessions, figures[None, :], trained, FORM)[0])
    ends = [expanded_interval(_gains(sessions, draws, trained, form), trained) for form in FORMS]
    lows, highs = [low for low, _ in ends if low is not None], [high for _, high in ends if high is not None]
    if not lows or not highs:
        return Gain(trained, MORE, gain)
    return Gain(trained, MORE, gain, min(lows), max(highs))


def _gains(sessions: Floats, values: Floats, trained: int, form: float) -> Floats:
    """By draw: what is added after `trained` sessions, by a curve of one form.

    Parameters
    ----------
    values
        Axes (draw, point).
    """
    weight = sessions / sessions.sum()
    scale = _scaled(sessions, form)
    centred = scale - weight @ scale
    slopes = (values * weight) @ centred / (weight @ centred**2)
    now, then = _scaled(np.array([trained, trained + MORE], dtype=np.float64), form)
    gains: Floats = slopes * (then - now)
    return gains


def _scaled(sessions: Floats, form: float) -> Floats:
    scaled: Floats = np.log(sessions) if form == 0 else sessions**form
    return scaled


def _turn_counts(ground: Ground, judged: Judged) -> npt.NDArray[np.int64]:
    """Hits, false alarms and misses of coded turns, axes (these three, session, code)."""
    held, marks = (by_turn(ground.table, array & ground.coded[:, None]) for array in (judged.held, ground.marks))
    return session_counts(ground.table.turn_session, len(ground.table.sessions), held, marks)


def _sessions_learned(ground: Ground, chosen: Bools) -> float:
    """From how many sessions each fold's model learned, on average."""
    return float(np.mean([_sessions_in(ground, chosen & (ground.fold != fold)) for fold in range(ground.folds)]))


def _sessions_in(ground: Ground, chosen: Bools) -> int:
    return len(np.unique(ground.table.segment_session[chosen]))


def _quietly(line: str) -> None:
    """The folds within a part are no news."""
