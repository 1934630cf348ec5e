"""Estimate the weights of a codebook's cues, and its codes' base rates, from accepted labels.

Each code's log-odds are a sum over cues, as the cue engine adds them. Estimated are the departures from the author's
weights, with a normal prior around these (maximum a posteriori): where labels say little, the author's weight stays. A
code may also take over cues of others, in the segment or over the turn; of these only the strongest are kept, so that the
result can still be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit

from relcode.codebook import Codebook, Cue, split_labels
from relcode.cues import CueEngine, decide
from relcode.cues.context import read_context
from relcode.errors import ModelError
from relcode.learning.classifier import Rows, dyad_folds, learnable
from relcode.learning.evaluate import Evaluation, figures
from relcode.learning.labels import label_faults, labelled_sessions
from relcode.learning.offers import choose_offers
from relcode.records import Session, Span
from relcode.transcripts.tokens import Bools, Floats, TokenTable, segment_codes, tokenize

OWN, TAKEN, TAKEN_TURN, BASE = 1.0, 5.0, 15.0, 0.05  # precision of the prior around each kind of weight
LEAST_WEIGHT = 0.15  # a cue taken over counts by at least this
DROP_BELOW = 0.3
STEPS = 80
_Z = 1.96


class CueFigures(msgspec.Struct, frozen=True):
    """A cue in the labelled sessions. `support`: segments in which it fires; `precision`: the share of these that carry
    the code; `recall`: the share of the code's segments in which it fires. `low`, `high`: 95 % of the weight (Laplace's
    approximation). `advice`: `keep`, `taken over`, or why it may be dropped."""

    code: str
    cue: str
    support: int
    precision: float | None
    recall: float | None
    author: float
    weight: float
    low: float
    high: float
    advice: str


class CueFit(msgspec.Struct, frozen=True):
    """`codebooks`: a new version of each codebook. `held_out`: figures over dyads that a fit did not see, at the
    thresholds of offer; `author`: of the weights as they were, at theirs."""

    codebooks: list[Codebook]
    cues: list[CueFigures]
    held_out: Evaluation
    author: Evaluation


class _Column(NamedTuple):
    """A candidate: the cue by its reference (`TSI/own-reaction`), and whether over the turn."""

    use: str
    over_turn: bool


@dataclass(frozen=True)
class _Material:
    """Axes: segment, column, code. `offset`: the author's scores without the base rate; `own`, `open`: which columns are
    a code's own cues, and which it may use at all; `base`: log-odds of the base rates."""

    table: TokenTable
    columns: list[_Column]
    features: sparse.csr_matrix
    marks: Bools
    allowed: Bools
    offset: Floats
    base: Floats
    own: Bools
    open: Bools


