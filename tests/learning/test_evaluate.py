"""Figures against scikit-learn's; intervals over sessions; gold labels that do not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.evaluate import LEAST_INSTANCES, CodeFigures, Evaluation, evaluate, figures
from relcode.learning.material import Lesson
from relcode.learning.model import Model
from relcode.learning.train import train
from relcode.records import Session, Span, Turn
from relcode.transcripts.tokens import TokenTable, tokenize

pytestmark = pytest.mark.slow  # a model is trained

CODES = ("A", "B", "C")


def some_table(sessions: int = 6, turns: int = 12) -> TokenTable:
    """Sessions whose turns have one, two or three segments."""
    texts = ("Come in.", "It rained. We left.", "It rained. We left. Nobody came.")
    return tokenize(
        Session(f"S{number}", tuple(Turn(n + 1, "T", texts[(n + number) % 3]) for n in range(turns)))
        for number in range(sessions)
    )


def some_arrays(table: TokenTable, seed: int, share: float = 0.3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities with many ties, what holds, labels."""
    random = np.random.default_rng(seed)
    shape = (len(table.segment_turn), len(CODES))
    labels = random.random(shape) < share
    probability = np.round(np.clip(random.normal(0.3 + 0.3 * labels, 0.25), 0, 1), 1)
    return probability, probability >= 0.5, labels


def by_turn(table: TokenTable, array: np.ndarray) -> np.ndarray:
    return np.array([array[table.segment_turn == turn].max(axis=0) for turn in range(len(table.turn_session))])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("level", ["segment", "turn"])
def test_figures_are_those_of_scikit_learn(seed: int, level: str) -> None:
    table = some_table()
    arrays = some_arrays(table, seed)
    found = getattr(figures(table, CODES, *arrays), level)
    if level == "turn":
        arrays = tuple(by_turn(table, array) for array in arrays)  # type: ignore[assignment]
    probability, held, labels = arrays
    for number, row in enumerate(found.codes):
        gold, given, rated = labels[:, number], held[:, number], probability[:, number]
        assert row.code == CODES[number]
        assert (row.instances, row.predicted) == (gold.sum(), given.sum())
        assert row.precision == pytest.approx(precision_score(gold, given))
        assert row.recall == pytest.approx(recall_score(gold, given))
        assert row.f1 == pytest.approx(f1_score(gold, given))
        assert row.average_precision == pytest.approx(average_precision_score(gold, rated))
        assert (row.calibration_error is None) is (level == "turn")
    assert found.macro_f1 == pytest.approx(f1_score(labels, held, average="macro"))
    assert found.macro_codes == len(CODES)


@pytest.mark.parametrize(
    ("held", "labels", "expected"),
    [
        (False, False, (None, None, None, None)),
        (True, False, (0.0, None, 0.0, None)),  # false alarms alone
        (False, True, (None, 0.0, 0.0, 1.0)),  # all missed; the curve is defined
        (True, True, (1.0, 1.0, 1.0, 1.0)),
    ],
)
def test_what_is_undefined_is_none(held: bool, labels: bool, expected: tuple[float | None, ...]) -> None:
    table = some_table(3, 3)
    shape = (len(table.segment_turn), 1)
    row = figures(table, ["A"], np.full(shape, 0.4), np.full(shape, held), np.full(shape, labels)).segment.codes[0]
    assert (row.precision, row.recall, row.f1, row.average_precision) == expected
    assert (row.f1_low, row.f1_high) == (expected[2], expected[2])


@pytest.mark.parametrize(("instances", "counted"), [(LEAST_INSTANCES - 1, 1), (LEAST_INSTANCES, 2)])
def test_macro_f1_is_over_codes_with_ten_instances(instances: int, counted: int) -> None:
    table = some_table()
    labels = np.zeros((len(table.segment_turn), 2), dtype=np.bool_)
    labels[::2, 0] = True
    labels[:instances, 1] = True
    held = labels.copy()
    held[:, 1] = False  # all of the second code is missed
    level = figures(table, ["A", "B"], held.astype(float), held, labels).segment
    assert level.macro_codes == counted
    assert level.macro_f1 == pytest.approx(1.0 if counted == 1 else 0.5)


def test_without_a_code_of_ten_instances_there_is_no_macro_f1() -> None:
    table = some_table(2, 3)
    labels = np.zeros((len(table.segment_turn), 1), dtype=np.bool_)
    labels[0] = True
    level = figures(table, ["A"], labels.astype(float), labels, labels).segment
    assert (level.macro_f1, level.macro_f1_low, level.macro_f1_high, level.macro_codes) == (None, None, None, 0)


