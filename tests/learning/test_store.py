"""The model folder: what is loaded is what was saved, or nothing is."""

from __future__ import annotations

import datetime
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io

from relcode.errors import ModelError
from relcode.learning.load import load_model
from relcode.learning.model import Model
from relcode.learning.model_folder import check_target, read_card
from relcode.learning.save import save_model
from relcode.learning.segments import Segments
from relcode.provenance import hash_file
from relcode.records import Session
from relcode.transcripts.tokens import tokenize

pytestmark = pytest.mark.slow  # models are trained, or pages made

FILES = {"model.skops", "card.yaml", "card.md", "card.html", "codebooks/small.yaml", "SHA256SUMS"}


@pytest.fixture(scope="module")
def saved(small_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "models"
    save_model(small_model, folder / "first")
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A model folder, alone in its own."""
    return Path(shutil.copytree(saved, tmp_path / "models")) / "first"


def sign(folder: Path) -> None:
    """Write the checksums anew, as somebody does who forges a model."""
    names = [name for name in ("model.skops", "card.yaml", "card.md", "card.html", "codebooks/small.yaml")
             if (folder / name).exists()]  # fmt: skip
    lines = [f"{hash_file(folder / name)}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_a_loaded_model_gives_identical_probabilities(model: Model, real: Any, tmp_path: Path) -> None:
    save_model(model, tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    table = tokenize(real.sessions)
    probability = model.probabilities(Segments(table))
    assert np.array_equal(loaded.probabilities(Segments(table)), probability)
    assert np.array_equal(loaded.decide(probability), model.decide(probability))
    assert (loaded.card, loaded.codebook, loaded.id) == (model.card, model.codebook, model.id)


def test_nothing_else_is_left_beside(folder: Path) -> None:
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["first"]


def test_the_file_of_weights_holds_arrays_alone(folder: Path) -> None:
    with zipfile.ZipFile(folder / "model.skops") as archive:
        names = archive.namelist()
        assert {name.rpartition(".")[2] for name in names} == {"npy", "json"}
        for name in names:
            if name.endswith(".npy"):
                with archive.open(name) as file:
                    assert np.load(file, allow_pickle=False).dtype.kind in "fib"
    assert skops.io.get_untrusted_types(file=folder / "model.skops") == []


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("place", [0, 0.5, -1])
def test_a_changed_byte_in_any_file_is_refused(folder: Path, name: str, place: float) -> None:
    load_model(folder)
    data = bytearray((folder / name).read_bytes())
    data[-1 if place == -1 else int(place * len(data))] ^= 0x81
    (folder / name).write_bytes(data)
    with pytest.raises(ModelError, match="not as written"):
        load_model(folder)


@pytest.mark.parametrize("name", sorted(FILES - {"SHA256SUMS"}))
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=name):
        load_model(folder)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(ModelError, match="no model folder"):
            load_model(folder)


def test_types_that_are_no_arrays_are_refused_even_under_right_checksums(folder: Path) -> None:
    skops.io.dump({"data": datetime.timedelta, "more": Session}, folder / "model.skops")
    sign(folder)
    with pytest.raises(ModelError, match="types that are not arrays"):
        load_model(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda arrays: arrays.pop("slopes"), "slopes"),
        (lambda arrays: arrays.update(thresholds=np.zeros(9)), "not one number a code: thresholds"),
        (lambda arrays: arrays.update(turn_data="words"), "types that are not arrays"),
        (lambda arrays: arrays.update(turn_data=np.array("words")), "could not convert string"),
        (lambda arrays: arrays.update(turn_indices=np.zeros(3, dtype=int)), "cannot be used"),
    ],
)
def test_weights_that_do_not_fit_are_refused_even_under_right_checksums(folder: Path, change: Any, said: str) -> None:
    arrays = skops.io.load(folder / "model.skops", trusted=[])
    change(arrays)
    skops.io.dump(arrays, folder / "model.skops")
    sign(folder)
    with pytest.raises(ModelError, match=said):
        load_model(folder)


def test_a_model_from_before_there_was_a_page_is_loaded(folder: Path) -> None:
    (folder / "card.html").unlink()
    sign(folder)
    assert load_model(folder).id.startswith("small-")


def test_the_card_is_read_without_the_weights_but_not_unchecked(folder: Path) -> None:
    assert read_card(folder) == load_model(folder).card
    (folder / "model.skops").write_bytes(b"other")
    with pytest.raises(ModelError, match=r"not as written: model\.skops"):
        read_card(folder)


@pytest.mark.parametrize("text", ["- a list\n", "id: x\n", "a: [\n"])
def test_a_card_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / "card.yaml").write_text(text)
    sign(folder)
    with pytest.raises(ModelError, match=r"card\.yaml is no"):
        read_card(folder)


def test_weights_for_other_features_are_refused(folder: Path) -> None:
    """As a model of an earlier version has them."""
    arrays = skops.io.load(folder / "model.skops", trusted=[])
    narrow = {name: array for name, array in arrays.items() if not name.startswith("turn_")}
    skops.io.dump(narrow, folder / "model.skops")
    sign(folder)
    with pytest.raises(ModelError, match="train it again"):
        load_model(folder)


def test_an_earlier_model_is_replaced(folder: Path, model: Model) -> None:
    save_model(model, folder)
    assert load_model(folder).id == model.id
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == (
        FILES - {"codebooks/small.yaml"}
    ) | {"codebooks/relational-core.yaml"}
    assert [path.name for path in folder.parent.iterdir()] == ["first"]


def test_an_empty_folder_is_taken(small_model: Model, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    save_model(small_model, tmp_path / "empty")
    assert load_model(tmp_path / "empty").id == small_model.id


@pytest.mark.parametrize(
    "names", [["notes.txt"], ["SHA256SUMS", "thesis.docx"], ["SHA256SUMS", "model.skops", "transcripts/a.jsonl"]]
)
def test_a_folder_that_holds_other_things_is_refused_and_left_as_it_was(
    small_model: Model, tmp_path: Path, names: list[str]
) -> None:
    target = tmp_path / "mine"
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text("mine")
    for act in (check_target, lambda folder: save_model(small_model, folder)):
        with pytest.raises(ModelError, match="choose another --out"):
            act(target)
    assert {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()} == set(names)
    assert all((target / name).read_text() == "mine" for name in names)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_file_in_the_place_of_the_folder_is_left(small_model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ModelError, match="no model folder"):
        save_model(small_model, tmp_path / "file")
    with pytest.raises(ModelError, match="Cannot write"):
        save_model(small_model, tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_model_never_shows_more_than_its_name(small_model: Model) -> None:
    assert repr(small_model) == f"Model('{small_model.id}', 3 of 4 codes learned)"


def test_the_codebook_travels_with_the_model(folder: Path, session_of: Callable[..., Session]) -> None:
    loaded = load_model(folder)
    table = tokenize([session_of("T: You always leave.")])
    assert loaded.engine.reasons(loaded.engine.fire(table), 0, 3) == ("always",)


@pytest.mark.parametrize(("name", "said"), [("more.bin", "more.bin"), ("../more.bin", "SHA256SUMS")])
def test_a_line_added_to_the_checksums_is_refused(folder: Path, name: str, said: str) -> None:
    with (folder / "SHA256SUMS").open("a") as file:
        file.write("0" * 64 + f"  {name}\n")
    with pytest.raises(ModelError, match=f"not as written: {said}"):
        load_model(folder)