def fit_cues(
    codebook: Codebook,
    sessions: Sequence[Session],
    labels: Iterable[Span],
    *,
    keep: int = 30,
    folds: int = 5,
    seed: int = 0,
    step: Callable[[str], None] = lambda line: None,
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
    step("reading cues")
    material = _read(codebook, kept, own.spans)
    dyads = np.array([names.index(session.dyad) for session in kept])[material.table.segment_session]
    learned = learnable(material.marks, material.allowed, dyads)
    if not learned.any():
        raise ModelError("No code has five labelled segments in two dyads; code more sessions before fitting.")
    splits = list(dyad_folds(dyads, folds, seed=seed))
    scores = np.zeros(material.marks.shape)
    for number, (train, test) in enumerate(splits, start=1):
        step(f"fold {number} of {len(splits)}")
        weights, base, _ = _fit(material, train, learned, keep)
        scores[test] = _scores(material, test, weights, base)
    probability = np.where(material.allowed, expit(scores), 0.0)
    step("fitting on all sessions")
    weights, base, chosen = _fit(material, np.arange(len(scores)), learned, keep)
    offers = choose_offers(codebook, material.table, probability, material.marks)
    figures_of = _figures(codebook, material, weights, base, chosen, learned)
    return CueFit(
        _new_versions(codebook, material, weights, base, chosen, offers, learned, len(kept)),
        figures_of,
        _held_out(codebook, material, probability, splits, seed),
        _author(codebook, material, seed),
    )


def _read(codebook: Codebook, sessions: Sequence[Session], spans: Sequence[Span]) -> _Material:
    table = tokenize(sessions)
    engine = CueEngine(codebook)
    context = read_context(table)
    probes = engine.probe(table, context)
    allowed = engine.allowed(table)
    sources = engine.sources
    turn_of = sparse.csr_matrix(
        (np.ones(len(table.segment_turn)), (table.segment_turn, np.arange(len(table.segment_turn)))),
        shape=(len(table.turn_session), len(table.segment_turn)),
    )
    known = {(source.use, source.over_turn) for source in sources}
    spread = [place for place, source in enumerate(sources) if source.may_spread and (source.use, True) not in known]
    by_turn = sparse.csr_matrix(turn_of @ probes[:, spread])
    by_turn.data = np.minimum(by_turn.data, 1.0)
    columns = [_Column(source.use, source.over_turn) for source in sources]
    columns += [_Column(sources[place].use, True) for place in spread]
    features = sparse.csr_matrix(sparse.hstack([probes, by_turn[table.segment_turn]], format="csr"))
    own = np.zeros((len(columns), len(codebook.codes)), dtype=np.bool_)
    own[engine.probe_of, engine.code_of] = True
    may_use = np.zeros_like(own)
    homes = [sources[place].reference for place in [*range(len(sources)), *spread]]
    for number, code in enumerate(codebook.codes):
        book = next((each for each in codebook.members if each.reference == code.origin), codebook)
        within = {each.reference for each in (book, *book.all_used)}
        may_use[:, number] = [home in within for home in homes]
    fired = engine.fire(table, context)
    return _Material(
        table,
        columns,
        features,
        segment_codes(table, spans, codebook.code_ids) & allowed,
        allowed,
        np.asarray((fired @ engine.weights).todense()),
        engine.priors,
        own,
        own | may_use,
    )


def _fit(material: _Material, rows: Rows, learned: Bools, keep: int) -> tuple[Floats, Floats, Bools]:
    """Departures from the author's weights, axes (column, code); base rates as log-odds; which columns are kept."""
    spread = np.array([column.over_turn for column in material.columns])
    precision = np.where(material.own, OWN, np.where(spread[:, None], TAKEN_TURN, TAKEN))
    usable = material.open & learned
    weights, base = _maximise(material, rows, precision, usable)
    support = np.asarray(material.features[rows].sum(axis=0)).ravel()
    strength = np.abs(weights) * np.sqrt(support)[:, None] * (np.abs(weights) >= LEAST_WEIGHT) * ~material.own
    chosen = material.own & learned
    for code in np.flatnonzero(learned):
        strongest = np.argsort(-strength[:, code], kind="stable")[:keep]
        chosen[strongest[strength[strongest, code] > 0], code] = True
    weights, base = _maximise(material, rows, precision, chosen)
    return weights, base, chosen


def _maximise(
    material: _Material, rows: Rows, precision: Floats, usable: Bools
) -> tuple[Floats, npt.NDArray[np.float64]]:
    """Maximum a posteriori over all codes at once (they share the features, not the weights)."""
    features = material.features[rows]
    turned = sparse.csr_matrix(features.T)
    marks, allowed = material.marks[rows].astype(np.float64), material.allowed[rows].astype(np.float64)
    offset = material.offset[rows] + material.base
    mask = usable.astype(np.float64)
    shape = usable.shape

    def loss(values: Floats) -> tuple[float, Floats]:
        weights, base = values[: mask.size].reshape(shape) * mask, values[mask.size :]
        scores = offset + base + features @ weights
        deviance = ((np.logaddexp(0, scores) - marks * scores) * allowed).sum()
        residual = (expit(scores) - marks) * allowed
        slope = (turned @ residual + precision * weights) * mask
        penalty = 0.5 * (precision * weights**2).sum() + 0.5 * BASE * (base**2).sum()
        return float(deviance + penalty), np.concatenate([slope.ravel(), residual.sum(axis=0) + BASE * base])

    start = np.zeros(mask.size + shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "maxcor": 8}).x
    return found[: mask.size].reshape(shape) * mask, material.base + found[mask.size :]


def _scores(material: _Material, rows: Rows, weights: Floats, base: Floats) -> Floats:
    scores: Floats = material.offset[rows] + base + material.features[rows] @ weights
    return scores


def _held_out(
    codebook: Codebook, material: _Material, probability: Floats, splits: list[tuple[Rows, Rows]], seed: int
) -> Evaluation:
    """Figures of held-out dyads at thresholds that the other folds chose."""
    held = np.zeros(probability.shape, dtype=np.bool_)
    for others, test in splits:
        seen = np.zeros(len(probability), dtype=np.bool_)
        seen[others] = True
        offers = choose_offers(codebook, material.table, probability, material.marks, rows=seen)
        held[test] = decide(codebook, probability[test], offers)
    return figures(material.table, codebook.code_ids, probability, held, material.marks, seed=seed)


def _author(codebook: Codebook, material: _Material, seed: int) -> Evaluation:
    probability = np.where(material.allowed, expit(material.offset + material.base), 0.0)
    offers = np.array([code.offer_at for code in codebook.codes])
    held = decide(codebook, probability, offers)
    return figures(material.table, codebook.code_ids, probability, held, material.marks, seed=seed)


