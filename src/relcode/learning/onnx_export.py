"""A sentence encoder's weights as an ONNX graph, made once; afterwards neither torch nor transformers is needed."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from relcode.errors import ModelError
from relcode.provenance import hash_file

MISSING = "Converting an encoder needs torch, transformers and onnx, which are not installed: `pip install 'relcode[encoder]'`."
_OPSET = 17
_KEPT = (".json", ".txt", ".md", ".model")


def convert_encoder(folder: Path, out: Path, *, layers: Sequence[int] = (), int8: bool = False) -> Path:
    """Write a folder that `SentenceEmbeddings` reads, from a sentence-transformers folder with weights (safetensors).

    Parameters
    ----------
    layers
        Of which layers the tokens' vectors are taken, counted from 1; they are put side by side, and what comes after them is
        left away. By default the one in the middle and the last: an encoder's last layers were trained to tell what a
        sentence is about, and lose how it is said (docs/models.md has the figures).
    int8
        Weights in eight bits, one scale a channel: a quarter of the size and two to three times as fast, with vectors that
        differ a little (docs/models.md).

    Raises
    ------
    ModelError
        The extra `relcode[encoder]` is missing, the weights cannot be loaded, it has no such layers, or `out` is there
        already.
    """
    if out.exists():
        raise ModelError(f"{out} is there already; choose another --out.")
    if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
        raise ModelError(
            f"{folder} holds no encoder that can be converted: config.json and a file of weights (.safetensors) are "
            "expected. Weights as pickles (.bin) are never loaded."
        )
    try:
        import onnx  # noqa: F401  the quantiser needs it
        import torch  # noqa: F401
        from transformers import AutoModel
    except ImportError as error:
        raise ModelError(MISSING) from error
    try:
        with _quiet():
            model = AutoModel.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                attn_implementation="eager",
            ).eval()
    except Exception as error:
        raise ModelError(f"The weights in {folder} cannot be loaded ({type(error).__name__}).") from error
    count = int(getattr(model.config, "num_hidden_layers", 0))
    taken = sorted(set(layers)) or sorted({(count + 1) // 2, count})
    if not 1 <= taken[0] <= taken[-1] <= count:
        raise ModelError(f"The encoder in {folder} has layers 1 to {count}; asked for {', '.join(map(str, taken))}.")
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        _copy_settings(folder, beside)
        export_transformer(model, beside / "model.onnx", layers=taken, int8=int8)
        made = {"layers": taken, "of": count, "int8": int8, "weights": _weights(folder)}
        (beside / "conversion.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
        beside.chmod(0o755)
        os.replace(beside, out)
    except OSError as error:
        raise ModelError(f"Cannot write {out}: {error.strerror}. Choose another folder.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return out


def export_transformer(model: Any, path: Path, *, layers: Sequence[int], int8: bool) -> None:
    """Write a transformer's graph up to the last of some layers: token ids in, one vector a token out."""
    import torch

    class Tokens(torch.nn.Module):  # type: ignore[misc]
        """The encoder with the inputs that the exporter gives by place, and the vectors of these layers alone."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            kinds = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
            found = self.model(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True, **kinds)
            return torch.cat([found.hidden_states[layer] for layer in layers], dim=-1)

    example = torch.ones((2, 8), dtype=torch.int64)
    names = ["input_ids", "attention_mask"]
    if getattr(model.config, "type_vocab_size", 0) > 1:
        names.append("token_type_ids")
    shape = {0: "text", 1: "token"}
    with tempfile.TemporaryDirectory(dir=path.parent) as work:
        full = Path(work) / "full.onnx"
        with _quiet():
            torch.onnx.export(
                Tokens().eval(),
                tuple(example if name != "token_type_ids" else example * 0 for name in names),
                str(full),
                input_names=names,
                output_names=["last_hidden_state"],
                dynamic_axes=dict.fromkeys((*names, "last_hidden_state"), shape),
                opset_version=_OPSET,
                dynamo=False,
            )
        if int8:
            quantise(full, path)
        else:
            os.replace(full, path)


def quantise(full: Path, path: Path) -> None:
    """Weights of the products (one scale a channel) and of the table of words in eight bits."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with _quiet():
        quantize_dynamic(
            full, path, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul", "Gemm", "Gather"]
        )


def _weights(folder: Path) -> dict[str, str]:
    """SHA-256 by file of weights: which encoder it was."""
    return {path.name: hash_file(path) for path in sorted(folder.glob("*.safetensors"))}


def _copy_settings(folder: Path, out: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _KEPT and path.name != "data_config.json":
            target = out / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the progress bars and warnings of the libraries, which mean nothing to who converts an encoder."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stderr(io.StringIO()),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.disable(level)
