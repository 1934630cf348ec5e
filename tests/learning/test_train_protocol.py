"""What training minds beyond the labels: turns that nobody coded, sessions held out, a teacher, a code that a fold lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.base import BaseEstimator

from relcode.codebook import Codebook
from relcode.errors import ModelError, UsageError
from relcode.learning.card import as_markdown
from relcode.learning.held_out import Ground
from relcode.learning.label_errors import LikelyError
from relcode.learning.learner import Learner
from relcode.learning.material import Ceiling, Lesson, coded_segments
from relcode.learning.model import Model
from relcode.learning.recipe import Recipe
from relcode.learning.segments import Segments, allowed_codes, segments_of
from relcode.learning.thresholds import ThresholdRule
from relcode.learning.train import train
from relcode.records import Session, Span, Turn
from relcode.transcripts.tokens import segment_codes

pytestmark = pytest.mark.slow  # models are trained, or pages made

Study = Callable[..., Any]
FIRST = frozenset(range(1, 23))  # of 33 turns
SCATTERED = frozenset(turn for turn in range(1, 34) if turn % 3)  # 22 turns


def row(card: dict[str, Any], code: str, level: str = "turn") -> dict[str, Any]:
    return next(each for each in card["cross_validation"][level]["codes"] if each["code"] == code)


def refusal(*arguments: Any, **options: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        train(*arguments, **options)
    return caught.value


# ---------------------------------------------------------------- turns that nobody coded


def test_uncoded_turns_are_missing_and_not_empty(small_study: Study, small: Codebook) -> None:
    """Said to be coded wholly, a session that was coded in part makes every label that was not given a false alarm."""
    study = small_study(4)
    labels = [label for label in study.labels if label.turn in SCATTERED]
    partly = train(study.sessions, labels, small, covered={f"S{n}": SCATTERED for n in range(1, 5)}).card
    wholly = train(study.sessions, labels, small, covered={f"S{n}": None for n in range(1, 5)}).card
    assert row(partly, "WARM")["instances"] == row(wholly, "WARM")["instances"]
    assert (row(partly, "WARM")["precision"], row(partly, "WARM")["recall"]) == (1.0, 1.0)
    assert row(wholly, "WARM")["precision"] < 0.9
    assert row(partly, "WARM", "segment")["rated"] < row(wholly, "WARM", "segment")["rated"]
    entry = partly["training"]["sessions"][0]
    assert (entry["coded_turns"], entry["turns"]) == (22, 33)
    assert "coded_turns" not in wholly["training"]["sessions"][0]
    assert "4 of them are coded in part (88 of 132 turns)" in as_markdown(partly)


def test_what_stands_in_uncoded_turns_changes_no_decision(small_study: Study, small: Codebook) -> None:
    study = small_study(4)
    labels = [label for label in study.labels if label.turn in FIRST]
    covered = dict.fromkeys((f"S{n}" for n in range(1, 5)), FIRST)
    model = train(study.sessions, labels, small, covered=covered)
    cut = [Session(each.session_id, each.turns[: len(FIRST)], each.metadata) for each in study.sessions]
    other = train(cut, labels, small)
    codes = [(each["code"], each["f1"], each["instances"]) for each in other.card["cross_validation"]["turn"]["codes"]]
    assert codes == [
        (each["code"], each["f1"], each["instances"]) for each in model.card["cross_validation"]["turn"]["codes"]
    ]


def test_a_session_that_bears_nothing_teaches_that(small_study: Study, small: Codebook) -> None:
    study = small_study(4)
    labels = [label for label in study.labels if label.session_id != "S4"]
    known = train(study.sessions, labels, small, covered=dict.fromkeys(("S1", "S2", "S3", "S4")))
    assert len(known.card["training"]["sessions"]) == 4
    assert row(known.card, "WARM")["precision"] < 1.0
    assert len(train(study.sessions, labels, small).card["training"]["sessions"]) == 3


def test_labels_outside_the_coded_turns_are_named(small_study: Study, small: Codebook) -> None:
    study = small_study(2)
    error = refusal(study.sessions, study.labels, small, covered={"S1": FIRST, "S2": None})
    outside = sorted({label.turn for label in study.labels if label.session_id == "S1"} - FIRST)
    assert error.faults == tuple(
        f"session S1, turn {turn}: labelled, but not among the coded turns" for turn in outside
    )


# ---------------------------------------------------------------- sessions held out


def test_sessions_held_out_are_judged_by_the_finished_model_alone(small_study: Study, small: Codebook) -> None:
    study = small_study(5)
    card = train(study.sessions, study.labels, small, held_out=["S4", "S5"]).card
    assert [entry["session_id"] for entry in card["training"]["sessions"]] == ["S1", "S2", "S3"]
    assert [entry["session_id"] for entry in card["held_out"]["sessions"]] == ["S4", "S5"]
    assert card["held_out"]["turn"]["macro_f1"] == 1.0
    assert "On 2 sessions that were held out: 1.00" in as_markdown(card)
    part = study.only("S1", "S2", "S3")
    assert card["id"] == train(part.sessions, part.labels, small).id


def test_a_dyad_on_both_sides_is_refused_with_its_sessions(small_study: Study, small: Codebook) -> None:
    study = small_study(4)
    sessions = [
        Session(each.session_id, each.turns, {"dyad": {"S4": "D1"}.get(each.session_id, each.dyad)})
        for each in study.sessions
    ]
    error = refusal(sessions, study.labels, small, held_out=["S4", "S9"])
    assert error.faults == (
        "session S9: to be held out, but it has no labels",
        "dyad D1 is on both sides: S4 to be held out, S1 to be learned from; hold all of its sessions out, or none",
    )


def test_the_same_words_under_two_names_are_refused(small_study: Study, small: Codebook) -> None:
    study = small_study(3)
    twin = Session("S7", study.sessions[0].turns, {"dyad": "D7"})
    labels = [
        *study.labels,
        *(msgspec.structs.replace(own, session_id="S7") for own in study.labels if own.session_id == "S1"),
    ]
    error = refusal([*study.sessions, twin], labels, small)
    assert error.faults == ("sessions S1 and S7: the same words under several names; leave one in",)


# ---------------------------------------------------------------- folds


def test_nested_folds_are_the_rule_and_quick_ones_can_be_had(small_study: Study, small: Codebook) -> None:
    study = small_study(4)
    nested = train(study.sessions, study.labels, small)
    quick = train(study.sessions, study.labels, small, recipe=Recipe(thorough=False))
    assert (nested.card["training"]["nested"], quick.card["training"]["nested"]) == (True, False)
    assert nested.id == quick.id  # the model itself is the same
    assert "nested folds" in as_markdown(nested.card)
    assert "whose models had seen it" in as_markdown(quick.card)
    assert ("learning_curve" in nested.card, "learning_curve" in quick.card) == (True, False)


def test_twelve_dyads_make_a_learning_curve(small_study: Study, small: Codebook) -> None:
    study = small_study(12)
    names = {session.session_id: dict(session.metadata) for session in study.sessions}
    sessions = [  # the last two repeat the words of earlier ones; a word more, and they are sessions of their own
        Session(name, (*each.turns, msgspec.structs.replace(each.turns[0], turn=34, text=f"Bye {name}.")), names[name])
        for each in study.sessions
        for name in [each.session_id]
    ]
    card = train(sessions, study.labels, small).card
    assert [point["dyads"] for point in card["learning_curve"]] == [2, 3, 6, 9, 12]
    assert card["gain_of_ten_sessions"]["sessions"] == 12
    assert card["gain_of_ten_sessions"]["gain"] is not None


def test_a_code_that_folds_lack_is_said_to_be_weak(
    small_study: Study, small: Codebook, span_of: Callable[..., Span]
) -> None:
    """RARE.one is labelled in two of four dyads: where these two are judged, one dyad is left to learn it from."""
    study = small_study(4)
    drove = [
        span_of(session, turn.turn, "RARE.one")
        for session in study.sessions[:2]
        for turn in session.turns
        if turn.speaker == "T" and ("drove" in turn.text or "two of them" in turn.text)
    ]
    card = train(study.sessions, [*study.labels, *drove], small, folds=4).card
    assert card["codes"]["RARE.one"]["dyads"] == 2
    assert 0 < card["codes"]["RARE.one"]["learned_in_folds"] < 4
    assert "folds; in the others the cues were judged" in card["weak_codes"]["RARE.one"]


# ---------------------------------------------------------------- kinds


def test_an_option_that_a_kind_has_not_is_refused(small_study: Study, small: Codebook) -> None:
    study = small_study(2)
    with pytest.raises(UsageError, match="--kind linear goes without --depth"):
        train(study.sessions, study.labels, small, recipe=Recipe(options={"depth": 3}))
    assert "no kind of model 'oracle'" in str(refusal(study.sessions, study.labels, small, recipe=Recipe("oracle")))


class NotANumber(BaseEstimator):  # type: ignore[misc]
    """Gives no number for one session."""

    kind = "nan"

    def __init__(self, session: int = 1) -> None:
        self.session = session

    def fit(self, X: Segments, y: Any) -> NotANumber:
        self.codes_ = y.shape[1]
        return self

    def decision_function(self, X: Segments) -> Any:
        scores = np.zeros((len(X), self.codes_))
        scores[X.table.segment_session[X.rows] == self.session] = np.nan
        return scores


def test_scores_that_are_no_numbers_are_refused_by_session(small_study: Study, small: Codebook) -> None:
    study = small_study(2)
    segments = segments_of(study.sessions)
    allowed = allowed_codes(segments, small)
    marks = segment_codes(segments.table, study.labels, small.code_ids) & allowed
    ground = Ground(
        small, segments.table, marks, allowed, np.ones(len(marks), dtype=np.bool_), np.zeros(marks.shape),
        segments.table.segment_session,
    )  # fmt: skip
    rows = np.flatnonzero(ground.fold == 1)
    with pytest.raises(ModelError) as caught:
        Learner(NotANumber(), segments, ground)(np.flatnonzero(ground.fold == 0), rows)
    assert caught.value.faults == ("session S2",)
    assert f"no numbers for {len(rows)} segment(s)" in str(caught.value)


# ---------------------------------------------------------------- a teacher


def test_a_student_learns_what_only_its_teacher_was_shown(
    small_study: Study, small: Codebook, span_of: Callable[..., Span]
) -> None:
    """No labelled session of the student holds "two of them"; the teacher knows that it bears a code."""

    def rare(sessions: list[Session], *words: str) -> list[Span]:
        turns = [(session, turn) for session in sessions for turn in session.turns if turn.speaker == "T"]
        bearing = [(session, turn) for session, turn in turns if any(word in turn.text for word in words)]
        return [span_of(session, turn.turn, "RARE.one") for session, turn in bearing]

    study = small_study(7)
    known = study.only("S5", "S6", "S7")
    teacher = train(known.sessions, [*known.labels, *rare(known.sessions, "drove", "two of them")], small)
    part = study.only("S1", "S2", "S3", "S4")
    covered = {
        each.session_id: frozenset(turn.turn for turn in each.turns if "two of them" not in turn.text)
        for each in part.sessions
    }
    labels = [*part.labels, *rare(part.sessions, "drove")]
    alone = train(part.sessions, labels, small, covered=covered)
    unlabelled = [Session(f"U{each.session_id}", each.turns, {"dyad": f"U{each.dyad}"}) for each in known.sessions]
    taught = train(part.sessions, labels, small, covered=covered, lesson=Lesson(teacher, unlabelled))
    new = segments_of([Session("N", (Turn(1, "T", "It's the two of them."),))])
    assert taught.probabilities(new)[0, 3] > alone.probabilities(new)[0, 3] + 0.02
    assert taught.card["teacher"]["id"] == teacher.id
    assert [entry["session_id"] for entry in taught.card["teacher"]["sessions"]] == ["US5", "US6", "US7"]
    assert taught.card["teacher"]["knew_dyads"] == 0
    assert [entry["session_id"] for entry in taught.card["training"]["sessions"]] == ["S1", "S2", "S3", "S4"]
    assert f"Taught by {teacher.id} on 3 sessions without labels." in as_markdown(taught.card)


def test_a_teacher_that_knows_the_dyads_makes_figures_that_are_too_good(
    small_study: Study, small: Codebook, small_model: Model
) -> None:
    study = small_study(4)
    unlabelled = [Session("U", study.sessions[3].turns, {"dyad": "DU"})]
    part = study.only("S1", "S2", "S3")
    card = train(part.sessions, part.labels, small, lesson=Lesson(small_model, unlabelled)).card
    assert card["teacher"]["knew_dyads"] == 3
    assert "had learned from 3 of the dyads by which this model is judged" in as_markdown(card)


def test_what_is_labelled_or_held_out_is_not_taught_from(
    small_study: Study, small: Codebook, small_model: Model
) -> None:
    study = small_study(6)
    part = study.only("S1", "S2", "S3", "S4")
    new = Session("S6", study.sessions[5].turns, {"dyad": "D6"})
    of_held_out = Session("S5", study.sessions[4].turns, {"dyad": "D4"})
    lines: list[str] = []
    lesson = Lesson(small_model, [study.sessions[0], of_held_out, new])
    card = train(part.sessions, part.labels, small, held_out=["S4"], lesson=lesson, step=lines.append).card
    assert [entry["session_id"] for entry in card["teacher"]["sessions"]] == ["S6"]
    assert any(line.startswith("2 session(s) without labels are coded after all") for line in lines)
    error = refusal(part.sessions, part.labels, small, lesson=Lesson(small_model, [study.sessions[0]]))
    assert "No session is left for the teacher" in str(error)


def test_a_teacher_of_other_codes_is_refused(small_study: Study, small: Codebook, small_model: Model) -> None:
    study = small_study(3)
    code = msgspec.structs.replace(small.codes[0], id="NEW", cues=[])
    larger = msgspec.structs.replace(small, codes=[*small.codes, code])
    error = refusal(study.sessions, study.labels, larger, lesson=Lesson(small_model, study.sessions[:1]))
    assert error.faults == (f"the teacher {small_model.id} does not know NEW",)


# ---------------------------------------------------------------- the ceiling


def test_two_coders_are_compared_on_the_turns_that_both_coded(small_study: Study, small: Codebook) -> None:
    study = small_study(3)
    first = study.only("S1").labels
    turns = frozenset(label.turn for label in first if label.code in ("TSI", "WARM"))
    second = [label for label in first if label.code != "TSI" and label.turn in turns]
    ceiling = Ceiling(first, second, {"S1": turns}, "one coder against another")
    found = train(study.sessions, study.labels, small, ceiling=ceiling).card["coder_ceiling"]
    assert (found["of"], found["sessions"]) == ("one coder against another", 1)
    by_code = {each["code"]: each for each in found["turn"]["codes"]}
    assert (by_code["TSI"]["recall"], by_code["WARM"]["f1"]) == (0.0, 1.0)
    assert by_code["ASK"]["instances"] == 0  # labelled by the first, but not in turns that both coded


def test_coded_segments_are_those_of_coded_turns(small_study: Study) -> None:
    table = segments_of(small_study(3).sessions).table
    coded = coded_segments(table, {"S1": None, "S2": frozenset({2, 3})})
    turns = {(table.segment_session[at], table.turn_number[table.segment_turn[at]]) for at in np.flatnonzero(coded)}
    assert turns == {(0, number) for number in range(1, 34)} | {(1, 2), (1, 3)}


# ---------------------------------------------------------------- thresholds and label errors


def test_the_rule_of_thresholds_stands_in_the_card_and_moves_them(small_study: Study, small: Codebook) -> None:
    study = small_study(4)
    rules = {text: ThresholdRule.parse(text) for text in ("f1", "precision=0.9", "rate")}
    cards = {
        text: train(study.sessions, study.labels, small, recipe=Recipe(rule=rule)).card for text, rule in rules.items()
    }
    assert {text: card["threshold_rule"] for text, card in cards.items()} == {text: text for text in rules}
    rare = cards["precision=0.9"]["codes"]["RARE.one"]
    assert rare["threshold"] == float("inf")
    assert cards["precision=0.9"]["weak_codes"]["RARE.one"] == rare["never"]
    assert "never offered" in rare["never"]
    assert "never" not in cards["f1"]["codes"]["RARE.one"]


def test_likely_label_errors_are_handed_over_and_counted(small_study: Study, small: Codebook) -> None:
    """One label of WARM was forgotten; a model of the other dyads says so."""
    study = small_study(5)
    forgotten = next(label for label in study.labels if label.code == "WARM" and label.session_id == "S2")
    found: list[LikelyError] = []
    labels = [label for label in study.labels if label is not forgotten]
    card = train(study.sessions, labels, small, label_errors=found.extend).card
    assert [(each.session_id, each.turn, each.code, each.labelled) for each in found] == [
        ("S2", forgotten.turn, "WARM", False)
    ]
    assert card["label_errors"] == {"WARM": 1}


def test_turns_that_nobody_coded_are_no_label_errors(small_study: Study, small: Codebook) -> None:
    study = small_study(5)
    labels = [label for label in study.labels if label.turn in SCATTERED]
    covered = {f"S{n}": SCATTERED for n in range(1, 6)}
    assert train(study.sessions, labels, small, covered=covered).card["label_errors"] == {}