def test_intervals_hold_the_estimate_and_depend_on_the_seed_alone() -> None:
    table = some_table(8)
    arrays = some_arrays(table, 0)
    first = figures(table, CODES, *arrays, seed=5)
    assert first == figures(table, CODES, *arrays, seed=5)
    other = figures(table, CODES, *arrays, seed=6)
    assert (first.segment.codes[0].f1, first.segment.macro_f1) == (other.segment.codes[0].f1, other.segment.macro_f1)
    assert first.segment.codes[0].f1_low != other.segment.codes[0].f1_low
    for level in (first.segment, first.turn):
        assert level.macro_f1_low < level.macro_f1 < level.macro_f1_high  # type: ignore[operator]
        for row in level.codes:
            assert row.f1_low < row.f1 < row.f1_high  # type: ignore[operator]


def test_sessions_are_drawn_whole() -> None:
    """Sessions that are all alike leave no uncertainty over sessions; one that differs brings it."""
    session = some_table(1).sessions[0]
    table = tokenize(Session(f"S{number}", session.turns) for number in range(5))
    rows = len(table.segment_turn) // 5
    labels = np.tile(np.arange(rows) % 2 == 0, 5)[:, None]
    held = np.tile(np.arange(rows) % 3 == 0, 5)[:, None]
    row = figures(table, ["A"], held.astype(float), held, labels).segment.codes[0]
    assert row.f1_low == row.f1 == row.f1_high
    held[:rows] = labels[:rows]
    row = figures(table, ["A"], held.astype(float), held, labels).segment.codes[0]
    assert row.f1_low < row.f1 < row.f1_high  # type: ignore[operator]


def test_one_session_has_no_interval() -> None:
    table = some_table(1)
    level = figures(table, CODES, *some_arrays(table, 0)).segment
    assert level.codes[0].f1 is not None
    assert (level.codes[0].f1_low, level.macro_f1_low, level.macro_f1_high) == (None, None, None)


def test_a_code_of_one_session_has_no_interval() -> None:
    """Where it is not drawn, its F1 is undefined; that is no F1 of zero, and macro-F1 goes by the other codes."""
    table = some_table(5)
    labels = np.zeros((len(table.segment_turn), 2), dtype=np.bool_)
    labels[::2, 0] = True
    labels[table.segment_session == 0, 1] = True
    level = figures(table, ["A", "B"], labels.astype(float), labels, labels).segment
    assert (level.codes[1].f1, level.codes[1].f1_low) == (1.0, None)
    assert (level.macro_codes, level.macro_f1_low, level.macro_f1) == (2, 1.0, 1.0)


def test_calibration_error_by_hand() -> None:
    """Two bins: 0.2 said of four with one hit, 0.9 said of two with two; what may not be is left out."""
    table = some_table(2, 4)
    probability = np.zeros((len(table.segment_turn), 1))
    labels = np.zeros(probability.shape, dtype=np.bool_)
    probability[:6, 0] = [0.2, 0.2, 0.2, 0.2, 0.9, 0.9]
    labels[[0, 4, 5], 0] = True
    row = figures(table, ["A"], probability, labels, labels).segment.codes[0]
    assert row.calibration_error == pytest.approx((4 * abs(0.2 - 0.25) + 2 * abs(0.9 - 1.0)) / 6)


def test_probability_one_stands_in_the_last_bin() -> None:
    table = some_table(1, 3)
    probability = np.ones((len(table.segment_turn), 1))
    labels = np.ones(probability.shape, dtype=np.bool_)
    assert figures(table, ["A"], probability, labels, labels).segment.codes[0].calibration_error == 0.0


def code_of(result: Evaluation, code: str, level: str = "turn") -> CodeFigures:
    return next(row for row in getattr(result, level).codes if row.code == code)


def test_a_model_is_good_on_sessions_like_those_it_knows(small_model: Model, small_study: Callable[..., Any]) -> None:
    study = small_study(5)
    new = study.only("S4", "S5")
    result = evaluate(small_model, new.sessions, new.labels)
    assert (result.sessions, result.seen) == (2, [])
    for code in ("TSI", "ASK", "WARM"):
        assert code_of(result, code).f1 == 1.0
    assert code_of(result, "RARE.one").instances == 0


