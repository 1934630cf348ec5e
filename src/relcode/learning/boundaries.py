"""Where a code's span begins and ends in a turn, and how likely coders leave it just so.

A classifier judges segments one by one, so that a span falls apart where one of its segments is less sure than the
others. Coders mark what belongs together, often the whole turn. Two things are learned from accepted spans and
probabilities of segments that the classifier did not see:

- *where*: of all runs of segments of a turn, which one is the span, given that there is one (conditional logit,
  McFadden 1974);
- *whether*: how likely the turn has a span of the code at all (logistic regression).

The product says how likely coders leave a proposal just so, and what is offered follows: a span that is left alone saves
an action, one that has to go costs one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from relcode.codebook import Codebook
from relcode.cues import decide
from relcode.learning.runs import FEATURES, HABITS, Evidence, Place, Runs, are_spans, runs_of_spans
from relcode.records import Span
from relcode.transcripts.tokens import Bools, Floats, Ints, TokenTable

LEAST_SPANS = 50
OFFERED_FROM = (
    0.4  # below one half: a wrong code on the right words is relabelled by one action, as many as adding costs
)
_TURN_FEATURES = 7
_PRIOR, _PRIOR_BY_CODE = 1.0, 3.0  # precision around 0, in units of a feature's spread
_STEPS = 150
_CONSTANT = 1e-6


class Proposal(NamedTuple):
    """A span of a code (column) from one segment to another (rows), and how likely it is right just so (0 to 1)."""

    code: int
    first: int
    last: int
    probability: float


@dataclass(frozen=True, repr=False)
class Boundaries:
    """What was learned of a codebook's spans.

    Attributes
    ----------
    where, where_by_code
        Weights of the features of a run; axes (code, habit): what each code adds to some of them.
    whether, whether_by_code
        Weights of the features of a turn that may have a code; by code, its log-odds without.
    """

    codebook: Codebook
    where: Floats
    where_by_code: Floats
    whether: Floats
    whether_by_code: Floats

    def propose(self, table: TokenTable, probability: Floats) -> list[Proposal]:
        """The likeliest span of each code in each turn; `probability` with axes (segment, code)."""
        evidence = Evidence(table, probability)
        places = evidence.places()
        if not places:
            return []
        runs = evidence.runs(places)
        chosen, share = _likeliest(runs, self.where, self.where_by_code)
        there = _turn_features(self.codebook, evidence, places) @ self.whether
        right = share * expit(there + self.whether_by_code[runs.code[chosen]])
        rows = zip(runs.code[chosen], runs.first[chosen], runs.last[chosen], right, strict=True)
        return [Proposal(int(code), int(first), int(last), float(each)) for code, first, last, each in rows]

    def offer(self, table: TokenTable, probability: Floats) -> list[Proposal]:
        """The proposals that save actions, as far as the rules of the codebook let them stand side by side."""
        likely = [each for each in self.propose(table, probability) if each.probability >= OFFERED_FROM]
        side_by_side = np.zeros(probability.shape)
        for each in likely:
            side_by_side[each.first : each.last + 1, each.code] = each.probability
        holds = decide(self.codebook, side_by_side, np.full(probability.shape[1], OFFERED_FROM))
        return [each for each in likely if holds[each.first : each.last + 1, each.code].all()]

    def arrays(self) -> dict[str, Any]:
        """What a model folder keeps, by name."""
        return {name: getattr(self, name) for name in _SHAPES}

    @classmethod
    def read(cls, arrays: dict[str, Any], codebook: Codebook) -> Boundaries:
        """What `arrays` gave.

        Raises
        ------
        KeyError, ValueError
            An array is missing, or of another shape than this version's.
        """
        for name, shape in _SHAPES.items():
            expected = tuple(len(codebook.codes) if size is None else size for size in shape)
            if np.shape(arrays[name]) != expected:
                raise ValueError(f"not of the expected shape: {name}")
        return cls(codebook, **{name: arrays[name] for name in _SHAPES})


_SHAPES: dict[str, tuple[int | None, ...]] = {
    "where": (len(FEATURES),),
    "where_by_code": (None, len(HABITS)),
    "whether": (_TURN_FEATURES,),
    "whether_by_code": (None,),
}


def fit_boundaries(
    codebook: Codebook, table: TokenTable, probability: Floats, spans: Iterable[Span]
) -> Boundaries | None:
    """Learn from accepted spans, which are all that the sessions of the table have.

    Parameters
    ----------
    probability
        Axes (segment, code), of segments that the classifier did not see.

    Returns
    -------
    None where there are fewer than `LEAST_SPANS` spans, or every turn that is looked at has them, or none.
    """
    truth = runs_of_spans(table, spans, codebook.code_ids)
    if sum(map(len, truth.values())) < LEAST_SPANS:
        return None
    evidence = Evidence(table, probability)
    places = sorted(truth)
    runs = evidence.runs(places)
    where, by_code = _fit_where(runs, are_spans(runs, places, truth), len(codebook.codes))
    places = evidence.places()
    there = np.array([place in truth for place in places], dtype=np.bool_)
    if there.all() or not there.any():
        return None
    whether = _fit_whether(_turn_features(codebook, evidence, places), places, there, len(codebook.codes))
    return Boundaries(codebook, where, by_code, *whether)


def _likeliest(runs: Runs, where: Floats, by_code: Floats) -> tuple[Ints, Floats]:
    """By place: its likeliest run, and how likely that is among all runs there."""
    habits = (runs.features[:, HABITS] * by_code[runs.code]).sum(axis=1)
    share = runs.shares(runs.features @ where + habits)
    chosen = runs.best(share)
    return chosen, share[chosen]


def _fit_where(runs: Runs, true: Bools, codes: int) -> tuple[Floats, Floats]:
    """Weights with a normal prior around 0 (maximum a posteriori); several spans of one place count as one."""
    spread = _spread(runs.features)
    features = runs.features / spread
    habits = features[:, HABITS]
    sizes = np.diff(np.append(runs.starts, len(true)))
    per_place = np.repeat(np.add.reduceat(true.astype(np.float64), runs.starts), sizes)
    target = true / np.maximum(per_place, 1)
    counts = per_place > 0
    precision = np.append(np.full(len(FEATURES), _PRIOR), np.full(codes * len(HABITS), _PRIOR_BY_CODE))

    def loss(values: Floats) -> tuple[float, Floats]:
        by_code = values[len(FEATURES) :].reshape(codes, -1)
        share = runs.shares(features @ values[: len(FEATURES)] + (habits * by_code[runs.code]).sum(axis=1))
        error = share * counts - target
        slopes = [np.bincount(runs.code, weights=error * column, minlength=codes) for column in habits.T]
        slope = np.append(features.T @ error, np.stack(slopes, axis=1))
        likelihood = (target * np.log(np.maximum(share, 1e-300))).sum()
        return 0.5 * float(precision @ values**2) - float(likelihood), slope + precision * values

    found = minimize(loss, np.zeros(len(precision)), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    where, by_code = found[: len(FEATURES)], found[len(FEATURES) :].reshape(codes, -1)
    return where / spread, by_code / spread[list(HABITS)]


def _turn_features(codebook: Codebook, evidence: Evidence, places: Sequence[Place]) -> Floats:
    """What tells whether a turn has a span of a code, axes (place, number): the code's log-odds, those of its rivals (an
    ordinary mode stands where no relational code does), and how much is said."""
    turn, code = np.array(places, dtype=np.int64).T
    mode = np.array([each.mode for each in codebook.codes], dtype=np.bool_)
    highest = evidence.by_turn(np.maximum)
    rivals = [highest[:, columns].max(axis=1, initial=evidence.odds.min())[turn] for columns in (~mode, mode)]
    columns = (
        highest[turn, code],
        np.log(evidence.by_turn(np.add, np.exp)[turn, code]),
        evidence.by_turn(np.add)[turn, code] / evidence.count[turn],
        np.log(evidence.count[turn]),
        np.where(mode[code], rivals[0], 0.0),
        np.where(mode[code], 0.0, rivals[1]),
        np.log1p(evidence.words_by_turn[turn]),
    )
    return np.stack(columns, axis=1)


def _fit_whether(features: Floats, places: Sequence[Place], there: Bools, codes: int) -> tuple[Floats, Floats]:
    spread = _spread(features)
    one = np.eye(codes)[[code for _, code in places]]
    fitted = LogisticRegression(max_iter=500).fit(np.hstack([features / spread, one]), there)
    weights = fitted.coef_[0]
    return weights[: features.shape[1]] / spread, weights[features.shape[1] :] + fitted.intercept_[0]


def _spread(features: Floats) -> Floats:
    """By feature: its standard deviation; 1 where it never varies, so that nothing is concluded from it."""
    found: Floats = features.std(axis=0)
    return np.where(found > _CONSTANT, found, 1.0)
