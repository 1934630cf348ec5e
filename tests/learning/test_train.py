"""Training: every fault of the labels at once, dyads held out, what was too rare left to the cues, one seed one model."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from relcode.codebook import Codebook
from relcode.cues import CueEngine, decide
from relcode.errors import ModelError
from relcode.learning.card import as_markdown
from relcode.learning.evaluate import evaluate, figures
from relcode.learning.model import Model
from relcode.learning.recipe import Recipe
from relcode.learning.segments import Segments
from relcode.learning.train import train
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.spans import read_spans
from relcode.transcripts import read_sessions
from relcode.transcripts.tokens import segment_codes, tokenize

pytestmark = pytest.mark.slow  # models are trained, or pages made


def refusal(*arguments: Any, **options: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        train(*arguments, **options)
    return caught.value


def test_all_faults_of_the_labels_are_named_at_once_without_their_words(
    small_study: Callable[..., Any], small: Codebook, span_of: Callable[..., Span]
) -> None:
    study = small_study(2)
    one = study.sessions[0]
    therapist = next(turn.turn for turn in one.turns if turn.speaker == "T")
    bad = [
        span_of(one, therapist, "TSI", session_id="S8"),
        span_of(one, therapist, "NONE", session_id="S8"),
        span_of(one, therapist, "TSI", end=900),
        span_of(one, therapist, "TSI", start=1),
        span_of(one, therapist, "NONE"),
        span_of(one, therapist, "WARM"),
    ]
    error = refusal(study.sessions, [*study.labels, *bad], small)
    whole = len(one.turns[therapist - 1].text)
    place = f"session S1, turn {therapist}, "
    assert error.faults == (
        "session S8: labelled, but no transcript of it is there",
        f"session S8, turn {therapist}, 0 to {whole}: there is no code NONE in small@1.0.0",
        f"{place}0 to 900: offsets 0 to 900 lie outside the turn, which has {whole} characters",
        f"{place}1 to {whole}: the words at offsets 1 to {whole} are not those in the span's text",
        f"{place}0 to {whole}: there is no code NONE in small@1.0.0",
        f"{place}0 to {whole}: WARM is not for speaker T",
    )
    assert str(error).startswith("The labels do not fit (6 fault(s)):")
    assert one.turns[therapist - 1].text not in str(error)


def test_one_dyad_is_too_few_and_two_are_enough(small_study: Callable[..., Any], small: Codebook) -> None:
    study = small_study(2)
    same_dyad = [Session(s.session_id, s.turns, {"dyad": "D1"}) for s in study.sessions]
    assert "fewer than two dyads" in str(refusal(same_dyad, study.labels, small))
    assert train(study.sessions, study.labels, small).learned.sum() == 3


def test_sessions_without_a_dyad_are_dyads_of_their_own(small_study: Callable[..., Any], small: Codebook) -> None:
    study = small_study(2)
    bare = [Session(s.session_id, s.turns) for s in study.sessions]
    card = train(bare, study.labels, small).card
    assert [entry["dyad"] for entry in card["training"]["sessions"]] == ["S1", "S2"]
    assert card["synthetic"] is False


def test_nothing_to_learn_from_is_refused(
    small_study: Callable[..., Any], small: Codebook, span_of: Callable[..., Span]
) -> None:
    study = small_study(2)
    few = [next(label for label in study.labels if label.session_id == name) for name in ("S1", "S2")]
    assert "No code has five labelled segments" in str(refusal(study.sessions, few, small))


def test_the_card_lists_what_was_trained_on_and_nothing_else(small_study: Callable[..., Any], small: Codebook) -> None:
    study = small_study(4)
    part = study.only("S1", "S2", "S4")
    card = train(study.sessions, part.labels, small, folds=2, seed=7).card
    assert card["training"] == {
        "sessions": [{"session_id": s.session_id, "dyad": s.dyad, "sha256": hash_session(s)} for s in part.sessions],
        "labels": {"not said": len(part.labels)},
        "folds": 2,
        "nested": False,
        "codebook_fitted_to": 0,
        "seed": 7,
    }
    assert (card["codebook"], card["synthetic"]) == ("small@1.0.0", True)


def test_folds_are_no_more_than_dyads(small_study: Callable[..., Any], small: Codebook) -> None:
    study = small_study(3)
    assert train(study.sessions, study.labels, small, folds=9).card["training"]["folds"] == 3


def test_figures_come_from_models_that_did_not_see_the_dyad(
    small_study: Callable[..., Any], small: Codebook, span_of: Callable[..., Span]
) -> None:
    """Labels that contradict each other between dyads: a model that saw them fits both, held-out figures cannot."""
    study = small_study(2)
    first, second = study.sessions
    labels = [
        span_of(session, turn.turn, "TSI")
        for session, word in ((first, "drove"), (second, "two of them"))
        for turn in session.turns
        if turn.speaker == "T" and word in turn.text
    ]
    labels += [span_of(first, turn.turn, "TSI") for turn in first.turns if turn.speaker == "T" and "moved" in turn.text]
    labels += [span_of(second, turn.turn, "TSI") for turn in second.turns if "sad" in turn.text]
    model = train(study.sessions, labels, small)
    held_out = next(row for row in model.card["cross_validation"]["turn"]["codes"] if row["code"] == "TSI")
    seen = next(row for row in evaluate(model, study.sessions, labels).turn.codes if row.code == "TSI")
    assert held_out["average_precision"] < 0.6
    assert seen.average_precision is not None
    assert seen.average_precision > 0.8


def test_the_speaker_rule_gives_probability_zero(model: Model, real: Any) -> None:
    table = tokenize(real.sessions)
    probability = model.probabilities(Segments(table))
    held = model.decide(probability)
    for number, code in enumerate(model.codebook.codes):
        barred = np.array([segment.speaker[0] not in code.speakers for segment in table.segments])
        assert (probability[barred, number] == 0).all()
        assert not held[barred, number].any()
        spoken = ~barred & (table.spoken_words > 0)
        assert ((probability[spoken, number] > 0) & (probability[spoken, number] < 1)).all()
    assert held.any()


def test_a_bare_note_carries_no_code(small_model: Model, session_of: Callable[..., Session]) -> None:
    probability = small_model.probabilities(Segments(tokenize([session_of("T: [pause]", "T: Hm.")])))
    assert (probability[0] == 0).all()
    assert (probability[1, [0, 1, 3]] > 0).all()


def test_a_threshold_of_zero_lets_no_barred_code_hold(small_model: Model, session_of: Callable[..., Session]) -> None:
    table = tokenize([session_of("C: Thank you.", "T: [pause]")])
    free = Model(**{**vars_of(small_model), "thresholds": np.zeros(4)})
    assert free.decide(free.probabilities(Segments(table))).tolist() == [[False, False, True, False], [False] * 4]


def vars_of(model: Model) -> dict[str, Any]:
    return {name: getattr(model, name) for name in Model.__dataclass_fields__}


def test_codes_too_rare_to_learn_have_the_probability_of_the_cues(
    small_model: Model, small: Codebook, session_of: Callable[..., Session]
) -> None:
    table = tokenize([session_of("T: You always leave.", "T: You leave.", "T: I'm moved.")])
    engine = CueEngine(small)
    cues = engine.probabilities(engine.fire(table), engine.allowed(table))
    probability = small_model.probabilities(Segments(table))
    assert small_model.learned.tolist() == [True, True, True, False]
    assert probability[:, 3].tolist() == cues[:, 3].tolist()
    assert probability[:, 0] != pytest.approx(cues[:, 0])
    assert small_model.decide(probability)[:, 3].tolist() == [True, False, False]
    assert small_model.card["codes"]["RARE.one"] == {
        "learned": False, "threshold": 0.5, "segments": 0, "dyads": 0, "learned_in_folds": 0,
    }  # fmt: skip
    assert small_model.card["codes"]["TSI"] | {"threshold": 0} == {
        "learned": True, "threshold": 0, "segments": 18, "dyads": 3, "learned_in_folds": 3,
    }  # fmt: skip


def test_the_same_seed_gives_the_same_model(small_study: Callable[..., Any], small: Codebook) -> None:
    study = small_study(4)

    def trained(seed: int) -> Model:
        return train(study.sessions, study.labels, small, folds=2, seed=seed)

    first, again = trained(3), trained(3)
    assert first.card == again.card
    assert first.id.startswith("small-")
    kept = first.classifier.arrays(), again.classifier.arrays()
    assert all(np.array_equal(kept[0][name], kept[1][name]) for name in kept[0])
    assert any(trained(seed).card["cross_validation"] != first.card["cross_validation"] for seed in (4, 5, 6))


def test_other_labels_give_another_id(small_study: Callable[..., Any], small: Codebook, small_model: Model) -> None:
    study = small_study()
    assert train(study.sessions, study.labels, small, folds=3).id == small_model.id
    assert train(study.sessions, study.labels[:-3], small, folds=3).id != small_model.id


def test_real_sessions_are_learned_without_a_warning(real: Any, book: Codebook) -> None:
    """Two folds of three dyads: single-class folds, rare codes, ordinary modes."""
    part = real.only("D1-T01-s03", "D2-T02-s05", "D3-T01-s02")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learned = train(part.sessions, part.labels, book, folds=2)
        new = real.only("D4-T03-s04")
        result = evaluate(learned, new.sessions, new.labels)
    assert 10 < learned.learned.sum() < len(book.codes)
    assert result.turn.macro_f1 is not None
    assert result.turn.macro_f1 > 0.15


def test_progress_names_the_folds(small_study: Callable[..., Any], small: Codebook) -> None:
    study = small_study(2)
    lines: list[str] = []
    train(study.sessions, study.labels, small, step=lines.append)
    last = ["fitting on all sessions", "looking for likely label errors"]
    few = [line for line in lines if "fewer than 3 dyads" in line]
    assert len(few) == 3  # each fold learns from one dyad, the finished model from two
    known = [line for line in lines if line not in few]
    assert known == ["reading tokens and cues", "fold 1 of 2", "fold 2 of 2", *last]
    lines.clear()
    nested = small_study(3)
    train(nested.sessions, nested.labels, small, step=lines.append)
    assert [line for line in lines if "fold" in line] == [
        *(f"fold {number} of 3" for number in (1, 2, 3)),
        *(f"inner fold {number} of 3" for number in (1, 2, 3)),
    ]


def test_the_second_coder_stands_in_the_card(small_study: Callable[..., Any], small: Codebook) -> None:
    study = small_study(3)
    ceiling = train(study.sessions, study.labels, small, ceiling=study.labels).card["coder_ceiling"]
    assert ceiling["sessions"] == 3
    assert [row["f1"] for row in ceiling["turn"]["codes"]] == [1.0, 1.0, 1.0, None]
    half = [label for number, label in enumerate(study.labels) if number % 2]
    ceiling = train(study.sessions, study.labels, small, ceiling=half).card["coder_ceiling"]
    assert all(row["recall"] < 1.0 and row["precision"] == 1.0 for row in ceiling["turn"]["codes"][:3])
    assert "coder_ceiling" not in train(study.sessions, study.labels, small).card


def test_a_second_coder_of_some_sessions_is_compared_on_these_alone(
    small_study: Callable[..., Any], small: Codebook
) -> None:
    study = small_study(3)
    part = study.only("S1", "S2").labels
    ceiling = train(study.sessions, study.labels, small, ceiling=part).card["coder_ceiling"]
    assert ceiling["sessions"] == 2
    assert [row["recall"] for row in ceiling["segment"]["codes"]] == [1.0, 1.0, 1.0, None]


def test_faults_of_the_second_coder_are_named(
    small_study: Callable[..., Any], small: Codebook, span_of: Callable[..., Span]
) -> None:
    study = small_study(3)
    known = study.only("S1", "S2")
    therapist = next(turn.turn for turn in study.sessions[0].turns if turn.speaker == "T")
    second = [span_of(study.sessions[0], therapist, "NONE"), *study.only("S3").labels]
    error = refusal(study.sessions, known.labels, small, ceiling=second)
    assert [fault.partition(": ")[2] for fault in error.faults] == [
        "there is no code NONE in small@1.0.0",
        "not among the labelled sessions",
    ]
    assert all(fault.startswith("second coder, session S") for fault in error.faults)
    assert refusal(known.sessions, known.labels, small, ceiling=[]).faults == ("second coder, no label is there",)


def test_twenty_sessions_are_learned_better_than_their_cues(corpus: Any, book: Codebook) -> None:
    """Held-out area under the precision-recall curve beats that of the author's cues (their F1 at 0.5 is as high), macro-F1
    stays below that on the dyads of training; probabilities fit."""
    sessions = read_sessions([*corpus("transcripts"), *corpus("transcripts2")])
    folder = corpus("transcripts")[0].parents[1] / "labels"
    labels = [span for name in ("accepted", "coder_A_set2") for span in read_spans(folder / f"{name}.jsonl", sessions)]
    model = train(sessions, labels, book, recipe=Recipe(folds=3, thorough=False))
    table, engine = tokenize(sessions), CueEngine(book)
    cues = engine.probabilities(engine.fire(table), engine.allowed(table))
    held = decide(book, cues, np.full(len(book.codes), 0.5))
    by_cues = figures(table, book.code_ids, cues, held, segment_codes(table, labels, book.code_ids))
    learned, seen = model.card["cross_validation"]["turn"], evaluate(model, sessions, labels)
    often = {row.code for row in by_cues.turn.codes if row.instances >= 10}
    area = np.mean([row["average_precision"] for row in learned["codes"] if row["code"] in often])
    assert area > np.mean([row.average_precision for row in by_cues.turn.codes if row.code in often])
    assert learned["macro_f1"] < seen.turn.macro_f1
    errors = [row["calibration_error"] for row in model.card["cross_validation"]["segment"]["codes"]]
    assert np.mean([error for error in errors if error is not None]) < 0.03


def test_figures_on_sessions_that_the_codebook_was_fitted_to_are_said_to_be_too_good(
    small: Codebook, small_study: Callable[..., Any]
) -> None:
    study = small_study(3)
    fitted = msgspec.structs.replace(small, fitted=[hash_session(study.sessions[0])[:12]])
    said: list[str] = []
    model = train(study.sessions, study.labels, fitted, folds=2, step=said.append)
    assert any("fitted to 1 of these sessions" in line for line in said)
    assert model.card["training"]["codebook_fitted_to"] == 1
    assert "had been fitted to 1 of the sessions" in as_markdown(model.card)
    assert "had been fitted" not in as_markdown(train(study.sessions, study.labels, small, folds=2).card)
