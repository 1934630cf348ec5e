"""Judging dyads that a model never saw: what is learned from, calibrated with and judged never meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from relcode.codebook import Codebook
from relcode.cues import CueEngine
from relcode.learning.held_out import (
    Ground,
    Scores,
    calibration_of,
    judge_nested,
    judge_quick,
    score_folds,
)
from relcode.learning.segments import Rows, silent
from relcode.transcripts.tokens import Bools, Floats, segment_codes, tokenize


class Recorder:
    """Scores that tell labels apart with noise; keeps what it was fitted on and what it judged."""

    def __init__(self, marks: Bools, *, sure: float = 2.0) -> None:
        self.marks, self.sure = marks, sure
        self.calls: list[tuple[set[int], set[int]]] = []

    def __call__(self, train: Rows, test: Rows) -> Scores:
        self.calls.append((set(train.tolist()), set(test.tolist())))
        noise = np.random.default_rng(0).normal(size=self.marks.shape)[test]
        log_odds = np.where(self.marks[test], self.sure, -self.sure) + noise
        return Scores(log_odds, self.marks[train].any(axis=0))


@pytest.fixture(scope="module")
def ground(small: Codebook, small_study: Any) -> Ground:
    """Eight dyads of one session each in four folds."""
    study = small_study(8)
    table = tokenize(study.sessions)
    engine = CueEngine(small)
    allowed = engine.allowed(table)
    marks = segment_codes(table, study.labels, small.code_ids) & allowed
    fold = table.segment_session % 4
    coded = np.ones(len(allowed), dtype=np.bool_)
    return Ground(small, table, marks, allowed, coded, engine.probabilities(engine.fire(table), allowed), fold)


def at_half(probability: Floats, rows: Bools) -> Floats:
    return np.full(probability.shape[1], 0.5)


def test_no_model_judges_what_it_learned_from(ground: Ground) -> None:
    score = Recorder(ground.marks)
    judge_nested(ground, score, at_half, silent)
    assert len(score.calls) == 4 + 6
    for train, test in score.calls:
        assert not {ground.fold[row] for row in train} & {ground.fold[row] for row in test}


def test_nested_judging_of_a_fold_depends_on_none_of_its_labels(ground: Ground) -> None:
    """Turn all labels of a fold around: its own probabilities and decisions stay; with quick judging they would move."""
    turned = ground.marks.copy()
    rows = ground.fold == 1
    turned[rows] = ~turned[rows] & ground.allowed[rows]
    other = Ground(**{**vars(ground), "marks": turned})

    def score_by(marks: Bools) -> Any:
        def score(train: Rows, test: Rows) -> Scores:
            """By the share of the training part that bears each code, and a word count of nothing else."""
            share = marks[train].mean(axis=0)
            place = np.linspace(-1, 1, len(marks))[test, None]
            return Scores(np.log(share + 0.01) * place, np.ones(marks.shape[1], dtype=np.bool_))

        return score

    judged = [judge_nested(each, score_by(each.marks), at_half, silent)[0] for each in (ground, other)]
    assert np.array_equal(judged[0].probability[rows], judged[1].probability[rows])
    assert not np.array_equal(judged[0].probability[~rows], judged[1].probability[~rows])
    quick = [
        judge_quick(each, score_folds(each, score_by(each.marks), each.coded, silent), at_half, each.coded)
        for each in (ground, other)
    ]
    assert not np.array_equal(quick[0].probability[rows], quick[1].probability[rows])


def test_good_scores_give_good_decisions_and_what_is_not_allowed_is_zero(ground: Ground) -> None:
    judged, outer = judge_nested(ground, Recorder(ground.marks, sure=6.0), at_half, silent)
    learned = ground.marks.any(axis=0)
    assert np.array_equal(judged.held[:, learned], ground.marks[:, learned])
    assert (judged.probability[~ground.allowed] == 0).all()
    assert len(outer) == 4
    assert judged.learned_in.tolist() == [4, 4, 4, 0]


def test_a_code_that_was_not_learned_has_the_cues_probability(ground: Ground) -> None:
    judged, _ = judge_nested(ground, Recorder(ground.marks), at_half, silent)
    assert np.array_equal(judged.probability[:, 3], ground.cues[:, 3])
    assert not np.array_equal(judged.probability[:, 0], ground.cues[:, 0])


def test_a_code_absent_in_a_fold_is_learned_in_the_others_alone(ground: Ground) -> None:
    """All positives of a code lie in fold 2: when fold 2 is judged nothing was there to learn, and the cues stand in."""
    marks = ground.marks.copy()
    marks[ground.fold != 2, 0] = False
    alone = Ground(**{**vars(ground), "marks": marks})
    judged, _ = judge_nested(alone, Recorder(marks), at_half, silent)
    rows = ground.fold == 2
    assert np.array_equal(judged.probability[rows, 0], ground.cues[rows, 0])
    # in the other folds it was learned from fold 2, but nothing is left to calibrate it with
    assert judged.learned_in[0] == 0
    assert np.array_equal(judged.probability[~rows, 0], ground.cues[~rows, 0])


def test_uncoded_segments_are_neither_learned_from_nor_calibrated_with(ground: Ground) -> None:
    coded = np.arange(len(ground.fold)) % 3 > 0
    part = Ground(**{**vars(ground), "coded": coded})
    score = Recorder(ground.marks)
    seen: list[Bools] = []

    def choose(probability: Floats, rows: Bools) -> Floats:
        seen.append(rows)
        return np.full(probability.shape[1], 0.5)

    judged, _ = judge_nested(part, score, choose, silent)
    assert all(coded[sorted(train)].all() for train, _ in score.calls)
    assert all(not (rows & ~coded).any() for rows in seen)
    turned = np.where(coded[:, None], ground.marks, ~ground.marks & ground.allowed)
    again, _ = judge_nested(Ground(**{**vars(part), "marks": turned}), Recorder(ground.marks), choose, silent)
    assert np.array_equal(again.probability, judged.probability)


@pytest.mark.parametrize(("positives", "usable"), [(1, False), (2, True)])
def test_without_two_positives_a_score_is_no_probability(positives: int, usable: bool) -> None:
    marks = (np.arange(20) < positives)[:, None]
    countable = np.ones((20, 1), dtype=np.bool_)
    scores = np.where(marks, 3.0, -3.0)
    found = calibration_of(marks, countable, scores, np.array([True]))
    assert found.usable.tolist() == [usable]
    cues = np.full((20, 1), 0.25)
    assert (found.probability(scores, cues, countable) == cues).all() is not usable
