"""Inner loops: what the packed weights of the first steps add to the scores of segments and of turns.

No matrix of features is made: each turn's features are found, and what they weigh is added for all that read it. Sums are
taken in the order of the session's words, so that they are the same to the last bit whatever stands beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from relcode.compiled import compiled
from relcode.learning.found import Cues, Found, Values, Words, find_cues, find_runs
from relcode.learning.packed import LANES, Applied, Packed
from relcode.learning.sights import BEFORE, CONTEXT
from relcode.transcripts.tokens import Bools, Floats, Ints

_MANTISSA = np.int32(13)  # how much longer it is in 32 bits than in 16
_NO_EXPONENT = np.int32(-1879048193)  # all bits of a float of 32 bits but the first three of its exponent
_SCALE = np.float32(2.0**112)  # by which a float of 16 bits, moved into 32, is too small
_CONTEXT = np.float32(CONTEXT)


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


@compiled
def moved(half: np.int16) -> np.float32:
    """A float of 16 bits as one of 32, smaller by `_SCALE`."""
    bits: np.float32 = np.int32((np.int32(half) << _MANTISSA) & _NO_EXPONENT).view(np.float32)
    return bits


@compiled
def add_weights(packed: Packed, found: Found, span: int, end: int, sums: Values) -> None:
    """Add to the lanes of a span what the first `end` features weigh."""
    width = packed.dense.shape[1] // 2
    begin = span * width
    for number in range(end):
        place = packed.places[found.columns[number]]
        value = found.values[number] * _SCALE
        if place >= 0:
            row = packed.dense[place]
            for block in range(begin, begin + width, LANES):
                for lane in range(block, block + LANES):
                    sums[lane] += moved(row[lane]) * value
        elif place < -1:
            row_of = -2 * (place + 2) + span
            for pair in range(packed.starts[row_of], packed.starts[row_of + 1]):
                sums[packed.lanes[pair]] += moved(packed.weights[pair]) * value


@compiled
def add_context(packed: Packed, context: Values, side: int, first: int, sums: Values) -> None:
    """Add to the lanes of a side what a segment's context weighs, whose columns begin at `first`."""
    width = packed.dense.shape[1] // 2
    for column in range(len(context)):
        place = packed.places[first + column]
        value = context[column] * _CONTEXT * _SCALE
        if place >= 0:
            for lane in range(side * width, (side + 1) * width):
                sums[lane] += moved(packed.dense[place, lane]) * value
        elif place < -1:
            row = -2 * (place + 2) + side
            for pair in range(packed.starts[row], packed.starts[row + 1]):
                sums[packed.lanes[pair]] += moved(packed.weights[pair]) * value


@compiled
def add_all(applied: Applied, talk: Talk, words: Words, cues: Cues, found: Found, result: Sums) -> None:
    """Fill `result` for the chosen segments and their turns."""
    turns = len(talk.session)
    width = applied.of_turns.dense.shape[1] // 2
    own_width = applied.of_segments.dense.shape[1] // 2
    contexts = len(applied.of_segments.places) - talk.context.shape[1]
    sums = np.zeros(2 * width, dtype=np.float32)
    own_sums = np.zeros(2 * max(own_width, applied.of_contexts.dense.shape[1] // 2), dtype=np.float32)
    lanes = applied.codes.shape[1]
    needed = np.zeros(2, dtype=np.bool_)
    for turn in range(turns):
        begin, end = talk.first_segment[turn], talk.first_segment[turn + 1]
        side = talk.side[turn]
        needed[:] = False
        for before in BEFORE:
            reader = turn + before
            if 0 <= reader < turns and talk.session[reader] == talk.session[turn] and result.chosen[reader]:
                needed[(talk.side[reader] + before) % 2] = True
        if begin == end or not needed.any():
            continue
        count = 0
        for segment in range(begin, end):
            if not talk.chosen[segment]:
                continue
            count = find_runs(found, words, talk.first_token[segment], talk.first_token[segment + 1])
            count = find_cues(found, cues, segment, segment + 1, count)
            own_sums[:] = 0
            add_weights(applied.of_segments, found, side, count, own_sums)
            add_context(applied.of_segments, talk.context[segment], side, contexts, own_sums)
            result.own[segment] = own_sums[side * own_width : side * own_width + lanes]
        if count == 0 or end - begin > 1:  # else the turn is its one segment, whose features are found
            count = find_runs(found, words, talk.first_token[begin], talk.first_token[end])
            count = find_cues(found, cues, begin, end, count)
        result.evidence[turn] = found.evidence
        sums[:] = 0
        for span in range(2):
            if needed[span]:
                add_weights(applied.of_turns, found, span, count, sums)
        for place in range(len(BEFORE)):
            reader = turn + BEFORE[place]
            if 0 <= reader < turns and talk.session[reader] == talk.session[turn] and result.chosen[reader]:
                for unit in range(2):
                    start = applied.starts[unit, talk.side[reader], place]
                    for lane in range(applied.counts[talk.side[reader]]):
                        result.near[unit, reader, lane] += sums[start + lane]
        if result.chosen[turn]:
            own_sums[:] = 0
            add_context(applied.of_contexts, talk.context[begin], side, 0, own_sums)
            start = side * (applied.of_contexts.dense.shape[1] // 2)
            result.near[1, turn] += own_sums[start : start + lanes]


@compiled
def spread_scores(applied: Applied, talk: Talk, result: Sums, segment_turn: Ints, scores: Floats, of_turns: Floats) -> None:
    """Fill the scores of chosen segments, axes (segment, code), and those of their turns, axes (turn, code)."""
    for turn in range(len(talk.session)):
        if result.chosen[turn]:
            side = talk.side[turn]
            of_turns[turn] = applied.intercepts[1, side]
            for lane in range(applied.counts[side]):
                of_turns[turn, applied.codes[side, lane]] += result.near[1, turn, lane]
    for segment in range(len(segment_turn)):
        if talk.chosen[segment]:
            turn = segment_turn[segment]
            side = talk.side[turn]
            scores[segment] = applied.intercepts[0, side]
            for lane in range(applied.counts[side]):
                scores[segment, applied.codes[side, lane]] += result.own[segment, lane] + result.near[0, turn, lane]
