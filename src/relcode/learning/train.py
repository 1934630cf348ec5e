"""Train a model on accepted labels; its figures come from segments of dyads that the scoring model never saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.boundaries import Boundaries, fit_boundaries
from relcode.learning.card import statements
from relcode.learning.card_content import card_of
from relcode.learning.card_figures import ceiling_of, figures_of, held_out_of
from relcode.learning.domain import fit_domain
from relcode.learning.folds import learnable
from relcode.learning.held_out import (
    LEAST_FOLDS_NESTED,
    Ground,
    Judged,
    Scores,
    assemble,
    calibration_of,
    judge_nested,
    judge_quick,
    score_folds,
)
from relcode.learning.kinds import Classifier
from relcode.learning.label_errors import LikelyError, find_label_errors
from relcode.learning.labels import fitted_before
from relcode.learning.learner import Learner, learner_of
from relcode.learning.learning_curve import learning_curve
from relcode.learning.material import Ceiling, Lesson, Material, gather
from relcode.learning.model import Model
from relcode.learning.recipe import Recipe
from relcode.learning.segments import engine_of, fired_cues, silent
from relcode.learning.thresholds import ThresholdRule, choose_thresholds
from relcode.provenance import hash_bytes, hash_file
from relcode.records import Session, Span
from relcode.transcripts.tokens import Bools, Floats

_NOTHING = "No code has five labelled segments in two dyads; code more sessions before training."


def train(
    sessions: Sequence[Session],
    labels: Iterable[Span],
    codebook: Codebook,
    *,
    folds: int = 5,
    seed: int = 0,
    recipe: Recipe | None = None,
    covered: Mapping[str, frozenset[int] | None] | None = None,
    held_out: Collection[str] = (),
    ceiling: Iterable[Span] | Ceiling | None = None,
    lesson: Lesson | None = None,
    label_errors: Callable[[list[LikelyError]], None] | None = None,
    step: Callable[[str], None] = silent,
) -> Model:
    """Train a model on the sessions that were coded.

    Parameters
    ----------
    folds, seed
        In short for a `recipe` of the linear kind.
    covered
        Session -> the turns of it that were coded, None for all; what was not coded is missing, not empty. By default the
        sessions that labels name, wholly.
    held_out
        Sessions (ids) that are judged by the finished model alone.
    ceiling
        A second coder's labels of all or some of the same sessions, or two coders' labels of the same turns: what the card
        prints beside the model.
    lesson
        A teacher whose probabilities of sessions without labels are learned beside the labels.
    label_errors
        Called with the likely label errors, the likeliest first.
    step
        Called with a line of progress.

    Raises
    ------
    ModelError
        Labels that do not fit (all are listed), missing transcripts, fewer than two dyads, a dyad on both sides, nothing to
        learn, or scores that are no numbers.
    """
    chosen = recipe or Recipe(folds=folds, seed=seed)
    material, notes = gather(
        sessions, labels, codebook, covered=covered, held_out=held_out, ceiling=ceiling, lesson=lesson
    )
    for note in notes:
        step(note)
    again = fitted_before(codebook, material.sessions)
    if again:
        step(f"the codebook's weights were fitted to {again} of these sessions: the held-out figures are too good")
    step("reading tokens and cues")
    learner = learner_of(material, codebook, chosen, step)
    judged, outer = _judge(learner, chosen, step)
    curve = None
    if chosen.is_thorough:
        curve = learning_curve(learner, outer, _chooser(learner.ground, chosen.rule), seed=chosen.seed, step=step)
    step("fitting on all sessions")
    model = _finished(learner, outer, material, chosen.rule)
    step("looking for likely label errors")
    errors = _likely_errors(learner, judged)
    if label_errors is not None:
        label_errors(errors)
    model.card.update(card_of(model, material, chosen, learner.ground, judged))
    model.card.update(figures_of(judged, learner.ground, curve, seed=chosen.seed))
    model.card["label_errors"] = dict(sorted(Counter(error.code for error in errors).items()))
    if material.held_out:
        model.card["held_out"] = held_out_of(model, material, seed=chosen.seed)
    if material.ceiling is not None:
        model.card["coder_ceiling"] = ceiling_of(material.ceiling, sessions, codebook, seed=chosen.seed)
    model.card.update(statements(model.card))
    return model


def _judge(learner: Learner, recipe: Recipe, step: Callable[[str], None]) -> tuple[Judged, list[Scores]]:
    ground = learner.ground
    rows = np.flatnonzero(ground.coded)
    if not learnable(ground.marks[rows], ground.allowed[rows], learner.segments.dyads[rows]).any():
        raise ModelError(_NOTHING)
    choose = _chooser(ground, recipe.rule)
    if recipe.is_thorough and ground.folds >= LEAST_FOLDS_NESTED:
        return judge_nested(ground, learner, choose, step)
    outer = score_folds(ground, learner, ground.coded, step)
    return judge_quick(ground, outer, choose, ground.coded), outer


def _chooser(ground: Ground, rule: ThresholdRule) -> Callable[[Floats, Bools], Floats]:
    return lambda probability, rows: choose_thresholds(
        ground.codebook, ground.table, probability, ground.marks, rows=rows, rule=rule
    )


def _finished(learner: Learner, outer: list[Scores], material: Material, rule: ThresholdRule) -> Model:
    """The model of all sessions, calibrated by the held-out scores; its card holds its id alone as yet."""
    ground, codebook = learner.ground, learner.ground.codebook
    classifier, learned = learner.fit(np.flatnonzero(ground.coded))
    log_odds, countable = assemble(ground, outer)
    calibration = calibration_of(ground.marks, countable, log_odds, learned)
    if not calibration.usable.any():
        raise ModelError(_NOTHING)
    shown = calibration.probability(log_odds, ground.cues, ground.allowed & ground.coded[:, None])
    thresholds = _chooser(ground, rule)(shown, ground.coded)
    # turns that were not coded have no probability, so nothing is learned from their lack of spans
    boundaries = fit_boundaries(codebook, ground.table, shown, material.spans_of(material.sessions))
    parts = (calibration.slopes, calibration.offsets, thresholds)
    card: dict[str, Any] = {"id": f"{codebook.id}-{_digest(classifier, *parts, *_arrays(boundaries))[:10]}"}
    return Model(codebook, classifier, *parts, calibration.usable, card, boundaries, fit_domain(ground.table))


def _likely_errors(learner: Learner, judged: Judged) -> list[LikelyError]:
    """By the held-out probabilities, of codes that were learned in every fold."""
    ground, segments = learner.ground, learner.segments
    return find_label_errors(
        ground.table,
        engine_of(ground.codebook),
        judged.probability,
        ground.marks,
        judged.learned_in == ground.folds,
        coded=ground.coded,
        fired=fired_cues(segments, ground.codebook),
    )


def _arrays(boundaries: Boundaries | None) -> list[Floats]:
    return [] if boundaries is None else list(boundaries.arrays().values())


def _digest(classifier: Classifier, *arrays: Floats) -> str:
    """A hash over all that the model is made of: its arrays, and the files that it writes beside them."""
    kept = classifier.arrays()
    parts = [np.ascontiguousarray(kept[name]).tobytes() for name in sorted(kept)]
    with TemporaryDirectory() as folder:
        classifier.write(Path(folder))
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        parts += [hash_file(path).encode() for path in files]
    return hash_bytes(b"".join([*parts, *(np.round(array, 9).tobytes() for array in arrays)]))
