"""A classifier at work on its material: fitted on some segments, asked for scores of others, taught beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from relcode.codebook import Codebook
from relcode.errors import ModelError, UsageError
from relcode.learning.folds import dyad_folds, learnable
from relcode.learning.held_out import Ground, Scores, Step
from relcode.learning.kinds import Classifier, classifier_class
from relcode.learning.labels import dyads_known
from relcode.learning.material import Material, coded_segments
from relcode.learning.model import cue_probabilities
from relcode.learning.recipe import Recipe
from relcode.learning.segments import Rows, Segments, allowed_codes, segments_of
from relcode.transcripts.tokens import Bools, Floats, segment_codes


@dataclass(frozen=True, repr=False)
class Learner:
    """Fits copies of a classifier; called with rows, it scores as `held_out.Score`.

    Attributes
    ----------
    segments
        All segments, in the order of the ground's axes.
    taught
        Axes (segment, code): a teacher's probabilities, NaN where it did not speak; None without a teacher. Taught
        segments are learned from in every fit but those that judge their dyad.
    """

    classifier: Any
    segments: Segments
    ground: Ground
    taught: Floats | None = None

    def __call__(self, train: Rows, test: Rows) -> Scores:
        fitted, learned = self.fit(train, without=np.unique(self.ground.fold[test]))
        scores = fitted.decision_function(self.segments[test])
        self._check(scores, test)
        return Scores(scores, learned)

    def fit(self, train: Rows, *, without: npt.NDArray[Any] | None = None) -> tuple[Classifier, Bools]:
        """Fit on segments, and on what was taught but in some folds; also which codes there was enough to learn of.

        One dyad is enough here: that two bear the code is seen when the model is calibrated with dyads that it did not see.
        """
        ground = self.ground
        dyads = self.segments.dyads[train]
        learned = learnable(ground.marks[train], ground.allowed[train], dyads, least_dyads=1)
        targets: npt.NDArray[Any] = ground.marks & learned
        if self.taught is not None:
            speaks = ~np.isnan(self.taught).all(axis=1) & ~np.isin(ground.fold, [] if without is None else without)
            targets = np.where(speaks[:, None], self.taught * learned, targets)
            train = np.union1d(train, np.flatnonzero(speaks))
        fitted: Classifier = clone(self.classifier).fit(self.segments[train], targets[train])
        return fitted, learned

    def _check(self, scores: Floats, rows: Rows) -> None:
        """Refuse scores that are no numbers, with the sessions that they are of."""
        bad = ~np.isfinite(scores).all(axis=1)
        if bad.any():
            table = self.ground.table
            names = sorted({table.sessions[number].session_id for number in table.segment_session[rows[bad]]})
            raise ModelError(
                f"The {self.classifier.kind} classifier gives scores that are no numbers for {int(bad.sum())} segment(s); "
                "look at the embeddings or the base that it was given.",
                [f"session {name}" for name in names],
            )


def learner_of(material: Material, codebook: Codebook, recipe: Recipe, step: Step) -> Learner:
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
    classifier = _classifier(material, codebook, recipe, step)
    return Learner(classifier, segments, ground, _taught(material, segments, codebook))


def _classifier(material: Material, codebook: Codebook, recipe: Recipe, step: Step) -> Any:
    make: Any = classifier_class(recipe.kind)
    known = signature(make).parameters
    if strange := [f"--{name.replace('_', '-')}" for name in recipe.options if name not in known]:
        raise UsageError(f"--kind {recipe.kind} goes without {' and '.join(strange)}.")
    options = {**recipe.options, **_beginning(material, codebook, recipe, known)}
    return make(codebook, random_state=recipe.seed, step=step, **options)


def _beginning(material: Material, codebook: Codebook, recipe: Recipe, known: Mapping[str, Any]) -> dict[str, Any]:
    """The weights to begin from, where a parent is named that knows none of the dyads."""
    parent = recipe.parent
    if parent is None:
        return {}
    if "start_from" not in known:
        raise UsageError(f"--kind {recipe.kind} cannot begin from another model; leave --start-from out.")
    if parent.classifier.kind != recipe.kind or parent.codebook.code_ids != codebook.code_ids:
        raise ModelError(
            f"{parent.id} is of kind {parent.classifier.kind} with the codes of {parent.codebook.reference}; only a model of "
            f"kind {recipe.kind} with the codes of {codebook.reference} can be begun from."
        )
    if dyads_known(parent.card, material.sessions):
        return {}
    beginning: Any = parent.classifier
    return {"start_from": beginning.weights_to_begin_from}


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
