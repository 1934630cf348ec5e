"""A sentence encoder run by onnxruntime on the processor: texts to vectors, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from relcode.errors import ModelError
from relcode.learning.encoder_folder import EncoderFolder

Vectors = npt.NDArray[np.float32]
BATCH = 32
MISSING = (
    "Sentence embeddings need onnxruntime and tokenizers, which are not installed: `pip install 'relcode[embeddings]'`."
)


class OnnxEncoder:
    """Vectors of texts, or of texts in the light of what was said before.

    A graph with dynamically quantised weights scales its numbers by all that is in a batch, so that a text's vector would
    depend on its neighbours there; such a graph is given one text at a time. The same text has the same vector always.

    Parameters
    ----------
    threads
        Of onnxruntime. More threads are of use for few long texts; many sessions are better divided among processes.

    Raises
    ------
    ModelError
        The extra `relcode[embeddings]` is missing, or the files cannot be loaded.
    """

    def __init__(self, encoder: EncoderFolder, *, threads: int = 1) -> None:
        self.encoder = encoder
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise ModelError(MISSING) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # it would write into the terminal of whoever uses the library
        try:
            self._tokenizer: Any = Tokenizer.from_file(str(encoder.tokenizer))
            self._session: Any = onnxruntime.InferenceSession(
                str(encoder.graph), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise bare Exceptions and kinds of their own
            raise ModelError(
                f"The sentence encoder in {encoder.folder} cannot be loaded ({type(error).__name__}); its model.onnx or "
                "tokenizer.json is damaged, or made for another version of onnxruntime."
            ) from error
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._output = _token_output(self._session, encoder)
        self._tokenizer.no_padding()
        self._batch = 1 if _is_quantised(encoder) else BATCH

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        found = self._session.get_outputs()[self._output].shape[2]
        return int(found) if isinstance(found, int) else int(self.embed(["a"]).shape[1])

    def embed(self, texts: Sequence[str], before: Sequence[str] | None = None) -> Vectors:
        """One vector a text, axes (text, number).

        `before`: what was said before each text. The encoder then reads both, and the vector is that of the text's own
        tokens (with pooling `cls`, of the pair). Of what was said before, the end is kept where both are too long.
        """
        encodings = self._tokenize(texts, before)
        order = np.argsort([len(each.ids) for each in encodings], kind="stable")
        found: list[Vectors] = []
        for first in range(0, len(order), self._batch):
            found.append(self._run([encodings[row] for row in order[first : first + self._batch]]))
        if not found:
            return np.zeros((0, self.width), dtype=np.float32)
        vectors = np.concatenate(found)
        placed = np.empty_like(vectors)
        placed[order] = vectors
        return placed

    def _tokenize(self, texts: Sequence[str], before: Sequence[str] | None) -> list[Any]:
        prompt = self.encoder.prompt
        if before is None:
            self._tokenizer.enable_truncation(self.encoder.longest)
            return list(self._tokenizer.encode_batch([prompt + text for text in texts]))
        self._tokenizer.enable_truncation(self.encoder.longest, strategy="longest_first")
        kept = [_last_words(text, self.encoder.longest // 3) for text in before]
        return list(
            self._tokenizer.encode_batch([(prompt + first, text) for first, text in zip(kept, texts, strict=True)])
        )

    def _run(self, encodings: list[Any]) -> Vectors:
        shape = (len(encodings), max(len(each.ids) for each in encodings))
        ids = np.zeros(shape, dtype=np.int64)
        kinds, seen, own = np.zeros_like(ids), np.zeros_like(ids), np.zeros(shape, dtype=np.float32)
        for row, each in enumerate(encodings):
            length = len(each.ids)
            ids[row, :length], kinds[row, :length], seen[row, :length] = each.ids, each.type_ids, 1
            own[row, :length] = _own_tokens(each)
        feeds = {"input_ids": ids, "attention_mask": seen, "token_type_ids": kinds}
        given = {name: value for name, value in feeds.items() if name in self._inputs}
        tokens: Vectors = self._session.run(None, given)[self._output]
        return pool(tokens, own, self.encoder)


def pool(tokens: Vectors, own: npt.NDArray[np.float32], encoder: EncoderFolder) -> Vectors:
    """One vector a text from those of its tokens. `tokens`: axes (text, token, number); `own`: (text, token), 1 or 0."""
    if encoder.pooling == "cls":
        vectors: Vectors = tokens[:, 0].astype(np.float32)
    else:
        total = np.einsum("nth,nt->nh", tokens, own, dtype=np.float32)
        vectors = (total / np.maximum(own.sum(axis=1, keepdims=True), 1)).astype(np.float32)
    if encoder.normalize:
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
    return vectors


def _own_tokens(encoding: Any) -> npt.NDArray[np.float32]:
    """By token: 1 where the mean counts it. Of a pair the second text's, without marks; of a text alone all, marks too."""
    if encoding.n_sequences < 2:
        return np.ones(len(encoding.ids), dtype=np.float32)
    return np.array([place == 1 for place in encoding.sequence_ids], dtype=np.float32)


def _last_words(text: str, count: int) -> str:
    return " ".join(text.split()[-count:])


def _token_output(session: Any, encoder: EncoderFolder) -> int:
    """The place of the output that holds a vector a token."""
    for place, output in enumerate(session.get_outputs()):
        if len(output.shape) == 3:
            return place
    raise ModelError(
        f"The graph {encoder.graph} gives no vectors of tokens (an output with three axes); export the encoder without "
        "its pooling."
    )


def _is_quantised(encoder: EncoderFolder) -> bool:
    """Whether the graph holds dynamically quantised products; the name of the operation stands in the file as it is."""
    return b"DynamicQuantizeLinear" in encoder.graph.read_bytes()
