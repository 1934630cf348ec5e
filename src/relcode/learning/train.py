"""Train a model on accepted labels; its figures come from segments of dyads that the scoring model never saw."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from relcode import __version__
from relcode.codebook import Codebook, OwnLabels, split_labels
from relcode.cues import CueEngine, decide
from relcode.errors import ModelError
from relcode.learning.calibration import calibrate, calibrated
from relcode.learning.card import statements
from relcode.learning.evaluate import Evaluation, figures
from relcode.learning.folds import dyad_folds, learnable, out_of_fold
from relcode.learning.labels import fitted_before, label_faults, labelled_sessions
from relcode.learning.linear import LinearClassifier
from relcode.learning.model import Model, cue_probabilities
from relcode.learning.segments import Rows, Segments, allowed_codes, segments_of, silent
from relcode.learning.thresholds import choose_thresholds
from relcode.provenance import hash_bytes, hash_session
from relcode.records import Session, Span
from relcode.transcripts.tokens import Bools, Floats, segment_codes, tokenize


def train(
    sessions: Sequence[Session],
    labels: Iterable[Span],
    codebook: Codebook,
    *,
    folds: int = 5,
    seed: int = 0,
    ceiling: Iterable[Span] | None = None,
    embeddings: Path | None = None,
    cache: Path | None = None,
    step: Callable[[str], None] = silent,
) -> Model:
    """Train one linear classifier a code on the sessions that the labels name.

    Parameters
    ----------
    folds
        Of the cross-validation; dyads are never split.
    ceiling
        A second coder's labels of all or some of the same sessions: what the card prints beside the model. Figures are
        over the sessions that they name.
    embeddings, cache
        Folder of a sentence encoder whose vectors are further features, and the file in which vectors are kept.
    step
        Called with a line of progress.

    Raises
    ------
    ModelError
        Labels that do not fit (all are listed), missing transcripts, fewer than two dyads, or nothing to learn.
    """
    own = split_labels(labels, codebook)
    if own.others:
        step(f"{own.others_in_words} are passed over")
    second = None if ceiling is None else split_labels(ceiling, codebook)
    kept = _checked(sessions, own, second, codebook)
    again = fitted_before(codebook, kept)
    if again:
        step(f"the codebook's weights were fitted to {again} of these sessions: the held-out figures are too good")
    step("reading tokens and cues")
    segments = segments_of(kept)
    table = segments.table
    allowed = allowed_codes(segments, codebook)
    marks = segment_codes(table, own.spans, codebook.code_ids) & allowed
    learned = learnable(marks, allowed, segments.dyads)
    if not learned.any():
        raise ModelError("No code has five labelled segments in two dyads; code more sessions before training.")
    classifier = LinearClassifier(codebook, embeddings=embeddings, cache=cache, random_state=seed, step=step)
    splits = list(dyad_folds(segments.dyads, folds, seed=seed))
    scores = out_of_fold(classifier, segments, marks & learned, splits, step=step)
    known: dict[str, Any] = {"cues": cue_probabilities(segments, codebook), "allowed": allowed, "learned": learned}
    cross = _cross_validated(segments, codebook, scores, marks, known, splits, seed)
    step("fitting on all sessions")
    classifier.fit(segments, marks & learned)
    slopes, offsets = calibrate(scores, marks, allowed, learned)
    probability = calibrated(scores, slopes, offsets, **known)
    thresholds = choose_thresholds(codebook, table, probability, marks)
    card = _card(kept, codebook, learned, thresholds, cross, len(splits), seed)
    if second is not None:
        card["coder_ceiling"] = msgspec.to_builtins(_ceiling(kept, own.spans, second, codebook, seed))
    card.update(statements(card))
    card["id"] = f"{codebook.id}-{_digest(classifier, slopes, offsets, thresholds)[:10]}"
    return Model(codebook, classifier, slopes, offsets, thresholds, learned, card)


def _checked(
    sessions: Sequence[Session], labels: OwnLabels, second: OwnLabels | None, codebook: Codebook
) -> list[Session]:
    """The sessions that the labels name, after every check; all faults at once."""
    kept = labelled_sessions(sessions, labels)
    faults = label_faults(sessions, labels, codebook)
    if second is not None:
        alone = sorted(second.sessions - labels.sessions)
        found = label_faults(sessions, second, codebook) if second.spans else ["no label is there"]
        found += [f"session {name}: not among the labelled sessions" for name in alone]
        faults += [f"second coder, {fault}" for fault in found]
    if faults:
        raise ModelError(f"The labels do not fit ({len(faults)} fault(s)):", faults)
    if len({session.dyad for session in kept}) < 2:
        raise ModelError(
            "The labels come from fewer than two dyads, so nothing can be held out; code sessions of another dyad, or "
            "give each session its dyad with `relcode import --metadata`."
        )
    return kept


def _ceiling(
    sessions: Sequence[Session], spans: list[Span], second: OwnLabels, codebook: Codebook, seed: int
) -> Evaluation:
    """Figures of the second coder against the labels, over the sessions that both name."""
    table = tokenize(labelled_sessions(sessions, second))
    allowed = CueEngine(codebook).allowed(table)
    marks, others = (segment_codes(table, part, codebook.code_ids) & allowed for part in (spans, second.spans))
    return figures(table, codebook.code_ids, others.astype(np.float64), others, marks, seed=seed)


def _cross_validated(
    segments: Segments,
    codebook: Codebook,
    scores: Floats,
    marks: Bools,
    known: dict[str, Any],
    splits: list[tuple[Rows, Rows]],
    seed: int,
) -> Evaluation:
    """Figures of the held-out dyads; calibration and thresholds for a fold come from the other folds' scores."""
    probability, held = np.zeros(scores.shape), np.zeros(scores.shape, dtype=np.bool_)
    for others, test in splits:
        rest, tested = ({name: _rows(array, part) for name, array in known.items()} for part in (others, test))
        slopes, offsets = calibrate(scores[others], marks[others], rest["allowed"], known["learned"])
        seen, shown = np.zeros(len(scores), dtype=np.bool_), np.zeros(scores.shape)
        seen[others] = True
        shown[others] = calibrated(scores[others], slopes, offsets, **rest)
        thresholds = choose_thresholds(codebook, segments.table, shown, marks, rows=seen)
        probability[test] = calibrated(scores[test], slopes, offsets, **tested)
        held[test] = decide(codebook, probability[test], thresholds)
    return figures(segments.table, codebook.code_ids, probability, held, marks, seed=seed)


