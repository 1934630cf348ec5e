"""How well predicted codes agree with gold ones: per code, at segment and turn level, with intervals by session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from relcode.codebook import split_labels
from relcode.errors import ModelError
from relcode.learning.labels import known_sessions, label_faults, labelled_sessions
from relcode.learning.model import Model
from relcode.learning.segments import Segments
from relcode.learning.turns import by_turn, by_turn_highest
from relcode.records import Session, Span
from relcode.resampling import expanded_interval, session_draws
from relcode.transcripts.tokens import Bools, Floats, TokenTable, segment_codes, tokenize

LEAST_INSTANCES = 10
DRAWS = 1000


class CodeFigures(msgspec.Struct, frozen=True):
    """One code at one level. A figure that is undefined (nothing predicted, nothing there) is None.

    `f1_low`, `f1_high`: 95 % interval of F1 over sessions drawn with replacement (`resampling`); None with one session,
    and where F1 is undefined in more than a tenth of the draws. `average_precision`: area under the precision-recall
    curve. Of segments alone: `calibration_error`, the expected calibration error of ten equal bins, from `rated` segments
    (those whose speaker may carry the code); `expected`, the sum of their probabilities, which `instances` should be near.
    """

    code: str
    instances: int
    predicted: int
    precision: float | None
    recall: float | None
    f1: float | None
    f1_low: float | None
    f1_high: float | None
    average_precision: float | None = None
    calibration_error: float | None = None
    rated: int | None = None
    expected: float | None = None


class Level(msgspec.Struct, frozen=True):
    """Figures at `segment` or `turn` level; macro-F1 over codes with at least ten instances, and how many these are."""

    codes: list[CodeFigures]
    macro_f1: float | None
    macro_f1_low: float | None
    macro_f1_high: float | None
    macro_codes: int


class Evaluation(msgspec.Struct, frozen=True):
    """Figures by level, over `sessions` sessions. `others`: labels of other codebooks that were passed over (codebook id ->
    number)."""

    sessions: int
    segment: Level
    turn: Level
    seen: list[str] = []
    others: dict[str, int] = {}
    notes: list[str] = []


def evaluate(model: Model, sessions: Sequence[Session], gold: Iterable[Span], *, seed: int = 0) -> Evaluation:
    """Compare a model with gold labels, on the sessions that the labels name.

    `seen` of the result lists sessions whose dyad was in training, the model's or its teacher's: figures on them say
    nothing of new dyads. `notes`: labels of another version of the codebook, which are taken.

    Raises
    ------
    ModelError
        There is no label, or labels do not fit the sessions or the model's codebook: all faults are listed.
    """
    own = split_labels(gold, model.codebook)
    if not own.spans:
        raise ModelError(
            "There is no gold label of the model's codebook to compare with; give --labels a file of spans."
            + (f" Passed over: {own.others_in_words}." if own.others else "")
        )
    faults = label_faults(sessions, own, model.codebook)
    if faults:
        raise ModelError(f"The labels do not fit ({len(faults)} fault(s)):", faults)
    kept = labelled_sessions(sessions, own)
    table = tokenize(kept)
    probability = model.probabilities(Segments(table))
    labels = segment_codes(table, own.spans, model.codebook.code_ids)
    trained = {entry["dyad"] for entry in known_sessions(model.card)}
    seen = [session.session_id for session in kept if session.dyad in trained]
    found = figures(table, model.codebook.code_ids, probability, model.decide(probability), labels, seed=seed)
    named = {span.codebook for span in own.spans} - {None, *model.codebook.references}
    notes = [
        f"labels of {name} are compared with a model of {model.codebook.reference}" for name in sorted(map(str, named))
    ]
    return Evaluation(len(kept), found.segment, found.turn, seen, own.others, notes)


def figures(
    table: TokenTable,
    codes: Sequence[str],
    probability: Floats,
    held: Bools,
    labels: Bools,
    *,
    coded: Bools | None = None,
    seed: int = 0,
) -> Evaluation:
    """Figures from arrays with axes (segment, code).

    Parameters
    ----------
    coded
        By segment: whether it was coded, in whole turns; all by default. What was not coded counts for nothing.
    """
    rows = np.ones(len(held), dtype=np.bool_) if coded is None else coded
    turns = np.unique(table.segment_turn[rows])
    sessions = len(table.sessions)
    of_turns = [by_turn(table, array & rows[:, None])[turns] for array in (held, labels)]
    turn_probability = by_turn_highest(table, np.where(rows[:, None], probability, 0.0))
    of_segments = (held[rows], labels[rows], probability[rows])
    segment = _level(table.segment_session[rows], sessions, codes, *of_segments, seed, calibration=True)
    turn_session = table.turn_session[turns]
    turn = _level(
        turn_session, sessions, codes, of_turns[0], of_turns[1], turn_probability[turns], seed, calibration=False
    )
    return Evaluation(sessions, segment, turn)


def _level(
    session: npt.NDArray[np.int64],
    sessions: int,
    codes: Sequence[str],
    held: Bools,
    labels: Bools,
    probability: Floats,
    seed: int,
    *,
    calibration: bool,
) -> Level:
    counts = session_counts(session, sessions, held, labels)
    total = counts.sum(axis=1)
    f1, f1_draws = f1_of(total), f1_of(drawn_counts(counts, seed))
    instances = labels.sum(axis=0)
    rows = []
    for number, code in enumerate(codes):
        low, high = expanded_interval(f1_draws[:, number], sessions)
        figure = CodeFigures(
            code=code,
            instances=int(instances[number]),
            predicted=int(held[:, number].sum()),
            precision=_ratio(total[0, number], total[0, number] + total[1, number]),
            recall=_ratio(total[0, number], instances[number]),
            f1=_number(f1[number]),
            f1_low=low,
            f1_high=high,
            average_precision=_average_precision(probability[:, number], labels[:, number]),
        )
        rows.append(_with_calibration(figure, probability[:, number], labels[:, number]) if calibration else figure)
    often = instances >= LEAST_INSTANCES
    if not often.any():
        return Level(rows, None, None, None, 0)
    low, high = expanded_interval(mean_of_defined(f1_draws[:, often]), sessions)
    return Level(rows, float(f1[often].mean()), low, high, int(often.sum()))


def session_counts(session: npt.NDArray[np.int64], sessions: int, held: Bools, labels: Bools) -> npt.NDArray[np.int64]:
    """Hits, false alarms and misses, axes (these three, session, code), of marks with axes (unit, code)."""
    return np.stack([_by_session(session, sessions, part) for part in (held & labels, held & ~labels, ~held & labels)])


def drawn_counts(counts: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    """Counts of `DRAWS` samples of sessions, drawn with replacement: axes (three, session, code) -> (three, draw, code).

    The same seed draws the same sessions, so that what is drawn for two models is paired.
    """
    drawn = session_draws(counts.shape[1], DRAWS, seed)
    replicates: npt.NDArray[np.int64] = np.einsum("ds,ksc->kdc", drawn, counts)
    return replicates


def _by_session(session: npt.NDArray[np.int64], sessions: int, marks: Bools) -> npt.NDArray[np.int64]:
    counts = np.zeros((sessions, marks.shape[1]), dtype=np.int64)
    np.add.at(counts, session, marks)
    return counts


def f1_of(counts: npt.NDArray[Any]) -> Floats:
    """F1 from hits, false alarms and misses (first axis); NaN where there is none of these."""
    hits, alarms, misses = counts
    denominator = 2 * hits + alarms + misses
    return np.where(denominator > 0, 2 * hits / np.maximum(denominator, 1), np.nan)


def mean_of_defined(draws: Floats) -> Floats:
    """By draw, the mean over the codes whose F1 is defined there; NaN where none is."""
    known = ~np.isnan(draws)
    mean = np.nansum(draws, axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(known.any(axis=1), mean, np.nan)


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _average_precision(probability: Floats, labels: Bools) -> float | None:
    """Area under the precision-recall curve as average precision, ties counted together."""
    if not labels.any():
        return None
    order = np.argsort(-probability, kind="stable")
    hits = np.cumsum(labels[order])
    ends = np.flatnonzero(np.append(np.diff(probability[order]) != 0, True))
    precision, recall = hits[ends] / (ends + 1), hits[ends] / labels.sum()
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def _with_calibration(figure: CodeFigures, probability: Floats, labels: Bools) -> CodeFigures:
    rated = probability > 0  # the speaker rule gives 0
    return msgspec.structs.replace(
        figure,
        calibration_error=_calibration_error(probability[rated], labels[rated]),
        rated=int(rated.sum()),
        expected=float(probability.sum()),
    )


def _calibration_error(probability: Floats, labels: Bools, bins: int = 10) -> float | None:
    """Expected calibration error: the mean distance of probability and share, over equal bins, weighted by segments."""
    if not len(probability):
        return None
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    size = np.bincount(place, minlength=bins)
    mean = np.bincount(place, weights=probability, minlength=bins) / np.maximum(size, 1)
    share = np.bincount(place, weights=labels, minlength=bins) / np.maximum(size, 1)
    return float(np.sum(size * np.abs(mean - share)) / size.sum())
