"""The encoder as a classifier: fine-tuned with torch, exported, and from then on run by onnxruntime without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import yaml
from scipy.special import expit
from sklearn.base import BaseEstimator

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.encoder.base import read_base
from relcode.learning.encoder.companion import Companion, fit_companion
from relcode.learning.encoder.exported import Exported
from relcode.learning.encoder.head import Head
from relcode.learning.encoder.lessons import code_descriptions, example_lessons, session_lessons
from relcode.learning.encoder.pieces import read_vocabulary
from relcode.learning.encoder.settings import Settings
from relcode.learning.encoder.windows import Sizes
from relcode.learning.segments import Segments, silent
from relcode.transcripts.tokens import Floats

GRAPH, TOKENIZER, NOTES = "encoder.onnx", "tokenizer.json", "encoder.yaml"
PARTS = ("mean", "highest", "hints", "intercepts")
COMPARED = 5  # sessions on which int8 and floats are compared
APART = 0.1  # of probability, on average: further apart, int8 is not the encoder that was trained


class EncoderClassifier(BaseEstimator):  # type: ignore[misc]
    """A small sentence encoder, fine-tuned on turns with their speakers and what was said around them.

    Parameters
    ----------
    base
        A local folder with the encoder to start from, in BERT's layout (`config.json`, `model.safetensors`,
        `tokenizer.json`).
    settings
        How it reads and learns.
    threads
        Cores on which it runs once it is trained.
    step
        Called with a line of progress, once an epoch.

    Attributes
    ----------
    exported_
        What runs, and is kept.
    notes_
        What `encoder.yaml` says: the base and its hash, the sizes of the windows, how far int8 and floats are apart.
    """

    kind: ClassVar[str] = "encoder"

    def __init__(
        self,
        codebook: Codebook,
        *,
        base: Path | None = None,
        settings: Settings = Settings(),  # noqa: B008 (frozen)
        threads: int = 1,
        random_state: int = 0,
        step: Callable[[str], None] = silent,
    ) -> None:
        self.codebook = codebook
        self.base = base
        self.settings = settings
        self.threads = threads
        self.random_state = random_state
        self.step = step

    def fit(self, X: Segments, y: npt.NDArray[Any]) -> Self:
        """Fine-tune, export and quantise.

        Parameters
        ----------
        y
            Axes (segment, code): bools, or probabilities from 0 to 1.

        Raises
        ------
        ModelError
            The base is none, the extra is missing, or the fine-tuning went astray.
        """
        if self.base is None:
            raise ModelError(
                "The encoder needs a base: name the folder of a small sentence encoder, such as all-MiniLM-L6-v2."
            )
        base = read_base(self.base)
        self.settings.check(base)
        fine_tune, write_graph = _training()
        targets = np.asarray(y, dtype=np.float64)
        tokenizer = base.tokenizer.read_text(encoding="utf-8")
        vocabulary = read_vocabulary(tokenizer)
        companion, linear = fit_companion(X, targets >= 0.5, self.codebook, seed=self.random_state, step=self.step)
        tuned = fine_tune(
            base,
            vocabulary,
            (
                session_lessons(X, targets, linear, self.codebook, vocabulary),
                example_lessons(companion, self.codebook, vocabulary),
            ),
            code_descriptions(self.codebook),
            self.settings,
            seed=self.random_state,
            step=self.step,
        )
        exported, floats = (
            Exported(
                self.codebook,
                write_graph(base, tuned.weights, int8=int8),
                tokenizer,
                tuned.head,
                companion,
                self.settings.sizes,
                threads=self.threads,
            )
            for int8 in (True, False)
        )
        self.exported_ = exported
        self.notes_ = {
            "base": {"name": base.folder.resolve().name, "sha256": base.sha256},
            "codebook": self.codebook.reference,
            "sizes": self.settings.sizes._asdict(),
            "int8": _compared(X, exported, floats),
        }
        return self

    def decision_function(self, X: Segments) -> Floats:
        """Log-odds before calibration, axes (segment, code)."""
        return self.exported_.scores(X)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What goes into the file of arrays: the head and its linear companion."""
        head = {f"head_{name}": getattr(self.exported_.head, name) for name in PARTS}
        return head | self.exported_.companion.arrays()

    def write(self, folder: Path) -> None:
        """Write the files of its own beside the file of weights."""
        (folder / GRAPH).write_bytes(self.exported_.graph)
        (folder / TOKENIZER).write_text(self.exported_.tokenizer, encoding="utf-8")
        (folder / NOTES).write_text(yaml.safe_dump(self.notes_, sort_keys=False), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, arrays: Mapping[str, Any], codebook: Codebook) -> Self:
        """Read back what `write` and `arrays` gave.

        Raises
        ------
        ModelError
            A file is missing or refused, it is for another codebook, or its weights have another shape or are no numbers.
        """
        notes = _read_notes(folder / NOTES)
        if notes["codebook"] != codebook.reference:
            raise ModelError(f"The encoder is for the codebook {notes['codebook']}, not for {codebook.reference}.")
        head, companion = _read_head(arrays, len(codebook.codes)), Companion.read(folder, arrays, codebook)
        try:
            graph, tokenizer = (folder / GRAPH).read_bytes(), (folder / TOKENIZER).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(
                f"The encoder in {folder} cannot be used: {GRAPH} or {TOKENIZER} cannot be read."
            ) from error
        found = cls(codebook)
        found.exported_ = Exported(codebook, graph, tokenizer, head, companion, Sizes(**notes["sizes"]))
        found.notes_ = notes
        return found


