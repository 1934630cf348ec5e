"""The kinds of classifiers, by name. Each is a scikit-learn estimator over `Segments`; see `Classifier`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.segments import Segments
from relcode.transcripts.tokens import Bools, Floats

# imported when asked for: some need an extra
_PLACES = {
    "linear": "relcode.learning.linear:LinearClassifier",
    "spacy": "relcode.learning.spacy_kind:SpacyClassifier",
    "encoder": "relcode.learning.encoder:EncoderClassifier",
}
KINDS = tuple(_PLACES)


class Classifier(Protocol):
    """What every kind can do. Calibration, thresholds and the codebook's rules come after it and are the same for all."""

    kind: ClassVar[str]
    codebook: Codebook

    def fit(self, X: Segments, y: Bools) -> Self:
        """Learn from labels with axes (segment, code)."""

    def decision_function(self, X: Segments) -> Floats:
        """Log-odds before calibration, axes (segment, code)."""

    def arrays(self) -> dict[str, Any]:
        """What goes into the model's file of arrays, by name."""

    def write(self, folder: Path) -> None:
        """Write files of its own beside the file of arrays."""

    @classmethod
    def read(cls, folder: Path, arrays: dict[str, Any], codebook: Codebook) -> Self:
        """The classifier of a model folder."""


def classifier_class(kind: str) -> type[Classifier]:
    """The class of a kind.

    Raises
    ------
    ModelError
        There is no such kind in this version.
    """
    if kind not in _PLACES:
        raise ModelError(f"There is no kind of model {kind!r} in this relcode; there are {', '.join(KINDS)}.")
    module, _, name = _PLACES[kind].partition(":")
    found: type[Classifier] = getattr(import_module(module), name)
    return found
