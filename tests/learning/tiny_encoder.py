"""A sentence encoder of a few hundred numbers: a vector a word, plus the mean of all of the text's, so that context counts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "i", "am", "sad", "you", "moved", "rain", "mother", "thanks", ".", "?")
WIDTH = 8


def word_vectors(seed: int = 0) -> np.ndarray:
    """Axes (word, number)."""
    return np.random.default_rng(seed).normal(size=(len(WORDS), WIDTH)).astype(np.float32)


def token_vectors(ids: list[int], seed: int = 0) -> np.ndarray:
    """What the graph gives for a text: axes (token, number)."""
    found = word_vectors(seed)[ids]
    return found + found.mean(axis=0)


def write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing

    tokenizer = Tokenizer(WordLevel({word: row for row, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.save(str(folder / "tokenizer.json"))


def write_graph(path: Path, *, seed: int = 0, poison: int | None = None) -> None:
    """The graph; `poison`: a word whose vector is not finite. Padded places do not count in the mean."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    vectors = word_vectors(seed)
    if poison is not None:
        vectors[poison] = np.nan
    nodes = [
        helper.make_node("Gather", ["vectors", "input_ids"], ["words"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["words", "column"], ["seen"]),
        helper.make_node("ReduceSum", ["seen", "tokens"], ["total"], keepdims=1),
        helper.make_node("ReduceSum", ["column", "tokens"], ["count"], keepdims=1),
        helper.make_node("Div", ["total", "count"], ["mean"]),
        helper.make_node("Add", ["words", "mean"], ["last_hidden_state"]),
    ]
    shape = ["text", "token"]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, WIDTH])],
        [
            numpy_helper.from_array(vectors, "vectors"),
            numpy_helper.from_array(np.array([2]), "last"),
            numpy_helper.from_array(np.array([1]), "tokens"),
        ],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), str(path))


def write_encoder(
    folder: Path,
    *,
    pooling: str | None = None,
    normalize: bool = False,
    longest: int = 64,
    seed: int = 0,
    poison: int | None = None,
) -> Path:
    """A folder with the graph; with `pooling` (`mean`, `cls`, `max`) as sentence-transformers lays it out."""
    folder.mkdir(parents=True)
    write_tokenizer(folder)
    write_graph(folder / "model.onnx", seed=seed, poison=poison)
    if pooling is None:
        return folder
    kinds = ["Transformer", "Pooling", *(["Normalize"] if normalize else [])]
    modules = [
        {"idx": place, "path": "" if place == 0 else f"{place}_{kind}", "type": f"sentence_transformers.models.{kind}"}
        for place, kind in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": longest}))
    (folder / "1_Pooling").mkdir()
    names = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens"}
    config = {f"pooling_mode_{name}": key == pooling for key, name in names.items()}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": WIDTH, **config}))
    return folder