def _training() -> tuple[Any, Any]:
    """What needs the extra: fine-tuning and the writer of graphs."""
    try:
        from relcode.learning.encoder.graph import write_graph
        from relcode.learning.encoder.tune import fine_tune
    except ImportError as error:
        raise ModelError(
            "Training an encoder needs torch, transformers and onnx; install them with `pip install 'relcode[encoder]'`."
        ) from error
    return fine_tune, write_graph


def _compared(X: Segments, exported: Exported, floats: Exported) -> dict[str, float]:
    """How far int8 and floats are apart, in probability before calibration: on average, and at most."""
    few = X[np.isin(X.table.segment_session[X.rows], np.unique(X.table.segment_session[X.rows])[:COMPARED])]
    apart = np.abs(expit(exported.scores(few)) - expit(floats.scores(few)))
    if apart.mean() > APART:
        raise ModelError(
            f"The encoder in int8 is {apart.mean():.2f} of probability away from the one that was trained, on average; "
            "it is not kept. Train it with another base."
        )
    return {"mean_difference": round(float(apart.mean()), 4), "highest_difference": round(float(apart.max()), 4)}


def _read_notes(path: Path) -> dict[str, Any]:
    try:
        notes = yaml.safe_load(path.read_text(encoding="utf-8"))
        sizes = notes["sizes"]
        if (
            not all(type(sizes[name]) is int and sizes[name] >= 0 for name in Sizes._fields)
            or Sizes(**sizes).judged < 1
        ):
            raise ValueError
        return {**notes, "codebook": str(notes["codebook"])}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, LookupError, TypeError, ValueError) as error:
        raise ModelError(f"The encoder cannot be used: {NOTES} is missing or holds no notes of an encoder.") from error


def _read_head(arrays: Mapping[str, Any], codes: int) -> Head:
    try:
        parts = [np.asarray(arrays[f"head_{name}"], dtype=np.float64) for name in PARTS]
    except (LookupError, TypeError, ValueError) as error:
        raise ModelError("The encoder cannot be used: its head is not there.") from error
    if any(part.shape[-1:] != (codes,) for part in parts) or [part.ndim for part in parts] != [2, 2, 2, 1]:
        raise ModelError(f"The encoder cannot be used: its head is not for {codes} codes.")
    if not all(np.isfinite(part).all() for part in parts):
        raise ModelError("The encoder cannot be used: its head holds values that are no numbers.")
    return Head(*parts)
