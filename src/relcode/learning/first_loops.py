"""Inner loops: what the first steps' weights add to the scores of segments and of turns.

No matrix of features is made: each turn's features are found, as the transformers of `learning.features` make them, and
what they weigh is added for all that read the turn. Sums are taken in the order of the session's words, so that they are the
same to the last bit whatever stands beside it.
"""

from __future__ import annotations

import numpy as np

from relcode.compiled import compiled
from relcode.learning.first_arrays import Cues, Found, Sums, Talk, Words
from relcode.learning.first_features import find_cues, find_runs
from relcode.learning.packed_weights import Applied, Halves, Values
from relcode.learning.sights import BEFORE, CONTEXT
from relcode.transcripts.tokens import Floats, Ints

_CONTEXT = np.float32(CONTEXT)
_MANTISSA = np.int32(13)  # how much longer it is in 32 bits than in 16
_NO_EXPONENT = np.int32(-1879048193)  # all bits of a float of 32 bits but the first three of its exponent
_SCALE = np.float32(2.0**112)  # by which a float of 16 bits, moved into 32, is too small


@compiled
def add_all(applied: Applied, talk: Talk, words: Words, cues: Cues, found: Found, result: Sums) -> None:
    """Fill `result` for the chosen segments and their turns."""
    lanes = applied.of_turns.dense.shape[1]
    sums = np.zeros(lanes, dtype=np.float32)
    own = np.zeros(applied.of_segments.dense.shape[1], dtype=np.float32)
    needed = np.zeros(2, dtype=np.bool_)
    for turn in range(len(talk.session)):
        begin, end = talk.first_segment[turn], talk.first_segment[turn + 1]
        needed[:] = False
        for before in BEFORE:
            reader = _reader(talk, result, turn, before)
            if reader >= 0:
                needed[(talk.side[reader] + before) % 2] = True
        if begin == end or not needed.any():
            continue
        count = 0
        for segment in range(begin, end):
            if talk.chosen[segment]:
                count = find_runs(found, words, talk.first_token[segment], talk.first_token[segment + 1])
                count = find_cues(found, cues, segment, segment + 1, count)
                own[:] = 0
                _add_weights(
                    applied, 0, talk.side[turn], found, _with_context(applied, talk, found, segment, count), own
                )
                _add_lanes(result.own[segment], own, talk.side[turn] * (len(own) // 2))
        if count == 0 or end - begin > 1:  # else the turn is its one segment, whose features are found
            count = find_runs(found, words, talk.first_token[begin], talk.first_token[end])
            count = find_cues(found, cues, begin, end, count)
        result.evidence[turn] = found.evidence
        sums[:] = 0
        for span in range(2):
            if needed[span]:
                _add_weights(applied, 1, span, found, count, sums)
        for place, before in enumerate(BEFORE):
            reader = _reader(talk, result, turn, before)
            if reader >= 0:
                for unit in range(2):
                    _add_lanes(result.near[unit, reader], sums, applied.starts[unit, talk.side[reader], place])
        if result.chosen[turn]:
            _add_context(applied, talk, turn, result.near[1, turn])


@compiled
def _reader(talk: Talk, result: Sums, turn: int, before: int) -> int:
    """The chosen turn of the same session that the turn is `before` turns before; -1 where there is none."""
    reader = turn + before
    if 0 <= reader < len(talk.session) and talk.session[reader] == talk.session[turn] and result.chosen[reader]:
        return reader
    return -1


@compiled
def _add_lanes(sums: Values, lanes: Values, start: int) -> None:
    """Add the lanes from `start` on, as many as there are sums (or lanes)."""
    for lane in range(min(len(sums), len(lanes) - start)):
        sums[lane] += lanes[start + lane]


@compiled
def _with_context(applied: Applied, talk: Talk, found: Found, segment: int, end: int) -> int:
    """Put a segment's context into `found` after its first `end` features: how many there are then."""
    first = len(applied.places) - talk.context.shape[1]
    for column in range(talk.context.shape[1]):
        found.columns[end] = first + column
        found.values[end] = talk.context[segment, column] * _CONTEXT
        end += 1
    return end


@compiled
def _add_context(applied: Applied, talk: Talk, turn: int, sums: Values) -> None:
    """Add what the context of a turn's first segment weighs."""
    weights = applied.of_contexts[talk.side[turn]]
    for column in range(talk.context.shape[1]):
        value = talk.context[talk.first_segment[turn], column] * _CONTEXT
        for lane in range(len(sums)):
            sums[lane] += weights[column, lane] * value


@compiled
def _add_weights(applied: Applied, unit: int, span: int, found: Found, end: int, sums: Values) -> None:
    """Add to the lanes of a span what the first `end` features weigh. `unit`: 0 of segments themselves, 1 of turns."""
    packed = applied.of_turns if unit else applied.of_segments
    width = packed.dense.shape[1] // 2
    dense, sparse = 0, 0
    for number in range(end):  # without a branch, which would have to wait for the memory each time
        place = applied.places[found.columns[number], unit]
        value = found.values[number] * _SCALE
        found.dense[dense], found.dense_values[dense] = place, value
        found.sparse[sparse], found.sparse_values[sparse] = place, value
        dense += place >= 0
        sparse += place < -1
    _add_dense(packed.dense, span * width, found, dense, sums[span * width : (span + 1) * width])
    for number in range(sparse):
        pairs = -2 * (found.sparse[number] + 2) + span
        for pair in range(packed.starts[pairs], packed.starts[pairs + 1]):
            sums[packed.lanes[pair]] += _moved(packed.weights[pair]) * found.sparse_values[number]


@compiled
def _add_dense(weights: Halves, start: int, found: Found, count: int, sums: Values) -> None:
    """Add the first `count` rows in `found.dense` from lane `start` on; four at once, so that sums are read and written a
    quarter as often."""
    rows, values, end = found.dense, found.dense_values, start + len(sums)
    for at in range(0, count - 3, 4):
        one, two = weights[rows[at], start:end], weights[rows[at + 1], start:end]
        three, four = weights[rows[at + 2], start:end], weights[rows[at + 3], start:end]
        a, b, c, d = values[at], values[at + 1], values[at + 2], values[at + 3]
        for lane in range(len(sums)):
            half = sums[lane] + _moved(one[lane]) * a + _moved(two[lane]) * b
            sums[lane] = half + _moved(three[lane]) * c + _moved(four[lane]) * d
    for at in range(count // 4 * 4, count):
        one, a = weights[rows[at], start:end], values[at]
        for lane in range(len(sums)):
            sums[lane] += _moved(one[lane]) * a


@compiled
def _moved(half: np.int16) -> np.float32:
    """A float of 16 bits as one of 32, smaller by `_SCALE`."""
    bits: np.float32 = np.int32((np.int32(half) << _MANTISSA) & _NO_EXPONENT).view(np.float32)
    return bits


@compiled
def spread_scores(
    applied: Applied, talk: Talk, result: Sums, segment_turn: Ints, scores: Floats, of_turns: Floats
) -> None:
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
