"""The store: where models lie, which is promoted, and that neither can be changed unnoticed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from relcode.errors import ModelError, UsageError
from relcode.learning.load import load_model
from relcode.learning.model import Model
from relcode.learning.model_store import ModelStore
from relcode.learning.promoting import promote, rollback
from relcode.learning.promotions import FILE, Promotion, now
from relcode.learning.save import put_model

pytestmark = pytest.mark.slow  # models are trained, or pages made


def variant(model: Model, name: str, *deaf: str) -> Model:
    """The model under another id; it never finds the codes named."""
    thresholds = np.where(np.isin(model.codebook.code_ids, deaf), 2.0, model.thresholds)
    return replace(model, thresholds=thresholds, card={**model.card, "id": f"small-{name}"})


@pytest.fixture(scope="module")
def filled(small_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three models: each finds one code more than the one before."""
    store = ModelStore(tmp_path_factory.mktemp("store") / "models")
    for model in (
        variant(small_model, "bad", "TSI", "ASK"),
        variant(small_model, "fair", "TSI"),
        variant(small_model, "good"),
    ):
        put_model(store, model)
    return store.folder


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> ModelStore:
    return ModelStore(Path(shutil.copytree(filled, tmp_path / "models")))


@pytest.fixture(scope="module")
def held_out(small_study: Callable[..., Any]) -> Any:
    return small_study(8).only("S4", "S5", "S6", "S7", "S8")


@pytest.fixture
def try_out(store: ModelStore, held_out: Any) -> Callable[[str], Promotion]:
    """Promote with the held-out sessions."""
    return lambda model: promote(store, model, held_out.sessions, held_out.labels)


def present(store: ModelStore) -> str:
    return store.promoted("small").name


def test_a_model_lies_under_its_codebook_and_id(store: ModelStore, small_model: Model) -> None:
    assert put_model(store, small_model) == store.folder / "small" / small_model.id
    assert store.find(small_model.id) == store.folder / "small" / small_model.id
    assert load_model(store.find("small-fair")).id == "small-fair"


def test_the_same_model_put_once_more_changes_nothing(store: ModelStore, small_model: Model) -> None:
    sums = (store.find("small-good") / "SHA256SUMS").read_bytes()
    put_model(store, variant(small_model, "good"))
    assert (store.find("small-good") / "SHA256SUMS").read_bytes() == sums


def test_another_card_replaces_a_new_model_and_no_promoted_one(store: ModelStore, small_model: Model) -> None:
    other = variant(small_model, "good")
    other.card["training"] = {**other.card["training"], "seed": 9}
    put_model(store, other)
    assert load_model(store.find("small-good")).card["training"]["seed"] == 9
    promote(store, "small-good")
    with pytest.raises(ModelError, match=r"stands in promotions\.jsonl"):
        put_model(store, variant(small_model, "good"))
    assert load_model(store.promoted("small")).card["training"]["seed"] == 9


@pytest.mark.parametrize("name", ["small-none", "", ".", "..", "small", "small/small-good", "../models", "*"])
def test_an_id_that_is_none_is_refused(store: ModelStore, name: str) -> None:
    assert name not in store.ids
    with pytest.raises(ModelError, match="There is no model"):
        store.find(name)


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    assert store.entries() == []
    with pytest.raises(ModelError, match="There is no model x in"):
        store.find("x")
    with pytest.raises(ModelError, match="No model is promoted"):
        store.promoted()
    with pytest.raises(ModelError, match="No model of small is promoted"):
        rollback(store, "small")


def test_the_first_is_promoted_as_it_is_a_better_one_by_comparison(store: ModelStore, try_out: Any) -> None:
    first = promote(store, "small-bad")
    assert (first.event, first.instead_of, first.comparison) == ("promoted", None, None)
    second = try_out("small-good")
    assert (second.event, second.instead_of) == ("promoted", "small-bad")
    assert second.comparison.difference == pytest.approx(2 / 3)
    assert second.reason.startswith("better than small-bad: macro-F1 1.00 against 0.33")
    assert present(store) == store.promoted().name == "small-good"


