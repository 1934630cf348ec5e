"""Estimate the weights of a codebook's cues, and its codes' base rates, from accepted labels.

Each code's log-odds are a sum over cues, as the cue engine adds them. Estimated are the departures from the author's
weights, with a normal prior around these (maximum a posteriori): where labels say little, the author's weight stays.
The codebook's own examples count as labelled too: they are the author's, in many idioms. A code may also take over cues
of others, in the segment or over the turn; of these only the strongest are kept, so that the result can still be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit

from relcode.codebook import Codebook, split_labels
from relcode.cues import decide
from relcode.errors import ModelError
from relcode.learning.evaluate import Evaluation, figures
from relcode.learning.fit_material import Material, read_examples, read_material
from relcode.learning.fit_report import CueFigures, cue_figures, new_versions
from relcode.learning.folds import dyad_folds, learnable
from relcode.learning.labels import fitted_before, label_faults, labelled_sessions
from relcode.learning.segments import Rows, silent
from relcode.learning.thresholds import choose_offers
from relcode.records import Session, Span
from relcode.transcripts.tokens import Bools, Floats

OWN, TAKEN, TAKEN_TURN, BASE = 1.0, 5.0, 15.0, 0.05  # precision of the prior around each kind of weight
LEAST_WEIGHT = 0.15  # a cue taken over counts by at least this
STEPS = 80


class CueFit(msgspec.Struct, frozen=True):
    """`codebooks`: a new version of each codebook. `held_out`: figures over dyads that a fit did not see, at the
    thresholds of offer; `author`: of the weights as they were, at theirs."""

    codebooks: list[Codebook]
    cues: list[CueFigures]
    held_out: Evaluation
    author: Evaluation


def fit_cues(
    codebook: Codebook,
    sessions: Sequence[Session],
    labels: Iterable[Span],
    *,
    keep: int = 30,
    folds: int = 5,
    seed: int = 0,
    step: Callable[[str], None] = silent,
) -> CueFit:
    """Fit a codebook (or several put together) to labels.

    Parameters
    ----------
    keep
        How many cues of other codes a code takes over at most.
    folds
        For the held-out figures and the thresholds of offer; dyads are never split.

    Raises
    ------
    ModelError
        Labels do not fit, come from fewer than two dyads, or hold no code often enough.
    """
    own = split_labels(labels, codebook)
    faults = label_faults(sessions, own, codebook)
    if faults:
        raise ModelError(f"The labels do not fit ({len(faults)} fault(s)):", faults)
    kept = labelled_sessions(sessions, own)
    names = sorted({session.dyad for session in kept})
    if len(names) < 2:
        raise ModelError("The labels come from fewer than two dyads, so nothing can be held out; code another dyad.")
    again = fitted_before(codebook, kept)
    if again:
        step(f"{again} of these sessions were fitted to before: the held-out figures are too good")
    step("reading cues")
    material, examples = read_material(codebook, kept, own.spans), read_examples(codebook)
    dyads = np.array([names.index(session.dyad) for session in kept])[material.table.segment_session]
    learned = learnable(material.marks, material.allowed, dyads)
    if not learned.any():
        raise ModelError("No code has five labelled segments in two dyads; code more sessions before fitting.")
    splits = list(dyad_folds(dyads, folds, seed=seed))
    probability = held_out_probability(material, examples, splits, learned, keep=keep, step=step)
    step("fitting on all sessions")
    weights, base, chosen = _fit(material, examples, np.arange(len(probability)), learned, keep)
    offers = choose_offers(codebook, material.table, probability, material.marks)
    fitted = expit(_scores(material, np.arange(len(probability)), weights, base))
    cues = cue_figures(codebook, material, weights, fitted, chosen, _precision(material), learned)
    return CueFit(
        new_versions(codebook, material, weights, base, chosen, offers, learned, kept),
        cues,
        _held_out(codebook, material, probability, splits, seed),
        _author(codebook, material, seed),
    )


def held_out_probability(
    material: Material,
    examples: Material,
    splits: Sequence[tuple[Rows, Rows]],
    learned: Bools,
    *,
    keep: int = 30,
    step: Callable[[str], None] = silent,
) -> Floats:
    """Probabilities of segments that the fit did not see, axes (segment, code); `splits`: rows to fit on, rows to judge."""
    scores = np.zeros(material.marks.shape)
    for number, (train, test) in enumerate(splits, start=1):
        step(f"fold {number} of {len(splits)}")
        weights, base, _ = _fit(material, examples, train, learned, keep)
        scores[test] = _scores(material, test, weights, base)
    return np.where(material.allowed, expit(scores), 0.0)


def _fit(material: Material, examples: Material, rows: Rows, learned: Bools, keep: int) -> tuple[Floats, Floats, Bools]:
    """Departures from the author's weights, axes (column, code); base rates as log-odds; which columns are kept."""
    precision = _precision(material)
    usable = material.open & learned
    weights, base = _maximise(material, examples, rows, precision, usable)
    support = np.asarray(material.features[rows].sum(axis=0)).ravel()
    strength = np.abs(weights) * np.sqrt(support)[:, None] * (np.abs(weights) >= LEAST_WEIGHT) * ~material.own
    chosen = material.own & learned
    for code in np.flatnonzero(learned):
        strongest = np.argsort(-strength[:, code], kind="stable")[:keep]
        chosen[strongest[strength[strongest, code] > 0], code] = True
    weights, base = _maximise(material, examples, rows, precision, chosen)
    return weights, base, chosen


