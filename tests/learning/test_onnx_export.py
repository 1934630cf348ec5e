"""Converting an encoder: the graph gives the layers that were asked for; what cannot be converted is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from learning.tiny_encoder import WORDS, write_tokenizer
from relcode.cli import main
from relcode.errors import ModelError
from relcode.learning.encoder_folder import read_encoder_folder
from relcode.learning.onnx_encoder import OnnxEncoder
from relcode.learning.onnx_export import convert_encoder

pytest.importorskip("tokenizers")
TEXTS = ["i am sad .", "rain", "thanks , you am moved ? mother mother rain"]


def write_bert(folder: Path) -> object:
    """A random BERT with four layers, saved as sentence-transformers lays it out; the model itself."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32
    )
    model = transformers.BertModel(config).eval()
    model.save_pretrained(folder)
    write_tokenizer(folder)
    (folder / "modules.json").write_text(
        json.dumps([{"path": "", "type": "st.Transformer"}, {"path": "1_Pooling", "type": "st.Pooling"}])
    )
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_mean_tokens": True}))
    return model


def expected(model: object, folder: Path, layers: list[int]) -> np.ndarray:
    import torch
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found = []
    for text in TEXTS:
        with torch.inference_mode():
            ids = torch.tensor([tokenizer.encode(text).ids])
            states = model(ids, output_hidden_states=True).hidden_states  # type: ignore[operator]
        found.append(np.concatenate([states[layer][0].mean(dim=0).numpy() for layer in layers]))
    return np.stack(found)


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "taken"), [((), [2, 4]), ((3,), [3]), ((4, 1), [1, 4])])
def test_the_graph_gives_the_layers_that_were_asked_for(
    tmp_path: Path, asked: tuple[int, ...], taken: list[int]
) -> None:
    model = write_bert(tmp_path / "bert")
    out = convert_encoder(tmp_path / "bert", tmp_path / "out", layers=asked)
    found = OnnxEncoder(read_encoder_folder(out)).embed(TEXTS)
    np.testing.assert_allclose(found, expected(model, tmp_path / "bert", taken), atol=1e-4)
    assert json.loads((out / "conversion.json").read_text())["layers"] == taken
    assert not list(out.glob("*.safetensors"))


@pytest.mark.slow
def test_int8_is_close_smaller_and_the_same_in_every_batch(tmp_path: Path) -> None:
    write_bert(tmp_path / "bert")
    whole = convert_encoder(tmp_path / "bert", tmp_path / "whole")
    small = convert_encoder(tmp_path / "bert", tmp_path / "small", int8=True)
    exact, near = (OnnxEncoder(read_encoder_folder(folder)).embed(TEXTS) for folder in (whole, small))
    assert 0 < np.abs(exact - near).max() < 0.2
    encoder = OnnxEncoder(read_encoder_folder(small))
    np.testing.assert_array_equal(near, np.concatenate([encoder.embed([text]) for text in TEXTS]))


@pytest.mark.slow
def test_layers_that_are_not_there_are_refused(tmp_path: Path) -> None:
    write_bert(tmp_path / "bert")
    with pytest.raises(ModelError, match=r"layers 1 to 4; asked for 2, 5"):
        convert_encoder(tmp_path / "bert", tmp_path / "out", layers=(5, 2))
    assert not (tmp_path / "out").exists()


def test_what_is_no_encoder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "pytorch_model.bin").touch()
    with pytest.raises(ModelError, match="pickles"):
        convert_encoder(tmp_path / "e", tmp_path / "out")
    with pytest.raises(ModelError, match="there already"):
        convert_encoder(tmp_path / "e", tmp_path)


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["models", "convert", str(tmp_path), "--out", str(tmp_path / "out")])
    assert stopped.value.code == 1
    assert "config.json" in capsys.readouterr().err
