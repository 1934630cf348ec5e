"""The card as people read it."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import lxml.html
import pytest

from relcode.codebook import Codebook
from relcode.learning.card import NOT_FOR, USE, as_markdown, statements
from relcode.learning.card_page import render_card
from relcode.learning.model import Model
from relcode.learning.train import train
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
        "3 sessions of 3 dyads.",
        "Figures from 3-fold cross-validation in which no dyad is split (seed 0)",
        "(nested folds)",
        "a curve needs 5 points, and 3 dyads make 2",
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
    assert "Coder ceiling (a second coder against the labels), on 2 sessions: 0.67" in page


def test_without_a_second_coder_nothing_is_said_of_one(small_model: Model) -> None:
    page = as_markdown(small_model.card)
    assert "Coder ceiling" not in page
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


def page_rows(page: str) -> dict[str, list[str]]:
    """Code -> the cells of its row in the table of figures."""
    table = lxml.html.fromstring(page).xpath("//caption[starts-with(., 'Turn level')]/..")[0]
    cells = [[" ".join(cell.text_content().split()) for cell in row.xpath("./th|./td")] for row in table.xpath(".//tr")]
    return {row[0].removesuffix(" weak"): row for row in cells[1:]}


def test_the_html_card_says_all_that_a_reader_must_know(small_model: Model) -> None:
    text = " ".join(lxml.html.fromstring(render_card(small_model.card)).text_content().split())
    for said in (
        f"Model {small_model.id}",
        "small@1.0.0",
        USE,
        NOT_FOR,
        "Trained on synthetic sessions only",
        "3 sessions of 3 dyads",
        "There is no second coder to compare with.",
        f"scikit-learn {small_model.card['environment']['scikit-learn']}",
        *(entry["sha256"] for entry in small_model.card["training"]["sessions"]),
    ):
        assert said in text


def test_the_html_card_has_each_code_with_its_interval_beside_the_second_coders(
    small_study: Callable[..., Any], small: Codebook
) -> None:
    study = small_study(3)
    second = [label for label in study.only("S1", "S2").labels if label.code != "ASK"]
    card = train(study.sessions, study.labels, small, ceiling=second).card
    found = page_rows(render_card(card))
    assert list(found) == ["TSI", "ASK", "WARM", "RARE.one"]
    assert found["TSI"][1:6] == ["18", "1.00", "1.00", "1.00 [1.00, 1.00]", "1.00 [1.00, 1.00]"]
    assert found["ASK"][5] == "0.00 [0.00, 0.00]"
    assert found["TSI"][8] == "18 / 18"  # expected by the probabilities, and found
    assert found["TSI"][9] == f"{card['codes']['TSI']['threshold']:.3f}"
    assert found["RARE.one"][0] == "RARE.one weak"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"f1": 0.5}, None),
        ({"f1": 0.49}, "F1 0.49: more than two errors for each hit"),
        ({"f1": None}, "F1 undefined: more than two errors for each hit"),
        ({"instances": 10}, None),
        ({"instances": 9}, "9 turn(s): too few for a figure to trust"),
    ],
)
def test_weak_codes_are_known(small_model: Model, change: dict[str, Any], reason: str | None) -> None:
    card = copy.deepcopy(small_model.card)
    assert card["weak_codes"] == {"RARE.one": "too few to learn: from the cues alone"}
    card["cross_validation"]["turn"]["codes"][0].update(change)
    assert statements(card)["weak_codes"].get("TSI") == reason


def test_the_html_card_of_a_model_from_before_names_its_weak_codes_too(small_model: Model) -> None:
    card = {name: value for name, value in small_model.card.items() if name not in statements(small_model.card)}
    assert render_card(card) == render_card(small_model.card)


def test_what_a_card_says_is_escaped_and_the_page_reaches_for_nothing(small_model: Model) -> None:
    card = copy.deepcopy(small_model.card)
    card["training"]["sessions"][0]["session_id"] = "<script>alert(1)</script>"
    page = render_card(card)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"https?://|@import|url\(", page)


def full_card(small_model: Model) -> dict[str, Any]:
    """A card with all that it may hold."""
    card = copy.deepcopy(small_model.card)
    points = [
        {"sessions": n, "macro_f1": f1, "macro_f1_low": f1 - 0.05, "macro_f1_high": f1 + 0.05, "dyads": n}
        for n, f1 in ((4, 0.3), (8, 0.36), (16, 0.4), (24, 0.42), (32, 0.43))
    ]
    card["learning_curve"] = points
    card["gain_of_ten_sessions"] = {
        "sessions": 40, "more": 10, "gain": 0.0123, "low": 0.004, "high": 0.02, "reason": None,
    }  # fmt: skip
    card["held_out"] = {**card["cross_validation"], "sessions": [], "sessions_judged": 4}
    card["teacher"] = {"id": "small-teacher", "sessions": [{"session_id": "U1"}], "trained_on": [], "knew_dyads": 2}
    card["label_errors"] = {"TSI": 2, "WARM": 3}
    card["training"]["sessions"][0] |= {"coded_turns": 12, "turns": 33}
    card["codes"]["TSI"]["threshold"] = float("inf")
    return card


def test_the_html_card_shows_the_curve_and_says_whether_more_coding_pays(small_model: Model) -> None:
    tree = lxml.html.fromstring(render_card(full_card(small_model)))
    text = " ".join(tree.text_content().split())
    assert "More coding pays: 10 more sessions would add +0.012 [+0.004, +0.020] to macro-F1." in text
    labels = [svg.get("aria-label") for svg in tree.xpath("//*[local-name()='svg']")]
    assert labels == ["F1 of each code with its interval", "Learning curve: macro-F1 by sessions learned from"]
    bare = lxml.html.fromstring(render_card(small_model.card))
    assert len(bare.xpath("//*[local-name()='svg']")) == 1
    assert "a curve needs 5 points, and 3 dyads make 2" in bare.text_content()


def test_the_html_card_says_what_limits_the_figures(small_model: Model) -> None:
    page = render_card(full_card(small_model))
    text = " ".join(lxml.html.fromstring(page).text_content().split())
    for said in (
        "1 of them are coded in part (12 of 33 turns)",
        "Taught by small-teacher on 1 sessions without labels.",
        "The teacher had learned from 2 of the dyads by which this model is judged",
        "Sessions held out to the end",
        "5 labels, given or missing, contradict a model that did not see them.",
    ):
        assert said in text
    assert page_rows(page)["TSI"][9] == "never"


@pytest.mark.parametrize(
    ("nested", "said", "unsaid"),
    [(True, "(nested folds)", "whose models had seen it"), (False, "whose models had seen it", "(nested folds)")],
)
def test_the_card_says_how_its_figures_were_made(small_model: Model, nested: bool, said: str, unsaid: str) -> None:
    card = copy.deepcopy(small_model.card)
    card["training"]["nested"] = nested
    for page in (as_markdown(card), render_card(card)):
        assert said in page
        assert unsaid not in page


def test_a_card_from_before_the_protocol_was_recorded_is_still_shown(small_model: Model) -> None:
    card = copy.deepcopy(small_model.card)
    del card["training"]["nested"], card["gain_of_ten_sessions"], card["learning_curve"], card["training"]["labels"]
    for code in card["codes"].values():
        del code["segments"], code["dyads"], code["learned_in_folds"]
    for row in card["cross_validation"]["segment"]["codes"]:
        del row["rated"], row["expected"]
    assert "nested" not in as_markdown(card)
    assert page_rows(render_card(card))["TSI"][8] == "–"