def test_turned_labels_turn_the_figures(
    small_model: Model, small_study: Callable[..., Any], span_of: Callable[..., Span]
) -> None:
    study = small_study(2)
    wrong = [
        span_of(session, turn.turn, "TSI")
        for session in study.sessions
        for turn in session.turns
        if turn.speaker == "T" and "I'm" not in turn.text
    ]
    assert code_of(evaluate(small_model, study.sessions, wrong), "TSI").f1 == 0.0


def test_sessions_of_dyads_from_training_are_named(model: Model, real: Any) -> None:
    assert evaluate(model, real.sessions, real.labels).seen == ["D1-T01-s03", "D2-T02-s05", "D3-T01-s02"]
    new = real.only("D4-T03-s04")
    assert evaluate(model, new.sessions, new.labels).seen == []


def test_transcripts_without_labels_are_passed_over(model: Model, real: Any) -> None:
    new = real.only("D4-T03-s04")
    assert evaluate(model, real.sessions, new.labels) == evaluate(model, new.sessions, new.labels)


def test_gold_labels_that_do_not_fit_are_all_named_without_their_words(
    small_model: Model, small_study: Callable[..., Any], span_of: Callable[..., Span]
) -> None:
    study = small_study(2)
    one = study.sessions[0]
    therapist = next(turn.turn for turn in one.turns if turn.speaker == "T")
    bad = [
        span_of(one, therapist, "TSI", session_id="S9"),
        span_of(one, therapist, "TSI", text="something else"),
        span_of(one, therapist, "TSI", turn=99),
        span_of(one, therapist, "NONE"),
        span_of(one, therapist, "WARM"),
    ]
    with pytest.raises(ModelError) as caught:
        evaluate(small_model, study.sessions, [*study.labels, *bad])
    assert [fault.partition(": ")[2] for fault in caught.value.faults] == [
        "labelled, but no transcript of it is there",
        f"the words at offsets 0 to {bad[1].end} are not those in the span's text",
        "there is no turn 99 in this session",
        "there is no code NONE in small@1.0.0",
        "WARM is not for speaker T",
    ]
    assert "home" not in str(caught.value)
    assert "something else" not in str(caught.value)


def test_labels_of_other_codebooks_are_passed_over_and_counted(
    small_model: Model, small_study: Callable[..., Any], span_of: Callable[..., Span]
) -> None:
    study = small_study(2)
    therapist = next(turn.turn for turn in study.sessions[0].turns if turn.speaker == "T")
    foreign = span_of(study.sessions[0], therapist, "TSI", codebook="other@1.0.0")
    with_foreign = evaluate(small_model, study.sessions, [*study.labels, foreign])
    assert with_foreign.others == {"other": 1}
    assert with_foreign.turn == evaluate(small_model, study.sessions, study.labels).turn
    with pytest.raises(ModelError, match=r"no gold label of the model's codebook.*other 1"):
        evaluate(small_model, study.sessions, [foreign])


def test_labels_of_another_version_of_the_codebook_are_taken(
    small_model: Model, small_study: Callable[..., Any], span_of: Callable[..., Span]
) -> None:
    study = small_study(2)
    therapist = next(turn.turn for turn in study.sessions[0].turns if turn.speaker == "T")
    label = span_of(study.sessions[0], therapist, "TSI", codebook="small@0.9.0")
    found = evaluate(small_model, study.sessions, [label])
    assert (found.sessions, found.notes) == (1, ["labels of small@0.9.0 are compared with a model of small@1.0.0"])
    assert evaluate(small_model, study.sessions, study.labels).notes == []


def test_sessions_that_a_teacher_knew_are_seen(small: Codebook, small_study: Callable[..., Any]) -> None:
    study = small_study(6)
    known, own = study.only("S5"), study.only("S1", "S2", "S3")
    teachers = study.only("S4", "S5")
    teacher = train(teachers.sessions, teachers.labels, small)
    unlabelled = [Session("U", study.sessions[5].turns, {"dyad": "DU"})]
    student = train(own.sessions, own.labels, small, lesson=Lesson(teacher, unlabelled))
    assert evaluate(student, known.sessions, known.labels).seen == ["S5"]


def test_no_gold_label_is_refused(small_model: Model, small_study: Callable[..., Any]) -> None:
    with pytest.raises(ModelError, match="no gold label"):
        evaluate(small_model, small_study().sessions, [])
