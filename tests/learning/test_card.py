"""The card as people read it."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from relcode.codebook import Codebook
from relcode.learning import Model, train
from relcode.learning.card import NOT_FOR, USE, as_markdown
from relcode.records import Session


def rows(page: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]


def test_the_card_says_what_it_is_what_for_and_what_not(small_model: Model) -> None:
    page = as_markdown(small_model.card)
    for said in (
        f"# Model {small_model.id}",
        "`small@1.0.0`",
        USE,
        NOT_FOR,
        "3 sessions of 3 dyads; figures from 3-fold cross-validation in which no dyad is split (seed 0)",
        "Trained on synthetic sessions only",
        "scikit-learn",
    ):
        assert said in page


def test_each_code_has_a_row_and_what_is_undefined_is_called_so(small_model: Model) -> None:
    table = rows(as_markdown(small_model.card))[2:]
    assert [row[0] for row in table] == ["TSI", "ASK", "WARM", "RARE.one"]
    assert table[0][1:5] == ["18", "1.00", "1.00", "1.00 [1.00, 1.00]"]
    assert table[3][2:5] == ["undefined", "undefined", "undefined"]
    assert [row[8] for row in table] == ["", "", "", "too few to learn: from the cues alone"]


def test_only_synthetic_training_is_called_synthetic(small_study: Callable[..., Any], small: Codebook) -> None:
    study = small_study(2)
    sessions = [study.sessions[0], Session("S2", study.sessions[1].turns, {"dyad": "D2"})]
    assert "synthetic" not in as_markdown(train(sessions, study.labels, small).card)


def test_the_second_coder_stands_beside_the_model(small_study: Callable[..., Any], small: Codebook) -> None:
    study = small_study(3)
    second = [label for label in study.only("S1", "S2").labels if label.code != "ASK"]
    page = as_markdown(train(study.sessions, study.labels, small, ceiling=second).card)
    assert [row[6] for row in rows(page)[2:]] == ["1.00", "0.00", "1.00", "undefined"]
    assert "The second coder, on 2 of the sessions: 0.67" in page


def test_without_a_second_coder_nothing_is_said_of_one(small_model: Model) -> None:
    page = as_markdown(small_model.card)
    assert "The second coder" not in page
    assert {row[6] for row in rows(page)[2:]} == {""}


def test_the_page_gives_the_cards_own_figures(small_model: Model) -> None:
    card = copy.deepcopy(small_model.card)
    card["cross_validation"]["turn"]["codes"][0].update(f1=0.123, f1_low=0.05, f1_high=0.456)
    card["cross_validation"]["turn"].update(macro_f1=0.789, macro_f1_low=None, macro_f1_high=None)
    page = as_markdown(card)
    assert "| 0.12 [0.05, 0.46] |" in page
    assert "turn level 0.79 (3 codes)" in page


@pytest.mark.parametrize("codes", [[], [0.02, 0.04]])
def test_calibration_is_named_where_it_is_defined(small_model: Model, codes: list[float]) -> None:
    card = copy.deepcopy(small_model.card)
    for number, row in enumerate(card["cross_validation"]["segment"]["codes"]):
        row["calibration_error"] = codes[number] if number < len(codes) else None
    found = re.findall(r"mean ([0-9.]+), worst ([0-9.]+)\.", as_markdown(card))
    assert found == ([("0.030", "0.040")] if codes else [])
