"""Train a model on accepted labels; its figures come from segments of dyads that the scoring model never saw."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np

from relcode.codebook import Codebook
from relcode.errors import ModelError, UsageError
from relcode.learning.boundaries import Boundaries, fit_boundaries
from relcode.learning.card import statements
from relcode.learning.card_content import card_of, figures_of, held_out_of
from relcode.learning.evaluate import Evaluation, figures
from relcode.learning.folds import dyad_folds, learnable
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
from relcode.learning.kinds import Classifier, classifier_class
from relcode.learning.labels import fitted_before
from relcode.learning.learner import Learner
from relcode.learning.learning_curve import learning_curve
from relcode.learning.material import Ceiling, Lesson, Material, coded_segments, gather
from relcode.learning.model import Model, cue_probabilities
from relcode.learning.recipe import Recipe
from relcode.learning.segments import Segments, allowed_codes, segments_of, silent
from relcode.learning.thresholds import choose_thresholds
from relcode.provenance import hash_bytes, hash_file
from relcode.records import Session, Span
from relcode.transcripts.tokens import Bools, Floats, segment_codes

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
    learner = _learner(material, codebook, chosen, step)
    judged, outer = _judge(learner, chosen, step)
    curve = (
        learning_curve(learner, outer, _chooser(learner.ground), seed=chosen.seed, step=step)
        if chosen.is_thorough
        else None
    )
    step("fitting on all sessions")
    model = _finished(learner, outer, material, codebook)
    ground = learner.ground
    cross = figures(
        ground.table,
        codebook.code_ids,
        judged.probability,
        judged.held,
        ground.marks,
        coded=ground.coded,
        seed=chosen.seed,
    )
    model.card.update(card_of(model, material, chosen, ground, judged) | figures_of(cross, curve))
    if material.held_out:
        model.card["held_out"] = held_out_of(_held_out(model, material, chosen.seed), material)
    if material.ceiling is not None:
        model.card["coder_ceiling"] = _ceiling(material, sessions, codebook, chosen.seed)
    model.card.update(statements(model.card))
    return model


def _learner(material: Material, codebook: Codebook, recipe: Recipe, step: Callable[[str], None]) -> Learner:
    """The classifier with all that it learns from; labelled sessions first, then those of the teacher."""
    taught_from = [] if material.lesson is None else material.lesson.sessions
    segments = segments_of([*material.sessions, *taught_from])
    table = segments.table
    allowed = allowed_codes(segments, codebook)
    names = {session.session_id for session in material.sessions}
    coded = coded_segments(table, {name: turns for name, turns in material.covered.items() if name in names})
    marks = segment_codes(table, material.spans, codebook.code_ids) & allowed & coded[:, None]
    cues = cue_probabilities(segments, codebook)
    ground = Ground(codebook, table, marks, allowed, coded, cues, _fold_of(segments, coded, recipe))
    classifier = _classifier(codebook, recipe, step)
    return Learner(classifier, segments, ground, _taught(material, segments, codebook))


def _classifier(codebook: Codebook, recipe: Recipe, step: Callable[[str], None]) -> Any:
    make: Any = classifier_class(recipe.kind)
    known = signature(make).parameters
    if strange := [f"--{name.replace('_', '-')}" for name in recipe.options if name not in known]:
        raise UsageError(f"--kind {recipe.kind} goes without {' and '.join(strange)}.")
    return make(codebook, random_state=recipe.seed, step=step, **recipe.options)


def _fold_of(segments: Segments, coded: Bools, recipe: Recipe) -> Any:
    """The fold of each segment; -1 for dyads of which nothing was coded, which are never judged."""
    fold = np.full(len(segments), -1, dtype=np.intp)
    dyads, rows = segments.dyads, np.flatnonzero(coded)
    for number, (_, test) in enumerate(dyad_folds(dyads[rows], recipe.folds, seed=recipe.seed)):
        fold[np.isin(dyads, np.unique(dyads[rows][test]))] = number
    return fold


def _taught(material: Material, segments: Segments, codebook: Codebook) -> Floats | None:
    """The teacher's probabilities, NaN where it was not asked, axes (segment, code)."""
    if material.lesson is None:
        return None
    teacher = material.lesson.teacher
    names = {session.session_id for session in material.lesson.sessions}
    asked = np.array([session.session_id in names for session in segments.table.sessions])
    rows = np.flatnonzero(asked[segments.table.segment_session])
    order = [teacher.codebook.code_ids.index(code) for code in codebook.code_ids]
    found = np.full((len(segments), len(order)), np.nan)
    found[rows] = teacher.probabilities(segments[rows])[:, order]
    return found