def _rows(array: Any, rows: Rows) -> Any:
    return array[rows] if array.ndim == 2 else array


def _card(
    sessions: Sequence[Session],
    codebook: Codebook,
    learned: Bools,
    thresholds: Floats,
    cross: Evaluation,
    folds: int,
    seed: int,
) -> dict[str, Any]:
    synthetic = all(session.metadata.get("note") == "synthetic" for session in sessions)
    return {
        "id": "",
        "kind": "linear",
        "codebook": codebook.reference,
        "synthetic": synthetic,
        "training": {
            "sessions": [
                {"session_id": session.session_id, "dyad": session.dyad, "sha256": hash_session(session)}
                for session in sessions
            ],
            "folds": folds,
            "codebook_fitted_to": fitted_before(codebook, sessions),
            "seed": seed,
        },
        "codes": {
            code: {"learned": bool(known), "threshold": round(float(threshold), 6)}
            for code, known, threshold in zip(codebook.code_ids, learned, thresholds, strict=True)
        },
        "cross_validation": msgspec.to_builtins(cross),
        "environment": {
            "relcode": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "scipy", "scikit-learn", "spacy", "skops")},
        },
    }


def _digest(classifier: LinearClassifier, *arrays: Floats) -> str:
    kept = classifier.arrays()
    parts = [np.ascontiguousarray(kept[name]).tobytes() for name in sorted(kept)]
    return hash_bytes(b"".join([*parts, *(np.round(array, 9).tobytes() for array in arrays)]))
