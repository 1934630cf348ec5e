"""A tiny encoder in BERT's layout, made up here: two layers, 32 numbers a piece, random weights, words of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

WIDTH, LAYERS, HEADS, INNER, POSITIONS = 32, 2, 4, 64, 64
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "therapist", "client")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,?!'-éا"


def make_tokenizer(texts: Iterable[str]) -> str:
    """The text of a `tokenizer.json`; its vocabulary are the words of `texts`, and letters for all others."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    words = sorted({word for text in texts for word in re.findall(r"\w+", text.lower())} - set(SPECIAL))
    pieces = dict.fromkeys([*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS), *words])
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return str(tokenizer.to_str())


def make_base(folder: Path, texts: Iterable[str], *, seed: int = 0) -> Path:
    """Write the folder of an encoder for these texts."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True)
    tokenizer = make_tokenizer(texts)
    (folder / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
    vocabulary = len(json.loads(tokenizer)["model"]["vocab"])
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "vocab_size": vocabulary,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    save_file(random_weights(vocabulary, seed), folder / "model.safetensors")
    return folder


def random_weights(vocabulary: int, seed: int = 0) -> dict[str, npt.NDArray[np.float32]]:
    """Weights by BERT's names."""
    generator = np.random.default_rng(seed)

    def normal(*shape: int) -> npt.NDArray[np.float32]:
        return generator.normal(0, 0.2, shape).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": normal(vocabulary, WIDTH),
        "embeddings.position_embeddings.weight": normal(POSITIONS, WIDTH),
        "embeddings.token_type_embeddings.weight": normal(2, WIDTH),
        **_norm("embeddings.LayerNorm"),
    }
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        shapes = {f"attention.self.{part}": (WIDTH, WIDTH) for part in ("query", "key", "value")}
        shapes |= {"attention.output.dense": (WIDTH, WIDTH), "intermediate.dense": (INNER, WIDTH)}
        shapes["output.dense"] = (WIDTH, INNER)
        for part, shape in shapes.items():
            weights[f"{name}.{part}.weight"] = normal(*shape)
            weights[f"{name}.{part}.bias"] = normal(shape[0])
        weights |= _norm(f"{name}.attention.output.LayerNorm") | _norm(f"{name}.output.LayerNorm")
    return weights


def _norm(name: str) -> dict[str, npt.NDArray[np.float32]]:
    return {f"{name}.weight": np.ones(WIDTH, np.float32), f"{name}.bias": np.zeros(WIDTH, np.float32)}