@pytest.mark.parametrize(
    ("model", "reason"), [("small-bad", "worse than small-fair"), ("small-same", "not shown to be")]
)
def test_one_that_is_not_better_is_kept_aside_with_the_reason(
    store: ModelStore, try_out: Any, small_model: Model, model: str, reason: str
) -> None:
    put_model(store, variant(small_model, "same", "TSI"))
    promote(store, "small-fair")
    found = try_out(model)
    assert found.event == "kept aside"
    assert found.reason.startswith(reason)
    assert present(store) == "small-fair"
    standing = {entry.model: (entry.standing, entry.reason) for entry in store.entries()}
    assert standing[model] == ("kept aside", found.reason)
    assert standing["small-good"] == ("new", "")
    assert standing["small-fair"][0] == "promoted"


def test_rollback_goes_back_one_step_at_a_time(store: ModelStore, try_out: Any) -> None:
    promote(store, "small-bad")
    try_out("small-fair")
    try_out("small-bad")  # kept aside: not a step
    try_out("small-good")
    assert rollback(store, "small").model == "small-fair"
    assert present(store) == "small-fair"
    assert rollback(store, "small").instead_of == "small-fair"
    assert present(store) == "small-bad"
    with pytest.raises(ModelError, match="there is none before it"):
        rollback(store, "small")
    assert try_out("small-good").event == "promoted"
    assert rollback(store, "small").model == "small-bad"
    assert [entry.standing for entry in store.entries()] == ["promoted", "promoted before", "promoted before"]


def test_every_event_stands_in_the_file_and_none_is_rewritten(store: ModelStore, try_out: Any) -> None:
    path = store.folder / "small" / FILE
    seen = b""
    for act in (lambda: promote(store, "small-bad"), lambda: try_out("small-good"), lambda: rollback(store, "small")):
        act()
        text = path.read_bytes()
        assert text.startswith(seen)
        seen = text
    events = [json.loads(line) for line in seen.splitlines()]
    assert [event["event"] for event in events] == ["promoted", "promoted", "rolled back"]
    assert events[0]["previous"] == ""
    assert [event["codebook"] for event in events] == ["small@1.0.0"] * 3
    assert [path.name for path in path.parent.iterdir() if path.name[0] == "."] == []


def test_promotion_without_labels_is_wrong_usage_once_there_is_one(store: ModelStore) -> None:
    promote(store, "small-bad")
    with pytest.raises(UsageError, match="small-bad is promoted for small: give --labels"):
        promote(store, "small-good")


def test_the_promoted_one_is_not_promoted_again(store: ModelStore, try_out: Any) -> None:
    promote(store, "small-bad")
    with pytest.raises(ModelError, match="is the promoted model of small already"):
        try_out("small-bad")


def test_where_the_two_cannot_be_compared_nothing_is_recorded(store: ModelStore, held_out: Any) -> None:
    promote(store, "small-bad")
    before = (store.folder / "small" / FILE).read_bytes()
    few = held_out.only("S4", "S5")
    with pytest.raises(ModelError, match="2 labelled session"):
        promote(store, "small-good", few.sessions, few.labels)
    assert (store.folder / "small" / FILE).read_bytes() == before


def test_a_model_that_was_tampered_with_is_refused_everywhere(store: ModelStore, try_out: Any) -> None:
    promote(store, "small-bad")
    (store.find("small-good") / "card.md").write_text("other")
    with pytest.raises(ModelError, match=r"not as written: card\.md"):
        try_out("small-good")
    assert {entry.model: entry.standing for entry in store.entries()}["small-good"] == "refused"
    assert present(store) == "small-bad"


