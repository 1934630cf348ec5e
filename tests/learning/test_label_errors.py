"""Likely label errors: by hand-computed examples of confident learning, and by labels that were spoilt on purpose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from relcode.batches import Design, plan_batch
from relcode.batches.chosen import read_chosen
from relcode.codebook import Codebook
from relcode.cues import CueEngine
from relcode.learning.label_errors import LikelyError, contradicted, find_label_errors, write_label_errors
from relcode.ledger import Ledger
from relcode.records import Session, Turn
from relcode.transcripts.tokens import TokenTable, segment_codes, tokenize

ERROR = LikelyError("S1", 4, "TSI", "small@1.0.0", labelled=False, score=0.91, why=("own-reaction",))


# Mean confidence of ten turns each (the paper's threshold of a class, eq. 2): 8 x .9 + .1 + .2 = 7.5 of 10 bear the code,
# and as many do not. Counted as of the other class (eq. 1) is a turn whose probability of it reaches .75.
@pytest.mark.parametrize(
    ("bearing", "other", "expected"),
    [
        ([0.9] * 8 + [0.1, 0.2], [0.1] * 8 + [0.9, 0.8], [8, 9, 18, 19]),
        ([0.9] * 8 + [0.1, 0.3], [0.1] * 8 + [0.9, 0.8], [8, 18, 19]),  # .7 does not reach .75; 9/9 x 1 of ten is 1
        ([0.9] * 8 + [0.1, 0.2], [0.1] * 8 + [0.9, 0.6], [8, 9, 18]),
        ([0.9] * 10, [0.1] * 10, []),
        ([0.9] * 7 + [0.1, 0.2], [0.1] * 8 + [0.9, 0.8], []),  # nine turns are too few to say anything
        ([0.9] * 8 + [0.1, 0.2], [0.1] * 7 + [0.9, 0.8], []),
    ],
)
def test_labels_that_a_confident_model_contradicts(
    bearing: list[float], other: list[float], expected: list[int]
) -> None:
    labelled = np.array([True] * len(bearing) + [False] * len(other))
    found = contradicted(labelled, np.array(bearing + other))
    assert np.flatnonzero(found).tolist() == expected


def spoilt(study: Any, book: Codebook) -> tuple[TokenTable, np.ndarray, np.ndarray]:
    """Table, labels with one error of each kind, and the probabilities of a model that knows better."""
    table = tokenize(study.sessions)
    truth = segment_codes(table, study.labels, book.code_ids)
    marks = truth.copy()
    bearing, free = np.flatnonzero(truth[:, 0]), np.flatnonzero(~truth[:, 0] & table.segment_is_therapist)
    marks[bearing[2], 0], marks[free[1], 0] = False, True
    return table, marks, np.where(truth, 0.9, 0.05)


def test_an_omitted_and_a_surplus_label_are_named_with_the_cues(
    small_study: Callable[..., Any], small: Codebook
) -> None:
    table, marks, probability = spoilt(small_study(), small)
    found = find_label_errors(table, CueEngine(small), probability, marks, np.array([True, True, True, False]))
    assert [(error.code, error.labelled, error.score, error.confidence) for error in found] == [
        ("TSI", True, 0.05, 0.05),
        ("TSI", False, 0.9, pytest.approx(0.1)),
    ]
    assert [error.why for error in found] == [(), ("own-reaction",)]
    assert {error.codebook for error in found} == {"small@1.0.0"}
    lines = {(s.session_id, turn.turn): turn.text for s in table.sessions for turn in s.turns}
    assert "I'm " in lines[found[1].session_id, found[1].turn]
    assert "I'm " not in lines[found[0].session_id, found[0].turn]


def test_codes_that_were_not_learned_are_passed_over(small_study: Callable[..., Any], small: Codebook) -> None:
    table, marks, probability = spoilt(small_study(), small)
    assert find_label_errors(table, CueEngine(small), probability, marks, np.zeros(4, dtype=np.bool_)) == []


def test_turns_of_the_other_speaker_say_nothing(small_study: Callable[..., Any], small: Codebook) -> None:
    table, marks, probability = spoilt(small_study(), small)
    probability[~table.segment_is_therapist, 0] = 0.95  # TSI is the therapist's
    found = find_label_errors(table, CueEngine(small), probability, marks, np.array([True, False, False, False]))
    assert len(found) == 2


def test_turns_that_nobody_coded_are_no_errors(small_study: Callable[..., Any], small: Codebook) -> None:
    table, marks, probability = spoilt(small_study(), small)
    learned = np.array([True, False, False, False])
    errors = find_label_errors(table, CueEngine(small), probability, marks, learned)
    omitted = table.turn_number[table.segment_turn] == errors[1].turn
    coded = ~omitted | (table.segment_session != int(errors[1].session_id[1:]) - 1)
    assert find_label_errors(table, CueEngine(small), probability, marks, learned, rows=coded) == errors[:1]


def test_the_file_gives_the_turns_to_coders_again(tmp_path: Path) -> None:
    path = tmp_path / "likely-errors.jsonl"
    write_label_errors(path, [ERROR])
    assert msgspec.json.decode(path.read_bytes()) == {
        "session_id": "S1",
        "turn": 4,
        "code": "TSI",
        "codebook": "small@1.0.0",
        "labelled": False,
        "score": 0.91,
        "why": ["own-reaction"],
    }
    session = Session("S1", tuple(Turn(number, "TC"[number % 2], "so") for number in range(1, 41)))
    design = Design(unit="page", chosen=read_chosen(path), again=True, coders_a_unit=2, blind_share=1.0)
    plan = plan_batch(Ledger(tmp_path / "ledger.db"), [session], ["ana", "ben"], design, name="again")
    assert [(each.coder, each.place, each.shown, each.probability) for each in plan.assignments] == [
        (coder, ("S1", 1, 13), False, None) for coder in ("ana", "ben")
    ]
