"""What lies in the folder of a sentence encoder: which file is run, how its tokens are pooled, how long a text may be."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from relcode.errors import ModelError

Pooling = Literal["mean", "cls"]
_GRAPHS = ("model.onnx", "onnx/model.onnx")
_SETTINGS = (
    "modules.json",
    "config.json",
    "sentence_bert_config.json",
    "tokenizer_config.json",
    "config_sentence_transformers.json",
)
_LONGEST = 512
_ABSENT = 10**6  # tokenizer files write a huge number where there is no limit
_POOLINGS: dict[str, Pooling] = {"mean_tokens": "mean", "mean": "mean", "cls_token": "cls", "cls": "cls"}


@dataclass(frozen=True)
class EncoderFolder:
    """A sentence encoder on this machine.

    Attributes
    ----------
    graph, tokenizer
        `model.onnx` (or `onnx/model.onnx`) and `tokenizer.json`.
    pooling
        Of a text's token vectors: their mean, or the first one (`cls`).
    normalize
        Whether vectors are brought to length 1.
    longest
        Tokens that are read of a text, the encoder's marks of beginning and end counted in.
    prompt
        What the encoder wants before every text.
    """

    folder: Path
    graph: Path
    tokenizer: Path
    pooling: Pooling = "mean"
    normalize: bool = False
    longest: int = _LONGEST
    prompt: str = ""

    @cached_property
    def sha256(self) -> str:
        """Over the files and settings that vectors depend on: two folders with the same hash give the same vectors."""
        digest = hashlib.sha256(
            json.dumps([self.pooling, self.normalize, self.longest, self.prompt], ensure_ascii=False).encode()
        )
        weights = sorted(self.graph.parent.glob(f"{self.graph.name}*"))  # large graphs keep weights in files beside
        for path in (*weights, self.tokenizer):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()


def read_encoder_folder(folder: Path) -> EncoderFolder:
    """Read a sentence-transformers folder, or one that holds `model.onnx` and `tokenizer.json` alone.

    Without `modules.json` token vectors are averaged and keep their length, as sentence-transformers does.

    Raises
    ------
    ModelError
        A file is missing or cannot be read, or the folder asks for what relcode does not do (a layer after the pooling,
        another pooling than the mean or the first token); all faults are listed.
    """
    if not folder.is_dir():
        raise ModelError(f"There is no folder {folder}; give the folder of a sentence encoder on this machine.")
    faults: list[str] = []
    inner, pooling, normalize = _read_modules(folder, faults)
    graph = next((place / name for place in (inner, folder) for name in _GRAPHS if (place / name).is_file()), None)
    tokenizer = next((path for path in (inner / "tokenizer.json", folder / "tokenizer.json") if path.is_file()), None)
    if graph is None:
        weights = [path for place in (inner, folder) for path in place.glob("*.safetensors")]
        faults.append(
            f"model.onnx: not there, but weights are; make it once with `relcode models convert {folder} --out DIR`"
            if weights
            else "model.onnx: not there"
        )
    if tokenizer is None:
        faults.append("tokenizer.json: not there")
    longest = _read_longest(inner, folder, faults)
    prompt = _read_prompt(folder, faults)
    if faults or graph is None or tokenizer is None:
        raise ModelError(f"The sentence encoder in {folder} cannot be used ({len(faults)} fault(s)):", faults)
    return EncoderFolder(folder, graph, tokenizer, pooling, normalize, longest, prompt)


def copy_encoder(encoder: EncoderFolder, target: Path) -> None:
    """Copy what is needed of an encoder, so that `target` has the same hash."""
    settings = [path for name in _SETTINGS for path in encoder.folder.rglob(name)]
    weights = encoder.graph.parent.glob(f"{encoder.graph.name}*")
    for path in (*settings, *weights, encoder.tokenizer):
        place = target / path.relative_to(encoder.folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def _read_modules(folder: Path, faults: list[str]) -> tuple[Path, Pooling, bool]:
    """Where the transformer lies, how its tokens are pooled, and whether vectors get length 1."""
    inner, pooling, normalize = folder, "mean", False
    for module in _read_json(folder / "modules.json", list, faults) or []:
        kind = str(module.get("type", "")).rpartition(".")[2] if isinstance(module, dict) else ""
        place = folder / str(module.get("path", "")) if kind else folder
        if kind == "Transformer":
            inner = place
        elif kind == "Pooling":
            pooling = _read_pooling(place / "config.json", faults)
        elif kind == "Normalize":
            normalize = True
        else:
            faults.append(f"modules.json: relcode runs no module {kind or '(without type)'}; choose another encoder")
    return inner, _POOLINGS[pooling], normalize


def _read_pooling(path: Path, faults: list[str]) -> str:
    config = _read_json(path, dict, faults) or {}
    named = config.get("pooling_mode")
    modes = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    modes = modes or [
        key.removeprefix("pooling_mode_") for key, on in config.items() if "pooling_mode_" in key and on is True
    ]
    if len(modes) != 1 or modes[0] not in _POOLINGS:
        faults.append(
            f"{path.parent.name}/{path.name}: pooling by {', '.join(map(str, modes)) or 'nothing'}; relcode pools by the "
            "mean of the tokens or by the first token"
        )
        return "mean"
    return str(modes[0])


def _read_longest(inner: Path, folder: Path, faults: list[str]) -> int:
    said = [
        (_read_json(place / name, dict, faults) or {}).get(key)
        for place in dict.fromkeys((inner, folder))
        for name, key in (
            ("sentence_bert_config.json", "max_seq_length"),
            ("tokenizer_config.json", "model_max_length"),
        )
    ]
    return min([_LONGEST, *(value for value in said if isinstance(value, int) and 2 < value < _ABSENT)])


def _read_prompt(folder: Path, faults: list[str]) -> str:
    config = _read_json(folder / "config_sentence_transformers.json", dict, faults) or {}
    prompts, name = config.get("prompts"), config.get("default_prompt_name")
    return str(prompts.get(name, "")) if isinstance(prompts, dict) and name else ""


def _read_json(path: Path, kind: type, faults: list[str]) -> Any:
    """What a JSON file holds; None where there is no such file, or (with a fault) where it holds something else."""
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, kind):
        faults.append(f"{path.name}: cannot be read as JSON of the form that sentence-transformers writes")
        return None
    return found