def _figures(
    codebook: Codebook, material: _Material, weights: Floats, base: Floats, chosen: Bools, learned: Bools
) -> list[CueFigures]:
    probability = expit(_scores(material, np.arange(len(material.offset)), weights, base))
    found: list[CueFigures] = []
    for number in np.flatnonzero(learned):
        code = codebook.codes[number]
        rows = np.flatnonzero(material.allowed[:, number])
        columns = np.flatnonzero(chosen[:, number])
        features = material.features[rows][:, columns]
        certainty = probability[rows, number] * (1 - probability[rows, number])
        hessian = np.asarray((features.T @ features.multiply(certainty[:, None])).todense())
        spread = np.array([material.columns[column].over_turn for column in columns])
        own = material.own[columns, number]
        hessian[np.diag_indices(len(columns))] += np.where(own, OWN, np.where(spread, TAKEN_TURN, TAKEN))
        width = _Z * np.sqrt(np.diag(np.linalg.inv(hessian)))
        support = np.asarray((features > 0).sum(axis=0)).ravel()
        hits = np.asarray((features > 0).T @ material.marks[rows, number]).ravel()
        author = _author_weights(codebook, material, int(number), columns)
        for place, column in enumerate(columns):
            weight = float(author[place] + weights[column, number])
            low, high = weight - float(width[place]), weight + float(width[place])
            name = material.columns[column]
            found.append(
                CueFigures(
                    code.id,
                    f"{name.use} (turn)" if name.over_turn else name.use,
                    int(support[place]),
                    _share(hits[place], support[place]),
                    _share(hits[place], material.marks[rows, number].sum()),
                    round(float(author[place]), 2),
                    round(weight, 2),
                    round(low, 2),
                    round(high, 2),
                    _advice(bool(own[place]), int(support[place]), weight, low, high),
                )
            )
    return found


def _advice(own: bool, support: int, weight: float, low: float, high: float) -> str:
    if support == 0:
        return "never fired: the author's weight stands; drop it if it is not expected to"
    if own and abs(weight) < DROP_BELOW and low < 0 < high:
        return "says nothing here: may be dropped"
    return "keep" if own else "taken over"


def _share(part: float, whole: float) -> float | None:
    return round(float(part / whole), 3) if whole else None


def _author_weights(codebook: Codebook, material: _Material, code: int, columns: npt.NDArray[np.intp]) -> Floats:
    """The author's weight of each column for a code: 0 where the author gave none."""
    given: dict[_Column, float] = {}
    for cue in codebook.codes[code].cues:
        column = _column_of(codebook, code, cue)
        given[column] = given.get(column, 0.0) + cue.weight
    return np.array([given.get(material.columns[column], 0.0) for column in columns])


def _column_of(codebook: Codebook, code: int, cue: Cue) -> _Column:
    if cue.use is not None:
        return _Column(cue.use, cue.in_ == "turn")
    return _Column(f"{codebook.codes[code].id}/{cue.id}", False)


def _new_versions(
    codebook: Codebook,
    material: _Material,
    weights: Floats,
    base: Floats,
    chosen: Bools,
    offers: Floats,
    learned: Bools,
    sessions: int,
) -> list[Codebook]:
    """The codebooks with the weights, base rates and thresholds found, each as its next minor version."""
    place = {column: number for number, column in enumerate(material.columns)}
    books = codebook.members or [codebook]
    next_version = {book.reference: f"{book.id}@{_next(book.version)}" for book in books}
    made: list[Codebook] = []
    for book in books:
        codes = []
        for code in book.codes:
            number = codebook.code_ids.index(code.id)
            if not learned[number]:
                codes.append(code)
                continue
            cues: list[Cue] = []
            for cue in code.cues:
                column = place[_column_of(codebook, number, cue)]
                cues.append(msgspec.structs.replace(cue, weight=round(cue.weight + float(weights[column, number]), 2)))
            taken = [int(column) for column in np.flatnonzero(chosen[:, number] & ~material.own[:, number])]
            for column in sorted(taken, key=lambda each: -abs(weights[each, number])):
                use, over_turn = material.columns[column]
                weight = round(float(weights[column, number]), 2)
                cues.append(Cue(weight=weight, use=use, in_="turn" if over_turn else "segment"))
            prior = round(float(np.clip(expit(base[number]), 1e-4, 1 - 1e-4)), 5)
            offer_at = round(float(offers[number]), 3)
            codes.append(msgspec.structs.replace(code, cues=cues, prior=prior, offer_at=offer_at))
        note = f"Weights of version {book.version} fitted to {sessions} labelled sessions."
        made.append(
            msgspec.structs.replace(
                book,
                version=_next(book.version),
                description=f"{book.description.strip()} {note}",
                uses=[next_version.get(reference, reference) for reference in book.uses],
                codes=codes,
                used=[],
            )
        )
    return made


def _next(version: str) -> str:
    major, minor, _ = version.split(".")
    return f"{major}.{int(minor) + 1}.0"
