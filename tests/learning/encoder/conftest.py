"""A tiny base, and a classifier that was fine-tuned from it, for all tests here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from relcode.codebook import Codebook
from relcode.learning.encoder.pieces import Vocabulary, read_vocabulary
from relcode.learning.encoder.settings import Settings
from relcode.learning.encoder.windows import Sizes
from relcode.learning.segments import Segments, allowed_codes, segments_of
from relcode.transcripts.tokens import Bools, segment_codes
from tiny_encoder import make_base, make_tokenizer

WORDS = [
    "so how are you today I am well thank you really moved sad",
    "what happened after the meeting we drove home in the rain",
]
TINY = Settings(sizes=Sizes(40, 8, 4), frozen=1, epochs=2, head_rate=0.02, top_rate=0.002)


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    pytest.importorskip("tokenizers")
    return read_vocabulary(make_tokenizer(WORDS))


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny encoder."""
    for extra in ("onnxruntime", "tokenizers", "safetensors"):
        pytest.importorskip(extra)
    return make_base(tmp_path_factory.mktemp("tiny") / "base", WORDS)


@pytest.fixture(scope="session")
def study(small_study: Any, small: Codebook) -> tuple[Segments, Bools]:
    """The segments of the small study, and what they bear."""
    found = small_study()
    segments = segments_of(found.sessions)
    marks = segment_codes(segments.table, found.labels, small.code_ids)
    return segments, marks & allowed_codes(segments, small)


@pytest.fixture(scope="session")
def tiny(base: Path, small: Codebook, study: tuple[Segments, Bools]) -> Any:
    """An encoder fine-tuned on the small study."""
    for extra in ("torch", "transformers", "onnx"):
        pytest.importorskip(extra)
    from relcode.learning.encoder import EncoderClassifier

    return EncoderClassifier(small, base=base, settings=TINY).fit(*study)
