"""The methods that `scale.py` compares: each is made ready, then gives what is to be measured."""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

from relcode.codebook.patterns import EDGE, expand_pattern
from relcode.learning.store import load_model
from relcode.records import Session
from relcode.scoring.score import schema_of, score_table
from relcode.transcripts import read_file
from relcode.transcripts.tokens import english

Work = Callable[[], dict[str, object]]
BATCH = 20_000  # turns scored at once
SAMPLE = 2_000  # turns, of slow methods
KNOWN = 5_000  # turns that models are fitted on; labels are drawn by chance, which changes no time


def _sessions(files: list[Path]) -> Iterator[Session]:
    for file in files:
        yield from read_file(file)


def _texts(files: list[Path], most: int | None = None) -> list[str]:
    return [turn.text for session in _sessions(files) for turn in session.turns][:most]


def _batches(files: list[Path]) -> Iterator[list[Session]]:
    batch: list[Session] = []
    for session in _sessions(files):
        batch.append(session)
        if sum(len(each.turns) for each in batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def relcode(files: list[Path], model_folder: Path, _: Path | None) -> Work:
    """Read, tokenize, segment, cues, model, parquet."""
    model = load_model(model_folder)

    def work() -> dict[str, object]:
        stages: Counter[str] = Counter()
        turns = segments = 0
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            dictionary = ["session_id", "speaker"]
            with pq.ParquetWriter(file.name, schema_of(model), compression="zstd", use_dictionary=dictionary) as writer:
                began = time.process_time()
                for sessions in _batches(files):
                    read = time.process_time()
                    table = score_table(sessions, model)
                    scored = time.process_time()
                    writer.write_table(table)
                    written = time.process_time()
                    stages += Counter({"read": read - began, "score": scored - read, "write": written - scored})
                    turns += sum(len(session.turns) for session in sessions)
                    segments += table.num_rows
                    began = time.process_time()
        return {"turns": turns, "segments": segments, "stages": dict(stages)}

    return work


def tokenizer(files: list[Path], _: Path, __: Path | None) -> Work:
    """(a) spaCy's blank tokenizer alone; reading left out."""
    texts, nlp = _texts(files), english()

    def work() -> dict[str, object]:
        for _ in nlp.pipe(texts):
            pass
        return {"turns": len(texts)}

    return work


def ruler(files: list[Path], model_folder: Path, _: Path | None) -> Work:
    """(b) sentencizer, SpanRuler with the codebook's patterns, textcat_multilabel; on a sample, reading left out."""
    import spacy
    from spacy.training import Example

    model = load_model(model_folder)
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    patterns = []
    for book in model.codebook.members:
        for code in book.codes:
            for cue in code.cues:
                for pattern in cue.patterns:
                    tokens = [token for token in expand_pattern(pattern, book.words) if EDGE not in token]
                    patterns.append({"label": code.id, "pattern": tokens})
    nlp.add_pipe("span_ruler").add_patterns(patterns)  # type: ignore[attr-defined]
    labels = dict.fromkeys(model.codebook.code_ids, 0.0)
    nlp.add_pipe("textcat_multilabel")
    texts = _texts(files, SAMPLE)
    examples = [Example.from_dict(nlp.make_doc(text), {"cats": labels}) for text in texts[:50]]
    nlp.initialize(lambda: examples)

    def work() -> dict[str, object]:
        for _ in nlp.pipe(texts):
            pass
        return {"turns": len(texts)}

    return work


def tfidf(files: list[Path], model_folder: Path, _: Path | None) -> Work:
    """(c) TF-IDF and logistic regressions over a pandas column; reading left out."""
    import pandas as pd
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    column = pd.Series(_texts(files))
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), _regressions())
    pipeline.fit(column[:KNOWN], _labels(len(column[:KNOWN]), len(load_model(model_folder).codebook.codes)))

    def work() -> dict[str, object]:
        pipeline.predict_proba(column)
        return {"turns": len(column)}

    return work


def encoder(files: list[Path], model_folder: Path, folder: Path | None) -> Work:
    """(d) vectors of a sentence encoder and logistic regressions; on a sample, reading left out."""
    from relcode.learning.encoder_folder import read_encoder_folder
    from relcode.learning.onnx_encoder import OnnxEncoder

    assert folder is not None
    reader, texts = OnnxEncoder(read_encoder_folder(folder)), _texts(files, SAMPLE // 4)
    known = texts[:100]
    regressions = _regressions()
    regressions.fit(reader.embed(known), _labels(len(known), len(load_model(model_folder).codebook.codes)))

    def work() -> dict[str, object]:
        regressions.predict_proba(reader.embed(texts))
        return {"turns": len(texts)}

    return work


def _regressions():  # type: ignore[no-untyped-def]
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    return OneVsRestClassifier(LogisticRegression(solver="liblinear"))


def _labels(rows: int, codes: int):  # type: ignore[no-untyped-def]
    import numpy as np

    draw = random.Random(0)
    return np.array([[draw.random() < 0.2 for _ in range(codes)] for _ in range(rows)], dtype=np.int64)


METHODS: dict[str, Callable[[list[Path], Path, Path | None], Work]] = {
    "relcode": relcode,
    "tokenizer": tokenizer,
    "ruler": ruler,
    "tfidf": tfidf,
    "encoder": encoder,
}
