"""The spaCy kind: the network of spaCy's `textcat_multilabel` over segments, trained on the same labels as the other kinds.

The network is built here, from a configuration that is part of relcode; of a model folder its weights alone are read, as
arrays. So nothing in a folder can choose a component, and no vocabulary is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from scipy.special import logit
from sklearn.base import BaseEstimator

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.segments import Segments, allowed_codes, silent
from relcode.transcripts.tokens import Bools, Floats, TokenTable

# A bag of words and pairs of words, each with a weight a code. spaCy's ensemble of it with a network over word vectors was
# no better, and slower (docs/models.md, *Kind `spacy`*).
NETWORK = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": False,
    "ngram_size": 2,
    "no_output_layer": False,
    "length": 2**16,
}
RATE = 0.001
BATCH = 32
LEAST = 1e-6  # probabilities are kept this far from 0 and 1
PREDICTED_AT_ONCE = 1000
_OPENING, _CLOSING = "<s>", "</s>"


class SpacyClassifier(BaseEstimator):  # type: ignore[misc]
    """spaCy's text categorizer for several labels at once, on the words and pairs of words of a segment and its speaker.

    Attributes
    ----------
    network_
        The trained network: a thinc `Model`, from `Doc`s to probabilities.
    """

    kind: ClassVar[str] = "spacy"

    def __init__(
        self, codebook: Codebook, *, epochs: int = 6, random_state: int = 0, step: Callable[[str], None] = silent
    ) -> None:
        self.codebook = codebook
        self.epochs = epochs
        self.random_state = random_state
        self.step = step

    def fit(self, X: Segments, y: Bools | Floats) -> SpacyClassifier:
        """Fit on segments with labels or probabilities, axes (segment, code); the weights are averaged over all steps.

        The updates are those of `TextCategorizer.update`, which takes no probabilities as labels. What a speaker may not
        carry counts as unknown, not as absent. The seed orders the segments; nothing else is drawn.
        """
        from thinc.api import Adam

        network = new_network(len(self.codebook.codes))
        docs, labels, allowed = _docs(X), np.asarray(y, dtype=np.float32), allowed_codes(X, self.codebook)
        optimizer = Adam(RATE, use_averages=True)
        random = np.random.default_rng(self.random_state)
        for epoch in range(1, self.epochs + 1):
            self.step(f"epoch {epoch} of {self.epochs}")
            order = random.permutation(len(docs))
            for first in range(0, len(order), BATCH):
                rows = order[first : first + BATCH]
                scores, backpropagate = network.begin_update([docs[row] for row in rows])
                backpropagate((scores - labels[rows]) * allowed[rows])
                network.finish_update(optimizer)
        with network.use_params(optimizer.averages):
            averaged = {name: node.get_param(key).copy() for name, node, key in _weights(network)}
        self.network_ = _with_weights(network, averaged)
        return self

    def decision_function(self, X: Segments) -> Floats:
        """Log-odds before calibration, axes (segment, code)."""
        docs = _docs(X)
        scores = np.zeros((len(docs), len(self.codebook.codes)))
        for first in range(0, len(docs), PREDICTED_AT_ONCE):
            part = slice(first, first + PREDICTED_AT_ONCE)
            scores[part] = self.network_.predict(docs[part])
        log_odds: Floats = logit(np.clip(scores, LEAST, 1 - LEAST))
        return log_odds

    def arrays(self) -> dict[str, Any]:
        """The network's weights, by layer and name."""
        return {name: node.get_param(key).copy() for name, node, key in _weights(self.network_)}

    def write(self, folder: Path) -> None:
        """Write what does not go into arrays: nothing."""

    @classmethod
    def read(cls, folder: Path, arrays: dict[str, Any], codebook: Codebook) -> SpacyClassifier:
        """The classifier of a model folder.

        Raises
        ------
        ModelError
            The weights are not those of this version's network.
        """
        classifier = cls(codebook)
        network = new_network(len(codebook.codes))
        own = {name: node.get_param(key) for name, node, key in _weights(network)}
        if odd := [name for name, weights in own.items() if not _alike(arrays.get(name), weights)]:
            raise ModelError(
                f"The model in {folder} has other weights than this relcode's network ({', '.join(odd)}); train it again "
                "with this version."
            )
        classifier.network_ = _with_weights(network, arrays)
        return classifier


def new_network(codes: int) -> Any:
    """An untrained network for so many codes: `NETWORK`, all weights zero."""
    from spacy.tokens import Doc
    from spacy.util import registry
    from spacy.vocab import Vocab

    network = registry.resolve({"model": NETWORK})["model"]
    network.initialize(X=[Doc(Vocab(), words=[_OPENING])], Y=np.zeros((1, codes), dtype=np.float32))
    return network


def _docs(X: Segments) -> list[Any]:
    """By chosen segment: a spaCy `Doc` of its speaker and its words in lower case, between edges."""
    docs = X.shared("spacy", _table_docs)
    return [docs[row] for row in X.rows]


def _table_docs(table: TokenTable) -> list[Any]:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    vocab = Vocab()  # the network sees the hashes of words alone, which are the same in every vocabulary
    words = np.array(table.lower_words, dtype=object)[table.word]
    return [
        Doc(vocab, words=["@therapist" if therapist else "@client", _OPENING, *words[first:last], _CLOSING])
        for therapist, first, last in zip(table.segment_is_therapist, table.first_token, table.last_token, strict=True)
    ]


def _weights(network: Any) -> Iterator[tuple[str, Any, str]]:
    """The weights of a network: name in the file, layer, name in the layer."""
    for number, node in enumerate(network.walk()):
        for key in sorted(node.param_names):
            if node.has_param(key):
                yield f"layer_{number}_{key}", node, key


def _with_weights(network: Any, arrays: dict[str, Any]) -> Any:
    for name, node, key in _weights(network):
        node.set_param(key, arrays[name])
    return network


def _alike(read: Any, own: Any) -> bool:
    return isinstance(read, np.ndarray) and read.shape == own.shape and read.dtype == own.dtype