def test_a_promoted_model_that_was_replaced_by_a_sound_one_is_refused(
    store: ModelStore, small_model: Model, try_out: Any
) -> None:
    promote(store, "small-bad")
    try_out("small-fair")
    from relcode.learning.save import save_model

    save_model(variant(small_model, "fair", "WARM"), store.find("small-fair"))
    assert load_model(store.find("small-fair")).id == "small-fair"
    for act in (store.promoted, lambda: try_out("small-good")):
        with pytest.raises(ModelError, match="not the one that was promoted"):
            act()
    assert {entry.model: entry.standing for entry in store.entries()}["small-fair"] == "refused"
    assert rollback(store, "small").model == "small-bad"
    assert present(store) == "small-bad"


def test_a_step_back_to_a_model_that_was_replaced_is_refused(store: ModelStore, try_out: Any) -> None:
    promote(store, "small-bad")
    try_out("small-good")
    shutil.rmtree(store.find("small-bad"))
    with pytest.raises(ModelError, match="no model folder"):
        rollback(store, "small")
    assert present(store) == "small-good"


def test_where_the_only_promoted_model_is_lost_there_is_a_way_out(store: ModelStore) -> None:
    promote(store, "small-bad")
    shutil.rmtree(store.find("small-bad"))
    found = rollback(store, "small")
    assert found.model == ""
    assert "is refused" in found.reason
    with pytest.raises(ModelError, match="No model of small is promoted"):
        store.promoted("small")
    assert promote(store, "small-good").event == "promoted"


def test_two_models_whose_folders_were_exchanged_are_refused(store: ModelStore) -> None:
    store.find("small-good").rename(store.folder / "aside")
    store.find("small-bad").rename(store.folder / "small" / "small-good")
    with pytest.raises(ModelError, match="it is small-bad by its card"):
        store.find("small-good")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: [lines[0].replace("small-bad", "small-bed"), *lines[1:]], 2),
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[1], lines[0], lines[2]], 1),
        (lambda lines: [*lines, lines[2]], 4),
        (lambda lines: [lines[0], "{}", *lines[2:]], 2),
        (lambda lines: [lines[0], lines[1][: len(lines[1]) // 2]], 2),
    ],
)
def test_promotions_that_were_changed_are_refused(store: ModelStore, try_out: Any, change: Any, line: int) -> None:
    promote(store, "small-bad")
    try_out("small-fair")
    try_out("small-good")
    path = store.folder / "small" / FILE
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")
    for act in (lambda: store.promoted("small"), lambda: rollback(store, "small"), lambda: try_out("small-good")):
        with pytest.raises(ModelError, match=rf"promotions.jsonl is refused: line {line} "):
            act()
    assert {entry.standing for entry in store.entries()} == {"refused"}


def test_who_decided_by_what_is_no_longer_so_is_refused(store: ModelStore) -> None:
    mine, others = store.promotions("small"), store.promotions("small")
    event = Promotion(
        event="promoted", model="small-bad", sums="0", codebook="small@1.0.0", instead_of=None, reason="a", at=now()
    )
    others.append(event)
    others.append(msgspec.structs.replace(event, model="small-good"))
    with pytest.raises(ModelError, match="Somebody else has just changed"):
        mine.append(event)
    assert [each.model for each in store.promotions("small").events] == ["small-bad", "small-good"]


def test_with_two_codebooks_promoted_one_must_be_named(store: ModelStore, small_model: Model) -> None:
    promote(store, "small-good")
    assert store.promoted().name == "small-good"
    other = replace(
        small_model,
        codebook=msgspec.structs.replace(small_model.codebook, id="other"),
        card={**small_model.card, "id": "other-one", "codebook": "other@1.0.0"},
    )
    put_model(store, other)
    promote(store, "other-one")
    with pytest.raises(ModelError, match="say which of other, small"):
        store.promoted()
    assert store.promoted("other").name == "other-one"


def test_a_folder_of_models_with_a_name_of_their_own_is_not_taken_for_a_codebook(
    store: ModelStore, small_model: Model
) -> None:
    from relcode.learning.save import save_model

    save_model(small_model, store.folder / "first")
    assert {entry.codebook for entry in store.entries()} == {"small"}
