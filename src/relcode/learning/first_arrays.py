"""The arrays that the inner loops of the linear kind's first steps read and fill."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from relcode.learning.features.classes import LENGTHS as CLASS_LENGTHS
from relcode.learning.features.grams import LENGTHS
from relcode.learning.features.hashing import Hashes
from relcode.learning.packed_weights import Places, Values
from relcode.transcripts.tokens import Bools, Floats, Ints

LONGEST = (max(LENGTHS), max(CLASS_LENGTHS))  # runs of words and of classes
FREE = -1  # a slot without a run


class Words(NamedTuple):
    """By row of the vocabulary the hash of the word and of its class, axes (kind, row); by token, its row."""

    hashes: Hashes
    word: Ints


class Cues(NamedTuple):
    """What fires, axes (segment, cue), as compressed rows; by cue its weight and the column of its code; by code the
    log-odds of its prior; which codes a segment may carry, axes (segment, code)."""

    indptr: Places
    indices: Places
    data: Floats
    weights: Floats
    code_of: Ints
    priors: Floats
    allowed: Bools


class Found(NamedTuple):
    """Room for the features of one segment or turn.

    Attributes
    ----------
    columns, values
        The features so far.
    counts, slots, slot_of
        How often a run was found; by remainder of its column, its place among the features; by feature, its slot.
    strongest
        By cue: what it counts by.
    odds, evidence
        By code: log-odds from the cues of one segment, and what the cues add up to (0 to 2) where they are strongest.
    dense, dense_values, sparse, sparse_values
        Places of weights (see `packed_weights`), and what they are multiplied by.
    """

    columns: Places
    values: Values
    counts: Places
    slots: Places
    slot_of: Places
    strongest: Floats
    odds: Floats
    evidence: Floats
    dense: Places
    dense_values: Values
    sparse: Places
    sparse_values: Values


def room(words: int, cues: int, codes: int, contexts: int) -> Found:
    """Room for units of so many words, where so many cues and codes are."""
    most = (sum(LONGEST) * words) + 4 + cues + codes + contexts
    slots = 1 << (2 * (max(LONGEST) * words + 2)).bit_length()
    return Found(
        columns=np.zeros(most, dtype=np.int32),
        values=np.zeros(most, dtype=np.float32),
        counts=np.zeros(most, dtype=np.int32),
        slots=np.full(slots, FREE, dtype=np.int32),
        slot_of=np.zeros(most, dtype=np.int32),
        strongest=np.zeros(cues),
        odds=np.zeros(codes),
        evidence=np.zeros(codes),
        dense=np.zeros(most, dtype=np.int32),
        dense_values=np.zeros(most, dtype=np.float32),
        sparse=np.zeros(most, dtype=np.int32),
        sparse_values=np.zeros(most, dtype=np.float32),
    )


class Talk(NamedTuple):
    """Sessions as arrays.

    Attributes
    ----------
    first_segment
        By turn (and one beyond): its first segment.
    first_token
        By segment (and one beyond): its first token.
    session, side
        By turn: its session; 0 where a therapist speaks, else 1.
    context
        Axes (segment, column of `ContextFeatures`).
    chosen
        By segment: whether its score is asked for.
    """

    first_segment: Ints
    first_token: Ints
    session: Ints
    side: Ints
    context: Values
    chosen: Bools


class Sums(NamedTuple):
    """Sums of weights: of segments from themselves, axes (segment, lane); of turns from what is near, axes (unit, turn,
    lane); evidence of cues, axes (turn, code); by turn, whether any of its segments is chosen."""

    own: Values
    near: Values
    evidence: Floats
    chosen: Bools