def _precision(material: Material) -> Floats:
    """Of the prior around each weight, axes (column, code)."""
    spread = np.array([column.over_turn for column in material.columns])
    return np.where(material.own, OWN, np.where(spread[:, None], TAKEN_TURN, TAKEN))


def _maximise(
    material: Material, examples: Material, rows: Rows, precision: Floats, usable: Bools
) -> tuple[Floats, Floats]:
    """Maximum a posteriori over all codes at once (they share the features, not the weights).

    The codebook's examples count like segments, but say nothing of base rates: there is a hit for every miss among them.
    """
    size = len(rows)
    features = sparse.csr_matrix(sparse.vstack([material.features[rows], examples.features], format="csr"))
    turned = sparse.csr_matrix(features.T)
    marks = np.vstack([material.marks[rows], examples.marks]).astype(np.float64)
    allowed = np.vstack([material.allowed[rows], examples.allowed]).astype(np.float64)
    offset = np.vstack([material.offset[rows], examples.offset]) + material.base
    mask = usable.astype(np.float64)
    shape = usable.shape

    def loss(values: Floats) -> tuple[float, Floats]:
        weights, base = values[: mask.size].reshape(shape) * mask, values[mask.size :]
        scores = offset + features @ weights
        scores[:size] += base
        deviance = ((np.logaddexp(0, scores) - marks * scores) * allowed).sum()
        residual = (expit(scores) - marks) * allowed
        slope = (turned @ residual + precision * weights) * mask
        penalty = 0.5 * (precision * weights**2).sum() + 0.5 * BASE * (base**2).sum()
        return float(deviance + penalty), np.concatenate([slope.ravel(), residual[:size].sum(axis=0) + BASE * base])

    start = np.zeros(mask.size + shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "maxcor": 8}).x
    return found[: mask.size].reshape(shape) * mask, material.base + found[mask.size :]


def _scores(material: Material, rows: Rows, weights: Floats, base: Floats) -> Floats:
    scores: Floats = material.offset[rows] + base + material.features[rows] @ weights
    return scores


def _held_out(
    codebook: Codebook, material: Material, probability: Floats, splits: list[tuple[Rows, Rows]], seed: int
) -> Evaluation:
    """Figures of held-out dyads at thresholds that the other folds chose."""
    held = np.zeros(probability.shape, dtype=np.bool_)
    for others, test in splits:
        seen = np.zeros(len(probability), dtype=np.bool_)
        seen[others] = True
        offers = choose_offers(codebook, material.table, probability, material.marks, rows=seen)
        held[test] = decide(codebook, probability[test], offers)
    return figures(material.table, codebook.code_ids, probability, held, material.marks, seed=seed)


def _author(codebook: Codebook, material: Material, seed: int) -> Evaluation:
    probability = np.where(material.allowed, expit(material.offset + material.base), 0.0)
    offers = np.array([code.offer_at for code in codebook.codes])
    held = decide(codebook, probability, offers)
    return figures(material.table, codebook.code_ids, probability, held, material.marks, seed=seed)
