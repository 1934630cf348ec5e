"""The base: a local folder with a small sentence encoder in BERT's layout. Nothing is ever downloaded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relcode.errors import ModelError
from relcode.provenance import hash_file

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
SIZES = {
    "hidden_size": "width",
    "num_hidden_layers": "layers",
    "num_attention_heads": "heads",
    "intermediate_size": "inner",
    "vocab_size": "vocabulary",
    "max_position_embeddings": "positions",
}


@dataclass(frozen=True)
class Base:
    """A base folder that was looked at.

    `width` (numbers that stand for a word piece), `layers`, `heads`, `inner` (width within a layer), `vocabulary` (word
    pieces), `positions` (the longest window, in word pieces), `epsilon` (of the layer norms); `sha256` of its weights.
    """

    folder: Path
    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float
    sha256: str

    @property
    def tokenizer(self) -> Path:
        return self.folder / TOKENIZER

    @property
    def weights(self) -> Path:
        return self.folder / WEIGHTS


def read_base(folder: Path) -> Base:
    """Look at a base folder.

    Raises
    ------
    ModelError
        It is no folder of an encoder in BERT's layout with its weights and tokenizer: all that is wrong is listed.
    """
    faults = [f"{name}: missing" for name in (CONFIG, WEIGHTS, TOKENIZER) if not (folder / name).is_file()]
    config: dict[str, Any] = {}
    if (folder / CONFIG).is_file():
        config, found = _read_config(folder / CONFIG)
        faults += found
    if faults:
        raise ModelError(
            f"{folder} is no base for the encoder; give the folder of a small sentence encoder in BERT's layout, such as "
            "all-MiniLM-L6-v2:",
            faults,
        )
    sizes = {ours: config[theirs] for theirs, ours in SIZES.items()}
    epsilon = float(config.get("layer_norm_eps", 1e-12))
    return Base(folder=folder, epsilon=epsilon, sha256=hash_file(folder / WEIGHTS), **sizes)


def _read_config(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The configuration, and what in it is not as in BERT."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        config = None
    if not isinstance(config, dict):
        return {}, [f"{CONFIG}: no JSON object"]
    faults = [
        f"{CONFIG}: {name} is no whole number above 0"
        for name in SIZES
        if type(config.get(name)) is not int or config[name] < 1
    ]
    if config.get("model_type") != "bert":
        faults.append(f'{CONFIG}: model_type is not "bert"')
    if config.get("hidden_act", "gelu") != "gelu":
        faults.append(f'{CONFIG}: hidden_act is not "gelu"')
    if config.get("position_embedding_type", "absolute") != "absolute":
        faults.append(f'{CONFIG}: position_embedding_type is not "absolute"')
    if not faults and config["hidden_size"] % config["num_attention_heads"]:
        faults.append(f"{CONFIG}: hidden_size is no multiple of num_attention_heads")
    return config, faults
