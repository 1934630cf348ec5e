"""Labels and scores become the same table; what does not fit is said, never passed over."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pandas as pd
import pytest

from relcode.audit.material import material_from_labels
from relcode.audit.scored import material_from_scores
from relcode.codebook import Codebook
from relcode.errors import LabelError, TranscriptError
from relcode.records import Session, Span
from relcode.transcripts.tokens import tokenize

Coded = Callable[..., tuple[Session, list[Span]]]


def scores_of(session: Session, **marks: list[bool]) -> pd.DataFrame:
    segments = tokenize([session]).segments
    frame = pd.DataFrame([msgspec.structs.asdict(segment) for segment in segments])
    for name, values in marks.items():
        frame[f"y_{name}"] = values
    return frame


def test_a_segment_carries_a_code_when_a_span_covers_one_of_its_words(codebook: Codebook, coded: Coded) -> None:
    session, _ = coded("T: I am moved. How was it?", "C: Fine.")
    word = Span("S1", 1, 5, 10, "moved", "TSI")
    stop_alone = Span("S1", 1, 10, 11, ".", "INQ")
    table = material_from_labels([session], codebook, [word, stop_alone])
    assert table.carry("TSI").tolist() == [True, False, False]
    assert table.carry("INQ").tolist() == [False, False, False]
    assert table.turns_carry("TSI").tolist() == [True, False]


def test_a_session_without_labels_is_not_coded_and_said_so(codebook: Codebook, coded: Coded) -> None:
    first, labels = coded("T: I am moved. | TSI", session_id="S1")
    second, _ = coded("T: Hello there.", session_id="S2")
    table = material_from_labels([first, second], codebook, labels)
    assert table.coded.tolist() == [True, False]
    assert any("S2" in note and "without labels" in note for note in table.notes)
    assert len(table.choose(table.coded).segment_turn) == 1


def test_labels_of_other_sessions_unknown_codes_and_wrong_speakers_are_left_out_and_said(
    codebook: Codebook, coded: Coded
) -> None:
    session, labels = coded("T: I am moved. | TSI", "C: I am moved. | TSI", "C: Odd. | NOPE")
    stranger = Span("S9", 1, 0, 2, "xx", "TSI", "small@1.0.0", "accepted")
    table = material_from_labels([session], codebook, [*labels, stranger])
    notes = " ".join(table.notes)
    assert table.carry("TSI").tolist() == [True, False, False]
    assert "S9" in notes
    assert "NOPE (1)" in notes
    assert "may not carry the code were left out: TSI (1)" in notes


@pytest.mark.parametrize(
    ("codebooks", "said"),
    [
        (("small@1.0.0", "small@2.0.0"), "made with small@2.0.0"),
        (("small@2.0.0", "small@2.0.0"), "made with small@2.0.0"),
        ((None, None), "do not name their codebook"),
        (("small@1.0.0", "small@1.0.0"), None),
    ],
)
def test_codebook_versions_of_labels_are_compared(
    codebook: Codebook, coded: Coded, codebooks: tuple[str | None, ...], said: str | None
) -> None:
    session, labels = coded("T: I am moved. | TSI", "C: Thanks. | WARM")
    changed = [msgspec.structs.replace(label, codebook=name) for label, name in zip(labels, codebooks, strict=True)]
    notes = material_from_labels([session], codebook, changed).notes
    assert (said in " ".join(notes)) if said else notes == ()


def test_labels_that_do_not_fit_are_all_listed_without_their_words(codebook: Codebook, coded: Coded) -> None:
    session, _ = coded("T: I am moved.")
    wrong = [Span("S1", 1, 0, 2, "secret", "TSI"), Span("S1", 7, 0, 2, "secret", "TSI")]
    with pytest.raises(LabelError) as caught:
        material_from_labels([session], codebook, wrong)
    assert len(caught.value.faults) == 2
    assert "secret" not in str(caught.value)


def test_labels_of_other_sessions_alone_are_an_error(codebook: Codebook, coded: Coded) -> None:
    session, _ = coded("T: I am moved.")
    with pytest.raises(LabelError, match="None of the 1 labels"):
        material_from_labels([session], codebook, [Span("S9", 1, 0, 1, "x", "TSI")])


def test_a_session_given_twice_is_an_error(codebook: Codebook, coded: Coded) -> None:
    session, labels = coded("T: I am moved. | TSI")
    with pytest.raises(TranscriptError, match="same session id"):
        material_from_labels([session, session], codebook, labels)


@pytest.mark.parametrize(
    ("source", "uncorrected"), [("accepted", False), ("coder:ann", False), ("cues", True), ("model:m1", True)]
)
def test_spans_that_a_machine_made_are_uncorrected(
    codebook: Codebook, coded: Coded, source: str, uncorrected: bool
) -> None:
    session, labels = coded("T: I am moved. | TSI")
    spans = [msgspec.structs.replace(label, source=source) for label in labels]
    assert material_from_labels([session], codebook, spans).uncorrected is uncorrected


def test_scores_and_labels_of_the_same_codes_give_the_same_table(codebook: Codebook, coded: Coded) -> None:
    session, labels = coded("T: It began there. | INT.genetic", "C: No. | RUP.withdrawal")
    scores = scores_of(session, INT_genetic=[True, False], RUP_withdrawal=[False, True])
    by_labels, by_scores = (
        material_from_labels([session], codebook, labels),
        material_from_scores([session], codebook, scores),
    )
    assert np.array_equal(by_labels.codes, by_scores.codes)
    assert np.array_equal(by_labels.segment_turn, by_scores.segment_turn)
    assert by_scores.uncorrected


def test_a_code_that_was_not_scored_has_no_column_rather_than_a_zero(codebook: Codebook, coded: Coded) -> None:
    session, _ = coded("T: It began there.", "C: No.")
    table = material_from_scores([session], codebook, scores_of(session, TSI=[True, False]))
    assert table.columns("TSI")
    assert table.columns("TSD") == []
    assert any("TSD" in note for note in table.notes)


def test_scores_of_another_text_are_refused(codebook: Codebook, coded: Coded) -> None:
    session, _ = coded("T: It began there.", "C: No.")
    shorter, _ = coded("T: It.", "C: No.")
    with pytest.raises(LabelError, match="other transcripts") as caught:
        material_from_scores([shorter], codebook, scores_of(session, TSI=[True, False]))
    assert "S1: 1 row(s)" in str(caught.value)


def test_scores_without_their_key_columns_are_refused(codebook: Codebook, coded: Coded) -> None:
    session, _ = coded("T: It began there.")
    with pytest.raises(LabelError, match="start"):
        material_from_scores([session], codebook, scores_of(session).drop(columns=["start"]))


@pytest.mark.parametrize(
    ("name", "values", "fault"),
    [
        ("turn", ["one"], "turn: expected whole numbers"),
        ("start", [None], "start: some rows are empty"),
        ("y_TSI", ["yes"], "y_TSI: expected true or false"),
    ],
)
def test_columns_of_another_kind_are_refused(
    codebook: Codebook, coded: Coded, name: str, values: list[object], fault: str
) -> None:
    session, _ = coded("T: It began there.")
    scores = scores_of(session, TSI=[True])
    material_from_scores([session], codebook, scores)
    with pytest.raises(LabelError, match=fault):
        material_from_scores([session], codebook, scores.assign(**{name: values}))
