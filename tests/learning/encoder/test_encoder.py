"""The encoder kind: learned with torch, run without it, refused wherever it cannot be what it should be."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.base import clone

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.segments import Segments, segments_of
from relcode.records import Session, Turn
from relcode.transcripts.tokens import Bools

Study = tuple[Segments, Bools]
WITHOUT_TORCH = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "transformers", "onnx", "safetensors"):
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
import pickle
from pathlib import Path
import numpy as np
from relcode.learning.encoder import EncoderClassifier
from relcode.learning.segments import segments_of

folder = Path(sys.argv[1])
sessions, arrays, codebook = pickle.loads((folder / "given").read_bytes())
read = EncoderClassifier.read(folder, arrays, codebook)
np.save(folder / "scores.npy", read.decision_function(segments_of(sessions)))
"""


@pytest.fixture
def kept(tiny: Any, tmp_path: Path) -> Path:
    """The folder that the classifier wrote."""
    tiny.write(tmp_path)
    return tmp_path


def read(folder: Path, arrays: dict[str, Any], codebook: Codebook) -> Any:
    from relcode.learning.encoder import EncoderClassifier

    return EncoderClassifier.read(folder, arrays, codebook)


def test_it_learns_what_the_labels_say(tiny: Any, study: Study) -> None:
    X, y = study
    scores = tiny.decision_function(X)
    for code in range(3):
        assert scores[y[:, code], code].min() > scores[~y[:, code], code].mean()


def test_a_process_without_torch_gives_the_same_scores(tiny: Any, study: Study, kept: Path, small: Codebook) -> None:
    (kept / "given").write_bytes(pickle.dumps((study[0].table.sessions, tiny.arrays(), small)))
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH, str(kept)], check=True)
    assert np.array_equal(np.load(kept / "scores.npy"), tiny.decision_function(study[0]))


def test_int8_is_close_to_the_floats(tiny: Any) -> None:
    assert 0 < tiny.notes_["int8"]["mean_difference"] < 0.05
    assert tiny.notes_["int8"]["highest_difference"] < 0.5


def test_the_same_seed_gives_the_same_files_another_seed_others(
    tiny: Any, study: Study, kept: Path, tmp_path: Path
) -> None:
    written = []
    for seed in (0, 1):
        folder = tmp_path / f"seed{seed}"
        folder.mkdir()
        clone(tiny).set_params(random_state=seed).fit(*study).write(folder)
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
    first = {path.name: path.read_bytes() for path in kept.iterdir() if path.is_file()}
    assert written[0] == first
    assert written[1]["encoder.onnx"] != first["encoder.onnx"]


def test_a_segment_is_judged_in_its_own_session_alone(tiny: Any, study: Study) -> None:
    X, _ = study
    whole = tiny.decision_function(X)
    second = np.flatnonzero(X.table.segment_session[X.rows] == 1)
    alone = segments_of([X.table.sessions[1]])
    assert np.allclose(tiny.decision_function(X[second]), whole[second], atol=1e-5)
    assert np.allclose(tiny.decision_function(alone), whole[second], atol=1e-5)


def test_context_counts(tiny: Any) -> None:
    def last(before: str) -> Any:
        turns = (Turn(1, "C", before), Turn(2, "T", "I am moved."))
        return tiny.decision_function(segments_of([Session("S", turns)]))[-1]

    assert not np.allclose(last("We drove home."), last("What happened after the meeting?"), atol=1e-3)


def test_sessions_without_any_words_are_judged_too(tiny: Any) -> None:
    empty = segments_of([Session("S", (Turn(1, "T", ""),)), Session("R", ())])
    assert tiny.decision_function(empty).shape == (0, 4)


def test_probabilities_may_stand_in_for_labels(tiny: Any, study: Study) -> None:
    X, y = study
    taught = clone(tiny).fit(X, np.where(y, 0.9, 0.1))
    assert taught.decision_function(X).std() < tiny.decision_function(X).std()


@pytest.mark.parametrize(
    ("file", "change", "expected"),
    [
        ("config.json", {"model_type": "gpt2"}, 'model_type is not "bert"'),
        ("config.json", {"hidden_act": "relu"}, 'hidden_act is not "gelu"'),
        ("config.json", {"hidden_size": 30}, "no multiple"),
        ("config.json", {"num_hidden_layers": "two"}, "num_hidden_layers is no whole number"),
        ("config.json", None, "config.json: missing"),
        ("model.safetensors", None, "model.safetensors: missing"),
        ("tokenizer.json", None, "tokenizer.json: missing"),
    ],
)
def test_a_folder_that_is_no_encoder_is_refused(
    file: str, change: dict[str, Any] | None, expected: str, base: Path, tmp_path: Path
) -> None:
    from relcode.learning.encoder.base import read_base

    folder = Path(shutil.copytree(base, tmp_path / "base"))
    if change is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(json.dumps(json.loads((folder / file).read_text()) | change))
    with pytest.raises(ModelError, match=expected):
        read_base(folder)
    assert read_base(base).layers == 2


