"""Run an exported encoder with onnxruntime; torch is not needed. The file is data: it is looked at before it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from relcode.errors import ModelError
from relcode.learning.encoder.pieces import Vocabulary, WordPieces
from relcode.learning.encoder.windows import Window, lay_out
from relcode.transcripts.tokens import Bools

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SIDE_BY_SIDE = 8  # windows in one call: more gain nothing on one core
States = npt.NDArray[np.float32]


class Runtime:
    """An encoder that is ready to run, on `threads` cores."""

    def __init__(self, graph: bytes, *, threads: int = 1) -> None:
        """
        Raises
        ------
        ModelError
            onnxruntime is missing, or the graph is none of an encoder: other inputs or outputs, operators of other
            libraries, or data in further files.
        """
        self._session = _opened(graph, threads)

    def states(
        self, pieces: WordPieces, windows: Sequence[Window], is_therapist: Bools, vocabulary: Vocabulary
    ) -> States:
        """What the encoder says of each piece, axes (piece, width); zeros where no window judges it.

        Raises
        ------
        ModelError
            It says something that is no number.
        """
        width = int(self._session.get_outputs()[0].shape[-1])
        found = np.zeros((len(pieces.piece), width), dtype=np.float32)
        by_length = sorted(windows, key=lambda window: window.last - window.first)
        for start in range(0, len(by_length), SIDE_BY_SIDE):
            batch = lay_out(pieces, by_length[start : start + SIDE_BY_SIDE], is_therapist, vocabulary)
            states = self._session.run(["states"], {"pieces": batch.pieces, "mask": batch.mask})[0]
            judged = batch.row >= 0
            found[batch.row[judged]] = states[judged]
        if not np.isfinite(found).all():
            raise ModelError("The encoder gives values that are no numbers: its weights are damaged. Train it again.")
        return found


def _opened(graph: bytes, threads: int) -> InferenceSession:
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            "The encoder needs onnxruntime and tokenizers; install them with `pip install 'relcode[embeddings]'`."
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4  # what it has to say comes as an exception
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no base but Exception
        raise ModelError("encoder.onnx cannot be used: onnxruntime does not read it.") from error
    if _signature(session.get_inputs()) != ["mask:2", "pieces:2"] or _signature(session.get_outputs()) != ["states:3"]:
        raise ModelError("encoder.onnx cannot be used: it is no encoder of relcode's.")
    return session


def _signature(nodes: Sequence[Any]) -> list[str]:
    return sorted(f"{node.name}:{len(node.shape)}" for node in nodes)