def _judge(learner: Learner, recipe: Recipe, step: Callable[[str], None]) -> tuple[Judged, list[Scores]]:
    ground = learner.ground
    rows = np.flatnonzero(ground.coded)
    if not learnable(ground.marks[rows], ground.allowed[rows], learner.segments.dyads[rows]).any():
        raise ModelError(_NOTHING)
    choose = _chooser(ground)
    if recipe.is_thorough and ground.folds >= LEAST_FOLDS_NESTED:
        return judge_nested(ground, learner, choose, step)
    outer = score_folds(ground, learner, ground.coded, step)
    return judge_quick(ground, outer, choose, ground.coded), outer


def _chooser(ground: Ground) -> Callable[[Floats, Bools], Floats]:
    return lambda probability, rows: choose_thresholds(
        ground.codebook, ground.table, probability, ground.marks, rows=rows
    )


def _finished(learner: Learner, outer: list[Scores], material: Material, codebook: Codebook) -> Model:
    """The model of all sessions, calibrated by the held-out scores; its card holds its id alone as yet."""
    ground = learner.ground
    classifier, learned = learner.fit(np.flatnonzero(ground.coded))
    log_odds, countable = assemble(ground, outer)
    calibration = calibration_of(ground.marks, countable, log_odds, learned)
    if not calibration.usable.any():
        raise ModelError(_NOTHING)
    shown = calibration.probability(log_odds, ground.cues, ground.allowed & ground.coded[:, None])
    thresholds = _chooser(ground)(shown, ground.coded)
    # turns that were not coded have no probability, so nothing is learned from their lack of spans
    boundaries = fit_boundaries(codebook, ground.table, shown, material.spans_of(material.sessions))
    parts = (calibration.slopes, calibration.offsets, thresholds)
    card: dict[str, Any] = {"id": f"{codebook.id}-{_digest(classifier, *parts, *_arrays(boundaries))[:10]}"}
    return Model(codebook, classifier, *parts, calibration.usable, card, boundaries)


def _held_out(model: Model, material: Material, seed: int) -> Evaluation:
    """Figures of the finished model on the sessions that it never saw."""
    segments = segments_of(material.held_out)
    table, codes = segments.table, model.codebook.code_ids
    coded = coded_segments(table, material.covered)
    marks = segment_codes(table, material.spans, codes) & allowed_codes(segments, model.codebook) & coded[:, None]
    probability = model.probabilities(segments)
    return figures(table, codes, probability, model.decide(probability), marks, coded=coded, seed=seed)


def _ceiling(material: Material, sessions: Sequence[Session], codebook: Codebook, seed: int) -> dict[str, Any]:
    """Figures of one coder measured against another, or against the labels."""
    ceiling = material.ceiling
    assert ceiling is not None
    segments = segments_of(session for session in sessions if session.session_id in ceiling.covered)
    table, allowed = segments.table, allowed_codes(segments, codebook)
    coded = coded_segments(table, ceiling.covered)
    first, second = (
        segment_codes(table, spans, codebook.code_ids) & allowed for spans in (ceiling.first, ceiling.second)
    )
    found = figures(
        table, codebook.code_ids, second.astype(np.float64), second, first & coded[:, None], coded=coded, seed=seed
    )
    return {"of": ceiling.of, **msgspec.to_builtins(found)}


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
