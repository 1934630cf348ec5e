"""Two models on the same held-out sessions: what counts as held out, and what the difference is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.compared import Comparison
from relcode.learning.comparison import compare
from relcode.learning.linear import UNITS, LinearClassifier
from relcode.learning.model import Model
from relcode.learning.sights import column_count
from relcode.records import Session, Span


def deaf(model: Model, *codes: str, id: str = "small-deaf") -> Model:
    """The model, but it never finds these codes (any, where none is named)."""
    thresholds = np.where(np.isin(model.codebook.code_ids, codes or model.codebook.code_ids), 2.0, model.thresholds)
    return replace(model, thresholds=thresholds, card={**model.card, "id": id})


@pytest.fixture(scope="module")
def held_out(small_study: Callable[..., Any]) -> Any:
    """Five sessions of dyads that the small model was not trained on."""
    return small_study(8).only("S4", "S5", "S6", "S7", "S8")


def test_the_difference_is_that_of_the_macro_f1(small_model: Model, held_out: Any) -> None:
    found = compare(deaf(small_model, "TSI"), small_model, held_out.sessions, held_out.labels)
    assert found.sessions == ["S4", "S5", "S6", "S7", "S8"]
    assert (found.present, found.candidate) == ("small-deaf", small_model.id)
    assert found.macro_codes == 3
    assert found.candidate_macro_f1 == 1.0
    assert found.present_macro_f1 == pytest.approx(2 / 3)
    assert (found.difference, found.low, found.high) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert [row.difference for row in found.codes] == [1.0, 0.0, 0.0, None]
    assert found.better


def test_the_other_way_round_it_is_worse(small_model: Model, held_out: Any) -> None:
    found = compare(small_model, deaf(small_model, "TSI"), held_out.sessions, held_out.labels)
    assert (found.low, found.high) == pytest.approx((-1 / 3, -1 / 3))
    assert not found.better


def test_a_model_is_not_better_than_itself(small_model: Model, held_out: Any) -> None:
    found = compare(small_model, small_model, held_out.sessions, held_out.labels)
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert not found.better


@pytest.fixture(scope="module")
def mixed(held_out: Any) -> list[Span]:
    """Labels by which each of two models is right in some sessions: ASK lacks in S4 and S5, TSI in S6."""
    lacking = {"ASK": ("S4", "S5"), "TSI": ("S6",)}
    return [label for label in held_out.labels if label.session_id not in lacking.get(label.code, ())]


def test_an_advantage_in_some_sessions_is_not_shown_to_be_one(
    small_model: Model, held_out: Any, mixed: list[Span]
) -> None:
    found = compare(deaf(small_model, "TSI"), deaf(small_model, "ASK", id="new"), held_out.sessions, mixed)
    assert found.low < 0 < found.difference < found.high  # type: ignore[operator]
    assert not found.better


def test_the_same_seed_gives_the_same_interval(small_model: Model, held_out: Any, mixed: list[Span]) -> None:
    pair = (deaf(small_model, "TSI"), deaf(small_model, "ASK", id="new"))
    one, same, *others = (compare(*pair, held_out.sessions, mixed, seed=seed) for seed in (1, 1, 2, 3, 4))
    assert one == same
    assert any((one.low, one.high) != (other.low, other.high) for other in others)


@pytest.mark.parametrize("which", [0, 1])
def test_what_either_model_knows_is_left_out_with_the_reason(
    small_model: Model, small_study: Callable[..., Any], which: int
) -> None:
    study = small_study(11)
    entries = [
        *small_model.card["training"]["sessions"],
        {"session_id": "other", "dyad": "D9", "sha256": "0" * 64},
    ]
    more = replace(small_model, card={**small_model.card, "id": "small-more", "training": {"sessions": entries}})
    pair = [small_model, small_model]
    pair[which] = more
    again = Session("S20", study.sessions[0].turns, {"dyad": "D20"})
    labels = [*study.labels, *(msgspec.structs.replace(label, session_id="S20") for label in study.only("S1").labels)]
    found = compare(*pair, [*study.sessions, again], labels)
    assert found.sessions == ["S4", "S5", "S6", "S7", "S8", "S10", "S11"]
    assert set(found.left_out) == {"S1", "S2", "S3", "S9", "S20"}
    assert "was trained on it" in found.left_out["S1"]
    assert "was trained on it" in found.left_out["S20"]
    assert found.left_out["S9"] == "small-more was trained on its dyad"


def test_sessions_that_the_codebook_was_fitted_to_are_left_out(
    small_model: Model, small_study: Callable[..., Any]
) -> None:
    from relcode.provenance import hash_session

    study = small_study(9)
    fitted = msgspec.structs.replace(small_model.codebook, fitted=[hash_session(study.sessions[3])[:12]])
    found = compare(small_model, replace(small_model, codebook=fitted), study.sessions, study.labels)
    assert "weights of the codebook" in found.left_out["S4"]
    assert found.sessions == ["S5", "S6", "S7", "S8", "S9"]


def test_fewer_than_five_sessions_are_refused_and_the_others_named(
    small_model: Model, small_study: Callable[..., Any]
) -> None:
    study = small_study(7)
    with pytest.raises(ModelError, match="4 labelled session") as caught:
        compare(small_model, small_model, study.sessions, study.labels)
    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["session S1", "session S2", "session S3"]


def test_codes_that_no_ten_turns_bear_give_no_verdict(small_model: Model, held_out: Any) -> None:
    few = [label for label in held_out.labels if label.turn < 8]
    with pytest.raises(ModelError, match="No code is borne by 10 turns"):
        compare(small_model, small_model, held_out.sessions, few)


def test_models_of_different_codebooks_are_refused(small_model: Model, held_out: Any) -> None:
    other = replace(small_model, codebook=msgspec.structs.replace(small_model.codebook, id="other"))
    with pytest.raises(ModelError, match="different codebooks"):
        compare(other, small_model, held_out.sessions, held_out.labels)


def test_of_two_versions_the_codes_of_both_are_compared(small_model: Model, held_out: Any) -> None:
    book = small_model.codebook
    narrow = msgspec.structs.replace(book, version="0.9.0", codes=list(book.codes[1:]))
    fields = {name: getattr(small_model, name)[1:] for name in ("slopes", "offsets", "thresholds", "learned")}
    before = replace(small_model, codebook=narrow, classifier=_blank(narrow), **fields)
    found = compare(before, small_model, held_out.sessions, held_out.labels)
    assert [row.code for row in found.codes] == ["ASK", "WARM", "RARE.one"]
    assert (found.present_codebook, found.candidate_codebook) == ("small@0.9.0", "small@1.0.0")


def _blank(narrow: Codebook) -> LinearClassifier:
    """Weights of zero."""
    codes = len(narrow.codes)
    arrays = {"coefficients": np.zeros((codes, 5)), "sequence": np.zeros(codes)}
    for unit in UNITS:
        starts = np.zeros(column_count(narrow, unit) + 1, dtype=np.int32)
        arrays |= {f"{unit}_data": np.zeros(0), f"{unit}_indices": np.zeros(0, dtype=np.int32)}
        arrays |= {f"{unit}_indptr": starts, f"{unit}_intercepts": np.zeros(2 * codes)}
    return LinearClassifier.read(Path(), arrays, narrow)


@pytest.mark.parametrize(("change", "said"), [("NONE", "there is no code NONE"), (None, "no gold label")])
def test_labels_that_do_not_fit_are_refused(small_model: Model, held_out: Any, change: str | None, said: str) -> None:
    labels = [msgspec.structs.replace(label, code=change) for label in held_out.labels] if change else []
    with pytest.raises(ModelError, match=said):
        compare(small_model, small_model, held_out.sessions, labels)


def test_a_comparison_survives_its_own_file(small_model: Model, held_out: Any) -> None:
    found = compare(deaf(small_model), small_model, held_out.sessions, held_out.labels)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Comparison) == found
    assert "macro-F1 1.00 against 0.00, difference +1.00 [+1.00, +1.00], over 3 codes on 5 held-out" in found.in_words
