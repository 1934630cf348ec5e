"""Scores of the first steps of the linear kind: the arrays that the inner loops read and fill."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from relcode.codebook import Codebook
from relcode.learning.features.base import UNITS
from relcode.learning.features.classes import classes_of
from relcode.learning.features.context import ContextFeatures
from relcode.learning.features.hashing import hash_words
from relcode.learning.first_arrays import Cues, Sums, Talk, Words, room
from relcode.learning.first_loops import add_all, spread_scores
from relcode.learning.packed_weights import Applied
from relcode.learning.segments import Segments, engine_of, every_allowed, fired_cues
from relcode.transcripts.tokens import Floats, Ints


class FirstScores(NamedTuple):
    """Log-odds of the chosen segments, axes (segment, code), and of their turns, axes (turn, code); what the cues say in
    these turns, axes (turn, code)."""

    segments: Floats
    turns: Floats
    evidence: Floats


def first_scores(X: Segments, applied: Applied, codebook: Codebook) -> FirstScores:
    """The scores of the chosen segments and of their turns, without those of embeddings."""
    talk, cues = _talk(X), _cues(X, codebook)
    segments, turns, codes = len(talk.chosen), len(talk.session), len(cues.priors)
    lanes = applied.codes.shape[1]
    chosen = np.zeros(turns, dtype=np.bool_)
    chosen[X.table.segment_turn[X.rows]] = True
    result = Sums(
        own=np.zeros((segments, lanes), dtype=np.float32),
        near=np.zeros((len(UNITS), turns, lanes), dtype=np.float32),
        evidence=np.zeros((turns, codes)),
        chosen=chosen,
    )
    longest = int(np.diff(talk.first_token[talk.first_segment]).max(initial=0))
    found = room(longest, len(cues.weights), codes, talk.context.shape[1])
    add_all(applied, talk, _words(X, codebook), cues, found, result)
    scores, of_turns = np.zeros((segments, codes)), np.zeros((turns, codes))
    spread_scores(applied, talk, result, X.table.segment_turn, scores, of_turns)
    return FirstScores(X.chosen(scores), of_turns[chosen], result.evidence[chosen])


def _talk(X: Segments) -> Talk:
    table = X.table
    chosen = np.zeros(len(table.segment_turn), dtype=np.bool_)
    chosen[X.rows] = True
    first: Ints = np.searchsorted(table.segment_turn, np.arange(len(table.turn_session) + 1))
    return Talk(
        first_segment=first,
        first_token=np.append(table.first_token, len(table.word)),
        session=table.turn_session,
        side=1 - table.is_therapist.astype(np.int64),
        context=ContextFeatures().dense(X),
        chosen=chosen,
    )


def _words(X: Segments, codebook: Codebook) -> Words:
    words = X.table.lower_words
    return Words(np.stack([hash_words(words), hash_words(classes_of(codebook).of(words))]), X.table.word)


def _cues(X: Segments, codebook: Codebook) -> Cues:
    engine, fired = engine_of(codebook), fired_cues(X, codebook)
    return Cues(
        indptr=fired.indptr.astype(np.int32, copy=False),
        indices=fired.indices.astype(np.int32, copy=False),
        data=fired.data.astype(np.float64, copy=False),
        weights=engine.weights.data.astype(np.float64),  # a cue speaks for its own code alone
        code_of=engine.weights.indices.astype(np.int64),
        priors=engine.priors,
        allowed=every_allowed(X, codebook),
    )
