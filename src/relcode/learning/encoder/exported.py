"""An exported encoder: a graph, a tokenizer, a head. It runs without torch."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.encoder.companion import Companion, context_hints
from relcode.learning.encoder.head import Head
from relcode.learning.encoder.onnx_file import check_graph
from relcode.learning.encoder.pieces import Vocabulary, cut_pieces, read_vocabulary
from relcode.learning.encoder.runtime import Runtime
from relcode.learning.encoder.windows import Sizes, judging_windows
from relcode.learning.segments import Segments
from relcode.provenance import hash_text
from relcode.transcripts.tokens import Floats


class Exported:
    """A fine-tuned encoder as it is kept: `graph` (the bytes of an ONNX file), `tokenizer` (the text of a
    `tokenizer.json`), the head with its linear companion, and the sizes of the windows."""

    def __init__(
        self,
        codebook: Codebook,
        graph: bytes,
        tokenizer: str,
        head: Head,
        companion: Companion,
        sizes: Sizes,
        *,
        threads: int = 1,
    ) -> None:
        self.codebook, self.graph, self.tokenizer, self.sizes = codebook, graph, tokenizer, sizes
        self.head, self.companion = head, companion
        self.threads = threads

    def __getstate__(self) -> dict[str, object]:
        """What is kept where it is copied or sent to another process: not what has been opened."""
        return {name: value for name, value in self.__dict__.items() if name not in ("vocabulary", "runtime")}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return read_vocabulary(self.tokenizer)

    @cached_property
    def runtime(self) -> Runtime:
        check_graph(self.graph)
        return Runtime(self.graph, threads=self.threads)

    def scores(self, segments: Segments) -> Floats:
        """Log-odds before calibration, axes (segment, code).

        Raises
        ------
        ModelError
            The extra is missing, the graph or tokenizer is refused, or a score is no number.
        """
        table = segments.table
        hints = np.full((len(table.segment_turn), self.head.hints.shape[0]), np.nan)
        hints[segments.rows] = np.concatenate(
            [self.companion.scores(segments), context_hints(segments, self.codebook)], axis=1
        )
        found = np.full((len(table.segment_turn), len(self.codebook.codes)), np.nan)
        pieces = segments.shared(
            ("word pieces", hash_text(self.tokenizer)), lambda each: cut_pieces(each, self.vocabulary)
        )
        for session in np.unique(table.segment_session[segments.rows])[:, None]:
            own = pieces.of_sessions(session)
            states = self.runtime.states(own, judging_windows(own, self.sizes), table.is_therapist, self.vocabulary)
            rows, scores = self.head.scores(states, own.segment, hints)
            found[rows] = scores
        chosen: Floats = found[segments.rows]
        if not np.isfinite(chosen).all():
            raise ModelError("The encoder gives scores that are no numbers: its weights are damaged. Train it again.")
        return chosen
