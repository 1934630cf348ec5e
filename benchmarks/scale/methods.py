"""The peers of `scale.py`: each is made ready on the texts, then gives what is to be measured on a sample of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from relcode.codebook.patterns import EDGE, expand_pattern
from relcode.learning.load import load_model

Work = Callable[[Sequence[str]], object]
KNOWN = 5_000  # turns that models are fitted on; labels are drawn by chance, which changes no time


class Peer(NamedTuple):
    """`sample`: turns that it is measured on."""

    title: str
    make: Callable[[Sequence[str], Path, Path | None], Work]
    sample: int


def ruler(texts: Sequence[str], model_folder: Path, _: Path | None) -> Work:
    """Sentencizer, SpanRuler with the codebook's patterns, textcat_multilabel."""
    import spacy
    from spacy.training import Example

    model = load_model(model_folder)
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    of_cues = nlp.add_pipe("span_ruler")
    nlp.add_pipe("textcat_multilabel")
    labels = dict.fromkeys(model.codebook.code_ids, 0.0)
    examples = [Example.from_dict(nlp.make_doc(text), {"cats": labels}) for text in texts[:50]]
    nlp.initialize(lambda: examples)
    patterns = [
        {"label": code.id, "pattern": [token for token in expand_pattern(pattern, book.words) if EDGE not in token]}
        for book in model.codebook.members
        for code in book.codes
        for cue in code.cues
        for pattern in cue.patterns
    ]
    of_cues.add_patterns(patterns)  # type: ignore[attr-defined]  # behind `initialize`, which removes them

    def work(chosen: Sequence[str]) -> int:
        return sum(len(doc.spans["ruler"]) for doc in nlp.pipe(chosen))

    return work


def tfidf(texts: Sequence[str], model_folder: Path, _: Path | None) -> Work:
    """TF-IDF and logistic regressions over a pandas column."""
    import pandas as pd
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), _regressions())
    known = pd.Series(texts[:KNOWN])
    pipeline.fit(known, _labels(len(known), len(load_model(model_folder).codebook.codes)))
    return lambda chosen: pipeline.predict_proba(pd.Series(chosen))


def encoder(texts: Sequence[str], model_folder: Path, folder: Path | None) -> Work:
    """Vectors of a sentence encoder and logistic regressions."""
    from relcode.learning.encoder_folder import read_encoder_folder
    from relcode.learning.onnx_encoder import OnnxEncoder

    assert folder is not None
    reader, known = OnnxEncoder(read_encoder_folder(folder)), texts[:100]
    regressions = _regressions()
    regressions.fit(reader.embed(known), _labels(len(known), len(load_model(model_folder).codebook.codes)))
    return lambda chosen: regressions.predict_proba(reader.embed(chosen))


def _regressions() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    return OneVsRestClassifier(LogisticRegression(solver="liblinear"))


def _labels(rows: int, codes: int) -> Any:
    draw = random.Random(0)
    return np.array([[draw.random() < 0.2 for _ in range(codes)] for _ in range(rows)], dtype=np.int64)


PEERS = {
    "ruler": Peer("(b) ruler and textcat", ruler, 200),
    "tfidf": Peer("(c) TF-IDF, regressions", tfidf, 10_000),
    "encoder": Peer("(d) MiniLM, regressions", encoder, 500),
}
