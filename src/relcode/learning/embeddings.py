"""Sentence embeddings of segments as a block of features: any local encoder, each text embedded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from relcode.errors import ModelError
from relcode.learning.encoder_folder import EncoderFolder, read_encoder_folder
from relcode.learning.onnx_encoder import OnnxEncoder, Vectors
from relcode.learning.segments import Segments, silent
from relcode.learning.vector_cache import VectorCache, text_key
from relcode.transcripts.tokens import TokenTable

Context = Literal["none", "turn-before"]
_PORTION = 2000  # texts between two lines of progress, and between two writings of the cache


class SentenceEmbeddings(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Embed segments with a sentence encoder from a folder on this machine.

    Parameters
    ----------
    folder
        A sentence-transformers folder with `model.onnx` beside its files, or a folder with `model.onnx` and
        `tokenizer.json`; see `read_encoder_folder`.
    context
        `none`: a segment by itself. `turn-before`: the encoder reads the turn before as well, and the vector is that of
        the segment's own words in this light.
    cache
        File in which vectors are kept under hashes of their texts (mode 0600); none by default.
    threads
        Of onnxruntime.
    step
        Called with a line of progress.

    Attributes
    ----------
    encoder_ : EncoderFolder
        What the folder holds.
    n_features_out_ : int
        Numbers in a vector.
    """

    def __init__(
        self,
        folder: Path,
        *,
        context: Context = "none",
        cache: Path | None = None,
        threads: int = 1,
        step: Callable[[str], None] = silent,
    ) -> None:
        self.folder = folder
        self.context = context
        self.cache = cache
        self.threads = threads
        self.step = step

    def fit(self, X: Segments | None = None, y: Any = None) -> SentenceEmbeddings:
        """Load the encoder; nothing is learned from `X`.

        Raises
        ------
        ModelError
            The extra is missing, or the folder cannot be used.
        """
        self.encoder_: EncoderFolder = read_encoder_folder(Path(self.folder))
        self._runner = OnnxEncoder(self.encoder_, threads=self.threads)
        self.n_features_out_ = self._runner.width
        return self

    def transform(self, X: Segments) -> Vectors:
        """Vectors, axes (segment, number).

        Raises
        ------
        ModelError
            A vector is not finite; the session and the turn are named.
        """
        key = ("sentence embeddings", self.encoder_.sha256, self.context)
        whole: Vectors = X.shared(key, self._embed_table)
        vectors: Vectors = whole[X.rows]
        return vectors

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()  # without the running session, which no other process can use
        return {name: value for name, value in state.items() if name not in ("_runner", "step")} | {"step": silent}

    def _embed_table(self, table: TokenTable) -> Vectors:
        texts = segment_texts(table)
        before = turns_before(table) if self.context == "turn-before" else None
        keys = [text_key(text, None if before is None else before[row]) for row, text in enumerate(texts)]
        places: dict[bytes, int] = {}
        for row, key in enumerate(keys):
            places.setdefault(key, row)
        known = self._known(list(places))
        missing = [row for key, row in places.items() if key not in known]
        missing.sort(key=lambda row: len(texts[row]) + (0 if before is None else len(before[row])))
        for first in range(0, len(missing), _PORTION):
            rows = missing[first : first + _PORTION]
            self.step(f"embedding segments, {first} of {len(missing)}")
            self._embed_rows(table, rows, texts, before, keys, known)
        if not keys:
            return np.zeros((0, self.n_features_out_), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    def _embed_rows(
        self,
        table: TokenTable,
        rows: list[int],
        texts: Sequence[str],
        before: Sequence[str] | None,
        keys: Sequence[bytes],
        known: dict[bytes, Vectors],
    ) -> None:
        """Embed the texts of some rows into `known`, and keep them in the cache."""
        vectors = self._running.embed(
            [texts[row] for row in rows], None if before is None else [before[row] for row in rows]
        )
        odd = [rows[place] for place in np.flatnonzero(~np.isfinite(vectors).all(axis=1))]
        if odd:
            raise ModelError(
                f"The sentence encoder in {self.folder} gives numbers that are not finite for {len(odd)} segment(s); it is "
                "damaged or was converted with too few bits. Use another encoder, or convert it again without int8.",
                [_place(table, row) for row in sorted(odd)],
            )
        found = [keys[row] for row in rows]
        known.update(zip(found, vectors, strict=True))
        if self.cache is not None:
            VectorCache(Path(self.cache)).write(self._space, found, vectors)

    def _known(self, keys: list[bytes]) -> dict[bytes, Vectors]:
        if self.cache is None:
            return {}
        return VectorCache(Path(self.cache)).read(self._space, keys, self.n_features_out_)

    @property
    def _space(self) -> bytes:
        return bytes.fromhex(self.encoder_.sha256)[:16]

    @property
    def _running(self) -> OnnxEncoder:
        if not hasattr(self, "_runner"):
            self._runner = OnnxEncoder(self.encoder_, threads=self.threads)
        return self._runner


def segment_texts(table: TokenTable) -> list[str]:
    """The words of each segment."""
    turns = [turn.text for session in table.sessions for turn in session.turns]
    return [
        turns[turn][start:end]
        for turn, start, end in zip(
            table.segment_turn.tolist(), table.segment_start.tolist(), table.segment_end.tolist(), strict=True
        )
    ]


def turns_before(table: TokenTable) -> list[str]:
    """By segment: the words of the turn before its own; nothing at the start of a session."""
    before: list[str] = []
    for session in table.sessions:
        before += ["", *(turn.text for turn in session.turns[:-1])][: len(session.turns)]
    return [before[turn] for turn in table.segment_turn.tolist()]


def _place(table: TokenTable, row: int) -> str:
    session = table.sessions[int(table.segment_session[row])].session_id
    return f"session {session}, turn {int(table.turn_number[table.segment_turn[row]])}, segment {int(table.segment_number[row])}"
