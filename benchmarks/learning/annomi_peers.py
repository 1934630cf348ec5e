"""The peers: each learns from some utterances and answers for others. Settings are the ones that each is commonly used with."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from annomi_material import AnnoMI, Task
from peer_settings import words_and_regression

Rows = np.ndarray
CODEBOOK = Path(__file__).parent / "annomi-turns.yaml"


class Peer(ABC):
    """`encoder`: the folder of a sentence encoder, for those that need one."""

    def __init__(self, corpus: AnnoMI, encoder: Path | None) -> None:
        self.corpus = corpus
        self.encoder = encoder

    @abstractmethod
    def fit(self, train: Rows) -> None:
        """Learn from utterances."""

    @abstractmethod
    def answer(self, rows: Rows, task: str) -> np.ndarray:
        """The number of the answer to a task, for utterances of its speaker."""

    def afresh(self) -> None:  # noqa: B027  most remember nothing
        """Forget what was computed of the texts, so that answering is timed from the texts on."""

    def texts(self, rows: Rows) -> list[str]:
        return [self.corpus.texts[row] for row in rows]

    def of_task(self, train: Rows, task: Task) -> Rows:
        return np.intersect1d(train, task.rows)


class Majority(Peer):
    def fit(self, train: Rows) -> None:
        self.most = {
            name: int(np.bincount(task.answers[self.of_task(train, task)]).argmax())
            for name, task in self.corpus.tasks.items()
        }

    def answer(self, rows: Rows, task: str) -> np.ndarray:
        return np.full(len(rows), self.most[task])


class TfIdf(Peer):
    """TF-IDF and logistic regression (`peer_settings`)."""

    def fit(self, train: Rows) -> None:
        from sklearn.pipeline import make_pipeline

        self.models = {}
        for name, task in self.corpus.tasks.items():
            rows = self.of_task(train, task)
            self.models[name] = make_pipeline(*words_and_regression()).fit(self.texts(rows), task.answers[rows])

    def answer(self, rows: Rows, task: str) -> np.ndarray:
        return np.asarray(self.models[task].predict(self.texts(rows)))


class TextCat(Peer):
    """spaCy's text classifier with exclusive classes and its own settings."""

    architecture: ClassVar[dict[str, Any]]
    epochs: ClassVar[int]

    def fit(self, train: Rows) -> None:
        import spacy
        from spacy.training import Example
        from spacy.util import fix_random_seed, minibatch

        self.models = {}
        for name, task in self.corpus.tasks.items():
            fix_random_seed(0)
            rows = self.of_task(train, task)
            nlp = spacy.blank("en")
            nlp.add_pipe("textcat", config={"model": self.architecture})
            examples = [
                Example.from_dict(
                    nlp.make_doc(text),
                    {"cats": {label: float(place == answer) for place, label in enumerate(task.names)}},
                )
                for text, answer in zip(self.texts(rows), task.answers[rows], strict=True)
            ]
            optimizer = nlp.initialize(lambda examples=examples: examples)
            for _ in range(self.epochs):
                random.shuffle(examples)
                for batch in minibatch(examples, size=32):
                    nlp.update(batch, sgd=optimizer, drop=0.2)
            self.models[name] = nlp

    def answer(self, rows: Rows, task: str) -> np.ndarray:
        names = self.corpus.tasks[task].names
        docs = self.models[task].pipe(self.texts(rows))
        return np.array([names.index(max(names, key=doc.cats.get)) for doc in docs])


class TextCatBow(TextCat):
    epochs = 8
    architecture: ClassVar[dict[str, Any]] = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": True,
        "length": 262144,
        "ngram_size": 2,
        "no_output_layer": False,
    }


class TextCatEnsemble(TextCat):
    epochs = 6
    architecture: ClassVar[dict[str, Any]] = {
        "@architectures": "spacy.TextCatEnsemble.v2",
        "tok2vec": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                "width": 64,
                "rows": [2000, 2000, 500, 1000, 500],
                "attrs": ["NORM", "LOWER", "PREFIX", "SUFFIX", "SHAPE"],
                "include_static_vectors": False,
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": 64,
                "window_size": 1,
                "maxout_pieces": 3,
                "depth": 2,
            },
        },
        "linear_model": {
            "@architectures": "spacy.TextCatBOW.v3",
            "exclusive_classes": True,
            "length": 262144,
            "ngram_size": 1,
            "no_output_layer": False,
        },
    }


class Embedded(Peer):
    """Frozen sentence embeddings as the encoder's authors give them (its last layer), and logistic regression."""

    def __init__(self, corpus: AnnoMI, encoder: Path | None) -> None:
        from relcode.learning.encoder_folder import read_encoder_folder
        from relcode.learning.onnx_encoder import OnnxEncoder

        super().__init__(corpus, encoder)
        self.runner = OnnxEncoder(read_encoder_folder(encoder or Path()))
        self.vectors: dict[int, np.ndarray] = {}

    def afresh(self) -> None:
        self.vectors = {}

    def embedded(self, rows: Rows) -> np.ndarray:
        missing = [row for row in rows if row not in self.vectors]
        self.vectors.update(zip(missing, self.runner.embed([self.corpus.texts[row] for row in missing]), strict=True))
        return np.stack([self.vectors[row] for row in rows])

    def fit(self, train: Rows) -> None:
        from sklearn.linear_model import LogisticRegression

        self.models = {}
        for name, task in self.corpus.tasks.items():
            rows = self.of_task(train, task)
            learner = LogisticRegression(C=1.0, class_weight="balanced", max_iter=300)
            self.models[name] = learner.fit(self.embedded(rows), task.answers[rows])

    def answer(self, rows: Rows, task: str) -> np.ndarray:
        return np.asarray(self.models[task].predict(self.embedded(rows)))
