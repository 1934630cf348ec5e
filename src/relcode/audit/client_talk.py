"""How clients talk right after each intervention, against their own talk in the rest of the session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from relcode.audit.exchange import Measure, TalkChange
from relcode.audit.intervals import LEAST_SEGMENTS, Estimate, without_value
from relcode.audit.lags import LEAST_OCCASIONS, families, pairs_at
from relcode.audit.material import Bools, Ints, Material
from relcode.audit.shares import too_few
from relcode.audit.wording import PAST, PRESENT, SELF
from relcode.resampling import expanded_interval, session_draws

Floats = npt.NDArray[np.float64]
RESAMPLES = 2000


@dataclass(frozen=True)
class Difference:
    """A mean of some turns against that of the other turns of the same stratum, with a 95 % interval."""

    value: float
    low: float
    high: float
    usual: float


def client_talk(material: Material, *, seed: int = 0) -> tuple[TalkChange, ...]:
    """Length, self-reference and present tense of the client turn right after each therapist code.

    The comparison is with the other turns of the same client and session that follow a therapist turn at once, so that
    sessions and clients are their own baseline. Nothing is said from fewer than five occasions, five other turns, or 20
    client segments; a turn without words (without verbs that have a tense) has no share of them.

    Source: after self-involving statements clients spoke more of themselves and in the present, after self-disclosures
    more of the counsellor: McCarthy & Betz 1978, J Couns Psychol 25:251-256.
    """
    therapist, client = pairs_at(material, 1)
    said = int(material.speaks("C").sum())
    stratum, session = _strata(material, client), material.turn_session[client]
    lines: list[TalkChange] = []
    for measure, (counted, outof) in _measures(material, client).items():
        heard = outof > 0
        y, weight = 100 * counted[heard] / outof[heard], outof[heard]
        if measure == "words":
            y = counted.astype(np.float64)
        for name in families(material, "T"):
            done = material.turns_carry(name)[therapist]
            places = material.turn_places(client[done & heard])
            occasions = int((done & heard).sum())
            reason = _too_little(done[heard]) if said >= LEAST_SEGMENTS else too_few("C", said)
            found = (
                None
                if reason
                else stratified_difference(
                    y, done[heard], weight=weight, stratum=stratum[heard], session=session[heard], seed=seed
                )
            )
            if found is None:
                estimate = without_value(occasions, reason or "no session has both turns after it and others")
                lines.append(TalkChange(measure, name, occasions, None, None, estimate, places=places))
                continue
            estimate = Estimate(found.value, found.low, found.high, occasions)
            lines.append(
                TalkChange(measure, name, occasions, found.usual, found.usual + found.value, estimate, places=places)
            )
    return tuple(lines)


def stratified_difference(
    y: Floats, done: Bools, *, weight: Floats | Ints, stratum: Ints, session: Ints, seed: int
) -> Difference | None:
    """Mean difference within strata: each stratum's difference, weighted by W1 W0 / (W1 + W0).

    It is the coefficient of `done` in a weighted regression with a constant for each stratum. The interval is that of
    its heteroscedasticity-consistent variance (HC2; within one stratum that of Welch's test), with t of the smaller
    kind's number of turns less one; over several sessions the expanded percentile interval of sessions drawn anew,
    never narrower than that. None where no stratum has turns of both kinds.

    Parameters
    ----------
    y, done, weight, stratum, session
        Axis: turn. `stratum` and `session` are rows from 0.

    Source: Cochran 1954, Biometrics 10:417-451 (weights); White 1980, Econometrica 48:817-838; MacKinnon & White
    1985, J Econometrics 29:305-325 (HC2).
    """
    w = np.asarray(weight, dtype=np.float64)
    total = np.bincount(stratum, weights=w)
    centred = done - (np.bincount(stratum, weights=w * done) / np.maximum(total, 1e-300))[stratum]
    information = float((w * centred**2).sum())
    compared = centred != 0
    degrees = int(min((done & compared).sum(), (~done & compared).sum())) - 1
    if information <= 1e-12 or degrees < 1:
        return None
    value = float((w * centred * y).sum() / information)
    y_mean = (np.bincount(stratum, weights=w * y) / np.maximum(total, 1e-300))[stratum]
    leverage = w / np.maximum(total, 1e-300)[stratum] + w * centred**2 / information
    residual = (y - y_mean - value * centred) / np.sqrt(np.maximum(1 - leverage, 1e-9))
    error = float(np.sqrt(((w * centred * residual)[compared] ** 2).sum())) / information
    half = float(stats.t.ppf(0.975, degrees)) * error
    low, high = value - half, value + half
    sessions = int(session.max()) + 1
    parts = np.bincount(session, weights=w * centred * y, minlength=sessions)
    weights = np.bincount(session, weights=w * centred**2, minlength=sessions)
    kept = weights > 1e-12
    if kept.sum() > 1:
        drawn = session_draws(int(kept.sum()), RESAMPLES, seed)
        ends = expanded_interval((drawn @ parts[kept]) / (drawn @ weights[kept]), int(kept.sum()))
        low, high = min(low, *(e for e in ends if e is not None)), max(high, *(e for e in ends if e is not None))
    # sum over strata of W1 W0 / W times the mean of the others, from sums over the others alone
    usual = float((np.where(done, 0.0, -w * centred) * y).sum() / information)
    return Difference(value, low, high, usual)


def _measures(material: Material, client: Ints) -> dict[Measure, tuple[Ints, Ints]]:
    """By measure: what is counted in each client turn, and of how many."""
    words, wording = material.turn_words[client], material.turn_wording[client]
    tensed = wording[:, PRESENT] + wording[:, PAST]
    return {
        "words": (words, np.ones_like(words)),
        "self_reference": (wording[:, SELF], words),
        "present_tense": (wording[:, PRESENT], tensed),
    }


def _strata(material: Material, client: Ints) -> Ints:
    """By client turn: the row of its session and speaker."""
    speakers = np.array([turn.speaker for session in material.sessions for turn in session.turns], dtype=object)
    keys = [f"{session}/{who}" for session, who in zip(material.turn_session[client], speakers[client], strict=True)]
    _, rows = np.unique(keys, return_inverse=True)
    return rows.astype(np.int64)


def _too_little(done: Bools) -> str:
    occasions, others = int(done.sum()), int((~done).sum())
    if occasions < LEAST_OCCASIONS:
        return f"{occasions} occasion(s); a figure needs {LEAST_OCCASIONS}"
    if others < LEAST_OCCASIONS:
        return f"{others} other turn(s) to compare with; a figure needs {LEAST_OCCASIONS}"
    return ""