def test_a_base_too_small_for_the_settings_is_refused_before_any_work(
    base: Path, small: Codebook, study: Study
) -> None:
    from relcode.learning.encoder import EncoderClassifier

    with pytest.raises(ModelError, match="2 layers") as caught:
        EncoderClassifier(small, base=base).fit(*study)
    assert "64 word pieces" in str(caught.value)


def test_no_base_is_said_in_a_sentence(small: Codebook, study: Study) -> None:
    from relcode.learning.encoder import EncoderClassifier

    with pytest.raises(ModelError, match="needs a base"):
        EncoderClassifier(small).fit(*study)


@pytest.mark.parametrize("missing", ["torch", "transformers", "onnx"])
def test_a_missing_extra_is_named(
    missing: str, base: Path, small: Codebook, study: Study, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("relcode.learning.encoder.tune", "relcode.learning.encoder.network", "relcode.learning.encoder.graph"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModelError, match=r"relcode\[encoder\]"):
        clone(tiny).fit(*study)


@pytest.mark.parametrize("missing", ["onnxruntime", "tokenizers"])
def test_a_missing_runtime_is_named(
    missing: str, tiny: Any, study: Study, kept: Path, small: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = read(kept, tiny.arrays(), small)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModelError, match=r"relcode\[embeddings\]"):
        again.decision_function(segments_of(study[0].table.sessions))


def test_a_model_for_another_codebook_is_refused(tiny: Any, kept: Path, small: Codebook) -> None:
    other = msgspec.structs.replace(small, version="2.0.0")
    with pytest.raises(ModelError, match=r"small@1.0.0, not for small@2.0.0"):
        read(kept, tiny.arrays(), other)


@pytest.mark.parametrize("name", ["head_mean", "head_hints", "head_intercepts", "companion_slopes"])
@pytest.mark.parametrize("fault", ["NaN", "missing", "shape"])
def test_arrays_that_are_not_the_encoders_are_refused(
    name: str, fault: str, tiny: Any, kept: Path, small: Codebook
) -> None:
    arrays = tiny.arrays()
    assert name in arrays
    if fault == "missing":
        del arrays[name]
    else:
        arrays[name] = np.full_like(arrays[name], np.nan) if fault == "NaN" else arrays[name][..., :2]
    with pytest.raises(ModelError, match="cannot be used"):
        read(kept, arrays, small)


def test_weights_that_are_no_numbers_are_refused(base: Path, tiny: Any, study: Study, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = Path(shutil.copytree(base, tmp_path / "base"))
    weights = load_file(folder / "model.safetensors")
    weights["encoder.layer.1.output.dense.weight"] = np.full_like(
        weights["encoder.layer.1.output.dense.weight"], np.nan
    )
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(ModelError, match="no number"):
        clone(tiny).set_params(base=folder).fit(*study)


@pytest.mark.parametrize(
    "notes",
    ["", "[", "sizes: 3", "codebook: a\nsizes: {length: 4, before: 2, behind: 2}", "codebook: a\nsizes: {length: x}"],
)
def test_notes_that_are_none_are_refused(notes: str, tiny: Any, kept: Path, small: Codebook) -> None:
    (kept / "encoder.yaml").write_text(notes)
    with pytest.raises(ModelError, match=r"encoder\.yaml"):
        read(kept, tiny.arrays(), small)


def test_a_file_that_is_missing_is_named(tiny: Any, kept: Path, small: Codebook) -> None:
    (kept / "encoder.onnx").unlink()
    with pytest.raises(ModelError, match=r"encoder\.onnx"):
        read(kept, tiny.arrays(), small)


def test_its_repr_holds_no_words(tiny: Any) -> None:
    assert "moved" not in repr(tiny.exported_) + repr(tiny.exported_.head) + repr(tiny.exported_.vocabulary)


def test_a_trained_model_is_kept_whole_and_refused_once_its_graph_was_changed(
    tiny: Any, small_study: Any, small: Codebook, tmp_path: Path
) -> None:
    from relcode.learning.load import load_model
    from relcode.learning.recipe import Recipe
    from relcode.learning.save import save_model
    from relcode.learning.train import train

    found = small_study()
    recipe = Recipe("encoder", {"base": tiny.base, "settings": tiny.settings}, folds=3)
    model = train(found.sessions, found.labels, small, recipe=recipe)
    save_model(model, tmp_path / "model")
    X = segments_of(found.sessions)
    again = load_model(tmp_path / "model")
    assert again.card["kind"] == "encoder"
    assert np.array_equal(again.probabilities(X), model.probabilities(X))
    graph = tmp_path / "model" / "encoder.onnx"
    graph.write_bytes(graph.read_bytes().replace(b"relcode", b"Relcode"))
    with pytest.raises(ModelError, match=r"not as written: encoder\.onnx"):
        load_model(tmp_path / "model")
